"""Event times by inversion of survival curves, and the month of an order that is not on schedule.

A `word` is a uniform random number of 32 bits; a `curve` holds, by month, the probability that an event has happened by
then, as a number of 32 bits (`engine.credit.odds.Threshold`). The event happens in the first month in which the word
is below the curve.
"""

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.dependence import hastened, hastened_entry
from abssim.engine.credit.expected import PERFORMING, LoanState
from abssim.engine.credit.odds import Threshold
from abssim.engine.credit.off_schedule import ObligorMonth, Row, balance_of, cut_tail, lose_interest, owe, pay
from abssim.kind.pool import PoolField

_ONE = np.uint64(1 << 32)
_HALF = np.uint64(32)


@borrowing
def first_month(curve, w, word, after):
    """Event time by inversion: the first month later than `after` in which `word` is below the curve of path `w`.

    One past the last month if it never is. `curve` (M + 1, W) does not fall with the month: found by bisection.
    """
    low, high = after + 1, curve.shape[0]
    while low < high:
        middle = (low + high) // 2
        if word < curve[middle, w]:
            high = middle
        else:
            low = middle + 1
    return low


@borrowing
def exit_kind(odds, w, month, word):
    """How an order leaves whose word exits in a month, `odds` (Threshold, M + 1, W): its place from PREPAID on."""
    if word < odds[Threshold.PREPAID, month, w]:
        return 0
    return 1 if word < odds[Threshold.REPURCHASED, month, w] else 2


@borrowing
def spread_exit(curve, w, word, past, t):
    """Inversion conditioned on survival: the word with which an order goes on that may exit again after month `t`.

    The order has survived its exits (`curve` (M + 1, W)) up to month `past`, so its word is uniform above the curve
    there; no exit happens while the obligor is in arrears. Stretched, it is uniform above the curve of month `t`.
    """
    return _ONE - np.uint64(float(_ONE - word) * float(_ONE - curve[t, w]) / float(_ONE - curve[past, w]))


@borrowing
def target_of(curve, w, t, word, multiple):
    """Inversion conditioned on survival: the word on the curve (M + 1, W) of leaving of who is current after month `t`.

    `word` is uniform on all 32 bits; the result is uniform above the curve of month `t`. `multiple` is that of the
    hazard (`engine.credit.dependence.hastened`); 2^32: never leaves.
    """
    gone = curve[t, w]
    if multiple != 1.0:
        word = hastened(word, multiple)
        if word == _ONE:
            return _ONE
    return gone + ((word * (_ONE - gone)) >> _HALF)


@borrowing
def entry_of(curve, w, m, multiple):
    """The threshold that parts arrears from default in month `m`: of the words that leave in it, those below go to
    1-30 days. `curve` (Threshold, M + 1, W); `multiple` is that of the hazard.
    """
    entry = curve[Threshold.ENTRY, m, w]
    if multiple == 1.0:
        return entry
    return hastened_entry(curve[Threshold.LEAVE, m - 1, w], entry, curve[Threshold.LEAVE, m, w], multiple)


@borrowing
def with_state(month, state):
    """The same month (ObligorMonth) ending in another `state`."""
    return ObligorMonth(month.path, month.origin, np.int64(state), month.t, month.before, month.due)


@borrowing
def schedule_month(since, shift, t):
    """Month of the schedule of an obligor at the end of month `t`, restructured in month `since` (0: it was not).

    The schedule stands still where three instalments are missed, and goes on later by `shift` after the extension.
    """
    return t if since == 0 else max(since - PERFORMING, t - shift)


@borrowing
def move_order(order, curve, month, work):
    """A month (ObligorMonth) of an open order; returns what it still owes.

    What an obligor that has missed `i` instalments pays and owes is read from the order's schedule at index
    `month of the schedule - i + missed at the cut-off`.
    """
    w, j, t, due = month.path, month.state, month.t, month.due
    term, bucket = order["term"], order["bucket"]
    a = min(max(month.before - month.origin + bucket, 0), term)
    if j == LoanState.DEFAULT:
        balance = balance_of(order, curve, a)
        work[w, PoolField.DEFAULT, t] += balance
        work[w, Row.DEFAULT + order["cell"], t] += balance
        lose_interest(order, curve, month, a, work)
        cut_tail(order, curve, w, t, t, work)
        return 0
    b = max(a, min(due - (j if j < LoanState.DEFAULT else 0) + bucket, term))
    pay(order, curve, month, a, b, work)
    left = balance_of(order, curve, b)
    if j > LoanState.DEFAULT:
        work[w, PoolField.PREPAYMENT + (j - LoanState.PREPAID), t] += left
        cut_tail(order, curve, w, t, t + 1, work)
        return 0
    if j > 0 or due < t:
        owe(order, curve, month, b, work)
    if j == LoanState.CURRENT and due < t:
        work[w, PoolField.RESTRUCTURED_BALANCE, t] += left
    return left


@borrowing
def move_orders(obligor, orders, curve, odds, month, work):
    """A month (ObligorMonth) of an obligor's open orders; returns how many are still owed.

    Where it stays current each of them exits by the word it has.
    """
    w, t, owed = month.path, month.t, 0
    stays = month.origin == LoanState.CURRENT and month.state == LoanState.CURRENT
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] == 0:
            continue
        order, word = orders[obligor["first"] + n], np.uint64(work[w, Row.OPEN, n] - 1)
        own, r = month, order["profile"]
        if stays and word < odds[r, Threshold.EXIT, t, w]:
            own = with_state(month, LoanState.PREPAID + exit_kind(odds[r], w, t, word))
        left = move_order(order, curve, own, work)
        if left == 0:
            work[w, Row.OPEN, n] = 0
        else:
            owed += 1
    return owed

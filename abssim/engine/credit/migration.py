"""Loan-by-loan migration: every obligor and order of a pool on a path, by events instead of months.

Nearly all loans stay on schedule, so a path's flows are the sum of all contract schedules (`base_flow`) plus what
deviates from it. The month an obligor leaves the schedule is one inversion of the path's survival curve, and so is
the month an order is prepaid; only obligors off schedule are walked month by month. Delinquency belongs to the
obligor, prepayment to the order; an obligor that has missed `j` instalments owes `BALANCE[t - j + d]` of each order,
`d` being its bucket at the cut-off (the same index arithmetic as the expected engine). Deviations of balances and
income are written; scheduled principal is what balances lose otherwise. All amounts are whole units. What strikes a
cluster (`engine.dependence`) multiplies the cumulative hazard of leaving the schedule; exits and steps stay. Who is
restructured is walked to its end by `engine.resume`.

Twin: `tests/engine/naive_migration.py`, loan by loan and month by month.
"""

from typing import Any

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.dependence import exposed
from abssim.engine.credit.event import entry_of, exit_kind, first_month, move_order, spread_exit, target_of
from abssim.engine.credit.expected import LoanState
from abssim.engine.credit.odds import ORDER, Threshold
from abssim.engine.credit.off_schedule import PAST, Row, balance_of, cut_tail
from abssim.engine.credit.random import Purpose, draw_block, pick
from abssim.engine.credit.restructured import walk_later
from abssim.kind.pool import PoolField

LANES = 4
"""Paths that share a block of random words."""


@borrowing
def _exit_order(order, curve, odds, w, word, after, work):
    """An order on schedule is prepaid, bought back or cancelled in the month of its word, after its instalment."""
    r = order["profile"]
    month = first_month(odds[r, Threshold.EXIT], w, word, after)
    kind = exit_kind(odds[r], w, month, word)
    work[w, PoolField.PREPAYMENT + kind, month] += balance_of(order, curve, month + order["bucket"])
    cut_tail(order, curve, (w, month, month + 1), work)


@borrowing
def _stay(obligor, orders, curve, odds, place, work):
    """Orders of an obligor that is current after month `t` until it leaves in month `m`: exits, ends, and the rest.

    It was current before until month `past`: the word of an order that survived the exits till then is spread over
    those from `t` on. Returns how many orders are open when it leaves.
    """
    w, past, t, m = place
    is_open = 0
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] == 0:
            continue
        order = orders[obligor["first"] + n]
        r, end = order["profile"], order["term"] - order["bucket"]
        word = np.uint64(work[w, Row.OPEN, n] - 1)
        if t > 0:
            word = spread_exit(odds[r, Threshold.EXIT], w, word, past, t)
        limit = min(end, m - 1)
        if limit > t and word < odds[r, Threshold.EXIT, limit, w]:
            _exit_order(order, curve, odds, w, word, t, work)
            work[w, Row.OPEN, n] = 0
        elif end < m:
            work[w, Row.OPEN, n] = 0
        else:
            work[w, Row.OPEN, n] = np.int64(word) + 1
            is_open += 1
    return is_open


@borrowing
def _move(obligor, orders, curve, place, work):
    """Month `t` of an obligor from `i` missed to state `j`; returns how many orders are still owed."""
    w, i, j, t = place
    owed = 0
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] == 0:
            continue
        left = move_order(orders[obligor["first"] + n], curve, (w, i, j, t, t - 1, t), work)
        if left == 0:
            work[w, Row.OPEN, n] = 0
        else:
            owed += 1
    return owed


@borrowing
def _fail(obligor, orders, curve, w, work):
    """A member of a ring never pays again: it misses instalment after instalment on path `w` until it defaults."""
    for n in range(obligor["count"]):
        work[w, Row.OPEN, n] = 1
    state = np.int64(obligor["bucket"])
    for t in range(1, work.shape[2] - PAST + 1):
        _move(obligor, orders, curve, (w, state, state + 1, t), work)
        state += 1
        if state == LoanState.DEFAULT:
            return


@borrowing
def _walk(obligor, orders, curve, odds, step, start, draws, work):
    """Follow an obligor on path `w` of a group from the cut-off to its end; `start` is (w, word, multiple, terms).

    The word decides when it leaves; `terms` are those of restructuring, `draws` (seed, group, salt). A block of words
    serves two months: two words for the next states, two for when an obligor that is current again leaves again.
    """
    w, word, multiple, terms = int(start[0]), start[1], start[2], start[3]
    seed, group, salt = draws
    r = obligor["profile"]
    last = odds.shape[2] - 1
    for n in range(obligor["count"]):
        exits = draw_block(seed, orders[obligor["first"] + n]["key"], group, salt, Purpose.EXIT)
        work[w, Row.OPEN, n] = 1 + np.int64(pick(exits, w))
    state, t, past, drawn = np.int64(obligor["bucket"]), np.int64(0), np.int64(0), np.int64(-1)
    words = (word, word, word, word)
    while t < last:
        if state == LoanState.CURRENT:
            target = target_of(odds[r, Threshold.LEAVE], w, t, word, multiple)
            m = np.int64(last + 1)
            if target < odds[r, Threshold.LEAVE, last, w]:
                m = first_month(odds[r, Threshold.LEAVE], w, target, t)
            if _stay(obligor, orders, curve, odds, (w, past, t, m), work) == 0 or m > last:
                return
            t, past = m, m - 1
            following = np.int64(1 if target < entry_of(odds[r], w, m, multiple) else 4)
        else:
            t += 1
            if t // 2 != drawn:
                drawn = t // 2
                words = draw_block(seed, obligor["key"], group * LANES + w, salt + drawn, Purpose.STEP)
            chance = words[t % 2]
            k = 0
            while chance >= step[w, r, t, state - 1, k]:
                k += 1
            following = ORDER[k]
            word = words[2 + t % 2]
            if following == LoanState.RESTRUCTURED:
                again = (w, t, past, word, multiple * terms.multiple[r], terms.shift[r])
                walk_later(obligor, orders, curve, odds, step, again, (seed, group * LANES + w, salt), work)
                return
        if _move(obligor, orders, curve, (w, state, following, t), work) == 0 or following >= LoanState.DEFAULT:
            return
        state = following


@borrowing
def _mask(words, curve, month):
    """Bit w is set where word w is below the threshold of path w, `curve` (M + 1, LANES)."""
    mask = 1 if words[0] < curve[month, 0] else 0
    mask |= 2 if words[1] < curve[month, 1] else 0
    mask |= 4 if words[2] < curve[month, 2] else 0
    mask |= 8 if words[3] < curve[month, 3] else 0
    return mask


@borrowing
def run_lanes(
    obligors: Any, orders: Any, curve: Any, path_odds: Any, terms: Any, draws: Any, work: Any, shock: Any
) -> None:
    """Add the deviations of the whole population (a Book) on the `LANES` paths of a group (Odds) into `work`.

    `draws` are (seed, group, salt): the group's paths are LANES x group and after; the salt, a multiple of 2048,
    separates populations with the same keys (vintages). `work` (LANES, PoolField and Row, M + PAST or more) int64
    starts at zero. `terms` are those of restructuring, `shock` is what strikes the clusters on these paths.
    """
    odds, step = path_odds.curve, path_odds.step
    seed, group, salt = draws
    months, cut_off = odds.shape[2] - 1, np.int64(0)
    struck = shock.multiple.shape[0] > 0
    for o in range(len(obligors)):
        obligor = obligors[o]
        first = obligor["first"]
        words = draw_block(seed, obligor["key"], group, salt, Purpose.LEAVE)
        left = 15
        if obligor["bucket"] == 0:
            leave, due = odds[obligor["profile"], Threshold.LEAVE], min(obligor["last_due"], months)
            left = exposed(words, leave, due, shock.multiple[shock.cluster[o]]) if struck else _mask(words, leave, due)
        for n in range(first, first + obligor["count"]):
            order = orders[n]
            exits = draw_block(seed, order["key"], group, salt, Purpose.EXIT)
            gone = _mask(exits, odds[order["profile"], Threshold.EXIT], min(order["term"], months)) & ~left
            if gone != 0:
                for w in range(LANES):
                    if (gone >> w) & 1:
                        _exit_order(order, curve, odds, w, pick(exits, w), cut_off, work)
        if left != 0:
            for w in range(LANES):
                if (left >> w) & 1:
                    multiple = shock.multiple[shock.cluster[o], w] if struck else 1.0
                    if np.isinf(multiple):
                        _fail(obligor, orders, curve, w, work)
                    else:
                        _walk(obligor, orders, curve, odds, step, (w, pick(words, w), multiple, terms), draws, work)

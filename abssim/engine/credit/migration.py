"""Loan-by-loan migration: every obligor and order of a pool on a path, by events instead of months.

A discrete-event simulation of the transition matrix. Nearly all loans stay on schedule, so a path's flows are the sum
of all contract schedules (`base_flow`) plus what deviates from it. The month an obligor leaves the schedule is one
inversion of the path's survival curve, and so is the month an order is prepaid; only obligors off schedule are walked
month by month. Delinquency belongs to the
obligor, prepayment to the order; an obligor that has missed `j` instalments owes `BALANCE[t - j + d]` of each order,
`d` being its bucket at the cut-off (the same index arithmetic as the expected engine). Deviations of balances and
income are written; scheduled principal is what balances lose otherwise. All amounts are whole units. What strikes a
cluster (`engine.credit.dependence`) multiplies the cumulative hazard of leaving the schedule; exits and steps stay.
Who is restructured is walked to its end by `engine.credit.restructured`.

Twin: `tests/engine/naive_migration.py`, loan by loan and month by month.
"""

from typing import Any, NamedTuple

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.dependence import exposed
from abssim.engine.credit.event import entry_of, exit_kind, first_month, move_orders, spread_exit, target_of
from abssim.engine.credit.expected import LoanState
from abssim.engine.credit.odds import ORDER, Threshold
from abssim.engine.credit.off_schedule import PAST, ObligorMonth, Row, Whole, balance_of, cut_tail
from abssim.engine.credit.random import Draws, Purpose, draw_block, pick
from abssim.engine.credit.restructured import Restructured, walk_later
from abssim.engine.credit.restructuring import RestructuringTerms
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
    cut_tail(order, curve, w, month, month + 1, work)


class _Departure(NamedTuple):
    """When an obligor leaves the schedule."""

    path: Whole
    """Place of the path in its group."""
    word: np.uint64
    """Decides on the month."""
    multiple: float
    """Of the cumulative hazard of leaving."""
    terms: RestructuringTerms


class _Current(NamedTuple):
    """Months in which an obligor is current."""

    path: Whole
    past: Whole
    """Last month in which it was current before."""
    after: Whole
    """It is current again from the end of this month on; 0: from the cut-off."""
    until: Whole
    """Month in which it leaves."""


@borrowing
def _stay(obligor, orders, curve, odds, current, work):
    """A spell of an obligor on schedule (`_Current`): orders that exit or end in it are closed.

    The exit of an order is drawn once, by its word; a spell after arrears takes it up where the last one ended
    (`spread_exit`). Returns how many orders are open when the obligor leaves.
    """
    w, t, m = current.path, current.after, current.until
    is_open = 0
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] == 0:
            continue
        order = orders[obligor["first"] + n]
        r, end = order["profile"], order["term"] - order["bucket"]
        word = np.uint64(work[w, Row.OPEN, n] - 1)
        if t > 0:
            word = spread_exit(odds[r, Threshold.EXIT], w, word, current.past, t)
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
def _fail(obligor, orders, curve, odds, w, work):
    """A member of a ring never pays again: it misses instalment after instalment on path `w` until it defaults."""
    for n in range(obligor["count"]):
        work[w, Row.OPEN, n] = 1
    state = np.int64(obligor["bucket"])
    for t in range(1, work.shape[2] - PAST + 1):
        move_orders(obligor, orders, curve, odds, ObligorMonth(w, state, state + 1, t, t - 1, t), work)
        state += 1
        if state == LoanState.DEFAULT:
            return


@borrowing
def _walk(obligor, orders, curve, odds, step, departure, draws, work):
    """The life of an obligor on a path of a group: spells on schedule by inversion, arrears month by month.

    `departure` is its first draw, `draws` are those of the group. In arrears a block of words serves two months: two
    words for the next states, two for when an obligor that is current again leaves again.
    """
    w, word, multiple, terms = departure.path, departure.word, departure.multiple, departure.terms
    r, own = obligor["profile"], Draws(draws.seed, draws.path * LANES + w, draws.salt)
    last = odds.shape[2] - 1
    for n in range(obligor["count"]):
        exits = draw_block(draws.seed, orders[obligor["first"] + n]["key"], draws.path, draws.salt, Purpose.EXIT)
        work[w, Row.OPEN, n] = 1 + np.int64(pick(exits, w))
    state, t, past, drawn = np.int64(obligor["bucket"]), np.int64(0), np.int64(0), np.int64(-1)
    words = (word, word, word, word)
    while t < last:
        if state == LoanState.CURRENT:
            target = target_of(odds[r, Threshold.LEAVE], w, t, word, multiple)
            m = np.int64(last + 1)
            if target < odds[r, Threshold.LEAVE, last, w]:
                m = first_month(odds[r, Threshold.LEAVE], w, target, t)
            if _stay(obligor, orders, curve, odds, _Current(w, past, t, m), work) == 0 or m > last:
                return
            t, past = m, m - 1
            following = np.int64(1 if target < entry_of(odds[r], w, m, multiple) else 4)
        else:
            t += 1
            if t // 2 != drawn:
                drawn = np.int64(t // 2)
                words = draw_block(own.seed, obligor["key"], own.path, own.salt + drawn, Purpose.STEP)
            chance = words[t % 2]
            k = 0
            while chance >= step[w, r, t, state - 1, k]:
                k += 1
            following = ORDER[k]
            word = words[2 + t % 2]
            if following == LoanState.RESTRUCTURED:
                fresh = Restructured(w, t, past, word, multiple * terms.multiple[r], terms.shift[r])
                walk_later(obligor, orders, curve, odds, step, fresh, own, work)
                return
        month = ObligorMonth(w, state, following, t, t - 1, t)
        if move_orders(obligor, orders, curve, odds, month, work) == 0 or following >= LoanState.DEFAULT:
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

    `draws` are those of the group, whose paths are LANES x group and after; their salt is a multiple of 2048. `work`
    (LANES, PoolField and Row, M + PAST or more) int64 starts at zero. `terms` are those of restructuring, `shock` is
    what strikes the clusters on these paths.
    """
    odds, step = path_odds.curve, path_odds.step
    seed, group, salt = draws.seed, draws.path, draws.salt
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
                        _fail(obligor, orders, curve, odds, w, work)
                    else:
                        departure = _Departure(w, pick(words, w), multiple, terms)
                        _walk(obligor, orders, curve, odds, step, departure, draws, work)

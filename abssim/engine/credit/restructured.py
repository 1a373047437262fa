"""An obligor after its restructuring, month by month.

Before it, most months of an obligor need no step: it pays what the sum of all schedules (`base_flow`) contains. Its
own schedule now ends later and is not in that sum, so every month deviates until it ends. It is current at once, its
schedule stands still for the months of the extension, and goes on later by the shift (`engine.credit.restructuring`).
The month it leaves "current" is again one inversion of the path's curve, its cumulative hazard multiplied; its orders
exit by the words they have.
"""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.event import entry_of, first_month, move_orders, schedule_month, spread_exit, target_of
from abssim.engine.credit.expected import PERFORMING, LoanState
from abssim.engine.credit.odds import ORDER, Threshold
from abssim.engine.credit.off_schedule import ObligorMonth, Row, Whole
from abssim.engine.credit.random import Purpose, draw_block


class Restructured(NamedTuple):
    """An obligor that has just been restructured."""

    path: Whole
    """Place of the path in its group."""
    since: Whole
    """Month of the restructuring."""
    past: Whole
    """Last month in which it was current before."""
    word: np.uint64
    """Decides when it leaves "current" again."""
    multiple: float
    """Of the cumulative hazard of leaving, from now on."""
    shift: Whole
    """Months by which its schedule ends later (RestructuringTerms)."""


@borrowing
def _spread_exits(obligor, orders, odds, w, past, t, work):
    """Words of the open orders of an obligor that is current again after month `t`, and was until month `past`."""
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] != 0:
            r = orders[obligor["first"] + n]["profile"]
            word = np.uint64(work[w, Row.OPEN, n] - 1)
            work[w, Row.OPEN, n] = 1 + np.int64(spread_exit(odds[r, Threshold.EXIT], w, word, past, t))


@borrowing
def _leaving(curve, w, t, word, multiple):
    """Where on the curve (M + 1, W) of leaving the word of an obligor lies, and the month it leaves after `t`."""
    last = curve.shape[0] - 1
    target = target_of(curve, w, min(t, last), word, multiple)
    if target >= curve[last, w]:
        return target, last + 1
    return target, first_month(curve, w, target, min(t, last))


@borrowing
def walk_later(obligor, orders, curve, odds, step, fresh, draws, work):
    """Follow an obligor (Restructured) on a path of a group to its end; `draws` are those of the path."""
    w, since, past, word = fresh.path, fresh.since, fresh.past, fresh.word
    r, state, m, target, drawn = obligor["profile"], np.int64(LoanState.DPD_61_90), since, word, np.int64(-1)
    words = (word, word, word, word)
    for t in range(since, odds.shape[2]):
        following = np.int64(0)
        if state == LoanState.CURRENT and t == m:
            following = np.int64(1 if target < entry_of(odds[r], w, m, fresh.multiple) else 4)
            past = t - 1
        elif state != LoanState.CURRENT and t > since:
            if t // 2 != drawn:
                drawn = np.int64(t // 2)
                words = draw_block(draws.seed, obligor["key"], draws.path, draws.salt + drawn, Purpose.STEP)
            k = 0
            while words[t % 2] >= step[w, r, t, state - 1, k]:
                k += 1
            following = ORDER[k] if ORDER[k] != LoanState.RESTRUCTURED else np.int64(LoanState.DEFAULT)
            word = words[2 + t % 2]
        before = t - 1 if t == since else schedule_month(since, fresh.shift, t - 1)
        month = ObligorMonth(w, state, following, t, before, schedule_month(since, fresh.shift, t))
        if move_orders(obligor, orders, curve, odds, month, work) == 0 or following >= LoanState.DEFAULT:
            return
        if state != LoanState.CURRENT and following == LoanState.CURRENT:
            resumed = max(t, since + fresh.shift - PERFORMING)
            target, m = _leaving(odds[r, Threshold.LEAVE], w, resumed, word, fresh.multiple)
            _spread_exits(obligor, orders, odds, w, past, t, work)
        state = following

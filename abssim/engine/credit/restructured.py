"""An obligor after its restructuring, month by month: its schedule is never again the one the pool's sum contains.

It is current at once, its schedule stands still for the months of the extension, and goes on later by the shift
(`engine.restructuring`). The month it leaves "current" is again one inversion of the path's curve, its cumulative
hazard multiplied; its orders exit by the words they have.
"""

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.event import entry_of, exit_kind, first_month, move_order, spread_exit, target_of
from abssim.engine.credit.expected import PERFORMING, LoanState
from abssim.engine.credit.odds import ORDER, Threshold
from abssim.engine.credit.off_schedule import Row
from abssim.engine.credit.random import Purpose, draw_block
from abssim.kind.pool import PoolField


@borrowing
def _month(obligor, orders, curve, odds, place, work):
    """A month of an obligor's open orders, `place` as `move_order` has it; returns how many are still owed."""
    w, i, j, t, before, due = place
    owed = 0
    for n in range(obligor["count"]):
        if work[w, Row.OPEN, n] == 0:
            continue
        order, word, state = orders[obligor["first"] + n], np.uint64(work[w, Row.OPEN, n] - 1), j
        r = order["profile"]
        if i == LoanState.CURRENT and j == LoanState.CURRENT and word < odds[r, Threshold.EXIT, t, w]:
            state = LoanState.PREPAID + exit_kind(odds[r], w, t, word)
        left = move_order(order, curve, (w, i, state, t, before, due), work)
        if state == LoanState.CURRENT:
            work[w, PoolField.RESTRUCTURED_BALANCE, t] += left
        if left == 0:
            work[w, Row.OPEN, n] = 0
        else:
            owed += 1
    return owed


@borrowing
def _spread_exits(obligor, orders, odds, place, work):
    """Words of the open orders of an obligor that is current again after month `t`, and was until month `past`."""
    w, past, t = place
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
def walk_later(obligor, orders, curve, odds, step, start, draws, work):
    """Follow an obligor that is restructured in month `since` on path `w` of a group to its end.

    `start` is (w, since, past, word, multiple, shift): it was current until month `past`, its word decides when it
    leaves; `draws` (seed, path, salt).
    """
    w, since, past, word, multiple, shift = start
    seed, path, salt = draws
    r, state, m, target, drawn = obligor["profile"], np.int64(LoanState.DPD_61_90), since, word, np.int64(-1)
    words = (word, word, word, word)
    for t in range(since, odds.shape[2]):
        following = np.int64(0)
        if state == LoanState.CURRENT and t == m:
            following = np.int64(1 if target < entry_of(odds[r], w, m, multiple) else 4)
            past = t - 1
        elif state != LoanState.CURRENT and t > since:
            if t // 2 != drawn:
                drawn = np.int64(t // 2)
                words = draw_block(seed, obligor["key"], path, salt + drawn, Purpose.STEP)
            k = 0
            while words[t % 2] >= step[w, r, t, state - 1, k]:
                k += 1
            following = ORDER[k] if ORDER[k] != LoanState.RESTRUCTURED else np.int64(LoanState.DEFAULT)
            word = words[2 + t % 2]
        before = t - 1 if t == since else max(since - PERFORMING, t - 1 - shift)
        due = max(since - PERFORMING, t - shift)
        left = _month(obligor, orders, curve, odds, (w, state, following, t, before, due), work)
        if left == 0 or following >= LoanState.DEFAULT:
            return
        if state != LoanState.CURRENT and following == LoanState.CURRENT:
            target, m = _leaving(odds[r, Threshold.LEAVE], w, max(t, since + shift - PERFORMING), word, multiple)
            _spread_exits(obligor, orders, odds, (w, past, t), work)
        state = following

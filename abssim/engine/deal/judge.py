"""Micro-operations on triggers, regimes, calls, and on what falls due.

A trigger fires after so many consecutive breaches and stays until it has been cured for so many dates (never, if it is
not curable). Twin: `tests/engine/naive_deal.py`.
"""

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import Judge, Share
from abssim.engine.deal.whole import names
from abssim.engine.program import AT_CLOSING, NOT_YET
from abssim.engine.rounding import portion
from abssim.kind.clock import ClockField, Regime
from abssim.kind.note import NoteField
from abssim.kind.trigger import TriggerField


@borrowing
def _advance(S, F, code, pc, t, a):
    """Count the breach, or the date without one, and switch the trigger; remember when it first was active."""
    b, mark, persistence, cure = code[pc, 2], code[pc, 5], code[pc, 3], code[pc, 4]
    for w in range(S.shape[1]):
        active, breached = S[a + TriggerField.ACTIVE, w], 1 if F[b, w] != 0.0 else 0
        count = S[a + TriggerField.COUNT, w] + 1 if breached != active else 0
        switches = (count >= persistence) if active == 0 else ((cure > 0) & (count >= cure))
        switches &= breached != active
        active = breached if switches else active
        S[a + TriggerField.ACTIVE, w] = active
        S[a + TriggerField.BREACHED, w] = breached
        S[a + TriggerField.COUNT, w] = 0 if switches else count
        S[mark, w] = t if (active == 1) & (S[mark, w] == NOT_YET) else S[mark, w]


@borrowing
def _end_revolving(S, w, mark, newly, t):
    """Remember the date before `t` as the last of the revolving period, the first time it has ended."""
    if S[mark, w] == NOT_YET:
        S[mark, w] = t - 1 if t > 0 else AT_CLOSING
        S[newly, w] = 1


@borrowing
def _enter(S, clock, regime, mask, mark, newly, t):
    """Count the dates in a regime, from 1 where it is a new one."""
    for w in range(S.shape[1]):
        S[newly, w] = 0
        if S[mask, w] == 0:
            continue
        if t > 0 and S[clock + ClockField.REGIME, w] == S[regime, w]:
            S[clock + ClockField.REGIME_PERIOD, w] += 1
            continue
        if S[regime, w] != Regime.REVOLVING:
            _end_revolving(S, w, mark, newly, t)
        S[clock + ClockField.REGIME, w] = S[regime, w]
        S[clock + ClockField.REGIME_PERIOD, w] = 1


@borrowing
def _close_note(S, a, quantum):
    """What is due and unpaid is a shortfall; less than a payment unit is none: its rounding per 100 face put it off."""
    for w in range(S.shape[1]):
        unpaid = S[a + NoteField.INTEREST_DUE, w] - S[a + NoteField.INTEREST_PAID, w]
        put_off = unpaid if unpaid < quantum else 0
        S[a + NoteField.ACCRUED_NOT_DUE, w] += put_off
        S[a + NoteField.INTEREST_SHORTFALL, w] = unpaid - put_off


@borrowing
def _settle(code, pc, whole, t, S):
    """Operations on what is posted, asked for and due."""
    op, lanes = code[pc, 0], S.shape[1]
    a, b, c, d = names(code, pc)
    if op == Judge.RAISE:
        for w in range(lanes):
            S[a, w] = max(S[a, w], code[pc, 3]) if S[b, w] == 1 else S[a, w]
    elif op == Judge.END_REVOLVING:
        for w in range(lanes):
            S[b, w] = 0
            _end_revolving(S, w, a, b, t)
    elif op == Judge.ENTER:
        _enter(S, a, b, c, d, code[pc, 5], t)
    elif op == Judge.FALLS_DUE:
        for w in range(lanes):
            S[a, w] = 1 if S[d, w] == 1 else whole[t, code[pc, 3] + S[b, w]]
    elif op == Judge.CLOSE_NOTE:
        _close_note(S, a, code[pc, 2])
    else:
        for w in range(lanes):
            S[a, w] = portion(S[b, w], S[c, w], max(1, S[d, w]))[0]


@separate
def run_judge(code, pc, whole, posted, t, S, F):
    """Run operations from `pc` on until one is not of this kind; returns its place.

    `posted` (A, W) is of the date, `whole` (T, columns) by date.
    """
    while Judge.POST <= code[pc, 0] < Share.PRO_RATA:
        op = code[pc, 0]
        a, b, c, _ = names(code, pc)
        if op == Judge.POST:
            for w in range(S.shape[1]):
                S[a, w] = max(posted[c, w], -max(0, S[b, w]))
        elif op == Judge.TRIGGER:
            _advance(S, F, code, pc, t, a)
        else:
            _settle(code, pc, whole, t, S)
        pc += 1
    return pc

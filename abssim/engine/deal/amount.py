"""Micro-operations from numbers to whole units, and those that decide where a date goes on.

What is no number, an amount without bound and a claim beyond the largest amount end the path: its status says why,
when and where.
"""

import math

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import Amount, Judge
from abssim.engine.deal.whole import names
from abssim.engine.layout import PathStatus
from abssim.engine.program import UNLIMITED
from abssim.engine.rounding import round_half_up

_LARGEST = 1.0e18


@borrowing
def stop(S, status, w, reason, t, place):
    """End the path of a lane, unless it has ended before."""
    if S[status, w] == PathStatus.OK:
        S[status, w] = reason
        S[status + 1, w] = t
        S[status + 2, w] = place


@borrowing
def _of_bound(value, claim):
    """Why a value cannot be an amount, OK if it can."""
    if value != value:
        return PathStatus.NOT_FINITE
    if math.isinf(value):
        return PathStatus.INFINITE
    return PathStatus.TOO_LARGE if claim and abs(value) > _LARGEST else PathStatus.OK


@borrowing
def _whole(value):
    """Whole minor units of a value, `UNLIMITED` beyond the largest."""
    if value != value:
        return 0
    return UNLIMITED if value > _LARGEST else -UNLIMITED if value < -_LARGEST else round_half_up(value)


@borrowing
def _odd_amounts(code, pc, status, t, S, F):
    """Amounts some of which are negative, without bound, or no numbers."""
    op = code[pc, 0]
    a, b, mask, counter = names(code, pc)
    for w in range(S.shape[1]):
        if S[mask, w] == 0:
            S[a, w] = 0
            continue
        reason = _of_bound(F[b, w], op != Amount.LIMIT)
        if reason != PathStatus.OK:
            stop(S, status, w, reason, t, code[pc, 7])
        amount = _whole(F[b, w])
        if amount < 0 and op != Amount.BOOKING:
            if code[pc, 4] >= 0 and S[status, w] == PathStatus.OK:
                S[counter, w] += 1
            amount = 0
        S[a, w] = amount


@borrowing
def _amounts(code, pc, status, t, S, F):
    """Numbers in whole units."""
    a, b, mask, _ = names(code, pc)
    plain = True
    for w in range(S.shape[1]):
        plain &= (F[b, w] >= 0.0) & (F[b, w] <= _LARGEST)
    if plain:
        for w in range(S.shape[1]):
            S[a, w] = round_half_up(F[b, w]) if S[mask, w] != 0 else 0
    else:
        _odd_amounts(code, pc, status, t, S, F)


@borrowing
def _settle(code, pc, status, t, S, F):
    """Conditions and definitions that are no numbers are without bound, if they are a number that way."""
    a, mask, c, counter = names(code, pc)
    for w in range(S.shape[1]):
        if F[a, w] != F[a, w] and S[mask, w] != 0:
            F[a, w] = F[c, w]
            S[counter, w] += 1
            if F[c, w] != F[c, w]:
                stop(S, status, w, PathStatus.NOT_FINITE, t, code[pc, 7])


@borrowing
def _lanes_of_step(code, pc, status, S, F):
    """Set the mask of a step; returns the operations to jump over."""
    a, regime = code[pc, 1], code[pc, 5]
    some = 0
    for w in range(S.shape[1]):
        mask = (code[pc, 2] >> S[regime, w]) & 1 if S[status, w] == PathStatus.OK else 0
        S[a, w] = mask
        some |= mask
    if code[pc, 3] >= 0 and some != 0:
        some, when = 0, code[pc, 3]
        for w in range(S.shape[1]):
            mask = S[a, w] if F[when, w] != 0.0 else 0
            S[a, w] = mask
            some |= mask
    return code[pc, 4] if some == 0 else 0


@borrowing
def no_lane(S, mask):
    """True if the mask is no lane."""
    some = 0
    for w in range(S.shape[1]):
        some |= S[mask, w]
    return some == 0


@borrowing
def _by_date(code, pc, whole, number, t, S):
    """Operations with a figure of the date."""
    op, lanes = code[pc, 0], S.shape[1]
    a, b, c, d = names(code, pc)
    if op == Amount.DATE:
        for w in range(lanes):
            S[a, w] = whole[t, b]
    elif op == Amount.EARN:
        for w in range(lanes):
            S[a, w] = round_half_up(float(S[b, w]) * number[t, c]) + whole[t, d]
    elif op == Amount.ACCRUE:
        rate, years = number[t, c], number[t, d]
        for w in range(lanes):
            S[a, w] = max(0, round_half_up(float(S[b, w]) * rate * years))
    elif op == Amount.PREMIUM:
        for w in range(lanes):
            premium = round_half_up(float(S[b, w]) * number[t, c])
            S[a, w] = premium if S[d, w] != 0 else S[a, w]
    elif number[t, c] < 0.0:
        for w in range(lanes):
            S[a, w] += 1 if (S[b, w] > 0) & (S[d, w] == PathStatus.OK) else 0


@separate
def run_amount(code, pc, whole, number, status, t, S, F):
    """Run operations from `pc` on until one is not of this kind; returns its place. `whole`, `number`: by date."""
    while Amount.LIMIT <= code[pc, 0] < Judge.POST:
        op, jump = code[pc, 0], 0
        a, b, c, _ = names(code, pc)
        if op <= Amount.BOOKING:
            _amounts(code, pc, status, t, S, F)
        elif op == Amount.SETTLE:
            _settle(code, pc, status, t, S, F)
        elif op == Amount.MASK:
            for w in range(S.shape[1]):
                S[a, w] = 1 if (S[b, w] != 0) & (F[c, w] != 0.0) else 0
        elif op == Amount.STEP:
            jump = _lanes_of_step(code, pc, status, S, F)
        elif op == Amount.JUMP_NONE:
            jump = code[pc, 2] if no_lane(S, a) else 0
        elif op == Amount.JUMP_DATE:
            jump = code[pc, 2] if whole[t, a] == 0 else 0
        else:
            _by_date(code, pc, whole, number, t, S)
        pc += 1 + jump
    return pc

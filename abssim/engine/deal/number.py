"""Micro-operations on registers: amounts, targets and conditions as the deal spells them.

Values are float64 in minor units (exact up to 2^53) or plain numbers; flags are 0 and 1. Nothing over nothing is 0.
Something over nothing is no number (NaN), and so is whatever depends on it: a comparison, a joined condition unless its
other side decides, a choice by such a condition; ratios of the language's own are without bound instead.
Twin: `tests/engine/naive_expression.py`.
"""

import math

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import Number, Past
from abssim.engine.deal.whole import names
from abssim.engine.program import NOT_YET
from abssim.engine.rounding import round_half_up

_NEAR, _EXACT = 2.0**-50, 2.0**52


@borrowing
def whole_units(op, value, unit):
    """Rounded to a multiple of `unit`, half up, down or up; a value within 4 ulp of a multiple is that multiple."""
    if not abs(value / unit) < _EXACT:
        return value
    size, nearest = value / unit, round(value / unit)
    if abs(size - nearest) <= _NEAR * max(1.0, abs(size)):
        whole = nearest
    elif op == Past.ROUND:
        whole = float(round_half_up(size))
    else:
        whole = math.floor(size) if op == Past.FLOOR else math.ceil(size)
    parts = round(1.0 / unit)
    fits = unit < 1.0 and abs(parts * unit - 1.0) <= _NEAR
    return float(whole) / float(parts) if fits else float(whole) * unit


@borrowing
def _held(holds, b, c):
    """A comparison of two numbers; no number if one of them is none."""
    return math.nan if (b != b) | (c != c) else 1.0 if holds else 0.0


@borrowing
def _least(b, c):
    return b if (b <= c) | (b != b) else c


@borrowing
def _greatest(b, c):
    return b if (b >= c) | (b != b) else c


@borrowing
def _chosen(condition, b, c):
    """By a condition, which may be no number."""
    return condition if condition != condition else b if condition != 0.0 else c


@borrowing
def _divided(b, c):
    """0 for nothing over nothing, no number for something over nothing."""
    return 0.0 if (b == 0.0) & (c == c) else b / c if c != 0.0 else math.nan


@borrowing
def _looked_up(table, first, rows, value):
    """Of the steps that begin at or below `value` the last; below all of them the first."""
    if value != value:
        return value
    found = table[first, 1]
    for row in range(first + 1, first + rows):
        if value >= table[row, 0]:
            found = table[row, 1]
    return found


@borrowing
def _window(op, value, row, known, c, length, F, a, b):
    """Average, extreme or sum of F[b] and of the values kept on the dates before, `length` in all or as many as are
    `known` (first row)."""
    first, lanes = max(known, row - length + 1), F.shape[1]
    for w in range(lanes):
        F[a, w] = F[b, w]
    for i in range(first, row):
        if op == Past.HIGHEST:
            for w in range(lanes):
                F[a, w] = _greatest(F[a, w], value[i, c, w])
        elif op == Past.LOWEST:
            for w in range(lanes):
                F[a, w] = _least(F[a, w], value[i, c, w])
        else:
            for w in range(lanes):
                F[a, w] += value[i, c, w]
    if op == Past.AVERAGE:
        for w in range(lanes):
            F[a, w] = F[a, w] / float(row + 1 - first)


@borrowing
def _past(code, pc, value, row, F, a):
    """A value kept so many dates ago."""
    column, row = code[pc, 2], row - code[pc, 3]
    for w in range(F.shape[1]):
        F[a, w] = value[row, column, w] if row >= code[pc, 4] else 0.0


@borrowing
def _marked(code, pc, value, history, t, S, F, a):
    """A value kept on the date of a mark; at closing that of the first date."""
    column, mark, b = code[pc, 2], code[pc, 3], code[pc, 4]
    for w in range(F.shape[1]):
        date = max(0, S[mark, w])
        present = S[mark, w] == NOT_YET or date == t
        F[a, w] = F[b, w] if present else value[history + date, column, w]


@borrowing
def _load_mark(S, F, t, a, b, latch, mark):
    for w in range(F.shape[1]):
        date = S[mark, w]
        F[a, w] = float(S[b, w] if (date == NOT_YET) | (date == t) else S[latch, w])


@separate
def run_past(code, value, history, t, S, F, pc):
    """Run the operation at `pc`, which looks back on the values kept, `value` (history + T, C, W); returns the place of
    the next."""
    op = code[pc, 0]
    a, b, c, d = names(code, pc)
    if op == Past.PAST:
        _past(code, pc, value, history + t, F, a)
    elif op == Past.MARKED:
        _marked(code, pc, value, history, t, S, F, a)
    else:
        _window(op, value, history + t, code[pc, 5], c, d, F, a, b)
    return pc + 1


@borrowing
def _read(code, by_date, t, S, F, pc):
    """Operations that bring something of the date into a register."""
    op = code[pc, 0]
    a, b, c, d = names(code, pc)
    if op == Number.LOAD:
        for w in range(F.shape[1]):
            F[a, w] = float(S[b, w])
    elif op == Number.LOAD_MARK:
        _load_mark(S, F, t, a, b, c, d)
    else:
        figure = by_date[t, b]
        for w in range(F.shape[1]):
            F[a, w] = figure


@borrowing
def _reckon(code, pc, S, F):
    """Operators of arithmetic, and choices."""
    op, lanes = code[pc, 0], F.shape[1]
    a, b, c, d = names(code, pc)
    if op == Number.MOVE:
        for w in range(lanes):
            F[a, w] = F[b, w]
    elif op == Number.CHOOSE:
        for w in range(lanes):
            F[a, w] = _chosen(F[b, w], F[c, w], F[d, w])
    elif op == Number.CHOOSE_WHERE:
        for w in range(lanes):
            F[a, w] = F[c, w] if S[b, w] != 0 else F[a, w]
    elif op == Number.NEGATE:
        for w in range(lanes):
            F[a, w] = -F[b, w]
    elif op == Number.NOT:
        for w in range(lanes):
            F[a, w] = 1.0 - F[b, w]
    elif op == Number.ABSOLUTE:
        for w in range(lanes):
            F[a, w] = abs(F[b, w])
    elif op == Number.ADD:
        for w in range(lanes):
            F[a, w] = F[b, w] + F[c, w]
    elif op == Number.SUBTRACT:
        for w in range(lanes):
            F[a, w] = F[b, w] - F[c, w]
    elif op == Number.MULTIPLY:
        for w in range(lanes):
            F[a, w] = F[b, w] * F[c, w]
    elif op == Number.DIVIDE:
        for w in range(lanes):
            F[a, w] = _divided(F[b, w], F[c, w])
    elif op == Number.RATIO:
        for w in range(lanes):
            F[a, w] = 0.0 if F[b, w] == 0.0 else F[b, w] / F[c, w]
    elif op == Number.MINIMUM:
        for w in range(lanes):
            F[a, w] = _least(F[b, w], F[c, w])
    else:
        for w in range(lanes):
            F[a, w] = _greatest(F[b, w], F[c, w])


@borrowing
def _compare(code, pc, F):
    """Conditions: 1 where they hold, else 0. What one side decides does not ask for the other."""
    op, lanes = code[pc, 0], F.shape[1]
    a, b, c, _ = names(code, pc)
    if op == Number.LESS:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] < F[c, w], F[b, w], F[c, w])
    elif op == Number.LESS_EQUAL:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] <= F[c, w], F[b, w], F[c, w])
    elif op == Number.GREATER:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] > F[c, w], F[b, w], F[c, w])
    elif op == Number.GREATER_EQUAL:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] >= F[c, w], F[b, w], F[c, w])
    elif op == Number.EQUAL:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] == F[c, w], F[b, w], F[c, w])
    elif op == Number.NOT_EQUAL:
        for w in range(lanes):
            F[a, w] = _held(F[b, w] != F[c, w], F[b, w], F[c, w])
    elif op == Number.AND:
        for w in range(lanes):
            F[a, w] = 0.0 if (F[b, w] == 0.0) | (F[c, w] == 0.0) else F[b, w] * F[c, w]
    else:
        for w in range(lanes):
            F[a, w] = 1.0 if (F[b, w] == 1.0) | (F[c, w] == 1.0) else F[b, w] + F[c, w]


@separate
def run_round(code, table, F, pc):
    """Run the operation at `pc`, a rounding or a step table, lane by lane; returns the place of the next."""
    op = code[pc, 0]
    a, b, c, _ = names(code, pc)
    for w in range(F.shape[1]):
        if op == Past.TABLE:
            F[a, w] = _looked_up(table, code[pc, 3], code[pc, 4], F[b, w])
        else:
            F[a, w] = whole_units(op, F[b, w], F[c, w])
    return pc + 1


@separate
def run_number(code, by_date, t, S, F, pc):
    """Run operations from `pc` on until one is not of this kind; returns its place. `by_date` (T, columns)."""
    while Number.LOAD <= code[pc, 0] < Past.PAST:
        op = code[pc, 0]
        if op <= Number.DATE:
            _read(code, by_date, t, S, F, pc)
        elif op <= Number.MAXIMUM:
            _reckon(code, pc, S, F)
        else:
            _compare(code, pc, F)
        pc += 1
    return pc

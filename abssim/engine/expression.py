"""The interpreter of postfix code: amounts, targets and conditions of a deal.

Values are float64 in minor units (exact up to 2^53) or plain numbers; flags are 0 and 1. `x / 0` is 0 for `0 / 0`
(the ratio of nothing to nothing) and infinite otherwise. Twin: `tests/engine/naive_deal.py::evaluate`.
"""

import math

from abssim.engine._jit import borrowing, inlined
from abssim.engine.program import COLUMN_BITS, NOT_YET, Op
from abssim.engine.rounding import round_half_up

_COLUMN = (1 << COLUMN_BITS) - 1
_NEAR, _EXACT = 2.0**-50, 2.0**52


@inlined
def _window(values, known, row, column, length, op):
    """Average, extreme or sum of a definition over the last `length` dates, or as many as are `known` (first row)."""
    first = max(known, row - length + 1)
    result = values[row, column]
    for i in range(first, row):
        value = values[i, column]
        if op == Op.HIGHEST:
            result = max(result, value)
        elif op == Op.LOWEST:
            result = min(result, value)
        else:
            result += value
    return result / float(row + 1 - first) if op == Op.AVERAGE else result


@inlined
def _load(code, memory, state, t, op, slot, mark):
    """A position of the present state, of the state one or two dates ago, or of a mark's (AT_CLOSING < 0).

    The state of a mark set on this very date is still the present one.
    """
    row, column = slot >> COLUMN_BITS, slot & _COLUMN
    if op == Op.LOAD:
        return float(state[row, column])
    date = t - 2 if op == Op.LOAD_EARLIER else t - 1
    if op == Op.LOAD_MARK:
        date = memory.marks[mark]
        if date in (NOT_YET, t):
            return float(state[row, column])
    return float(code.initial[row, column]) if date < 0 else float(memory.trace[date, row, column])


@inlined
def _definition(code, memory, t, op, column, mark):
    """A definition's value on this date, one or two dates ago (0 before the first), or on the date of a mark.

    At closing no definition has a value yet: that of the first date stands for it.
    """
    row = code.history + t
    if op == Op.DEFINITION_PREVIOUS:
        row -= 1
    elif op == Op.DEFINITION_EARLIER:
        row -= 2
    elif op == Op.DEFINITION_MARK and memory.marks[mark] != NOT_YET:
        row = code.history + max(0, memory.marks[mark])
    return memory.values[row, column] if row >= code.known[column] else 0.0


@borrowing
def _whole_units(op, value, unit):
    """Rounded to a multiple of `unit`, half up, down or up; a value within 4 ulp of a multiple is that multiple."""
    if not abs(value / unit) < _EXACT:
        return value
    size, nearest = value / unit, round(value / unit)
    if abs(size - nearest) <= _NEAR * max(1.0, abs(size)):
        whole = nearest
    elif op == Op.ROUND:
        whole = float(round_half_up(size))
    else:
        whole = math.floor(size) if op == Op.FLOOR else math.ceil(size)
    parts = round(1.0 / unit)
    fits = unit < 1.0 and abs(parts * unit - 1.0) <= _NEAR
    return float(whole) / float(parts) if fits else float(whole) * unit


@borrowing
def _table(table, first, rows, value):
    """Of the steps that begin at or below `value` the last; below all of them the first."""
    found = table[first, 1]
    for row in range(first + 1, first + rows):
        if value >= table[row, 0]:
            found = table[row, 1]
    return found


@inlined
def binary(op, a, b):
    """Value of an operator on two values."""
    if op == Op.ADD:
        return a + b
    if op == Op.SUBTRACT:
        return a - b
    if op == Op.MULTIPLY:
        return a * b
    if op == Op.DIVIDE:
        return 0.0 if a == 0.0 else a / b
    if op == Op.MINIMUM:
        return min(a, b)
    if op == Op.MAXIMUM:
        return max(a, b)
    if op == Op.LESS:
        return 1.0 if a < b else 0.0
    if op == Op.LESS_EQUAL:
        return 1.0 if a <= b else 0.0
    if op == Op.GREATER:
        return 1.0 if a > b else 0.0
    if op == Op.GREATER_EQUAL:
        return 1.0 if a >= b else 0.0
    if op == Op.EQUAL:
        return 1.0 if a == b else 0.0
    if op == Op.NOT_EQUAL:
        return 1.0 if a != b else 0.0
    if op == Op.AND:
        return 1.0 if a != 0.0 and b != 0.0 else 0.0
    if op >= Op.ROUND:
        return _whole_units(op, a, b)
    return 1.0 if a != 0.0 or b != 0.0 else 0.0


@inlined
def _unary(op, a):
    """Value of an operator on one value."""
    if op == Op.NEGATE:
        return -a
    if op == Op.NOT:
        return 1.0 if a == 0.0 else 0.0
    return abs(a)


@inlined
def evaluate(code, memory, state, t, expression):
    """Value of an expression on date `t`; `state` is the present state (rows, width)."""
    stack = memory.stack
    top = -1
    for i in range(code.expression[expression, 0], code.expression[expression, 1]):
        op = code.instruction[i]["op"]
        arg = code.instruction[i]["arg"]
        aux = code.instruction[i]["aux"]
        if op == Op.CONSTANT:
            top += 1
            stack[top] = code.constant[arg]
        elif op <= Op.LOAD_MARK:
            top += 1
            stack[top] = _load(code, memory, state, t, op, arg, aux)
        elif op <= Op.DEFINITION_MARK:
            top += 1
            stack[top] = _definition(code, memory, t, op, arg, aux)
        elif op <= Op.TOTAL:
            top += 1
            stack[top] = _window(memory.values, code.known[arg], code.history + t, arg, aux, op)
        elif op == Op.SCHEDULE:
            top += 1
            stack[top] = code.schedule[arg, t]
        elif op == Op.NEGATE or op == Op.NOT or op == Op.ABSOLUTE:
            stack[top] = _unary(op, stack[top])
        elif op == Op.TABLE:
            stack[top] = _table(code.table, arg, aux, stack[top])
        elif op == Op.SELECT:
            top -= 2
            stack[top] = stack[top + 1] if stack[top] != 0.0 else stack[top + 2]
        else:
            top -= 1
            stack[top] = binary(op, stack[top], stack[top + 1])
    return stack[0]


@inlined
def define(code, memory, state, t, d):
    """Freeze a named definition of date `t` into `memory.values`."""
    column, expression = code.definition[d, 0], code.definition[d, 1]
    memory.values[code.history + t, column] = evaluate(code, memory, state, t, expression)

"""What an expression can come to, whatever happens: an interval, from literals and what the calendar decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from abssim.deal.expression import Binary, FunctionCall, Name, Node, Number, Unary


class Interval(NamedTuple):
    """Lowest and highest value; of a condition, 1 where it may hold and 0 where it may not."""

    low: float = -math.inf
    high: float = math.inf


_ANY, _EITHER = Interval(), Interval(0.0, 1.0)
_Compare = Callable[[Interval, Interval], bool]
_COMPARED: dict[str, tuple[_Compare, _Compare]] = {
    "<": (lambda a, b: a.high < b.low, lambda a, b: a.low >= b.high),
    "<=": (lambda a, b: a.high <= b.low, lambda a, b: a.low > b.high),
    ">": (lambda a, b: a.low > b.high, lambda a, b: a.high <= b.low),
    ">=": (lambda a, b: a.low >= b.high, lambda a, b: a.high < b.low),
    "==": (lambda a, b: a.low == a.high == b.low == b.high, lambda a, b: a.high < b.low or a.low > b.high),
    "!=": (lambda a, b: a.high < b.low or a.low > b.high, lambda a, b: a.low == a.high == b.low == b.high),
}
"""When a comparison of two intervals always holds, and when it never does."""


def reach(node: Node, known: Mapping[str, Interval]) -> Interval:
    """The interval of an expression; `known` are those of names, any other name can be anything."""
    match node:
        case Number():
            return Interval(node.value, node.value)
        case Name():
            return known.get(node.name, _ANY)
        case Unary(operator="-"):
            inner = reach(node.operand, known)
            return Interval(-inner.high, -inner.low)
        case Unary():
            inner = reach(node.operand, known)
            return Interval(1.0 - inner.high, 1.0 - inner.low) if inner in (_EITHER, (0, 0), (1, 1)) else _EITHER
        case Binary():
            return _joined(node.operator, reach(node.left, known), reach(node.right, known))
        case FunctionCall(function="min" | "max"):
            parts = [reach(argument, known) for argument in node.arguments]
            least = min if node.function == "min" else max
            return Interval(least(part.low for part in parts), least(part.high for part in parts))
    return _ANY


def _joined(operator: str, a: Interval, b: Interval) -> Interval:
    if operator == "+":
        return Interval(a.low + b.low, a.high + b.high)
    if operator == "-":
        return Interval(a.low - b.high, a.high - b.low)
    if operator in _COMPARED:
        always, never = _COMPARED[operator]
        return Interval(1.0, 1.0) if always(a, b) else Interval(0.0, 0.0) if never(a, b) else _EITHER
    if operator in ("and", "or"):
        least = min if operator == "and" else max
        a, b = (each if each in (_EITHER, (0, 0), (1, 1)) else _EITHER for each in (a, b))
        return Interval(least(a.low, b.low), least(a.high, b.high))
    if operator == "*" and all(math.isfinite(each) for each in (*a, *b)):
        ends = [left * right for left in a for right in b]
        return Interval(min(ends), max(ends))
    return _ANY

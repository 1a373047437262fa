"""Conditions that cannot hold, whatever happens: `x > 0.9 and x < 0.5`.

A condition is taken apart into alternatives, each of parts that hold together; each part bounds what it compares. An
alternative cannot hold if one of its parts cannot, or if the bounds of the same thing leave nothing between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from abssim.deal.expression import Binary, FunctionCall, Name, Node, Number, Unary
from abssim.deal.reach import Interval, reach

_Part = tuple[Node, bool]
"""A comparison or a flag, and whether it is to hold."""
_MOST = 64
"""Alternatives that are looked at."""
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def never_holds(node: Node, known: Mapping[str, Interval]) -> bool:
    """True of a condition that cannot hold; `known` as in `reach`."""
    return all(_contradict(parts, known) for parts in _alternatives(node, True))


def _alternatives(node: Node, holds: bool) -> list[tuple[_Part, ...]]:
    """Parts that hold together, by alternative. Of too many alternatives what is looked at is less than is asked."""
    match node:
        case Unary(operator="not"):
            return _alternatives(node.operand, not holds)
        case Binary(operator="and" | "or"):
            left, right = _alternatives(node.left, holds), _alternatives(node.right, holds)
            if (node.operator == "or") == holds:
                return [*left, *right]
            return [(*a, *b) for a, b in product(left, right)] if len(left) * len(right) <= _MOST else left
    return [((node, holds),)]


def _contradict(parts: tuple[_Part, ...], known: Mapping[str, Interval]) -> bool:
    """True of parts of which one cannot hold, or not all together."""
    found: dict[Any, Interval] = {}
    for node, holds in parts:
        value = 1.0 if holds else 0.0
        if reach(node, known) == (1.0 - value, 1.0 - value):
            return True
        for of, bound in _bounds(node, holds, known):
            before = found.get(of, Interval())
            found[of] = Interval(max(before.low, bound.low), min(before.high, bound.high))
    return any(interval.low > interval.high for interval in found.values())


def _bounds(node: Node, holds: bool, known: Mapping[str, Interval]) -> Iterator[tuple[Any, Interval]]:
    """Between what the things lie that a part is about: both sides of a comparison, and how they lie to each other."""
    if not isinstance(node, Binary) or node.operator not in _NEGATED:
        yield _content(node), Interval(1.0, 1.0) if holds else Interval(0.0, 0.0)
        return
    operator = node.operator if holds else _NEGATED[node.operator]
    left, right = _content(node.left), _content(node.right)
    a, b = reach(node.left, known), reach(node.right, known)
    yield left, a
    yield left, _within(operator, b)
    yield right, b
    yield right, _within(_TURNED[operator], a)
    if repr(left) > repr(right):
        left, right, operator = right, left, _TURNED[operator]
    yield (left, "-", right), _within(operator, Interval(0.0, 0.0))


def _within(operator: str, other: Interval) -> Interval:
    """Where something lies that compares so with what lies in an interval."""
    match operator:
        case "<":
            return Interval(high=math.nextafter(other.high, -math.inf))
        case "<=":
            return Interval(high=other.high)
        case ">":
            return Interval(low=math.nextafter(other.low, math.inf))
        case ">=":
            return Interval(low=other.low)
        case "==":
            return other
    return Interval()


def _content(node: Node) -> Any:
    """An expression without its place in a text, so that the same one is the same."""
    match node:
        case Number():
            return node.value, node.is_amount
        case Name():
            return node.name
        case Unary():
            return node.operator, _content(node.operand)
        case Binary():
            return node.operator, _content(node.left), _content(node.right)
        case FunctionCall():
            return node.function, *map(_content, node.arguments)

"""Numbers whose unit contradicts their place: a share of nothing said where an amount stands, a percent where a ratio
does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.expression import ROUNDINGS, WINDOWS, Binary, FunctionCall, Name, Node, Number, Unary, children, parse
from abssim.deal.formulas import expressions
from abssim.deal.quantity import POOL_FORMULAS
from abssim.deal.symbols import Symbols
from abssim.errors import DealError, Problem

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_CENT = 0.01
"""What a step pays may be as little, and a balance up to this is as good as nothing; elsewhere 0.01 means a percent."""
_MULTIPLE = 10.0
"""Below this a broken number that an amount is compared with looks like a multiple, such as 1.05."""
RATIOS = frozenset({name for name, row in POOL_FORMULAS.items() if row[0] == "number"} | {"excess_spread"})
"""Last words of names that are decimals: 10 % is 0.1."""


def check_units(deal: Deal, symbols: Symbols) -> Iterator[Problem]:
    """Amounts that look like shares or multiples of something that is not said."""
    for path, text, expected in expressions(deal):
        try:
            node = symbols.typed(text, expected or symbols.definition(path[1])).node
        except DealError:
            continue
        paid = path[0] == "waterfalls" and path[-1] == "amount"
        for number in dict.fromkeys(_shares(node, _CENT if paid else 0.0)):
            shown = f"{number:g}"
            text = f"{shown} stands for an amount, {shown} {deal.currency}, and looks like a ratio"
            hint = f"write {shown} * pool.initial_balance, or divide the other side by an amount; 0 for nothing"
            yield deal.problem("E147", path, text, hint)


def _shares(node: Node, most: float, alone: bool = True) -> Iterator[float]:
    """Amounts above `most` and below one unit of the currency, and broken ones that another is compared with; a factor
    of a product is not `alone`."""
    match node:
        case Number():
            if alone and node.is_amount and most < abs(node.value) < 1.0:
                yield node.value
        case FunctionCall() if node.function in (*ROUNDINGS, "table"):
            yield from _shares(node.arguments[0], most, alone)
        case Binary(operator=operator) if operator in _COMPARISONS:
            for side in (node.left, node.right):
                multiple = isinstance(side, Number) and side.is_amount and 1.0 < side.value < _MULTIPLE
                if isinstance(side, Number) and multiple and side.value != int(side.value):
                    yield side.value
                yield from _shares(side, _CENT)
        case _:
            factors = isinstance(node, Binary) and node.operator in ("*", "/")
            for part in children(node):
                yield from _shares(part, most, alone and not factors)


def percents(deal: Deal, node: Node) -> Iterator[tuple[str, float]]:
    """Ratios that are compared with a number above 1, each with it: percent where a decimal is meant."""
    if isinstance(node, Binary) and node.operator in _COMPARISONS:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            name, value = _ratio(deal, one), _threshold(deal, other)
            if name and abs(value) > 1.0:
                yield name, value
    for part in children(node):
        yield from percents(deal, part)


def _threshold(deal: Deal, node: Node) -> float:
    """A number, or the largest of a schedule; 0 for anything else."""
    if isinstance(node, Unary) and node.operator == "-":
        return -_threshold(deal, node.operand)
    if isinstance(node, Name):
        return max(deal.schedules.get(node.name.removeprefix("schedule."), {}).values(), default=0.0)
    return node.value if isinstance(node, Number) else 0.0


def _ratio(deal: Deal, node: Node, seen: tuple[str, ...] = ()) -> str:
    """The name of the language, a share of a balance as a decimal, that an expression is, or a window over; or none."""
    if isinstance(node, FunctionCall) and node.function in (*WINDOWS, "abs"):
        return _ratio(deal, node.arguments[0], seen)
    if not isinstance(node, Name):
        return ""
    base = re.sub(r"^(opening|previous|earlier|at\.\w+)\.", "", node.name)
    if base in deal.definitions and base not in seen:
        return _ratio(deal, parse(deal.definitions[base]), (*seen, base))
    first, _, last = base.rpartition(".")
    share = last in RATIOS or (last == "factor" and first.partition(".")[0] in ("pool", "note"))
    return base if share else ""

"""What an expression comes to whatever happens: of literals, definitions of literals, schedules that never change."""

from __future__ import annotations

from abssim.deal.deal import Deal
from abssim.deal.expression import Binary, FunctionCall, Name, Node, Number, Unary, parse

_SCHEDULE = "schedule."


def constant(deal: Deal, node: Node, seen: tuple[str, ...] = ()) -> float | None:
    """The one value of an expression, in currency units; None if it has several, or none is known. 0 / 0 is 0.

    Raises `ZeroDivisionError` where anything else is divided by nothing, `DealError` of a definition that is malformed.
    """
    match node:
        case Number():
            return node.value
        case Name():
            return _named(deal, node.name, seen)
        case Unary(operator="-"):
            value = constant(deal, node.operand, seen)
            return None if value is None else -value
        case Binary(operator="+" | "-" | "*" | "/"):
            left, right = constant(deal, node.left, seen), constant(deal, node.right, seen)
            return None if left is None or right is None else _calculated(node.operator, left, right)
        case FunctionCall(function="min" | "max" | "abs"):
            values = [constant(deal, argument, seen) for argument in node.arguments]
            known = [value for value in values if value is not None]
            return _chosen(node.function, known) if len(known) == len(values) else None
    return None


def _named(deal: Deal, name: str, seen: tuple[str, ...]) -> float | None:
    if name in deal.definitions and name not in seen:
        return constant(deal, parse(deal.definitions[name]), (*seen, name))
    steps = deal.schedules.get(name.removeprefix(_SCHEDULE), {}) if name.startswith(_SCHEDULE) else {}
    values = set(steps.values())
    return float(values.pop()) if len(values) == 1 else None


def _calculated(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "/" and left == right == 0.0:
        return 0.0
    return left * right if operator == "*" else left / right


def _chosen(function: str, values: list[float]) -> float:
    if function == "abs":
        return abs(values[0])
    return min(values) if function == "min" else max(values)

"""Why a step paid what it paid: its condition with the values it was judged by, and whether it held.

Definitions, triggers and the clock are settled before the waterfall pays, so a run knows what each step saw of them.
Balances are read live while it pays; of those a run keeps the value at the end of the date alone, and none is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from abssim.deal.expression import Binary, Name, Node, Number, Unary, names_in, parse
from abssim.kind.clock import ClockField, Regime
from abssim.kind.trigger import TriggerField
from abssim.result import RunResult

_COUNTS = {
    "period": ClockField.PERIOD,
    "month": ClockField.MONTH,
    "months": ClockField.MONTHS,
    "regime_period": ClockField.REGIME_PERIOD,
}
_FLAGS = {"called": ClockField.CALLED, "final": ClockField.FINAL, "offered": ClockField.OFFERED}


@dataclass(frozen=True, slots=True)
class Known:
    """A name of a condition; `value` in minor units, as a number, or 0 and 1; None where the run does not keep it."""

    name: str
    dimension: str
    """amount, number or flag"""
    value: float | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A step's condition on a date."""

    step: str
    condition: str
    known: tuple[Known, ...]
    held: bool | None
    """None where it hangs on values that the run does not keep."""


def reason(result: RunResult, t: int, step: int) -> Reason | None:
    """The condition of a step on a date; None for a step without one."""
    terms = result.steps_terms[step]
    if not terms.when:
        return None
    node = parse(terms.when)
    names = dict.fromkeys(name.name for name in names_in(node))
    return Reason(terms.name, terms.when, tuple(known(result, t, name) for name in names), _holds(result, t, node))


def known(result: RunResult, t: int, name: str) -> Known:
    """What a step saw of a name on a date."""
    definitions = result.names["definition"]
    if name in definitions:
        d = definitions.index(name)
        return Known(name, result.definition_dimensions[d], float(result.definitions[t, d]))
    if name in _COUNTS or name in _FLAGS:
        field = {**_COUNTS, **_FLAGS}[name]
        return Known(name, "flag" if name in _FLAGS else "number", float(result.clock[t, field]))
    prefix, _, own = name.partition(".")
    if prefix == "regime" and own in (regimes := [regime.name.lower() for regime in Regime]):
        return Known(name, "flag", float(int(result.clock[t, ClockField.REGIME]) == regimes.index(own)))
    triggers = result.names["trigger"]
    if prefix == "trigger" and own in triggers and not result.triggers_terms[triggers.index(own)].at_end:
        return Known(name, "flag", float(result.trigger_flow[t, triggers.index(own), TriggerField.ACTIVE]))
    return Known(name, "number", None)


def _holds(result: RunResult, t: int, node: Node) -> bool | None:
    """Of a condition: flags, `not`, `and`, `or`, and numbers that are compared; None where a part is not known that
    decides."""
    match node:
        case Name():
            seen = known(result, t, node.name)
            return None if seen.value is None or seen.dimension != "flag" else bool(seen.value)
        case Unary(operator="not"):
            inner = _holds(result, t, node.operand)
            return None if inner is None else not inner
        case Binary(operator="and" | "or"):
            sides = (_holds(result, t, node.left), _holds(result, t, node.right))
            decides = node.operator == "or"
            return decides if decides in sides else None if None in sides else not decides
        case Binary(operator="<" | "<=" | ">" | ">="):
            left, right = _number(result, t, node.left), _number(result, t, node.right)
            if left is None or right is None:
                return None
            return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.operator]
    return None


def _number(result: RunResult, t: int, node: Node) -> float | None:
    """A plain number; of money none is told, since literals beside it are currency units."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        seen = known(result, t, node.name)
        return seen.value if seen.dimension == "number" else None
    return None

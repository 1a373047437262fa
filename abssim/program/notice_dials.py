"""Multiples of what no rule gives, of a scenario or of its policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from abssim.scenario.assumption import Default
from abssim.scenario.roll import TO, RollRates
from abssim.scenario.scenario import Scenario

_DEFAULT, _PREPAID = TO.index("default"), TO.index("prepaid")


class _Given(NamedTuple):
    """What the rules of a scenario give that a multiple could act on."""

    defaults: bool
    prepayments: bool
    cures: bool


def idle_dials(scenario: Scenario) -> Iterator[str]:
    """Multiples of the scenario that act on nothing; those of defaults are told by what the deal's base is."""
    given, name = _given(scenario), f"scenario {scenario.name}"
    if not given.prepayments and (scenario.prepay_multiple != 1.0 or scenario.stress.prepayment is not None):
        yield f"{name} multiplies prepayments, but no rule has any"
    cures = [scenario.cure_multiple != 1.0, scenario.stress.cure is not None]
    if not given.cures and any([*cures, *(rule.cure_multiple is not None for rule in scenario.assumptions)]):
        yield f"{name} multiplies cures, but no rule has roll rates that cure"
    if not scenario.has_defaults and scenario.stress.recovery is not None:
        yield f"{name} multiplies recoveries, but nobody defaults"


def idle_dials_of_policies(scenario: Scenario) -> Iterator[str]:
    """Multiples of policies that act on nothing."""
    given = _given(scenario)
    for name, policy in scenario.policies.items():
        dials = (
            (policy.default_multiple, given.defaults, "defaults, but no rule has any"),
            (policy.prepay_multiple, given.prepayments, "prepayments, but no rule has any"),
            (policy.cure_multiple, given.cures, "cures, but no rule has roll rates that cure"),
        )
        for multiple, is_given, what in dials:
            if multiple != 1.0 and not is_given:
                yield f"scenario {scenario.name}: policy {name} multiplies {what}"


def _given(scenario: Scenario) -> _Given:
    defaults: list[Default] = _held(scenario, "default")
    rolls = [default.roll_rates for default in defaults if default.roll_rates is not None]
    speeds = any(any(prepayment.curve.values) for prepayment in _held(scenario, "prepayment"))
    return _Given(
        any(map(_defaults, defaults)),
        speeds or any(row[_PREPAID] > 0.0 for roll in rolls for row in _rows(roll)),
        any(any(row[:i]) for roll in rolls for matrix in roll.matrices for i, row in enumerate(matrix)),
    )


def _held(scenario: Scenario, name: str) -> list[Any]:
    """What the rules give in a field, without what a later rule for all loans overrides."""
    held: list[Any] = []
    for rule in scenario.assumptions:
        value = getattr(rule, name)
        if value is not None:
            held = [*held, value] if rule.where else [value]
    return held


def _defaults(default: Default) -> bool:
    """True if somebody could default, or fall into arrears."""
    if default.roll_rates is not None:
        late = any(matrix[0][1] > 0.0 for matrix in default.roll_rates.matrices)
        return late or any(row[_DEFAULT] > 0.0 for row in _rows(default.roll_rates))
    amounts = (default.cumulative_pct, default.cumulative_loss_pct, default.lifetime_pd_pct)
    return any(amounts) if any(amount is not None for amount in amounts) else any(default.curve.values)


def _rows(roll: RollRates) -> Iterator[tuple[float, ...]]:
    return (row for matrix in roll.matrices for row in matrix)

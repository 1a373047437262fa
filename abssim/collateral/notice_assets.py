"""Notices of defaults that a scenario asks for and a pool cannot have: it has amortized before they come."""

from __future__ import annotations

from abssim.collateral.expected import Collateral
from abssim.collateral.source import Assets
from abssim.scenario.scenario import Scenario

SMALL = 0.001
"""Share of the cumulative defaults, or of the balance, up to which nothing is said."""


def unmet_notes(assets: Assets, scenario: Scenario) -> list[str]:
    """A line for every pool that amortizes before the scenario's cumulative defaults have come in full, or has loans
    that end before the first default of a lifetime PD."""
    kinds = [rule.default.kind for rule in scenario.assumptions if rule.default is not None]
    if not any(kind.startswith(("cumulative", "lifetime")) for kind in kinds):
        return []
    pools = {f"pool {name}": pool for name, pool in assets.pools.items() if isinstance(pool, Collateral)}
    if assets.replenishment is not None:
        pools["the replenishment"] = assets.replenishment.collateral
    shares = {name: pool.unmet_defaults(scenario) for name, pool in pools.items()}
    short = {name: pool.short_lived(scenario) for name, pool in pools.items()}
    return [
        f"scenario {scenario.name}: {name} has amortized before {100.0 * share:.1f} % of the cumulative defaults come; "
        "give life_months, an earlier timing or fewer defaults"
        for name, share in shares.items()
        if share > SMALL
    ] + [
        f"scenario {scenario.name}: {name} has {100.0 * share:.1f} % of its balance in loans that end before month 4, "
        "when a lifetime PD lets the first default; give them roll_rates"
        for name, share in short.items()
        if share > SMALL
    ]

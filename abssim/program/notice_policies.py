"""Policies of a scenario that do nothing to a deal: they are told."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.collateral.cell import where_mask
from abssim.policy.hooks import HOOKS, uses
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

END_OF_DEAL = "acts after the deal's last month"


def policy_notices(compiled: CompiledDeal, scenario: Scenario, no_loans: bool) -> Iterator[str]:
    """A line for each that changes nothing, has nothing to act on, or acts too late."""
    bought, name = compiled.assets.replenishment, f"scenario {scenario.name}"
    for policy in scenario.acting:
        used = [hook for hook in HOOKS if uses(policy, hook)]
        if not used:
            yield f"{name}: policy {policy.name} changes nothing"
        if "moves" in used and no_loans:
            yield f"{name}: the deal has no loans that policy {policy.name} could act on"
        if "offer" in used and bought is None:
            yield f"{name}: the deal buys nothing, so what policy {policy.name} offers has no effect"
    yield from _even_offers(compiled, scenario)
    first, last = compiled.dates.month[0], compiled.dates.month[-1]
    for policy_name, written in scenario.policies.items():
        begins = written.lag_months + (first if written.month is None else written.month)
        if begins >= last:
            lag = f", with its lag of {written.lag_months} months," if written.lag_months else ""
            yield f"{name}: policy {policy_name}{lag} {END_OF_DEAL}, {last}"


def _even_offers(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Policies that offer less of every loan alike: cash decides how much is bought, so the same is bought."""
    bought = compiled.assets.replenishment
    if bought is None:
        return
    for name, policy in scenario.policies.items():
        even = 0.0 < policy.offer_pct < 100.0
        if even and where_mask(bought.collateral.tape, policy.where, scenario.name).all():
            yield (
                f"scenario {scenario.name}: policy {name} offers {policy.offer_pct:g} % of every loan of the "
                "replenishment alike, which changes nothing: cash decides how much is bought, offers what; give it a "
                "where, or offer_pct: 0"
            )

"""What in a deal, or in a scenario on it, has no effect: seldom meant, so it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from abssim.program.cell import conditional, where_mask
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

COMMON = "all"
"""Key of a scenario's rates that stands for every index."""


def deal_notices(compiled: CompiledDeal) -> Iterator[str]:
    """Steps of schedules, and fixings, for days that the deal does not reach."""
    deal, last = compiled.deal, compiled.dates.number[-1]
    steps: dict[str, Mapping[int, float]] = {f"schedules.{name}": each for name, each in deal.schedules.items()}
    steps |= {f"notes.{name}.schedule": note.schedule for name, note in deal.notes.items()}
    for name, schedule in steps.items():
        late = [number for number in schedule if number > last]
        if late:
            yield f"{name}: what it says from payment date {min(late)} on has no effect, the last is number {last}"
    end = max(compiled.dates.payment[-1], compiled.dates.unadjusted[-1])
    for name, index in deal.indexes.items():
        unused = [day for day in index.fixings_pct if day >= end]
        if unused:
            yield f"indexes.{name}: the fixing of {min(unused)} has no effect, the last payment date is {end}"


def notices(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Dials without defaults to turn, rules and policies that select no loan or change nothing, rates of no index."""
    if not scenario.has_defaults and (scenario.default_multiple != 1.0 or scenario.stress.default is not None):
        yield f"scenario {scenario.name} multiplies defaults, but the deal's base scenario has none"
    bought = compiled.assets.replenishment
    tapes = [*compiled.assets.tapes, *([bought.collateral.tape] if bought is not None else [])]
    wheres = [("a rule", rule.where) for rule in conditional(scenario)]
    wheres += [(f"policy {name}", policy.where) for name, policy in scenario.policies.items()]
    for what, where in wheres:
        if tapes and not any(where_mask(tape, where, scenario.name).any() for tape in tapes):
            yield f"scenario {scenario.name}: no loan meets {', '.join(where)} of {what}, so it has no effect"
    last = compiled.dates.month[-1]
    for name, policy in scenario.policies.items():
        if not policy.steers and not policy.filters and policy.cash is None:
            yield f"scenario {scenario.name}: policy {name} changes nothing"
        elif policy.filters and bought is None:
            yield f"scenario {scenario.name}: the deal buys nothing, so what policy {name} offers has no effect"
        if policy.month is not None and policy.month >= last:
            yield f"scenario {scenario.name}: policy {name} acts after the deal's last month, {last}"
    for index in sorted(set(scenario.rates) - {COMMON, *compiled.deal.indexes}):
        yield f"scenario {scenario.name}: the deal has no index {index}, so its rates have no effect"

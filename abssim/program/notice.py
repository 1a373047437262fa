"""What in a scenario has no effect on a deal: seldom meant, so it is said."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.program.cell import conditional, rule_mask
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

COMMON = "all"
"""Key of a scenario's rates that stands for every index."""


def notices(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Dials without defaults to turn, rules that select no loan, rates of an index the deal has not."""
    if not scenario.has_defaults and (scenario.default_multiple != 1.0 or scenario.stress.default is not None):
        yield f"scenario {scenario.name} multiplies defaults, but the deal's base scenario has none"
    bought = compiled.assets.replenishment
    tapes = [*compiled.assets.tapes, *([bought.collateral.tape] if bought is not None else [])]
    for rule in conditional(scenario):
        if tapes and not any(rule_mask(tape, rule, scenario.name).any() for tape in tapes):
            yield f"scenario {scenario.name}: no loan meets {', '.join(rule.where)} of a rule, so it has no effect"
    for index in sorted(set(scenario.rates) - {COMMON, *compiled.deal.indexes}):
        yield f"scenario {scenario.name}: the deal has no index {index}, so its rates have no effect"

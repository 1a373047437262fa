"""Which columns of its tapes a deal under a scenario asks for by name."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.collateral.cell import conditional
from abssim.policy.hooks import conditions
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario


def named_columns(compiled: CompiledDeal, scenario: Scenario) -> frozenset[str]:
    """Columns in conditions of rules and policies, clusters, eligibility tests and concentration limits."""
    wheres = [rule.where for rule in conditional(scenario)] + [conditions(policy) for policy in scenario.acting]
    clusters = (scenario.frailty, scenario.fraud, scenario.contagion)
    revolving = compiled.deal.revolving
    names = [name for where in wheres for name in where] + [part.by for part in clusters if part is not None]
    if revolving is not None:
        names += [test.column for test in revolving.eligibility] + [limit.by for limit in revolving.concentration]
    return frozenset(names)


def idle_columns(compiled: CompiledDeal, scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(file, columns) of what tapes give for conditions only, and nothing asks for."""
    named = named_columns(compiled, scenario)
    for reading in compiled.assets.readings:
        idle = tuple(name for name in reading.selectors if name not in named)
        if idle:
            yield reading.source, idle

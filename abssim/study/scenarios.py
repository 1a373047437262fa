"""Scenarios by name on a deal: the deal's own come first, and no two that are shown together look the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from abssim.deal.deal import Deal
from abssim.document import parse_document
from abssim.errors import AbssimError, Problem, ScenarioError, notify
from abssim.lookup import look
from abssim.program.compile import CompiledDeal
from abssim.program.policy import require_policies
from abssim.scenario.load import DEAL, PREFIX, load_scenario, parse_scenario, scenario_files
from abssim.scenario.scenario import Scenario
from abssim.scenario.setting import set_scenario

ScenarioLike = str | Path | Mapping[str, Any] | Scenario
"""A name in `scenarios/`, `deal` for the deal's own, a path, a dict, or a document."""


def base_scenario(deal: Deal) -> Scenario:
    """The scenario a deal names or spells out."""
    if isinstance(deal.scenario, str):
        return load_scenario(deal.scenario)
    if deal.document is not None:
        return parse_scenario(deal.document.part("scenario"))
    return parse_scenario(parse_document(json.dumps(deal.scenario), deal.file, ScenarioError, PREFIX))


def choose_scenarios(
    compiled: CompiledDeal, wanted: Sequence[ScenarioLike] = (), settings: Mapping[str, Any] | None = None
) -> list[Scenario]:
    """The scenarios asked for, on top of the deal's base scenario where they say so; or that base scenario.

    `deal` and the base scenario's own name mean the latter, before any file. `settings` are values by path that are
    set in each of them. Raises ScenarioError; AbssimError E010 where two cannot be told apart.
    """
    base = base_scenario(compiled.deal)
    scenarios = [given if isinstance(given, Scenario) else load_scenario(given, deal=base) for given in wanted]
    by_name = [given for given in wanted if isinstance(given, str | Path)]
    typed = [
        str(given) if isinstance(given, str | Path) else scenario.name
        for given, scenario in zip(wanted, scenarios, strict=True)
    ]
    chosen = _apart([_set(compiled, each, settings) for each in scenarios or [base]], typed or [base.name])
    for given in by_name:
        _notify_hidden(str(given), compiled.deal, base)
    for scenario in chosen:
        require_policies(compiled, scenario)
    return chosen


def choose_scenario(
    compiled: CompiledDeal, wanted: ScenarioLike | None = None, settings: Mapping[str, Any] | None = None
) -> Scenario:
    """The one scenario asked for, or the deal's base scenario; with `settings`, values by path."""
    return choose_scenarios(compiled, [] if wanted is None else [wanted], settings)[0]


def _set(compiled: CompiledDeal, scenario: Scenario, settings: Mapping[str, Any] | None) -> Scenario:
    return set_scenario(scenario, settings, compiled.deal.indexes) if settings else scenario


def _apart(scenarios: Sequence[Scenario], typed: Sequence[str]) -> list[Scenario]:
    """The scenarios with names that tables and files tell apart: one whose name is taken is called by what was typed
    too. The same scenario twice is refused."""
    named: dict[str, Scenario] = {}
    for scenario, given in zip(scenarios, typed, strict=True):
        label = scenario.name if look(scenario.name) not in named else f"{scenario.name} ({given})"
        if scenario in named.values() or look(label) in named:
            text = "this scenario is there already, or another of this name"
            raise AbssimError(Problem("E010", given, "-s", text, "name each once, or give it its own name"))
        named[look(label)] = scenario if label == scenario.name else scenario.model_copy(update={"name": label})
    return list(named.values())


def _notify_hidden(name: str, deal: Deal, base: Scenario) -> None:
    """Say which scenarios of the same name are not meant."""
    own = name in (DEAL, base.name) and name != deal.scenario
    files = scenario_files(name)
    for file in files if own else files[1:]:
        meant = "the deal's own" if own else f"that of {files[0]}"
        notify(f"scenario {name} is {meant}; to mean {file}, name it by this path")

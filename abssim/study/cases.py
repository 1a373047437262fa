"""A deal and a scenario under settings by path: each document is made once, each deal compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abssim.collateral.kept import Cache, kept
from abssim.deal.deal import Deal
from abssim.errors import AbssimError, Problem, notify
from abssim.program.compile import CompiledDeal, recompile
from abssim.program.notice import notices
from abssim.projection.prepare import Calls
from abssim.scenario.scenario import Scenario
from abssim.scenario.setting import set_scenario
from abssim.study.dials import Dials
from abssim.study.figure import Case

KEPT = 2
"""Compiled deals that are kept."""
Settings = Mapping[str, Any]


class Cases:
    """What `Case` there is for settings, on top of a compiled deal and a scenario."""

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, calls: Calls, price: float = 100.0) -> None:
        self.compiled, self.scenario, self.calls, self.price = compiled, scenario, calls, price
        self._deals: dict[str, Deal] = {}
        self._scenarios: dict[str, Scenario] = {}
        self._compiled: Cache[str, CompiledDeal] = {}
        self._first: Case | None = None

    def deal_key(self, settings: Settings) -> str:
        """Settings with the same key have the same deal."""
        return repr(sorted(Dials.of(settings).deal.items()))

    def require(self, several: Sequence[Settings]) -> None:
        """Make the documents of all of them; AbssimError with everything that is wrong with any."""
        problems: dict[Problem, type[AbssimError]] = {}
        for settings in several:
            dials = Dials.of(settings)
            for make in (self._deal, self._scenario):
                try:
                    make(dials)
                except AbssimError as error:
                    problems |= dict.fromkeys(error.problems, type(error))
        if problems:
            raise next(iter(problems.values()))(problems)

    def case(self, settings: Settings) -> Case:
        """The case of one combination; of the first one asked for it is noted what is read of its documents."""
        dials, compiled = Dials.of(settings), self.compiled
        if dials.deal:
            deal = self._deal(dials)
            compiled = kept(self._compiled, self.deal_key(settings), lambda: recompile(self.compiled, deal), KEPT)
        case = Case(compiled, self._scenario(dials), self.calls, self.price, recorded=self._first is None)
        self._first = self._first or case
        return case

    def notify(self) -> tuple[str, ...]:
        """Tell what in the documents of the first case had no effect on all that was computed of it."""
        found = () if self._first is None else notices(self._first.compiled, self._first.scenario)
        for notice in found:
            notify(notice)
        return found

    def _deal(self, dials: Dials) -> Deal:
        key = repr(sorted(dials.deal.items()))
        if key not in self._deals:
            self._deals[key] = self.compiled.deal.with_(dials.deal) if dials.deal else self.compiled.deal
        return self._deals[key]

    def _scenario(self, dials: Dials) -> Scenario:
        key = repr(sorted(dials.scenario.items()))
        if key not in self._scenarios:
            own, indexes = dials.scenario, self.compiled.deal.indexes
            self._scenarios[key] = set_scenario(self.scenario, own, indexes) if own else self.scenario
        return self._scenarios[key]

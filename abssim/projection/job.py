"""A deal and a scenario, ready to run any block of paths: on a thread, on a worker of a cluster, or one in detail."""

from __future__ import annotations

from collections.abc import Generator
from copy import copy
from dataclasses import replace

import numpy as np

from abssim.collateral.source import Assets
from abssim.engine.deal.block import Batch
from abssim.engine.deal.summary import Outcome
from abssim.engine.state import block
from abssim.errors import CheckError, Problem
from abssim.kind.note import NoteField
from abssim.part import recording
from abssim.policy.effect import Effects, first_months
from abssim.policy.react import Observed
from abssim.program.compile import CompiledDeal
from abssim.program.describe import names_of, trigger_terms
from abssim.program.notice import notices
from abssim.program.notice_run import run_notices, simulation_notices
from abssim.program.policy import reactions, require_policies
from abssim.projection.assemble import (
    detailed,
    fingerprint,
    first_dates,
    held_to_maturity,
    settings_of,
    sold_below_nothing,
    taken_otherwise,
    versions,
)
from abssim.projection.machine import DealMachine, Path
from abssim.projection.paths import PathSource
from abssim.projection.prepare import require_mapped
from abssim.projection.react import settled_path
from abssim.projection.settings import Settings
from abssim.result import Int64, RunResult, Simulation
from abssim.scenario.scenario import Scenario

Span = tuple[int, int]
"""Paths `first .. last - 1`."""
Finished = Generator[tuple[Span, Outcome], None, None]
_JUDGED = ("status", "negative")
"""Of an outcome: what is judged or told, and not part of the result."""


class Job:
    """A deal under a scenario. Blocks of paths are functions of it: any process that has it runs them to the same bits.

    It can be pickled; `shipped` is what workers need of it.
    """

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, settings: Settings) -> None:
        self.compiled, self.scenario, self.settings = compiled, scenario, settings
        with recording(compiled.reads):
            self._prepare(compiled, scenario, settings)

    def _prepare(self, compiled: CompiledDeal, scenario: Scenario, settings: Settings) -> None:
        require_policies(compiled, scenario)
        self.ready = DealMachine.of(compiled, scenario, settings.calls)
        self.notes, self.periods = self.ready.notes, self.ready.periods
        self.reactions = reactions(compiled, scenario, self.periods)
        self.source = PathSource(compiled, scenario, self.periods, settings)
        self.has_run = False
        """Some block was run in this process, so that it is known what of the documents was read."""

    def shipped(self) -> Job:
        """The same without the tapes, which running a block does not need."""
        lean = copy(self)
        lean.compiled = replace(self.compiled, assets=Assets({}, {}, None, ()))
        return lean

    def block(self, first: int, last: int) -> Outcome:
        """Run paths `first .. last - 1`. Safe to call from several threads."""
        outcome = self.outcome(last - first)
        with recording(self.compiled.reads):
            self.reactions.settle(last - first, lambda rows, effects: self._run_rows(first, rows, effects, outcome))
        self.has_run = True
        return outcome

    def _run_rows(self, before: int, rows: Int64, effects: Effects, outcome: Outcome) -> Observed:
        """Run the paths `before + rows` under what policies do on them into these rows."""
        own = self.outcome(len(rows))._replace(policy=first_months(effects, len(rows)))
        self.ready.run(self._batch(before + rows, effects), own)
        for kept, found in zip(outcome, own, strict=True):
            kept[rows] = found
        sound = np.asarray(~own.status[:, (0, 3)].any(axis=1), dtype=np.bool_)
        return Observed(own.trigger, own.fan, sound)

    def outcome(self, paths: int) -> Outcome:
        """Room for the summaries of so many paths."""
        return self.ready.outcome(paths, len(self.reactions.policies))

    def _batch(self, numbers: Int64, effects: Effects) -> Batch:
        """Paths `numbers` (B,) under what policies do on each of them."""
        batch = self.source.paths(numbers, effects)
        require_mapped(self.compiled, self.ready.program, batch)
        return batch

    def replay(self, number: int) -> RunResult:
        """A path in full detail, after its checks; its fingerprint is that of the simulation."""
        with recording(self.compiled.reads):
            return self._replay(number)

    def _replay(self, number: int) -> RunResult:
        name = f"{self.scenario.name}, path {number} of seed {self.settings.seed}"
        named = self.scenario.model_copy(update={"name": name})

        def project(effects: Effects) -> Path:
            return self.ready.path(self._batch(np.full(1, number), effects))

        path, effects = settled_path(self.compiled, named, self.reactions, project)
        found = detailed(self.compiled, named, self.ready, path, effects)
        told = notices(self.compiled, self.scenario)
        shown = run_notices(self.compiled, self.scenario, found, told)
        whole = fingerprint(self.compiled, self.scenario)
        return replace(found, fingerprint=whole, notices=(*told, *shown, *found.notices))

    def require_sound(self, outcome: Outcome, first: int) -> None:
        """Raise what is wrong with the first path that could not go on or failed a check, named by its replay."""
        given_away = sold_below_nothing(self.compiled, outcome.negative)
        bad = np.flatnonzero(outcome.status[:, (0, 3)].any(axis=1) | given_away)
        if not len(bad):
            return
        number = first + int(bad[0])
        self.replay(number)
        place = f"{self.compiled.deal.name} / {self.scenario.name}, path {number} of seed {self.settings.seed}"
        raise CheckError(Problem("E550", place, "", "a conservation check failed", "please report this deal"))

    def simulation(self, outcome: Outcome) -> Simulation:
        """The result, with names."""
        if not self.has_run:
            self.block(0, 1)
        compiled, scenario = self.compiled, self.scenario
        negatives = taken_otherwise(compiled, scenario, outcome.negative.sum(axis=0))
        opening = block(self.ready.program.code.initial.reshape(-1), self.ready.layout, "note")[:, NoteField.BALANCE]
        told = notices(compiled, scenario)
        sim = Simulation(
            deal_name=compiled.deal.name,
            scenario_name=scenario.name,
            scenario_reason=scenario.reason,
            currency=compiled.deal.currency,
            fingerprint=fingerprint(compiled, scenario),
            settings=settings_of(compiled, scenario),
            versions=versions(),
            seed=self.settings.seed,
            sampling=self.settings.sampling.kind,
            importance=self.settings.sampling.importance,
            weight=self.source.draws.weights(len(outcome.pool)),
            replicate=self.source.draws.replicates(len(outcome.pool)),
            vintage_loans=self.settings.vintage_loans if compiled.assets.replenishment is not None else 0,
            dates=first_dates(compiled.dates, self.periods),
            years=self.ready.terms.years,
            names=names_of(compiled.deal),
            notes_terms=self.notes,
            triggers_terms=trigger_terms(compiled),
            policies=tuple(policy.name for policy in scenario.acting),
            initial_pool_balance=int(self.ready.terms.initial[0]),
            opening_balances=opening.copy(),
            tape_summary=compiled.summary,
            held_to_maturity=held_to_maturity(compiled, self.ready.program),
            **{name: value for name, value in outcome._asdict().items() if name not in _JUDGED},
        )
        shown = simulation_notices(compiled, scenario, sim, told)
        return replace(sim, notices=(*told, *shown, *negatives))

"""A deal and a scenario, ready to run any block of paths: on a thread, on a worker of a cluster, or one in detail."""

from __future__ import annotations

from collections.abc import Generator
from copy import copy
from dataclasses import replace

import numpy as np

from abssim.collateral.source import Assets
from abssim.dates import year_fraction
from abssim.engine.block import run_paths
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.engine.path import run_path
from abssim.engine.program import DealProgram, PathArrays, Purchases
from abssim.engine.state import block
from abssim.engine.summary import Outcome, SummaryTerms
from abssim.errors import CheckError, Problem
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.part import recording
from abssim.program.compile import CompiledDeal
from abssim.program.describe import names_of, note_terms, trigger_terms
from abssim.program.notice import notices
from abssim.program.policy import require_policies
from abssim.projection.assemble import (
    detailed,
    fingerprint,
    first_dates,
    taken_as_nothing,
    versions,
)
from abssim.projection.paths import PathSource
from abssim.projection.prepare import cut, horizon, index_rates, path_arrays, require_mapped, with_indexes
from abssim.projection.react import Shown, reactions, settled_path
from abssim.projection.settings import Settings
from abssim.result import Int64, NoteTerms, RunResult, Simulation
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
        self.reactions = reactions(compiled, scenario)
        self.periods = horizon(compiled, scenario)
        self.program: DealProgram = with_indexes(cut(compiled, self.periods, settings.calls), compiled, scenario)
        self.rates = index_rates(compiled, scenario, self.periods)
        self.notes = note_terms(compiled, self.rates, self.periods)
        self.source = PathSource(compiled, scenario, self.periods, settings)
        self.terms = _summary_terms(compiled, self.notes, self.periods)
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
            self.reactions.settle(last - first, lambda rows, acting: self._run_rows(first, rows, acting, outcome))
        self.has_run = True
        return outcome

    def _run_rows(self, before: int, rows: Int64, acting: Int64, outcome: Outcome) -> Shown:
        """Run the paths `before + rows` under policies in effect from month `acting` (B, Q) on into these rows."""
        batch = self.source.paths(before + rows, acting)
        require_mapped(self.compiled, self.program, batch.flow.swapaxes(0, 1), batch.profile)
        path = path_arrays(self.compiled, self.program, batch.flow[0], self.rates)
        marks, state = path.memory.marks.copy(), np.zeros_like(self.program.code.initial)
        own = self.outcome(len(rows))._replace(policy=acting)
        run_paths(self.program, path, batch, state, marks, self.terms, own)
        for kept, found in zip(outcome, own, strict=True):
            kept[rows] = found
        sound = np.asarray(~own.status[:, (0, 3)].any(axis=1), dtype=np.bool_)
        return Shown(own.trigger, sound)

    def outcome(self, paths: int) -> Outcome:
        """Room for the summaries of so many paths."""
        notes, triggers = len(self.notes), len(self.program.trigger)
        return Outcome(
            note=np.zeros((paths, notes, len(NoteSummary)), dtype=np.int64),
            life=np.zeros((paths, notes)),
            cash=np.zeros((paths, notes, self.periods), dtype=np.int64),
            pool=np.zeros((paths, len(PoolSummary)), dtype=np.int64),
            fan=np.zeros((paths, len(Fan), self.periods), dtype=np.float32),
            trigger=np.zeros((paths, triggers), dtype=np.int64),
            policy=np.zeros((paths, len(self.reactions.policies)), dtype=np.int64),
            status=np.zeros((paths, 4), dtype=np.int64),
            negative=np.zeros((paths, max(1, len(self.compiled.builder.counted))), dtype=np.int64),
        )

    def replay(self, number: int) -> RunResult:
        """A path in full detail, after its checks; its fingerprint is that of the simulation."""
        with recording(self.compiled.reads):
            return self._replay(number)

    def _replay(self, number: int) -> RunResult:
        name = f"{self.scenario.name}, path {number} of seed {self.settings.seed}"
        named = self.scenario.model_copy(update={"name": name})

        def project(first: Int64) -> PathArrays:
            batch = self.source.paths(np.full(1, number), first[None])
            path = path_arrays(self.compiled, self.program, batch.flow[0], self.rates, batch.posted[0])
            require_mapped(self.compiled, self.program, path.flow, batch.profile)
            bought = Purchases(batch.profile[0], batch.price)
            run_path(self.program, path, bought, np.zeros_like(self.program.code.initial))
            return path

        path, first = settled_path(self.compiled, named, self.program, project)
        found = detailed(self.compiled, named, self.program, path, first)
        told = (*notices(self.compiled, self.scenario), *found.notices)
        return replace(found, fingerprint=fingerprint(self.compiled, self.scenario), notices=told)

    def require_sound(self, outcome: Outcome, first: int) -> None:
        """Raise what is wrong with the first path that could not go on or failed a check, named by its replay."""
        bad = np.flatnonzero(outcome.status[:, (0, 3)].any(axis=1))
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
        negatives = taken_as_nothing(compiled, scenario, outcome.negative.sum(axis=0))
        opening = block(self.program.code.initial.reshape(-1), self.program.layout, "note")[:, NoteField.BALANCE]
        return Simulation(
            deal_name=compiled.deal.name,
            scenario_name=scenario.name,
            scenario_reason=scenario.reason,
            currency=compiled.deal.currency,
            fingerprint=fingerprint(compiled, scenario),
            versions=versions(),
            seed=self.settings.seed,
            sampling=self.settings.sampling.kind,
            importance=self.settings.sampling.importance,
            weight=self.source.draws.weights(len(outcome.pool)),
            replicate=self.source.draws.replicates(len(outcome.pool)),
            vintage_loans=self.settings.vintage_loans if compiled.assets.replenishment is not None else 0,
            dates=first_dates(compiled.dates, self.periods),
            years=self.terms.years,
            names=names_of(compiled.deal),
            notes_terms=self.notes,
            triggers_terms=trigger_terms(compiled),
            policies=tuple(scenario.policies),
            initial_pool_balance=int(self.terms.initial[0]),
            opening_balances=opening.copy(),
            tape_summary=compiled.summary,
            notices=(*notices(compiled, scenario), *negatives),
            **{name: value for name, value in outcome._asdict().items() if name not in _JUDGED},
        )


def _summary_terms(compiled: CompiledDeal, notes: tuple[NoteTerms, ...], periods: int) -> SummaryTerms:
    """What the summaries of paths need to know of dates and notes."""
    dates = compiled.dates
    days = dates.unadjusted[:periods]
    start = dates.previous_unadjusted or dates.closing
    pool = block(compiled.program.code.initial.reshape(-1), compiled.layout, "pool")[0, PoolField.CLOSING_BALANCE]
    stated = compiled.summary.get("initial_balance")
    return SummaryTerms(
        years=np.array([year_fraction(start, day, "30/360") for day in days]),
        on_time=np.array([max(0, sum(day <= note.legal_final for day in days) - 1) for note in notes]),
        reached=np.array([sum(day < note.legal_final for day in days) for note in notes]),
        residual=np.array([int(note.kind == "residual") for note in notes]),
        initial=np.array([pool if stated is None else int(stated), notes[0].initial_balance]),
    )

"""A deal under a scenario, ready for the deal machine: one path in detail, or many with their summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.kept import kept
from abssim.dates import year_fraction
from abssim.engine.deal.block import Batch, Detail, run_paths
from abssim.engine.deal.lanes import Machine
from abssim.engine.deal.summary import Outcome, SummaryTerms
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.engine.month import bookings
from abssim.engine.program import DealProgram
from abssim.engine.state import StateLayout, block
from abssim.kind.pool import PoolField
from abssim.program.compile import CompiledDeal
from abssim.program.describe import note_terms, words_of
from abssim.program.lower.plan import lower
from abssim.projection.prepare import Calls, cut, horizon, index_rates, with_indexes
from abssim.result import Float64, Int64, NoteTerms
from abssim.scenario.scenario import Scenario

KEPT = 4
"""Machines of a deal that are kept: to call and to maturity, under two sets of rates."""


class Path(NamedTuple):
    """Every date of a path."""

    trace: Int64
    """(T, X) states at the end of the dates."""
    values: Float64
    """(T, C) definitions, then observed value and threshold of each trigger."""
    status: Int64
    """(4,) PathStatus, date, step, and the check that failed."""
    negative: Int64
    """(C,) how often each amount that cannot be negative was, and was taken as 0."""
    active: Int64
    """(G,) row of the date on which each trigger first was active, -1 if it never was."""
    series: npt.NDArray[np.float32]
    """(Fan, T)"""


@dataclass(frozen=True)
class DealMachine:
    """A deal under a scenario; all that does not differ between paths."""

    program: DealProgram
    machine: Machine
    rates: Float64
    """(T, N) rate of each note's index for the accrual period of each date, decimal a year."""
    notes: tuple[NoteTerms, ...]
    terms: SummaryTerms
    counted: int
    """Places whose amounts are taken as 0 below zero."""
    words: dict[str, Any]
    """What results say of the deal whatever happens: names, steps, triggers, series."""

    @classmethod
    def of(cls, compiled: CompiledDeal, scenario: Scenario, calls: Calls) -> DealMachine:
        """Prepare a deal to the last cash of a scenario; raises CompileError if the two do not fit.

        Scenarios that differ neither in dates nor in rates have the same machine, which is kept.
        """
        periods = horizon(compiled, scenario)
        program = with_indexes(cut(compiled, periods, calls), compiled, scenario)
        rates = index_rates(compiled, scenario, periods)
        key = (calls, periods, rates.tobytes(), program.code.schedule.tobytes())
        made: DealMachine = kept(compiled.machines, key, lambda: cls._made(compiled, program, rates), KEPT)
        return made

    @classmethod
    def _made(cls, compiled: CompiledDeal, program: DealProgram, rates: Float64) -> DealMachine:
        periods = len(program.date)
        notes = note_terms(compiled, rates, periods)
        machine = lower(program, rates, compiled.history)
        terms = _summary_terms(compiled, notes, periods)
        return cls(program, machine, rates, notes, terms, len(compiled.builder.counted), words_of(compiled))

    @property
    def periods(self) -> int:
        """T"""
        return len(self.program.date)

    @property
    def layout(self) -> StateLayout:
        """Where everything stands in the state."""
        return self.program.layout

    def outcome(self, paths: int, policies: int) -> Outcome:
        """Room for the summaries of so many paths."""
        notes, triggers = len(self.notes), len(self.program.terms["trigger"])
        return Outcome(
            note=np.zeros((paths, notes, len(NoteSummary)), dtype=np.int64),
            life=np.zeros((paths, notes)),
            cash=np.zeros((paths, notes, self.periods), dtype=np.int64),
            pool=np.zeros((paths, len(PoolSummary)), dtype=np.int64),
            fan=np.zeros((paths, len(Fan), self.periods), dtype=np.float32),
            trigger=np.zeros((paths, triggers), dtype=np.int64),
            policy=np.zeros((paths, policies), dtype=np.int64),
            status=np.zeros((paths, 4), dtype=np.int64),
            negative=np.zeros((paths, max(1, self.counted)), dtype=np.int64),
        )

    def run(self, batch: Batch, outcome: Outcome, dates: int = 0) -> Detail:
        """Run the paths of a batch into `outcome`; of so many dates (all or none) the detail is kept."""
        paths, values = len(batch.flow), self.machine.history.shape[1]
        trace = np.zeros((dates, self.layout.size, paths), dtype=np.int64)
        detail = Detail(trace, np.zeros((dates, values, paths)))
        run_paths(self.machine, batch, bookings(batch.shown), self.terms, outcome, detail)
        return detail

    def path(self, batch: Batch) -> Path:
        """The only path of a batch, in detail."""
        outcome = self.outcome(1, 0)
        detail = self.run(batch, outcome, self.periods)
        told = (outcome.status[0], outcome.negative[0], outcome.trigger[0], outcome.fan[0])
        return Path(detail.trace[..., 0], detail.value[..., 0], *told)


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

"""Figures of one cell of a grid: what is asked of a deal under a scenario, in a row of numbers or dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from abssim.measure.note import NoteMeasure, note_measures
from abssim.measure.pool import pool_measure
from abssim.measure.price import quotes_at
from abssim.measure.trigger import trigger_measures
from abssim.program.compile import CompiledDeal
from abssim.projection.prepare import Calls
from abssim.projection.single import project
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario
from abssim.study.breakeven import BreakEven, break_even

Value = float | date | None
"""None and not-a-number: there is no such figure."""


@dataclass(frozen=True)
class Case:
    """A deal under a scenario; what is not asked for is not computed."""

    compiled: CompiledDeal
    scenario: Scenario
    calls: Calls
    price: float
    """Clean price per 100 that yields are at."""
    recorded: bool = False
    """What is read of the documents is noted in the compiled deal."""

    @cached_property
    def run(self) -> RunResult:
        """To call, or never called."""
        return project(self.compiled, self.scenario, self.calls, recorded=self.recorded)

    @cached_property
    def notes(self) -> dict[str, NoteMeasure]:
        """Figures of the notes in `run`."""
        return {measure.name: measure for measure in note_measures(self.run)}

    @cached_property
    def break_evens(self) -> dict[str, BreakEven]:
        """By note; empty where the default curve moves nothing."""
        found = break_even(
            lambda k: project(self.compiled, self.scenario, "never", k, self.recorded), [*self.compiled.deal.notes]
        )
        return {answer.note: answer for answer in found}

    def loss(self, note: str) -> float:
        """Principal loss / balance at the start."""
        measure = self.notes[note]
        return measure.principal_loss / measure.opening_balance if measure.opening_balance else math.nan


class Measure(NamedTuple):
    """A figure, or one for each note or trigger."""

    words: str
    """With its unit, as tables have it."""
    of: str
    """What there is a figure for: note, trigger, pool."""
    decimals: int
    value: Callable[[Case, str], Value]
    suffix: str = ""
    """Unit that files and documents have in the name."""


def _wal(case: Case, note: str) -> Value:
    return case.notes[note].wal


def _yield(case: Case, note: str) -> Value:
    return 100.0 * quotes_at(case.run, note, {"price": [case.price]})[0].yield_rate


def _loss(case: Case, note: str) -> Value:
    return 100.0 * case.loss(note)


def _pool_loss(case: Case, pool: str) -> Value:
    return 100.0 * float(pool_measure(case.run).cumulative_net_loss_ratio[-1])


def _multiple(case: Case, note: str) -> Value:
    answer = case.break_evens.get(note)
    return None if answer is None else answer.principal.multiple


def _coverage(case: Case, note: str) -> Value:
    answer = case.break_evens.get(note)
    return None if answer is None else answer.principal.coverage


def _trigger(case: Case, name: str) -> Value:
    return next(each.first_active for each in trigger_measures(case.run) if each.terms.name == name)


MEASURES = {
    "wal": Measure("weighted average life, years", "note", 2, _wal),
    "yield": Measure("yield at the price, %", "note", 3, _yield, "_pct"),
    "loss": Measure("principal loss, % of balance", "note", 2, _loss, "_pct"),
    "pool_loss": Measure("cumulative net loss, % of the initial pool", "pool", 2, _pool_loss, "_pct"),
    "break_even": Measure("first principal loss at defaults ×, to maturity without calls", "note", 2, _multiple),
    "coverage": Measure("pool loss at the first principal loss / in the cell", "note", 2, _coverage),
    "trigger": Measure("first date on which it is active", "trigger", 0, _trigger),
}


def items_of(compiled: CompiledDeal, measure: str, notes: Sequence[str]) -> tuple[str, ...]:
    """What a measure has figures for."""
    of = {"note": tuple(notes), "trigger": tuple(compiled.deal.triggers), "pool": ("pool",)}
    return of[MEASURES[measure].of]

"""A price-yield table: quotes of notes by scenario, to call and to maturity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from abssim.kind.note import NoteField
from abssim.measure.call import End
from abssim.measure.holding import Holding, hold
from abssim.measure.note import NoteMeasure, is_settled, note_index, note_measure
from abssim.measure.pool import pool_measure
from abssim.measure.price import DEFAULT_CONVENTION, Asked, Convention, Quote, quotes_at
from abssim.measure.timing import start_date
from abssim.public import Shown
from abssim.result import NoteTerms, RunResult
from abssim.weighted import weighted_average

if TYPE_CHECKING:
    import pandas as pd


_QUOTED = ("price", "accrued", "dirty_price", "yield_rate", "margin", "modified_duration", "convexity")


@dataclass(frozen=True, slots=True)
class Case:
    """A note under one scenario, with calls exercised (to call) or never (to maturity)."""

    scenario: str
    end: End
    measure: NoteMeasure
    face: int
    """Balance (or notional) on the settlement day, minor units: what prices are per 100 of."""
    accrued: float
    """Accrued interest per 100 on the settlement day."""
    wal: float
    """Weighted average life from the settlement day, years; NaN where no principal comes after it."""
    pool_loss_ratio: float
    """Cumulative net loss / initial pool."""
    quotes: tuple[Quote, ...]
    """One for each value given."""


@dataclass(frozen=True, slots=True, repr=False)
class YieldTable(Shown):
    """Cases by note. Values are clean prices per 100 of the balance on the settlement day, else decimal a year."""

    deal: str
    currency: str
    settlement: date
    """Day on which prices are paid: by default closing, or the last date before a mid-life start."""
    convention: Convention
    asked: Asked
    called: bool
    """True if a call is exercised in some scenario."""
    notes: tuple[tuple[NoteTerms, tuple[Case, ...]], ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values that were set by path in the deal and the scenario."""

    def __repr__(self) -> str:
        notes = ", ".join(terms.name for terms, _ in self.notes)
        return f"<YieldTable of {self.deal!r}, settled on {self.settlement}: {notes}>"

    @property
    def frame(self) -> pd.DataFrame:
        """One row per note, scenario, end and value given: clean, accrued and dirty price per 100, yield and margin
        decimal a year, duration and convexity in years, life in years, pool loss decimal."""
        import pandas as pd

        rows = [
            {
                **{"note": terms.name, "scenario": case.scenario, "end": case.end, "given": quote.given},
                **{name: getattr(quote, name) for name in _QUOTED},
                **{"wal": case.wal, "pool_loss_ratio": case.pool_loss_ratio},
            }
            for terms, cases in self.notes
            for case in cases
            for quote in case.quotes
        ]
        keys = ["note", "scenario", "end", "given"]
        return pd.DataFrame(rows, columns=[*keys, *_QUOTED, "wal", "pool_loss_ratio"]).set_index(keys)

    def to(self, end: End) -> YieldTable:
        """The cases of one end alone."""
        notes = tuple((terms, tuple(case for case in cases if case.end == end)) for terms, cases in self.notes)
        return replace(self, notes=notes)


def yield_table(
    to_call: Sequence[RunResult],
    to_maturity: Sequence[RunResult],
    notes: Sequence[str],
    asked: Asked,
    convention: Convention = DEFAULT_CONVENTION,
    settlement: date | None = None,
    par_only: bool = False,
) -> YieldTable:
    """From runs of the same scenarios with calls exercised and never exercised.

    With `par_only` nothing is asked of notes without a balance: prices around par say nothing of them.
    """
    first = to_call[0]
    runs: list[tuple[End, RunResult]] = []
    for called, held in zip(to_call, to_maturity, strict=True):
        runs += [("call", called), ("maturity", held)]

    def case(run: RunResult, end: End, terms: NoteTerms) -> Case:
        mine = {} if par_only and not terms.initial_balance else asked
        quotes = quotes_at(run, terms.name, mine, convention, settlement)
        held, loss = hold(run, terms.name, settlement), float(pool_measure(run).cumulative_net_loss_ratio[-1])
        return Case(
            scenario=run.scenario_name,
            end=end,
            measure=_from(run, note_measure(run, terms.name), held),
            face=held.face,
            accrued=held.accrued,
            wal=_life(run, terms.name, held),
            pool_loss_ratio=loss,
            quotes=quotes,
        )

    return YieldTable(
        deal=first.deal_name,
        currency=first.currency,
        settlement=settlement or start_date(first),
        convention=convention,
        asked=asked,
        called=any(called is not held for called, held in zip(to_call, to_maturity, strict=True)),
        notes=tuple(
            (terms, tuple(case(run, end, terms) for end, run in runs))
            for terms in first.notes_terms
            if terms.name in notes
        ),
        settings=first.settings,
    )


def _from(run: RunResult, measure: NoteMeasure, held: Holding) -> NoteMeasure:
    """The measure with the window of what is repaid after the settlement day."""
    repaid = run.note_flow[held.first :, note_index(run, measure.name), NoteField.PRINCIPAL_PAID]
    rows = held.first + np.flatnonzero(repaid)
    if not len(rows):
        return replace(measure, principal_first=None, principal_last=None, window=None)
    first, last = int(rows[0]), int(rows[-1])
    days, numbers = run.dates.unadjusted, run.dates.number
    window = (numbers[first], numbers[last])
    return replace(measure, principal_first=days[first], principal_last=days[last], window=window)


def _life(run: RunResult, note: str, held: Holding) -> float:
    index = note_index(run, note)
    principal = run.note_flow[held.first :, index, NoteField.PRINCIPAL_PAID]
    return weighted_average(held.flows.years, principal) if is_settled(run, index) else math.nan

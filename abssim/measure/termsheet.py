"""The term sheet: one row per note."""

from __future__ import annotations

from dataclasses import dataclass

from abssim.engine.state import block
from abssim.kind.pool import PoolField
from abssim.measure.enhancement import Enhancement, enhancement
from abssim.measure.note import NoteMeasure, note_measure
from abssim.measure.price import modified_duration, note_flows, yield_at_par
from abssim.result import NoteTerms, RunResult


@dataclass(frozen=True, slots=True)
class TermSheetRow:
    """A note as an offering document's summary shows it. Balances in minor units, shares and yields decimal."""

    terms: NoteTerms
    measure: NoteMeasure
    """Of the run with calls exercised."""
    share_of_pool: float
    enhancement: Enhancement
    wal_to_maturity: float
    """NaN where maturity was not run."""
    yield_at_par: float
    """Bond-equivalent, at a price of 100; NaN where there is none."""
    modified_duration: float


def term_sheet(run: RunResult, to_maturity: RunResult | None) -> tuple[TermSheetRow, ...]:
    """Rows in the deal's order, from a run with calls exercised and one where they never are, if there is one."""
    pool = int(block(run.initial, run.layout, "pool")[0, PoolField.CLOSING_BALANCE])
    supports = enhancement(run)
    return tuple(_row(run, to_maturity, terms, supports[i], pool) for i, terms in enumerate(run.notes_terms))


def _row(
    run: RunResult, to_maturity: RunResult | None, terms: NoteTerms, support: Enhancement, pool: int
) -> TermSheetRow:
    measure = note_measure(run, terms.name)
    flows = note_flows(run, terms.name)
    rate = yield_at_par(run, terms.name)
    return TermSheetRow(
        terms=terms,
        measure=measure,
        share_of_pool=measure.opening_balance / pool if pool else float("nan"),
        enhancement=support,
        wal_to_maturity=float("nan") if to_maturity is None else note_measure(to_maturity, terms.name).wal,
        yield_at_par=rate,
        modified_duration=modified_duration(flows, rate) if rate == rate else float("nan"),
    )

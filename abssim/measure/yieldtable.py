"""A price-yield table: quotes of notes by scenario, to call and to maturity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from abssim.measure.call import End
from abssim.measure.note import NoteMeasure, note_measure
from abssim.measure.pool import pool_measure
from abssim.measure.price import DEFAULT_CONVENTION, Convention, Given, Quote, note_face, quote_at
from abssim.measure.timing import start_date
from abssim.money import minor_digits
from abssim.result import NoteTerms, RunResult


@dataclass(frozen=True, slots=True)
class Case:
    """A note under one scenario, with calls exercised (to call) or never (to maturity)."""

    scenario: str
    end: End
    measure: NoteMeasure
    face: int
    """Balance (or notional) at the start, minor units: what prices are per 100 of."""
    pool_loss_ratio: float
    """Cumulative net loss / initial pool."""
    quotes: tuple[Quote, ...]
    """One for each value given."""


@dataclass(frozen=True, slots=True)
class YieldTable:
    """Cases by note. Values are prices per 100 of the balance on the settlement date, else decimal a year."""

    deal: str
    currency: str
    settlement: date
    """Day on which prices are paid and from which interest accrues: closing, or the last date before a mid-life
    start."""
    convention: Convention
    given: Given
    values: tuple[float, ...]
    called: bool
    """True if a call is exercised in some scenario."""
    notes: tuple[tuple[NoteTerms, tuple[Case, ...]], ...]


def yield_table(
    to_call: Sequence[RunResult],
    to_maturity: Sequence[RunResult],
    notes: Sequence[str],
    given: Given,
    values: Sequence[float],
    convention: Convention = DEFAULT_CONVENTION,
) -> YieldTable:
    """From runs of the same scenarios with calls exercised and never exercised."""
    first = to_call[0]
    runs: list[tuple[End, RunResult]] = []
    for called, held in zip(to_call, to_maturity, strict=True):
        runs += [("call", called), ("maturity", held)]
    cases = {note: tuple(_case(run, end, note, given, values, convention) for end, run in runs) for note in notes}
    return YieldTable(
        deal=first.deal_name,
        currency=first.currency,
        settlement=start_date(first),
        convention=convention,
        given=given,
        values=tuple(values),
        called=any(called is not held for called, held in zip(to_call, to_maturity, strict=True)),
        notes=tuple((terms, cases[terms.name]) for terms in first.notes_terms if terms.name in cases),
    )


def _case(run: RunResult, end: End, note: str, given: Given, values: Sequence[float], convention: Convention) -> Case:
    quotes = tuple(quote_at(run, note, given, value, convention) for value in values)
    loss = float(pool_measure(run).cumulative_net_loss_ratio[-1])
    return Case(run.scenario_name, end, note_measure(run, note), note_face(run, note), loss, quotes)


def yield_document(table: YieldTable) -> dict[str, Any]:
    """The table as JSON: a case per note, scenario and end; what is not known is null."""
    cases = [_case_document(table, terms, case) for terms, own in table.notes for case in own]
    return {
        "deal": table.deal,
        "currency": table.currency,
        "settlement": table.settlement.isoformat(),
        "convention": table.convention,
        "cases": cases,
    }


def _case_document(table: YieldTable, terms: NoteTerms, case: Case) -> dict[str, Any]:
    note, unit = case.measure, 10.0 ** minor_digits(table.currency)
    lost = note.principal_loss / note.opening_balance if note.opening_balance else math.nan
    return {
        "note": note.name,
        "coupon": terms.coupon,
        "face": case.face / unit,
        "scenario": case.scenario,
        "to": case.end,
        "wal": known(note.wal),
        "window": list(note.window) if note.window else None,
        "first_principal": note.principal_first.isoformat() if note.principal_first else None,
        "last_principal": note.principal_last.isoformat() if note.principal_last else None,
        "principal_loss": note.principal_loss / unit,
        "principal_loss_pct": known(lost, 100.0),
        "pool_net_loss_pct": known(case.pool_loss_ratio, 100.0),
        "quotes": [quote_document(quote) for quote in case.quotes],
    }


def quote_document(quote: Quote) -> dict[str, float | None]:
    """A quote in percent and basis points."""
    return {
        "price": known(quote.price),
        "yield_pct": known(quote.yield_rate, 100.0),
        "discount_margin_bps": known(quote.margin, 1e4),
        "modified_duration": known(quote.modified_duration),
        "convexity": known(quote.convexity),
    }


def known(value: float, factor: float = 1.0) -> float | None:
    """A number to eight decimals, or None where it is not one."""
    return round(factor * value, 8) if math.isfinite(value) else None

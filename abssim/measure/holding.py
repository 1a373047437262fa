"""What a buyer of a note gets: the cash after the settlement day, and the interest accrued until then.

The cash of payment dates after the settlement day is the buyer's. Accrued interest is what the seller has earned of it:
coupon x what interest accrues on x the share of a year, by the note's own day count, from the start of the accrual
period to the settlement day, and what accrued in earlier periods and is not due yet. Unpaid interest of earlier dates
counts for nothing: it is in the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.dates import year_fraction
from abssim.engine.state import block
from abssim.errors import AbssimError, Problem
from abssim.kind.note import NoteField
from abssim.measure.note import note_index
from abssim.measure.timing import DEFAULT_BASIS, Basis, start_date, years
from abssim.result import NoteTerms, Origin, RunResult

Float64 = npt.NDArray[np.float64]


class Flows(NamedTuple):
    """Cash a holder receives: `years` (T,) from the settlement day, `amounts` (T,) per 100 of face."""

    years: Float64
    amounts: Float64


@dataclass(frozen=True)
class Holding:
    """A note from a settlement day on. Amounts per 100 of `face`."""

    settlement: date
    first: int
    """Row of the first payment date after the settlement day."""
    face: int
    """Balance on the settlement day, or the notional of a note without one: minor units."""
    flows: Flows
    accrued: float
    """Interest accrued until the settlement day: dirty price less clean price."""
    fractions: Float64
    """(T,) part of the year fraction of each accrual period that is left on the settlement day."""
    index_rates: Float64 | None
    """(T,) of a floating note's index, decimal a year."""


def hold(result: RunResult, note: str, settlement: date | None = None, basis: Basis = DEFAULT_BASIS) -> Holding:
    """The note from `settlement` on; default: the start of the run.

    Raises AbssimError E016 for a day before the start, or on or after the last payment date.
    """
    day = start_date(result) if settlement is None else settlement
    first = 0 if settlement is None else _first_row(result, settlement)
    index = note_index(result, note)
    terms, flow = result.notes_terms[index], result.note_flow[first:, index]
    face = int(flow[0, NoteField.OPENING_BALANCE]) or int(flow[0, NoteField.NOTIONAL])
    scale = 100.0 / face if face else 0.0
    elapsed = np.array([_elapsed(terms, t, day) for t in range(first, result.periods)])
    return Holding(
        settlement=day,
        first=first,
        face=face,
        flows=Flows(years(result, basis, day)[first:], _cash(flow).astype(np.float64) * scale),
        accrued=_accrued(result, index, first, elapsed) * scale,
        fractions=terms.year_fractions[first : result.periods] - elapsed,
        index_rates=None if terms.index_rates is None else terms.index_rates[first : result.periods],
    )


def _first_row(result: RunResult, settlement: date) -> int:
    """Row of the first payment that is the buyer's."""
    start, last = start_date(result), result.dates.payment[result.periods - 1]
    if not start <= settlement < last:
        text = f"the run begins on {start} and pays the last time on {last}"
        hint = f"settle on {start} or later" if settlement < start else "settle before the last payment"
        raise AbssimError(Problem("E016", settlement.isoformat(), "--settle", text, hint))
    return next(t for t, day in enumerate(result.dates.payment) if day > settlement)


def _cash(flow: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Interest, principal, premium and residual cash by date."""
    paid = (NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID, NoteField.RESIDUAL_PAID, NoteField.PREMIUM_PAID)
    return np.asarray(flow[:, list(paid)].sum(axis=1))


def _accrued(result: RunResult, index: int, first: int, elapsed: Float64) -> float:
    """Interest that has accrued and was not due yet, minor units."""
    state = result.trace[first - 1] if first else result.initial
    carried = int(block(state, result.layout, "note")[index, NoteField.ACCRUED_NOT_DUE])
    rates = np.maximum(0.0, result.notes_terms[index].coupon_rates[first : result.periods])
    return carried + float(rates * elapsed @ result.note_flow[first:, index, NoteField.NOTIONAL])


def accrued_at_start(result: Origin, note: int) -> float:
    """Interest accrued on the day a run starts, per unit of face: of a note dated before its closing."""
    terms = result.notes_terms[note]
    return max(0.0, float(terms.coupon_rates[0])) * _elapsed(terms, 0, start_date(result))


def _elapsed(terms: NoteTerms, t: int, day: date) -> float:
    """Part of the year fraction of accrual period `t` that has passed on a day; an ICMA period passes by days."""
    start, end = terms.accrual_periods[t] if terms.accrual_periods else (day, day)
    if day <= start:
        return 0.0
    whole = float(terms.year_fractions[t])
    if day >= end:
        return whole
    if terms.day_count == "act/act-icma":
        return whole * (day - start).days / (end - start).days
    return min(whole, year_fraction(start, day, terms.day_count))

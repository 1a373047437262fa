"""Life, window, shortfall and loss of a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import NoteField, PoolField
from abssim.measure.timing import DEFAULT_BASIS, Basis, years
from abssim.result import NoteTerms, RunResult

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NoteMeasure:
    """One note over a run. Amounts in minor units; `wal` is in years and NaN where nothing is repaid."""

    name: str
    initial_balance: int
    opening_balance: int
    """Balance at the start of the run: the initial balance, or less in mid-life."""
    wal: float
    principal_first: date | None
    principal_last: date | None
    window: tuple[int, int] | None
    """Numbers of the first and last payment date with principal."""
    expected_final: date | None
    """Date on which the balance reaches zero; None if it never does."""
    interest_paid: int
    principal_paid: int
    residual_paid: int
    capitalized: int
    interest_shortfall: int
    """Largest amount of interest due and unpaid at the end of a date."""
    interest_unpaid: int
    """Interest due and unpaid at the end of the run."""
    principal_loss: int
    """Balance not repaid by the legal final date (or by the end of the run, if the pool is used up), and balance
    written down."""
    settled: bool
    """False if the run ends, pool in hand, before the note is repaid or its legal final date is reached: the future
    is not known, so there is no life, and no loss but what is written down."""


def note_index(result: RunResult, name: str) -> int:
    """Position of a note in the note arrays."""
    return result.names.notes.index(name)


def note_measures(result: RunResult, basis: Basis = DEFAULT_BASIS) -> tuple[NoteMeasure, ...]:
    """Every note of the run, in the deal's order."""
    return tuple(note_measure(result, terms.name, basis) for terms in result.notes_terms)


def principal_losses(result: RunResult) -> tuple[int, ...]:
    """Principal loss of every note."""
    return tuple(_principal_loss(result, i) for i in range(len(result.notes_terms)))


def note_measure(result: RunResult, name: str, basis: Basis = DEFAULT_BASIS) -> NoteMeasure:
    """Figures of one note."""
    index = note_index(result, name)
    terms, flow = result.notes_terms[index], result.note_flow[:, index]
    repaid = capital_repaid(terms, flow)
    paid_on = np.flatnonzero(repaid)
    dates, numbers = result.dates.unadjusted, result.dates.number
    first, last = (int(paid_on[0]), int(paid_on[-1])) if len(paid_on) else (-1, -1)
    settled = is_settled(result, index)
    return NoteMeasure(
        name=name,
        initial_balance=terms.initial_balance,
        opening_balance=int(flow[0, NoteField.OPENING_BALANCE]),
        wal=weighted_average(years(result, basis), repaid) if settled else float("nan"),
        principal_first=dates[first] if first >= 0 else None,
        principal_last=dates[last] if first >= 0 else None,
        window=(numbers[first], numbers[last]) if first >= 0 else None,
        expected_final=_expected_final(result, terms, flow, last),
        interest_paid=int(flow[:, NoteField.INTEREST_PAID].sum()),
        principal_paid=int(flow[:, NoteField.PRINCIPAL_PAID].sum()),
        residual_paid=int(flow[:, NoteField.RESIDUAL_PAID].sum()),
        capitalized=int(flow[:, NoteField.CAPITALIZED].sum()),
        interest_shortfall=int(flow[:, NoteField.INTEREST_SHORTFALL].max()),
        interest_unpaid=int(flow[-1, NoteField.INTEREST_SHORTFALL]),
        principal_loss=_principal_loss(result, index),
        settled=settled,
    )


def is_settled(result: RunResult, index: int) -> bool:
    """True if the run shows all a note will ever be paid (see `NoteMeasure.settled`)."""
    if result.note_flow[-1, index, NoteField.BALANCE] == 0:
        return True
    exhausted = result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] == 0
    return bool(exhausted) or result.dates.unadjusted[-1] >= result.notes_terms[index].legal_final


def capital_repaid(terms: NoteTerms, flow: Int64) -> Int64:
    """(T,) cash that returns a note's balance: its principal; of a residual note also the residual cash, until the
    balance it started with has come back."""
    principal = flow[:, NoteField.PRINCIPAL_PAID]
    if terms.kind != "residual":
        return principal
    opening = flow[0, NoteField.OPENING_BALANCE]
    received = np.minimum(np.cumsum(principal + flow[:, NoteField.RESIDUAL_PAID]), opening)
    return np.asarray(np.diff(received, prepend=0))


def weighted_average(times: Float64, amounts: Int64) -> float:
    """Average of `times` by `amounts`: the weighted average life when the amounts are principal."""
    total = int(amounts.sum())
    return float(times @ amounts) / total if total else float("nan")


def total_wal(result: RunResult, basis: Basis = DEFAULT_BASIS) -> float:
    """Weighted average life of all notes together; NaN while one is not settled."""
    if not all(is_settled(result, i) for i in range(len(result.notes_terms))):
        return float("nan")
    repaid = sum(capital_repaid(terms, result.note_flow[:, i]) for i, terms in enumerate(result.notes_terms))
    return weighted_average(years(result, basis), np.asarray(repaid))


def _principal_loss(result: RunResult, index: int) -> int:
    terms, flow = result.notes_terms[index], result.note_flow[:, index]
    on_time = [t for t, day in enumerate(result.dates.unadjusted) if day <= terms.legal_final]
    last = on_time[-1] if on_time else 0
    lost = int(flow[last, NoteField.CUMULATIVE_WRITE_DOWN])
    if is_settled(result, index):
        lost += int(flow[last, NoteField.BALANCE])
    if terms.kind == "residual":
        lost -= int(flow[: last + 1, NoteField.RESIDUAL_PAID].sum())
    return max(lost, 0)


def _expected_final(result: RunResult, terms: NoteTerms, flow: Int64, last: int) -> date | None:
    if last < 0:
        return None
    returned = terms.kind == "residual" and capital_repaid(terms, flow).sum() >= flow[0, NoteField.OPENING_BALANCE]
    return result.dates.unadjusted[last] if returned or flow[-1, NoteField.BALANCE] == 0 else None

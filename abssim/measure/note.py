"""Life, window, shortfall and loss of a note.

Lives and windows count principal and nothing else, of every class: residual cash is no principal, and a class that
gets no principal has no life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.timing import DEFAULT_BASIS, Basis, years
from abssim.result import RunResult
from abssim.weighted import weighted_average

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NoteMeasure:
    """One note over a run. Amounts in minor units; `wal` is in years and NaN where no principal is paid."""

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
    written down; of a residual class less the residual cash it has received."""
    settled: bool
    """False if the run ends, pool in hand, before the note is repaid or its legal final date is reached: the future
    is not known, so there is no life, and no loss but what is written down."""


def note_index(result: RunResult, name: str) -> int:
    """Position of a note in the note arrays. Codes: E006."""
    names = result.names["note"]
    if name not in names:
        raise AbssimError(Problem("E006", result.deal_name, name, "no such note", did_you_mean(name, names)))
    return names.index(name)


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
    repaid = flow[:, NoteField.PRINCIPAL_PAID]
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
        expected_final=dates[last] if first >= 0 and flow[-1, NoteField.BALANCE] == 0 else None,
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
    """True if the run shows all of a note's principal (see `NoteMeasure.settled`)."""
    return bool(result.note_flow[-1, index, NoteField.BALANCE] == 0) or _is_over(result, index)


def shows_all_cash(result: RunResult, index: int) -> bool:
    """True if the run shows all a note will ever be paid: what is beyond principal, of an interest-only or a residual
    note, comes as long as there is a pool."""
    if result.notes_terms[index].kind in ("interest-only", "residual"):
        return _is_over(result, index)
    return is_settled(result, index)


def _is_over(result: RunResult, index: int) -> bool:
    """The pool is used up, or the note's legal final date is reached."""
    exhausted = result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] == 0
    return bool(exhausted) or result.dates.unadjusted[-1] >= result.notes_terms[index].legal_final


def total_wal(result: RunResult, basis: Basis = DEFAULT_BASIS) -> float:
    """Weighted average life of all notes together; NaN while one is not settled."""
    if not all(is_settled(result, i) for i in range(len(result.notes_terms))):
        return float("nan")
    return weighted_average(years(result, basis), result.note_flow[:, :, NoteField.PRINCIPAL_PAID].sum(axis=1))


def _principal_loss(result: RunResult, index: int) -> int:
    terms, flow = result.notes_terms[index], result.note_flow[:, index]
    last = result.late(index).row
    lost = int(flow[last, NoteField.CUMULATIVE_WRITE_DOWN])
    if is_settled(result, index):
        lost += int(flow[last, NoteField.BALANCE])
    if terms.kind == "residual":
        lost -= int(flow[: last + 1, NoteField.RESIDUAL_PAID].sum())
    return max(lost, 0)

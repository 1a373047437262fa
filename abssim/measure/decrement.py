"""Percent of initial balance outstanding by date and prepayment speed, with lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from abssim.engine.layout import NoteField
from abssim.measure.note import note_index, note_measure
from abssim.measure.timing import start_date
from abssim.result import RunResult


@dataclass(frozen=True, slots=True)
class Cell:
    """Percent (0-100) of a note's initial balance outstanding after the payment date."""

    note: str
    date: date
    speed: float
    percent: float


@dataclass(frozen=True, slots=True)
class Life:
    """Weighted average life in years, 30/360 from closing; None where nothing is repaid."""

    note: str
    speed: float
    to_call: float | None
    to_maturity: float | None


@dataclass(frozen=True, slots=True)
class Decrement:
    """Cells by note, speed and date (scheduled dates after the start date), and lives by note and speed."""

    kind: str
    """Name of the speed: abs, cpr, smm, psa."""
    cells: tuple[Cell, ...]
    lives: tuple[Life, ...]


def decrement(
    kind: str,
    to_call: Mapping[float, RunResult],
    to_maturity: Mapping[float, RunResult],
    notes: Sequence[str] | None = None,
) -> Decrement:
    """From runs by speed, with calls exercised (balances, lives to call) and never exercised (lives to maturity)."""
    names = notes or [n.name for n in next(iter(to_call.values())).notes_terms if n.initial_balance > 0]
    horizon = max((result.dates.unadjusted for result in to_call.values()), key=len)
    cells = [cell for name in names for speed, run in to_call.items() for cell in _cells(run, name, speed, horizon)]
    lives = [
        Life(name, speed, _life(run, name), _life(to_maturity[speed], name))
        for name in names
        for speed, run in to_call.items()
    ]
    return Decrement(kind, tuple(cells), tuple(lives))


def decrement_document(table: Decrement) -> dict[str, list[dict[str, object]]]:
    """The table as JSON: numbers rounded to six digits, dates ISO."""
    cells: list[dict[str, object]] = [
        {"note": c.note, "date": c.date.isoformat(), "speed": c.speed, "percent": round(c.percent, 6)}
        for c in table.cells
    ]
    lives: list[dict[str, object]] = [
        {"note": x.note, "speed": x.speed, "to_call": _rounded(x.to_call), "to_maturity": _rounded(x.to_maturity)}
        for x in table.lives
    ]
    return {"cells": cells, "lives": lives}


def _cells(result: RunResult, note: str, speed: float, horizon: Sequence[date]) -> list[Cell]:
    index = note_index(result, note)
    initial = result.notes_terms[index].initial_balance
    flow = result.note_flow[:, index]
    balances = [int(flow[0, NoteField.OPENING_BALANCE]), *flow[:, NoteField.BALANCE].tolist()]
    balances += balances[-1:] * (len(horizon) + 1 - len(balances))
    days = [start_date(result), *horizon]
    return [Cell(note, day, speed, 100.0 * b / initial) for day, b in zip(days, balances, strict=True)]


def _life(result: RunResult, note: str) -> float | None:
    wal = note_measure(result, note).wal
    return wal if wal == wal else None


def _rounded(life: float | None) -> float | None:
    return None if life is None else round(life, 6)

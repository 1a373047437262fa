"""Percent of initial balance outstanding by date and prepayment speed, with lives.

Of a note without a balance it is the percent of its first notional on which interest accrues from the date on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from abssim.kind.note import NoteField
from abssim.measure.call import End
from abssim.measure.note import note_index, note_measure, shows_all_cash
from abssim.measure.timing import start_date
from abssim.public import Shown
from abssim.result import RunResult

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Cell:
    """Percent (0-100) of a note's initial balance (or notional) outstanding after the payment date."""

    note: str
    date: date
    speed: float
    percent: float


@dataclass(frozen=True, slots=True)
class Life:
    """Weighted average life in years, 30/360 from the first date of the cells; None where no principal is paid."""

    note: str
    speed: float
    to_call: float | None
    to_maturity: float | None


@dataclass(frozen=True, slots=True, repr=False)
class Decrement(Shown):
    """Cells by note, speed and date (scheduled dates after the start date), and lives by note and speed."""

    kind: str
    """Name of the speed: abs, cpr, smm, psa."""
    end: End
    """Which runs the cells are of."""
    notional: frozenset[str]
    """Notes without a balance, whose cells are of the notional."""
    cells: tuple[Cell, ...]
    lives: tuple[Life, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values that were set by path in the deal and the scenario."""
    deal: str = ""
    scenario: str = ""
    """Whose defaults are kept; empty where nobody defaults."""

    @property
    def frame(self) -> pd.DataFrame:
        """Percent (0-100) outstanding: one row per date, a column for each note and speed."""
        import pandas as pd

        rows = pd.DataFrame([(cell.date, cell.note, cell.speed, cell.percent) for cell in self.cells])
        rows.columns = pd.Index(["date", "note", "speed", "percent"])
        columns = rows[["note", "speed"]].drop_duplicates()
        wide = rows.pivot(index="date", columns=["note", "speed"], values="percent")
        return wide[pd.MultiIndex.from_frame(columns)]

    @property
    def life_frame(self) -> pd.DataFrame:
        """Lives in years, NaN where no principal is paid: one row per note and speed, `to_call` and `to_maturity`."""
        import pandas as pd

        rows = [(life.note, life.speed, life.to_call, life.to_maturity) for life in self.lives]
        frame = pd.DataFrame(rows, columns=["note", "speed", "to_call", "to_maturity"]).set_index(["note", "speed"])
        return frame.astype(float)

    def __repr__(self) -> str:
        speeds = dict.fromkeys(cell.speed for cell in self.cells)
        return f"<Decrement to {self.end}: {self.kind} {', '.join(f'{speed:g}' for speed in speeds)}>"


def decrement(
    kind: str,
    to_call: Mapping[float, RunResult],
    to_maturity: Mapping[float, RunResult],
    notes: Sequence[str] | None = None,
    end: End = "call",
    scenario: str = "",
) -> Decrement:
    """From runs by speed, with calls exercised and never exercised: cells of those `end` names, lives of both.
    `scenario` is that whose defaults are kept, if any is."""
    first, shown = next(iter(to_call.values())), to_call if end == "call" else to_maturity
    names = notes or [n.name for n in first.notes_terms if _outstanding(first, n.name)[0] > 0]
    horizon = max((result.dates.unadjusted for result in shown.values()), key=len)
    cells = [cell for name in names for speed, run in shown.items() for cell in _cells(run, name, speed, horizon)]
    lives = [
        Life(name, speed, _life(run, name), _life(to_maturity[speed], name))
        for name in names
        for speed, run in to_call.items()
    ]
    notional = frozenset(n.name for n in first.notes_terms if not n.initial_balance)
    return Decrement(kind, end, notional, tuple(cells), tuple(lives), first.settings, first.deal_name, scenario)


def _cells(result: RunResult, note: str, speed: float, horizon: Sequence[date]) -> list[Cell]:
    outstanding = _outstanding(result, note)
    whole = result.notes_terms[note_index(result, note)].initial_balance or outstanding[0]
    outstanding += outstanding[-1:] * (len(horizon) + 1 - len(outstanding))
    days = [start_date(result), *horizon]
    share = 100.0 / whole if whole else 0.0
    return [Cell(note, day, speed, share * amount) for day, amount in zip(days, outstanding, strict=True)]


def _outstanding(result: RunResult, note: str) -> list[int]:
    """What is outstanding at the start of the run and after each date: balance, or of a note without one the notional
    of the next accrual period, none after the last of a note that is settled."""
    index = note_index(result, note)
    flow = result.note_flow[:, index]
    if result.notes_terms[index].initial_balance:
        return [int(flow[0, NoteField.OPENING_BALANCE]), *flow[:, NoteField.BALANCE].tolist()]
    accrued_on = flow[:, NoteField.NOTIONAL].tolist()
    return [*accrued_on, 0 if shows_all_cash(result, index) else accrued_on[-1]]


def _life(result: RunResult, note: str) -> float | None:
    wal = note_measure(result, note).wal
    return wal if wal == wal else None

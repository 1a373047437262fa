"""Payments of each note, date by date."""

from __future__ import annotations

import numpy as np
from rich.console import RenderableType

from abssim.kind.note import NoteField
from abssim.result import RunResult
from abssim.table.grid import abbreviate, grid, stack
from abssim.table.number import day, fit, percent

_COLUMNS = {
    NoteField.OPENING_BALANCE: "Opening",
    NoteField.NOTIONAL: "Notional",
    NoteField.INTEREST_DUE: "Interest due",
    NoteField.INTEREST_PAID: "Interest",
    NoteField.INTEREST_SHORTFALL: "Shortfall",
    NoteField.CAPITALIZED: "Capitalized",
    NoteField.PRINCIPAL_PAID: "Principal",
    NoteField.PREMIUM_PAID: "Premium",
    NoteField.RESIDUAL_PAID: "Residual",
    NoteField.WRITE_DOWN: "Write-down",
    NoteField.BALANCE: "Closing",
}
_ALWAYS = (NoteField.OPENING_BALANCE, NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID, NoteField.BALANCE)
_ALWAYS_OF_NOTIONAL = (NoteField.NOTIONAL, NoteField.INTEREST_PAID)
"""Of a note without a balance."""


def note_tables(result: RunResult, everything: bool = False) -> RenderableType:
    """A table for each note; columns that stay zero are left out. The notional is shown of a note without a balance."""
    return stack(_note(result, i, everything) for i in range(len(result.names["note"])))


def _note(result: RunResult, index: int, everything: bool) -> RenderableType:
    terms, flow = result.notes_terms[index], result.note_flow[:, index]
    has_balance = bool(flow[:, NoteField.OPENING_BALANCE].any())
    always = _ALWAYS if has_balance else _ALWAYS_OF_NOTIONAL
    hidden = (NoteField.INTEREST_DUE, NoteField.NOTIONAL)
    fields = [f for f in _COLUMNS if f in always or (f not in hidden and flow[:, f].any())]
    if NoteField.INTEREST_SHORTFALL in fields:
        fields.insert(1, NoteField.INTEREST_DUE)
    stock, initial = NoteField.BALANCE, terms.initial_balance
    if not has_balance:
        stock, initial = NoteField.NOTIONAL, int(flow[0, NoteField.NOTIONAL])
    scale = fit(int(abs(flow[:, fields]).max()), result.currency, 80 // len(fields) - 2)
    rows = [
        [
            str(result.dates.number[t]),
            day(result.dates.payment[t]),
            *(scale.text(int(flow[t, f])) for f in fields),
            percent(flow[t, stock] / initial if initial else None),
        ]
        for t in range(_last_row(result, index) + 1)
    ]
    columns = ["#", "Date", *(_COLUMNS[f] for f in fields), "Factor, %"]
    title = f"Note {terms.name}: payments, {scale.unit}"
    return grid(title, columns, abbreviate(rows, everything), words=2)


def _last_row(result: RunResult, index: int) -> int:
    """The last date on which the note is owed or paid anything."""
    owed = np.flatnonzero(np.any(result.note_flow[:, index, list(_COLUMNS)] != 0, axis=1))
    return int(owed[-1]) if len(owed) else 0

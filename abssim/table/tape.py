"""Loan tapes: what was read, what was checked, how the pool is made up."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from abssim.amount import NOTHING, Scale, exact
from abssim.table.grid import grid, listing, stack
from abssim.table.number import fit, number, percent
from abssim.tape.check import CheckRow, check_tape
from abssim.tape.read import TapeReading
from abssim.tape.stratify import Strata, Stratum

_WORDS_SHOWN = 12
"""Rows of a long table of words that are shown when not everything is."""


def tape_tables(reading: TapeReading) -> RenderableType:
    """What a tape holds and whether its figures agree, with what was recognised, derived or assumed."""
    name = f"Loan tape {reading.source}".strip()
    return check_table(name, check_tape(reading), reading.tape.currency, reading.remarks)


def check_table(title: str, rows: Sequence[CheckRow], currency: str, notes: Sequence[str] = ()) -> RenderableType:
    """The summary of a tape, group by group, and what was recognised, derived or assumed."""
    money = exact(currency)
    lines: list[list[str]] = []
    for group in dict.fromkeys(row.group for row in rows):
        lines += [*([["", "", ""]] if lines else []), *(_check_row(row, money) for row in rows if row.group == group)]
    table = grid(title, ["", "Value", "Remark"], lines, wrap=(0, 2))
    return stack([table, notes_list(notes)] if notes else [table])


def notes_list(notes: Sequence[str]) -> RenderableType:
    """What was recognised, derived or assumed, a line each."""
    return listing([("Note", note) for note in notes])


def _check_row(row: CheckRow, money: Scale) -> list[str]:
    if row.value != row.value:
        return [row.label, NOTHING, row.note]
    if row.kind == "amount":
        return [row.label, f"{money.text(round(row.value))} {money.unit}", row.note]
    forms = {"count": ",.0f", "percent": ",.2f", "months": ",.2f", "number": ",.1f"}
    unit = {"percent": " %", "months": " months"}.get(row.kind, "")
    return [row.label, f"{row.value:{forms[row.kind]}}{unit}", row.note]


def strata_tables(tables: Sequence[Strata], currency: str, everything: bool = True) -> RenderableType:
    """Stratifications with their totals, under one another; averages are weighted by balance."""
    caption = Text("Averages are weighted by balance.", style="dim")
    return stack([*(_strata_table(strata, currency, everything) for strata in tables), caption])


def _strata_table(strata: Strata, currency: str, everything: bool) -> RenderableType:
    money = fit(strata.total.balance, currency, 20)
    scored = strata.total.score == strata.total.score
    columns = [_heading(strata.by, currency), "Loans", f"Balance, {money.unit}", "% of balance", "Rate, %"]
    columns += ["Months to go", "Age, months", *(["Score"] if scored else [])]
    rows = [_stratum(row, money, scored) for row in strata.rows]
    if not everything and len(rows) > _WORDS_SHOWN + 1:
        rows = [*rows[:_WORDS_SHOWN], [f"⋮ {len(rows) - _WORDS_SHOWN} more"]]
    return grid(f"By {strata.by.replace('_', ' ')}", columns, [*rows, _stratum(strata.total, money, scored)])


def _heading(by: str, currency: str) -> str:
    units = {"balance": currency, "original_balance": currency, "rate": "%"}
    words = by.replace("_", " ").capitalize()
    return f"{words}, {units[by]}" if by in units else words


def _stratum(row: Stratum, money: Scale, scored: bool) -> list[str]:
    cells = [row.label, f"{row.loans:,}", money.text(row.balance), percent(row.share), percent(row.rate)]
    cells += [number(row.remaining_term, 1), number(row.age, 1)]
    return [*cells, number(row.score, 0)] if scored else cells

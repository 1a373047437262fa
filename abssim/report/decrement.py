"""A decrement table as a file."""

from __future__ import annotations

from pathlib import Path

from abssim.measure.decrement import Decrement
from abssim.report.cashflow import write_sheet
from abssim.report.sheet import Column, Sheet
from abssim.report.workbook import write_sheets


def write_decrement(table: Decrement, currency: str, path: Path) -> None:
    """The cells as CSV, or cells and lives as a workbook."""
    speed = Column(f"{table.kind} pct", "number")
    columns = (Column("note", "text"), Column("date", "date"), speed, Column("percent", "percent"))
    rows = tuple((cell.note, cell.date, cell.speed, round(cell.percent, 6)) for cell in table.cells)
    cells = Sheet("Decrement", columns, rows)
    if path.suffix.lower() == ".csv":
        write_sheet(cells, path)
        return
    ends = (Column("to call", "number"), Column("to maturity", "number"))
    lives = tuple((life.note, life.speed, life.to_call, life.to_maturity) for life in table.lives)
    write_sheets([cells, Sheet("Lives", (Column("note", "text"), speed, *ends), lives)], currency, path)

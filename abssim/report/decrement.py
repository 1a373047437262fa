"""A decrement table as a JSON document, and as a file."""

from __future__ import annotations

from pathlib import Path

from abssim.measure.decrement import Decrement
from abssim.report.cashflow import write_sheet
from abssim.report.number import known
from abssim.report.setting import settings_part
from abssim.report.sheet import Column, Sheet
from abssim.report.workbook import write_sheets

_DIGITS = 6


def decrement_document(table: Decrement) -> dict[str, object]:
    """The table as JSON: numbers rounded to six digits, dates ISO."""
    cells: list[dict[str, object]] = [
        {"note": c.note, "date": c.date.isoformat(), "speed": c.speed, "percent": round(c.percent, _DIGITS)}
        for c in table.cells
    ]
    lives: list[dict[str, object]] = [
        {
            "note": life.note,
            "speed": life.speed,
            "to_call": known(life.to_call, decimals=_DIGITS),
            "to_maturity": known(life.to_maturity, decimals=_DIGITS),
        }
        for life in table.lives
    ]
    head = {"deal": table.deal, "scenario": table.scenario or None, "defaults": bool(table.scenario)}
    return {**head, **settings_part(table.settings), "to": table.end, "cells": cells, "lives": lives}


def write_decrement(table: Decrement, currency: str, path: Path) -> None:
    """The cells as CSV, or cells and lives as a workbook."""
    speed = Column(f"{table.kind} pct", "number")
    columns = (Column("note", "text"), Column("date", "date"), speed, Column("percent", "percent"))
    rows = tuple((cell.note, cell.date, cell.speed, round(cell.percent, _DIGITS)) for cell in table.cells)
    cells = Sheet("Decrement", columns, rows)
    if path.suffix.lower() == ".csv":
        write_sheet(cells, path)
        return
    ends = (Column("to call", "number"), Column("to maturity", "number"))
    lives = tuple((life.note, life.speed, life.to_call, life.to_maturity) for life in table.lives)
    write_sheets([cells, Sheet("Lives", (Column("note", "text"), speed, *ends), lives)], currency, path)

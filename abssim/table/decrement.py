"""Decrement tables: percent of initial balance by date and speed, with lives."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from abssim.guard import in_lines
from abssim.measure.decrement import Decrement
from abssim.table.grid import grid, stack
from abssim.table.number import apart, number
from abssim.table.setting import setting_parts

_LOSSLESS = " Nobody defaults: -s keeps the defaults of a scenario."


def decrement_tables(table: Decrement) -> RenderableType:
    """A table for each note, down to the first date on which nothing is outstanding at any speed."""
    names = list(dict.fromkeys(cell.note for cell in table.cells))
    return stack([_head(table), *setting_parts(table.settings), *(_note(table, name) for name in names)])


def _head(table: Decrement) -> RenderableType:
    held = f"defaults of scenario {table.scenario}" if table.scenario else "no defaults, no losses"
    return Text(in_lines(f"{table.deal}: {held}"), style="bold")


def _note(table: Decrement, note: str) -> RenderableType:
    speeds = list(dict.fromkeys(cell.speed for cell in table.cells))
    percents = {(cell.date, cell.speed): cell.percent for cell in table.cells if cell.note == note}
    rows: list[list[str]] = []
    for day in dict.fromkeys(date for date, _ in percents):
        values = [percents[day, speed] for speed in speeds]
        rows.append([day.isoformat(), *(_cell(value) for value in values)])
        if not any(values):
            break
    lives = {life.speed: life for life in table.lives if life.note == note}
    rows.append(["", *[""] * len(speeds)])
    rows.append(["WAL to call, years", *(number(lives[speed].to_call) for speed in speeds)])
    rows.append(["WAL to maturity, years", *(number(lives[speed].to_maturity) for speed in speeds)])
    columns = [f"{table.kind.upper()} speed, %", *apart(speeds, 2)]
    whole = "notional" if note in table.notional else "balance"
    title = f"Note {note}: percent of initial {whole} outstanding, to {table.end}"
    star = "* above 0 and below 0.005. " if any("*" in row for row in rows) else ""
    caption = f"{star}Lives 30/360 from {min(day for day, _ in percents)}.{'' if table.scenario else _LOSSLESS}"
    return grid(title, columns, rows, caption=caption)


def _cell(percent: float) -> str:
    return "*" if 0.0 < percent < 0.005 else f"{percent:.2f}"

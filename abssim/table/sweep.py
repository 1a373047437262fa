"""A grid of settings on the terminal: a table for each figure, the last two axes along its sides."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from abssim.amount import NOTHING
from abssim.setting import shown
from abssim.study.figure import MEASURES, Value
from abssim.study.sweep import Axis, Cell, Sweep
from abssim.table.grid import abbreviate, grid, listing, stack
from abssim.table.number import day, number
from abssim.table.setting import setting_facts
from abssim.word import counted

LOSES, ACTIVE = "*", "!"
"""Marks of a cell."""
MOST_TABLES = 24


def sweep_tables(sweep: Sweep, everything: bool = False) -> RenderableType:
    """What is swept, and its tables."""
    facts = [("Deal", sweep.deal_name), ("Scenario", f"{sweep.scenario_name}, to {sweep.end}")]
    facts += [*setting_facts(sweep.settings), *(("Axis", _words(axis)) for axis in sweep.axes)]
    tables = _along_one(sweep, everything) if len(sweep.axes) < 2 else _along_two(sweep, everything)
    most = None if everything else MOST_TABLES
    shown_tables = list(itertools.islice(tables, most))
    left = sum(1 for _ in tables)
    more = [Text(f"… and {counted(left, 'more table')}: --all, or --out FILE")] if left else []
    caption = f"{LOSES} the note (of a pool or trigger: some note) loses principal. {ACTIVE} a trigger is active."
    return stack([listing(facts), *shown_tables, *more, Text(caption, style="dim")])


def _words(axis: Axis) -> str:
    return f"{axis.path}, {counted(len(axis.values), 'value')}"


def _title(sweep: Sweep, measure: str) -> str:
    words = MEASURES[measure].words
    return words.replace("the price", f"{sweep.price:g}")


def _along_one(sweep: Sweep, everything: bool) -> Iterator[RenderableType]:
    """Values down, items across."""
    path = sweep.axes[0].path if sweep.axes else ""
    for measure, items in sweep.items.items():
        texts = [[_value(cell, measure, i, item) for i, item in enumerate(items)] for cell in sweep.cells]
        heads = [_label(cell.settings[path]) if path else "" for cell in sweep.cells]
        rows = [[head, *row] for head, row in zip(heads, _marked(texts), strict=True)]
        title = f"{measure.replace('_', ' ').capitalize()}: {_title(sweep, measure)}"
        yield grid(title, [path, *items], abbreviate(rows, everything))


def _along_two(sweep: Sweep, everything: bool) -> Iterator[RenderableType]:
    """A table for each item, and each combination of the axes before the last two."""
    *leading, down, across = sweep.axes
    size = len(down.values) * len(across.values)
    for measure, items in sweep.items.items():
        for i, item in enumerate(items):
            for first in range(0, len(sweep.cells), size):
                cells = sweep.cells[first : first + size]
                there = shown({axis.path: cells[0].settings[axis.path] for axis in leading})
                title = ", ".join([f"{_subject(measure, item)}: {_title(sweep, measure)}", *there])
                yield _two(cells, measure, i, item, down, across, title, everything)


def _two(
    cells: Sequence[Cell], measure: str, i: int, item: str, down: Axis, across: Axis, title: str, everything: bool
) -> RenderableType:
    wide = len(across.values)
    texts = [[_value(cell, measure, i, item) for cell in cells[r : r + wide]] for r in range(0, len(cells), wide)]
    rows = [[_label(value), *row] for value, row in zip(down.values, _marked(texts), strict=True)]
    columns = [f"{down.path} \\ {across.path}", *(_label(value) for value in across.values)]
    return grid(title, columns, abbreviate(rows, everything), wrap=(0,))


def _subject(measure: str, item: str) -> str:
    of = MEASURES[measure].of
    return item.capitalize() if of == "pool" else f"{of.capitalize()} {item}"


def _label(value: object) -> str:
    return next(iter(shown({"": value}))).removeprefix(" = ")


def _value(cell: Cell, measure: str, i: int, item: str) -> tuple[str, str]:
    """Text of a figure and its marks."""
    value, of = cell.figures[measure][i], MEASURES[measure].of
    loses = item in cell.loses if of == "note" else bool(cell.loses)
    marks = (LOSES if loses else "") + (ACTIVE if cell.active else "")
    return figure_text(value, measure), marks


def figure_text(value: Value, measure: str) -> str:
    """A figure with the decimals of its measure."""
    if value is None:
        return NOTHING
    return day(value) if isinstance(value, date) else number(value, MEASURES[measure].decimals)


def _marked(texts: Sequence[Sequence[tuple[str, str]]]) -> list[list[str]]:
    """Figures with their marks, as wide behind every figure so that decimals stand below each other."""
    widest = max((len(marks) for row in texts for _, marks in row), default=0)
    return [[text + marks.ljust(widest) for text, marks in row] for row in texts]

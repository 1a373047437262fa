"""A grid of settings as heat maps, or as lines where a single axis of numbers is swept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import numpy as np

from abssim.report.chart import Chart, HeatMap, Line, Page, note_color
from abssim.setting import shown
from abssim.study.figure import MEASURES, Value
from abssim.study.sweep import Sweep

_DAYS = 365.25
_MOST = 60
"""Charts of a page."""


def sweep_page(sweep: Sweep) -> Page:
    """A chart for each figure, and each combination of the axes before the last two."""
    facts = (
        ("Deal", sweep.deal_name),
        ("Scenario", f"{sweep.scenario_name}, to {sweep.end}"),
        *((("Set", ", ".join(shown(sweep.settings))),) if sweep.settings else ()),
    )
    charts = list(_lines(sweep) if _is_line(sweep) else _maps(sweep))
    left = len(charts) - _MOST
    remarks = (f"{left:,} more charts are left out",) if left > 0 else ()
    title = f"{sweep.deal_name}: {' × '.join(axis.path for axis in sweep.axes) or sweep.scenario_name}"
    return Page(title, facts, tuple(charts[:_MOST]), remarks)


def _is_line(sweep: Sweep) -> bool:
    values = sweep.axes[0].values if len(sweep.axes) == 1 else ()
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _lines(sweep: Sweep) -> Iterator[Chart]:
    axis = sweep.axes[0]
    order = np.argsort(np.array(axis.values, dtype=np.float64), kind="stable")
    x = np.array(axis.values, dtype=np.float64)[order]
    for measure, items in sweep.items.items():
        lines = []
        for i, item in enumerate(items):
            y = np.array([_number(cell.figures[measure][i], sweep) for cell in sweep.cells])[order]
            lines.append(Line(item, x, y, note_color(i)))
        yield Chart(_words(sweep, measure), axis.path, _unit(measure), tuple(lines))


def _maps(sweep: Sweep) -> Iterator[Chart]:
    """A map for each item; a single axis is a row."""
    axes = [axis for axis in sweep.axes[-2:]]
    across = axes[-1] if axes else None
    down = axes[0] if len(axes) == 2 else None
    wide, high = len(across.values) if across else 1, len(down.values) if down else 1
    for measure, items in sweep.items.items():
        for i, item in enumerate(items):
            for first in range(0, len(sweep.cells), wide * high):
                cells = sweep.cells[first : first + wide * high]
                there = shown({axis.path: cells[0].settings[axis.path] for axis in sweep.axes[:-2]})
                values = np.array([_number(cell.figures[measure][i], sweep) for cell in cells]).reshape(high, wide)
                map_ = HeatMap(
                    item,
                    tuple(shown_value(value) for value in (across.values if across else ("",))),
                    tuple(shown_value(value) for value in (down.values if down else ("",))),
                    values,
                    tuple(_mark(cell.loses, item, bool(cell.active), MEASURES[measure].of) for cell in cells),
                )
                title = ", ".join([f"{item}: {_words(sweep, measure)}", *there])
                caption = "* loses principal, ! a trigger is active"
                yield Chart(title, across.path if across else "", down.path if down else "", (map_,), caption)


def shown_value(value: object) -> str:
    """A value of an axis in words."""
    return next(iter(shown({"": value}))).removeprefix(" = ")


def _mark(loses: tuple[str, ...], item: str, active: bool, of: str) -> str:
    lost = item in loses if of == "note" else bool(loses)
    return ("*" if lost else "") + ("!" if active else "")


def _words(sweep: Sweep, measure: str) -> str:
    words = MEASURES[measure].words.replace("the price", f"{sweep.price:g}")
    return f"{words}, years from the first of them" if MEASURES[measure].of == "trigger" else words


def _unit(measure: str) -> str:
    return "%" if MEASURES[measure].suffix else "years" if measure in ("wal", "trigger") else "×"


def _number(value: Value, sweep: Sweep) -> float:
    """A figure as a number: dates in years from the first date in the grid."""
    if isinstance(value, date):
        days = [each for cell in sweep.cells for each in cell.figures["trigger"] if isinstance(each, date)]
        return (value - min(days)).days / _DAYS
    return math.nan if value is None else value

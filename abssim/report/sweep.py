"""A grid of settings as a JSON document, as a table in a file, and as heat maps.

    deal, scenario, to, price (per 100, that yields are at)
    settings   what was set alike in all cells
    axes[]     path and values
    cells[]    settings by path; by measure the figure of each note, trigger or the pool; loses: notes that lose
               principal; active: triggers that are active on some date

Dates are ISO; a name that ends in `_pct` is in percent; what is not known is null.
"""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abssim.file import replacing
from abssim.guard import harmless
from abssim.report.setting import settings_part
from abssim.study.figure import MEASURES, Value
from abssim.study.sweep import Cell, Sweep

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet", ".json")
"""Files `write_sweep` can write."""


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """All cells."""
    return {
        "deal": sweep.deal_name,
        "scenario": sweep.scenario_name,
        "to": sweep.end,
        "price": sweep.price,
        **settings_part(sweep.settings),
        "axes": [{"path": axis.path, "values": _plain(list(axis.values))} for axis in sweep.axes],
        "cells": [_cell(sweep, cell) for cell in sweep.cells],
    }


def _cell(sweep: Sweep, cell: Cell) -> dict[str, Any]:
    figures = {
        name + MEASURES[name].suffix: {i: _known(v) for i, v in zip(items, cell.figures[name], strict=True)}
        for name, items in sweep.items.items()
    }
    return {"settings": _plain(cell.settings), **figures, "loses": list(cell.loses), "active": list(cell.active)}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _known(value: Value) -> float | str | None:
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None or not math.isfinite(value) else value


def write_sweep(sweep: Sweep, path: Path) -> None:
    """A row per cell (.csv, .parquet), or the document (.json)."""
    with replacing(path) as temporary:
        if path.suffix.lower() == ".json":
            text = json.dumps(sweep_document(sweep), ensure_ascii=False, allow_nan=False, indent=2)
            temporary.write_text(text + "\n", encoding="utf-8")
        elif path.suffix.lower() == ".csv":
            _of_one_kind(sweep).map(_harmless).to_csv(temporary, index=False, lineterminator="\r\n")
        else:
            _of_one_kind(sweep).to_parquet(temporary, index=False)


def _of_one_kind(sweep: Sweep) -> pd.DataFrame:
    """The frame; settings of several kinds, lists and mappings as text."""
    frame = sweep.frame
    for axis in sweep.axes:
        kinds = {type(value) for value in axis.values}
        if not (kinds <= {int, float} or (len(kinds) == 1 and kinds <= {str, bool, date})):
            frame[axis.path] = [json.dumps(value, default=str) for value in frame[axis.path]]
    return frame


def _harmless(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value

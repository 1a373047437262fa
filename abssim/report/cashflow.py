"""All cash flows as one tidy table: a row per scenario, date and item."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abssim.file import replacing
from abssim.folder import swapping, write_manifest
from abssim.guard import harmless
from abssim.money import minor_digits
from abssim.report.sheet import Content, Sheet, Value, sheets
from abssim.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


def table(studies: Sequence[Study]) -> pd.DataFrame:
    """The cash flows of all scenarios (`RunResult.cashflows`), led by the scenario's name."""
    import pandas as pd

    frames = {study.run.scenario_name: study.run.cashflows for study in studies}
    return pd.concat(frames, names=["scenario", None]).reset_index(level="scenario").reset_index(drop=True)


def write_csv(studies: Sequence[Study], path: Path) -> None:
    """The tidy table as CSV; amounts to the minor unit."""
    digits = minor_digits(studies[0].run.currency)
    frame = table(studies)
    for column in ("scenario", "name"):
        frame[column] = frame[column].map(harmless)
    places = np.where(frame["kind"] == "trigger", 0, digits)
    frame["amount"] = [f"{amount:.{n}f}" for amount, n in zip(frame["amount"], places, strict=True)]
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\r\n")


def write_parquet(studies: Sequence[Study], path: Path) -> None:
    """The tidy table as Parquet; amounts as float64."""
    with replacing(path) as temporary:
        table(studies).to_parquet(temporary, index=False)


def write_folder(studies: Sequence[Study], folder: Path) -> None:
    """A CSV of every sheet, the tidy table as `cash_flows.csv`, and a manifest: all of them or none."""
    digits = minor_digits(studies[0].run.currency)
    with swapping(folder) as staged:
        for sheet in sheets(studies):
            write_sheet(sheet, staged / f"{sheet.name.lower().replace(' ', '_')}.csv", digits)
        write_csv(studies, staged / "cash_flows.csv")
        write_manifest(staged, "abssim run")


def write_sheet(sheet: Sheet, path: Path, digits: int = 2) -> None:
    """One sheet as CSV; money with so many digits."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(column.key for column in sheet.columns)
        for row in sheet.rows:
            writer.writerow(_text(c.kind, value, digits) for c, value in zip(sheet.columns, row, strict=True))


def _text(kind: Content, value: Value, digits: int) -> Value:
    if isinstance(value, str):
        return harmless(value)
    return f"{value:.{digits}f}" if kind == "money" and isinstance(value, float) else value

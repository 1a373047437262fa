"""From a file of past performance to everything a scenario takes, with errors: the public function `calibrate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from abssim.calibrate.calibration import Calibration, CalibrationSettings, month_text
from abssim.calibrate.column import HistoryFile
from abssim.calibrate.outcomes import fit_outcomes
from abssim.calibrate.performance import fit_performance
from abssim.calibrate.pools import fit_curves
from abssim.errors import CalibrationError, Problem
from abssim.tape.setting import reading_of


def calibrate(
    path: str | Path, settings: CalibrationSettings | None = None, columns: Mapping[str, str] | None = None, **how: Any
) -> Calibration:
    """Reads a file of any kind and estimates what it can. `columns` maps calibration's names to the file's, `how` are
    the other fields of `abssim.reading.Reading`, such as `words` of a status."""
    wanted = settings or CalibrationSettings()
    sheet = HistoryFile(Path(path), reading_of({"columns": columns or {}, **how}, Path(path).name), wanted.by)
    _check(sheet, wanted)
    estimate = {"performance": fit_performance, "outcomes": fit_outcomes, "curves": fit_curves}[sheet.kind]
    result = estimate(sheet, wanted)
    return replace(result, notes=(*sheet.notes, *result.notes))


def _check(sheet: HistoryFile, settings: CalibrationSettings) -> None:
    problems = []

    def refuse(option: str, message: str) -> None:
        problems.append(Problem("E706", sheet.where, option, message))

    outcomes, aged = sheet.kind == "outcomes", sheet.has("age") or sheet.has("origination_month")
    if (settings.test_from is not None or settings.as_of is not None) and not outcomes:
        refuse("--test-from, --as-of", "these go with one row per loan and its outcome")
    if outcomes and settings.test_from is not None and (settings.fit_to or settings.test_from) >= settings.test_from:
        last = month_text(settings.test_from - 1)
        refuse("--test-from", f"the fit must end before the vintages it is tested on: --fit-to {last} or earlier")
    if settings.fit_to is not None and sheet.kind == "curves":
        refuse("--fit-to", "vintages of curves are words: leave their rows out instead")
    if settings.ages != (0,) and (sheet.kind != "performance" or not aged):
        refuse("--ages", "age bands need loan x month data with age or origination_month")
    needed = {"outcomes": "original_balance", "performance": "balance"}.get(sheet.kind, "loans")
    if settings.weight == "balance" and not sheet.has(needed):
        refuse("--weight", f"weighting by balance needs {needed}")
    if problems:
        raise CalibrationError(problems)

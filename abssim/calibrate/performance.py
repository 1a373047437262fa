"""Roll rates from loan x month status."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from abssim.calibrate.calibration import Calibration, CalibrationSettings, RollFit, error_note, grouped, quarter
from abssim.calibrate.column import HistoryFile
from abssim.calibrate.correlation import Monthly, monthly_correlation
from abssim.calibrate.data import read_performance
from abssim.calibrate.factor import ASSUMED_PERSISTENCE, FactorFound
from abssim.calibrate.recovery import recovery_of_performance
from abssim.calibrate.roll import (
    RollReading,
    Rolls,
    estimate_rolls,
    filled,
    moves_of,
    pooled,
    prepayment_persistence,
    smm,
    together,
    with_months,
    worsening,
)
from abssim.calibrate.serial import MIN_MONTHS, Persistence
from abssim.errors import CalibrationError, Problem
from abssim.word import counted

_FIRST_DATED = 120
"""Smaller months are plain numbers, not months since January 1970."""


def fit_performance(sheet: HistoryFile, settings: CalibrationSettings) -> Calibration:
    """Matrices by segment and age, prepayment, recovery, and the factor from month to month."""
    data = read_performance(sheet)
    moves, reading = moves_of(data, settings.ages, settings.weight == "balance")
    if settings.fit_to is not None:
        chosen = moves.month <= settings.fit_to
        moves = replace(moves, **{name: getattr(moves, name)[chosen] for name in moves.__dataclass_fields__})
    if len(moves.month) == 0:
        counts = f"{counted(reading.rows, 'row')} of {counted(reading.loans, 'loan')}, {counted(reading.gaps, 'gap')}"
        raise CalibrationError(Problem("E707", sheet.where, "", "no loan has two months in a row", counts))
    segments, everyone = data.segments, range(data.segments.count)
    rolls, overall = estimate_rolls(moves, segments.count, settings.ages), pooled(moves, settings.ages)
    trials = worsening(moves, rolls)
    monthly = monthly_correlation(trials)
    recovery = recovery_of_performance(data, monthly is not None)
    labels = [quarter(month) if month >= _FIRST_DATED else f"month {month:3d}" for month in trials.month.tolist()]
    years = tuple(_one_year(rolls, overall, s) for s in everyone)
    alike = None if monthly is None else Persistence(monthly.carried, prepayment_persistence(moves))
    if alike is not None:
        rolls, overall = with_months(moves, rolls, alike), with_months(together(moves), overall, alike)
    matrices = RollFit(rolls, overall, reading, years, tuple(smm(moves, s, alike) for s in everyone))
    notes = [*_notes(reading), *_factor_notes(monthly, len(np.unique(trials.month))), error_note(alike)]
    return Calibration(
        sheet.where, sheet.kind, settings, tuple(map(segments.label, everyone)), tuple(map(segments.where, everyone)),
        tuple(notes), rolls=matrices, recovery=recovery, monthly=monthly, factor=_factor(monthly),
        fit=grouped(trials, labels),
    )  # fmt: skip


def _one_year(rolls: Rolls, overall: Rolls, s: int) -> float:
    """Cumulative default within twelve months of a cohort that starts current at age 0."""
    matrices = filled(rolls.rate[s], overall.rate[0])
    state, total = np.asarray([1.0, 0.0, 0.0, 0.0]), 0.0
    for age in range(12):
        band = int(np.searchsorted(np.asarray(rolls.ages), age, side="right")) - 1
        moved = state @ matrices[band]
        total, state = total + float(moved[4]), moved[:4]
    return total


def _factor(monthly: Monthly | None) -> FactorFound | None:
    if monthly is None:
        return None
    phi = monthly.persistence if monthly.is_seen else ASSUMED_PERSISTENCE
    return FactorFound(monthly.correlation, monthly.error, phi, "months", float("nan"))


def _notes(reading: RollReading) -> list[str]:
    notes = [
        f"{counted(reading.moves, 'move')} of {counted(reading.loans, 'loan')} from {counted(reading.rows, 'row')}"
    ]
    if reading.gaps:
        notes.append(f"left out: pairs of rows with months missing between them ({reading.gaps:,})")
    for origin, target, number in reading.impossible:
        notes.append(f"left out: impossible moves in one month, {origin} to {target} ({number:,})")
    if reading.vanished:
        notes.append(
            f"taken as censored: loans that end before the last month in no final state ({reading.vanished:,}); "
            "if they were repaid, add a last row that says so"
        )
    return notes


def _factor_notes(monthly: Monthly | None, months: int) -> list[str]:
    if monthly is not None:
        return []
    return [f"correlation cannot be estimated: it needs {MIN_MONTHS} months in which loans move, there are {months}"]

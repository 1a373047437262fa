"""Lifetime figures, timing and correlation from static-pool curves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from abssim.calibrate.calibration import Calibration, CalibrationSettings, CurveFit
from abssim.calibrate.column import HistoryFile
from abssim.calibrate.correlation import MIN_VINTAGES, Lifetime, lifetime_correlation
from abssim.calibrate.data import read_curves
from abssim.calibrate.factor import ASSUMED_PERSISTENCE, FactorFound, choose_factor
from abssim.calibrate.triangle import Triangle, triangle_of
from abssim.word import counted

Float64 = npt.NDArray[np.float64]


def fit_curves(sheet: HistoryFile, settings: CalibrationSettings) -> Calibration:
    """Each segment's vintages developed to the last age; the correlation between the vintages of all segments."""
    curves = read_curves(sheet)
    segments, everyone = curves.segments, range(curves.segments.count)
    triangles = tuple(triangle_of(curves, s, ASSUMED_PERSISTENCE) for s in everyone)
    lifetime = _correlation(triangles)
    return Calibration(
        sheet.where, sheet.kind, settings, tuple(map(segments.label, everyone)), tuple(map(segments.where, everyone)),
        tuple(_notes(triangles, lifetime)), curves=CurveFit(triangles, curves.is_loss), lifetime=lifetime,
        factor=_factor(triangles[0], lifetime),
    )  # fmt: skip


def _correlation(triangles: tuple[Triangle, ...]) -> Lifetime | None:
    """By loans, or as if pools were infinite where their loans are not given."""
    total: dict[str, list[float]] = {}
    counted = all(vintage.loans == vintage.loans for triangle in triangles for vintage in triangle.vintages)
    for triangle in triangles:
        for vintage in triangle.vintages:
            size = vintage.loans if counted else 1.0
            sums = total.setdefault(vintage.name, [0.0, 0.0, 0.0])
            for i, amount in enumerate((size, size * vintage.ultimate, size * triangle.lifetime)):
                sums[i] += amount
    size, ultimate, base = np.asarray(list(total.values())).T
    if counted:
        return lifetime_correlation(size, np.round(ultimate), base / size)
    return lifetime_correlation(np.full(len(size), np.inf), ultimate / size, base / size)


def _factor(triangle: Triangle, lifetime: Lifetime | None) -> FactorFound | None:
    """Monthly hazards that spread the lifetime figure by its timing carry the correlation to months."""
    months = max(4, triangle.life)
    shares = np.repeat(np.asarray(triangle.timing), -(-months // 4))[:months]
    due = triangle.lifetime * shares / shares.sum()
    hazard = due / (1.0 - np.concatenate([[0.0], np.cumsum(due)[:-1]]))
    return choose_factor(np.clip(hazard, 1e-9, 0.5), np.zeros(months), lifetime, None)


def _notes(triangles: tuple[Triangle, ...], lifetime: Lifetime | None) -> list[str]:
    last = max(triangle.ages[-1] for triangle in triangles)
    young = sum(vintage.age < triangle.ages[-1] for triangle in triangles for vintage in triangle.vintages)
    notes = [f"{counted(young, 'curve')} not complete: developed by chain ladder to month {last}"] if young else []
    vintages = max(len(triangle.vintages) for triangle in triangles)
    if lifetime is None:
        there = "one" if vintages == 1 else str(vintages)
        notes.append(f"correlation cannot be estimated: it needs {MIN_VINTAGES} vintages, not {there}")
    else:
        notes.append(f"curves do not show calendar months: persistence {ASSUMED_PERSISTENCE:g} is assumed")
    return notes

"""What a calibration finds, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from abssim.calibrate.backtest import BackTest
from abssim.calibrate.correlation import Lifetime, Monthly, Trials
from abssim.calibrate.factor import FactorFound
from abssim.calibrate.recovery import RecoveryFound
from abssim.calibrate.roll import RollReading, Rolls
from abssim.calibrate.serial import Persistence
from abssim.calibrate.survival import SegmentRates
from abssim.calibrate.triangle import Triangle
from abssim.public import Shown

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

Weight = Literal["loans", "balance"]


@dataclass(frozen=True)
class CalibrationSettings:
    """What is asked for; months count from January 1970."""

    by: tuple[str, ...] = ()
    """Columns whose values get rates of their own."""
    ages: tuple[int, ...] = (0,)
    """Months of age from which roll rates get a matrix of their own."""
    weight: Weight = "loans"
    fit_to: int | None = None
    """Last vintage (of loan x month files: last month) that is fitted."""
    test_from: int | None = None
    """First vintage the fit is tested on."""
    as_of: int | None = None
    """End of sight of the fit: what happened later is not known to it."""


@dataclass(frozen=True)
class FitRow:
    """Events of a group against those the fit expects."""

    label: str
    number: float
    actual: float
    expected: float
    variance: float

    @property
    def z(self) -> float:
        """Difference in standard deviations of independent loans."""
        return (self.actual - self.expected) / float(np.sqrt(self.variance)) if self.variance > 0.0 else 0.0


@dataclass(frozen=True)
class RollFit:
    """Matrices of each segment and of all together."""

    rolls: Rolls
    overall: Rolls
    reading: RollReading
    twelve_months: tuple[float, ...]
    """Cumulative default of a cohort current at first within twelve months, by segment, ages passing."""
    speeds: tuple[tuple[float, float], ...]
    """Prepayment a month of all live loans by segment, and its error."""


@dataclass(frozen=True)
class HazardFit:
    """Hazards of each segment and of all together."""

    rates: tuple[SegmentRates, ...]
    overall: SegmentRates
    as_of: int
    censored: int
    """Loans whose end was not known yet."""


@dataclass(frozen=True)
class CurveFit:
    """Static pools by segment."""

    triangles: tuple[Triangle, ...]
    is_loss: bool


@dataclass(frozen=True)
class Calibration(Shown):
    """What was found; exactly one of `rolls`, `hazards`, `curves` is given."""

    source: str
    kind: str
    settings: CalibrationSettings
    labels: tuple[str, ...]
    """Of the segments."""
    where: tuple[Mapping[str, str | int], ...]
    """Their conditions in a scenario."""
    notes: tuple[str, ...]
    rolls: RollFit | None = None
    hazards: HazardFit | None = None
    curves: CurveFit | None = None
    recovery: RecoveryFound | None = None
    lifetime: Lifetime | None = None
    monthly: Monthly | None = None
    factor: FactorFound | None = None
    fit: tuple[FitRow, ...] = ()
    test: BackTest | None = None


def quarter(month: int) -> str:
    """`2009-Q3`."""
    return f"{1970 + month // 12}-Q{month % 12 // 3 + 1}"


def month_text(month: int) -> str:
    """`2009-07`, or the number itself where the file counts months."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}" if month >= 120 else str(month)


def grouped(trials: Trials, labels: list[str]) -> tuple[FitRow, ...]:
    """Actual and expected events of trials by label, in the order of the labels."""
    names = sorted(set(labels))
    place = np.searchsorted(np.asarray(names), np.asarray(labels))
    expected, spread = trials.number * trials.base, trials.number * trials.base * (1.0 - trials.base)
    sums = [np.bincount(place, each) for each in (trials.number, trials.events, expected, spread)]
    return tuple(FitRow(name, *(float(each[i]) for each in sums)) for i, name in enumerate(names))


def chi_square(rows: tuple[FitRow, ...]) -> tuple[float, int, float]:
    """Sum of squared standardized differences, degrees of freedom (one for the level), probability of as much by
    chance if loans were independent."""
    from scipy.special import chdtrc

    total, freedom = float(sum(row.z**2 for row in rows)), max(1, len(rows) - 1)
    return total, freedom, float(chdtrc(freedom, total))


def error_note(alike: Persistence | None) -> str:
    """What the errors of rates take into account."""
    if alike is None:
        return "errors of rates are those of independent loans: too few months to tell how far months differ"
    return (
        "errors of rates and recovery: as months differ, those in a row alike (defaults "
        f"{alike.default:.2f}, prepayments {alike.prepayment:.2f}: persistence and its error); two of them cover 95 %"
    )


def half_chi_square(deviance: float) -> float:
    """Probability of so large a likelihood ratio without correlation: the parameter is at the edge of its range (Self
    and Liang 1987); NaN where there is none."""
    from scipy.special import chdtrc

    return 1.0 if deviance <= 0.0 else float(0.5 * chdtrc(1, deviance))

"""What a protection buyer stands to lose by its seller: exposure over time, and its price."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.valuation.fault import refuse, same_length, within
from abssim.valuation.paths import tail_weights, weights_of

Float64 = npt.NDArray[np.float64]


class Exposure(NamedTuple):
    """By date, (T,), in the unit of the marks."""

    expected: Float64
    """EE: mean of what the contract is worth to the buyer, where positive."""
    potential: Float64
    """PFE: its quantile."""


class Cva(NamedTuple):
    """What the seller's default is expected to cost."""

    value: float
    independent: float
    """The same if default did not depend on the exposure."""

    @property
    def wrong_way_ratio(self) -> float:
        """Above 1 where the seller fails when it owes most; NaN without a cost."""
        return self.value / self.independent if self.independent else math.nan


def exposure(marks: Float64, level: float = 0.95, weight: Float64 | None = None) -> Exposure:
    """Of marks (P, T) by path and date, positive where the buyer has a claim, net of collateral if there is any."""
    refuse(within("level", level, 0.0, 1.0 - 1e-12), _by_path_and_date(marks))
    share, claims = weights_of(weight, marks=marks), np.maximum(marks, 0.0)
    potential = [column[tail_weights(column, share, level) > 0.0].min() for column in claims.T]
    return Exposure(share @ claims, np.array(potential))


def expected_positive_exposure(times: Float64, expected: Float64) -> float:
    """EPE: expected exposure (T,) at times in years, linear between them, averaged over time."""
    refuse(_ascending(times), same_length("times", len(times), "expected", len(expected)))
    return float(np.trapezoid(expected, times) / (times[-1] - times[0]))


def cva(expected: Float64, survival: Float64, discount: Float64, recovery: float) -> float:
    """Credit valuation adjustment on a grid of times, (T,) each, the first one now:
    `(1 - R) x sum of mean(EE x DF at both ends) x [S(start) - S(end)]`, as the Basel rules have it.

    >>> import numpy as np
    >>> t = np.arange(21) / 4
    >>> round(cva(np.full(21, 1e6), np.exp(-0.02 * t), np.exp(-0.03 * t), 0.4), 6)
    53087.895012
    """
    refuse(
        within("recovery", recovery, 0.0, 1.0),
        same_length("expected", len(expected), "survival", len(survival)),
        same_length("expected", len(expected), "discount", len(discount)),
    )
    present = expected * discount
    return float((1.0 - recovery) * ((present[:-1] + present[1:]) / 2.0 @ -np.diff(survival)))


def constant_exposure_cva(expected: float, hazard: float, rate: float, years: float, recovery: float) -> float:
    """Closed form for a constant expected exposure, flat hazard and flat continuous rate:
    `(1 - R) x EE x h / (h + r) x (1 - exp(-(h + r) T))`."""
    refuse(within("recovery", recovery, 0.0, 1.0), within("hazard", hazard, 0.0), within("years", years, 0.0))
    decay = hazard + rate
    lived = -math.expm1(-decay * years) / decay if decay else years
    return (1.0 - recovery) * expected * hazard * lived


def cva_of_paths(
    marks: Float64, defaults: Float64, discount: Float64, recovery: float, weight: Float64 | None = None
) -> Cva:
    """From simulated paths on which exposure and default depend on the same factors.

    `marks` (P, T): value to the buyer at a default in each period; `defaults` (P, T): probability, given the path, that
    the seller defaults in it (or 1 where it does, 0 elsewhere); `discount` (T,).
    """
    refuse(within("recovery", recovery, 0.0, 1.0), _by_path_and_date(marks))
    refuse(same_length("marks, by date,", marks.shape[1], "discount", len(discount)))
    share, claims = weights_of(weight, marks=marks, defaults=defaults), np.maximum(marks, 0.0)
    lost = 1.0 - recovery
    together, apart = share @ (claims * defaults), (share @ claims) * (share @ defaults)
    return Cva(float(lost * together @ discount), float(lost * apart @ discount))


def _ascending(times: Float64) -> Problem | None:
    if len(times) > 1 and (np.diff(times) > 0.0).all():
        return None
    return Problem("E603", "", "times", "two or more, each after the one before")


def _by_path_and_date(marks: Float64) -> Problem | None:
    if marks.ndim == 2:
        return None
    return Problem("E605", "", "marks", f"has the shape {marks.shape}, not (paths, dates)")

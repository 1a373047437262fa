"""Premium and protection on a grid of periods: one formula for names, amortizing notionals and tranches.

annuity    = sum of accrual x discount x notional outstanding at the period's end
accrual    = sum of accrued to default x discount at default x notional that stopped in the period
protection = sum of discount at default x what is claimed in the period
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.dates import year_fraction
from abssim.errors import Problem
from abssim.valuation.cds import Period
from abssim.valuation.curve import DiscountCurve
from abssim.valuation.fault import refuse, within

Float64 = npt.NDArray[np.float64]


class Grid(NamedTuple):
    """Periods as numbers, (T,) each."""

    accrual: Float64
    """Share of a year of the whole period."""
    accrued: Float64
    """Share of a year from its start to the default."""
    discount: Float64
    """Discount factor of the payment."""
    discount_at_default: Float64
    """Discount factor of what a default in the period pays."""


class Legs(NamedTuple):
    """Values in the notional's currency, all positive."""

    annuity: float
    """Premium at a coupon of 1, on what is outstanding at the end of each period."""
    accrual_annuity: float
    """Premium at a coupon of 1, accrued on what stopped."""
    protection: float

    @property
    def par_spread(self) -> float:
        """Coupon at which premium and protection are worth the same; NaN without an annuity."""
        whole = self.annuity + self.accrual_annuity
        return self.protection / whole if whole else math.nan

    def upfront(self, coupon: float) -> float:
        """What the buyer pays at the start beside a running coupon, in the notional's currency."""
        return self.protection - coupon * (self.annuity + self.accrual_annuity)


def legs(grid: Grid, outstanding: Float64, stopped: Float64, claims: Float64) -> Legs:
    """Legs of expected notionals: outstanding at the end of, stopped and claimed in each period, (T,) each."""
    given = {"outstanding": outstanding, "stopped": stopped, "claims": claims}
    refuse(*(_fits(grid, name, array) for name, array in given.items()))
    return Legs(
        annuity=float(grid.accrual * grid.discount @ outstanding),
        accrual_annuity=float(grid.accrued * grid.discount_at_default @ stopped),
        protection=float(grid.discount_at_default @ claims),
    )


def year_grid(
    years: Sequence[float] | Float64, discount: Callable[[Float64], Float64], default_at: float = 0.5
) -> Grid:
    """Periods that end at `years` (T,) from now, the first one starting now; a default falls on this share of its
    period, by default the middle.

    `discount` gives the factors of times: `curve.factors_at`, or `lambda t: numpy.exp(-rate * t)`.
    """
    ends = np.asarray(years, dtype=np.float64)
    starts = np.concatenate(([0.0], ends[:-1]))
    lengths = ends - starts
    refuse(
        Problem("E603", "", "years", "each must come after the one before") if (lengths <= 0.0).any() else None,
        within("default_at", default_at, 0.0, 1.0),
    )
    accrued = default_at * lengths
    return Grid(lengths, accrued, discount(ends), discount(starts + accrued))


def day_grid(
    periods: Sequence[Period], discount: DiscountCurve, day_count: str, last_day_counted: bool, pays_at_default: bool
) -> Grid:
    """Periods by their days; a default falls on the day `middle` of a period.

    If a default is paid with the period, all of the period has accrued and is paid on its payment day.
    """
    last = [last_day_counted and period is periods[-1] for period in periods]
    ends = [_fraction(each.start, each.end, day_count, more) for each, more in zip(periods, last, strict=True)]
    pays = discount.factors([each.payment for each in periods])
    if not pays_at_default:
        return Grid(np.array(ends), np.array(ends), pays, pays)
    middles = [middle(each, discount.start) for each in periods]
    accrued = [_fraction(p.start, day, day_count, more) for p, day, more in zip(periods, middles, last, strict=True)]
    return Grid(np.array(ends), np.array(accrued), pays, discount.factors(middles))


def middle(period: Period, today: date) -> date:
    """Day in the middle of what is left of a period, half days down."""
    start = min(max(period.start, today), period.end)
    return max(today, start + timedelta(days=(period.end - start).days // 2))


def _fraction(start: date, end: date, day_count: str, last_day_counted: bool) -> float:
    return year_fraction(start, end + timedelta(days=int(last_day_counted)), day_count)


def _fits(grid: Grid, name: str, given: Float64) -> Problem | None:
    if given.shape == grid.accrual.shape:
        return None
    return Problem("E605", "", name, f"has the shape {given.shape}, the grid {grid.accrual.shape}")

"""Curves of discount factors and of survival probabilities, both `exp(-integral of a rate)`.

A curve is given by its first day, later days and the instantaneous rate that holds up to each of them (forward rate or
hazard); the last rate goes on for ever. So discount factors and survival are log-linear between the days, which is what
the ISDA standard model asks for. Times are by the curve's own day count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from abssim.dates import year_fraction
from abssim.errors import Problem
from abssim.valuation.fault import all_within, ascending, known, refuse, same_length, within
from abssim.valuation.quantlib import DAY_COUNTS, ql_day, ql_day_count

Float64 = npt.NDArray[np.float64]
COMPOUNDINGS = ("continuous", "simple", "annual", "semiannual", "quarterly", "monthly")
_FOR_EVER = date(2199, 12, 31)
_TIMES_A_YEAR = {"annual": 1, "semiannual": 2, "quarterly": 4, "monthly": 12}


@dataclass(frozen=True)
class Curve:
    """Piecewise flat rates: `rates` (K,) decimal a year, each up to the day in `days` (K,) with the same place."""

    start: date
    days: tuple[date, ...]
    rates: tuple[float, ...]
    day_count: str = "act/365"

    def __post_init__(self) -> None:
        refuse(
            known("day_count", self.day_count, DAY_COUNTS),
            same_length("days", len(self.days), "rates", len(self.rates)),
            None if self.rates else Problem("E605", "", "rates", "a curve has one rate or more"),
            ascending("days", (self.start, *self.days)),
            all_within("rates", self.rates, *self._bounds()),
        )

    @staticmethod
    def _bounds() -> tuple[float, float]:
        return -1.0, math.inf

    def factors(self, days: Sequence[date]) -> Float64:
        """Discount factors or survival probabilities (D,) of days; 1 up to the curve's first day.

        Raises ValuationError E603 for days before it.
        """
        early = [day for day in days if day < self.start]
        refuse(Problem("E603", "", "days", f"{early[0]} lies before the curve, {self.start}") if early else None)
        return self.factors_at([self.time(day) for day in days])

    def factors_at(self, times: Sequence[float] | Float64) -> Float64:
        """Discount factors or survival probabilities (D,) at times in years from the curve's first day."""
        ends = np.array([self.time(day) for day in self.days])
        starts = np.concatenate(([0.0], ends[:-1]))
        lengths = np.append(ends[:-1] - starts[:-1], math.inf)
        inside = np.clip(np.asarray(times, dtype=np.float64)[:, None] - starts, 0.0, lengths)
        factors: Float64 = np.exp(-(inside @ np.array(self.rates)))
        return factors

    def time(self, day: date) -> float:
        """Years from the curve's first day."""
        return year_fraction(self.start, day, self.day_count)

    def shifted(self, shift: float) -> Self:
        """The curve with all rates moved in parallel, `1e-4` by a basis point."""
        return replace(self, rates=tuple(rate + shift for rate in self.rates))

    def _nodes(self) -> list[Any]:
        return [ql_day(day) for day in (self.start, *self.days)]


@dataclass(frozen=True)
class DiscountCurve(Curve):
    """Discount factors by forward rates, continuously compounded."""

    def handle(self) -> Any:
        """The same curve in QuantLib, beyond its last day too."""
        import QuantLib as ql

        counter = ql_day_count(self.day_count)
        if len(self.rates) == 1:
            return ql.YieldTermStructureHandle(ql.FlatForward(ql_day(self.start), self.rates[0], counter))
        curve = ql.DiscountCurve(self._nodes(), [1.0, *map(float, self.factors(self.days))], counter)
        curve.enableExtrapolation()
        return ql.YieldTermStructureHandle(curve)


@dataclass(frozen=True)
class CreditCurve(Curve):
    """Survival probabilities by hazard rates."""

    @staticmethod
    def _bounds() -> tuple[float, float]:
        return 0.0, math.inf

    def scaled(self, multiple: float) -> CreditCurve:
        """The curve with every hazard times `multiple`."""
        refuse(within("multiple", multiple, 0.0))
        return replace(self, rates=tuple(rate * multiple for rate in self.rates))

    def handle(self) -> Any:
        """The same curve in QuantLib, beyond its last day too."""
        import QuantLib as ql

        counter = ql_day_count(self.day_count)
        if len(self.rates) == 1:
            quote = ql.QuoteHandle(ql.SimpleQuote(self.rates[0]))
            curve = ql.FlatHazardRate(ql_day(self.start), quote, counter)
        else:
            curve = ql.HazardRateCurve(self._nodes(), [self.rates[0], *self.rates], counter)
        curve.enableExtrapolation()
        return ql.DefaultProbabilityTermStructureHandle(curve)


def flat_discount(
    start: date, rate: float, day_count: str = "act/365", compounding: str = "continuous"
) -> DiscountCurve:
    """One rate for all days. `simple` rates have no flat curve of their own and are refused.

    >>> from datetime import date
    >>> float(flat_discount(date(2026, 1, 1), 0.05, compounding="annual").factors([date(2027, 1, 1)])[0])
    0.952380952...
    """
    refuse(known("compounding", compounding, tuple(word for word in COMPOUNDINGS if word != "simple")))
    refuse(within("rate", rate, -0.99))
    times = _TIMES_A_YEAR.get(compounding)
    continuous = rate if times is None else times * math.log1p(rate / times)
    return DiscountCurve(start, (_FOR_EVER,), (continuous,), day_count)


def flat_hazard(start: date, hazard: float, day_count: str = "act/365") -> CreditCurve:
    """One hazard for all days.

    >>> from datetime import date
    >>> float(flat_hazard(date(2026, 1, 1), 0.02).factors([date(2027, 1, 1)])[0])
    0.980198673...
    """
    return CreditCurve(start, (_FOR_EVER,), (hazard,), day_count)


def zero_curve(
    start: date, rates: Mapping[date, float], day_count: str = "act/365", compounding: str = "continuous"
) -> DiscountCurve:
    """The curve through zero rates by day; forward rates are flat between the days."""
    refuse(known("compounding", compounding, COMPOUNDINGS), known("day_count", day_count, DAY_COUNTS))
    refuse(ascending("rates", (start, *rates)), all_within("rates", rates.values(), -0.99))
    factors = {
        day: _discount_factor(rate, year_fraction(start, day, day_count), compounding) for day, rate in rates.items()
    }
    return discount_factors(start, factors, day_count)


def discount_factors(start: date, factors: Mapping[date, float], day_count: str = "act/365") -> DiscountCurve:
    """The curve through discount factors by day, log-linear between the days."""
    return DiscountCurve(start, tuple(factors), _rates(start, factors, day_count), day_count)


def survival_curve(start: date, survival: Mapping[date, float], day_count: str = "act/365") -> CreditCurve:
    """The curve through survival probabilities by day; hazards are flat between the days.

    Raises ValuationError E600 where survival rises or is not above 0.
    """
    values = [1.0, *survival.values()]
    rising = [f"survival[{n}]" for n in range(1, len(values)) if values[n] > values[n - 1]]
    refuse(*(Problem("E600", "", where, "survival does not rise with time") for where in rising))
    return CreditCurve(start, tuple(survival), _rates(start, survival, day_count), day_count)


def _discount_factor(rate: float, years: float, compounding: str) -> float:
    if compounding == "continuous":
        return math.exp(-rate * years)
    if compounding == "simple":
        return 1.0 / (1.0 + rate * years)
    times = _TIMES_A_YEAR[compounding]
    return float((1.0 + rate / times) ** (-times * years))


def _rates(start: date, factors: Mapping[date, float], day_count: str) -> tuple[float, ...]:
    """Piecewise flat rates that give these factors."""
    refuse(known("day_count", day_count, DAY_COUNTS), ascending("days", (start, *factors)))
    low = [f"factors[{day}]" for day, value in factors.items() if not value > 0.0]
    refuse(*(Problem("E600", "", path, "must be above 0") for path in low))
    times = [0.0, *(year_fraction(start, day, day_count) for day in factors)]
    apart = all(later > time for time, later in pairwise(times))
    refuse(None if apart else Problem("E603", "", "days", f"two of them are the same day by {day_count}"))
    logs = [0.0, *(-math.log(value) for value in factors.values())]
    return tuple((logs[n] - logs[n - 1]) / (times[n] - times[n - 1]) for n in range(1, len(times)))

"""Protection on a notional that changes by a schedule, on one name.

By the midpoint formula directly, or as a strip of constant notionals, `N(t) = sum over k of (N_k - N_k+1) x
bullet(t_k)`, each valued by QuantLib, which itself has constant notionals only. Both give the same midpoint value;
strips can go through the ISDA model too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.business import adjust
from abssim.dates import month_day
from abssim.errors import Problem
from abssim.valuation.cds import SIDES, Period
from abssim.valuation.fault import all_within, ascending, known, refuse, same_length, within
from abssim.valuation.leg import Legs, day_grid, legs
from abssim.valuation.market import Market
from abssim.valuation.quantlib import (
    CALENDARS,
    DAY_COUNTS,
    ROLLS,
    evaluating,
    ql_calendar,
    ql_day,
    ql_roll,
)
from abssim.valuation.single_name import engine_faults, engine_of
from abssim.valuation.terms import day_counters, last_day_fault

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AmortizingCds:
    """Protection by periods: period `k` runs from `days[k]` to `days[k + 1]` and protects `notionals[k]`."""

    days: tuple[date, ...]
    """(T + 1,) unadjusted ends of periods, the first one the start."""
    notionals: tuple[float, ...]
    """(T,)"""
    coupon: float
    """Running premium, decimal a year."""
    side: str = "buyer"
    premium_notionals: tuple[float, ...] | None = None
    """(T,) what premium is paid on. Default: what is protected."""
    day_count: str = "act/360"
    last_day_counted: bool = False
    settles_accrual: bool = True
    pays_at_default: bool = True
    calendar: str = "none"
    roll: str = "none"
    """Where payments move; interest runs to the days as they are."""

    def __post_init__(self) -> None:
        refuse(
            same_length("days, the first left out,", len(self.days) - 1, "notionals", len(self.notionals)),
            same_length("notionals", len(self.notionals), "premium_notionals", len(self.premium_on)),
            None if self.notionals else Problem("E605", "", "notionals", "a contract has one period or more"),
            ascending("days", self.days),
            all_within("notionals", self.notionals, 0.0),
            all_within("premium_notionals", self.premium_on, 0.0),
            within("coupon", self.coupon, 0.0),
            known("side", self.side, SIDES),
            known("day_count", self.day_count, DAY_COUNTS),
            known("calendar", self.calendar, CALENDARS),
            known("roll", self.roll, ROLLS),
            last_day_fault(self.day_count, self.last_day_counted),
        )

    @property
    def premium_on(self) -> tuple[float, ...]:
        """(T,) notionals that bear premium."""
        return self.notionals if self.premium_notionals is None else self.premium_notionals

    def periods(self) -> list[Period]:
        """Days of every period."""
        pays = [adjust(day, self.calendar, self.roll) for day in self.days[1:]]
        return [Period(*each) for each in zip(self.days, self.days[1:], pays, strict=False)]


class AmortizingValue(NamedTuple):
    """Amounts in the contract's currency, positive where the contract's side receives them."""

    npv: float
    protection_leg: float
    premium_leg: float
    annuity: float
    """Value of the premium at a coupon of 1; positive."""
    par_spread: float


def month_days(start: date, periods: int, months: int = 1) -> tuple[date, ...]:
    """(T + 1,) the start and the same day of the month every so many months, the month's last where it is shorter.

    >>> from datetime import date
    >>> [str(day) for day in month_days(date(2026, 8, 31), 2)]
    ['2026-08-31', '2026-09-30', '2026-10-31']
    """
    return tuple(month_day(start, months * n, start.day) for n in range(periods + 1))


def value_amortizing(cds: AmortizingCds, market: Market) -> AmortizingValue:
    """By the midpoint formula: a default falls in the middle of its period. Periods paid by the valuation day are over.

    protection = sum of N x (1 - R) x DF(middle) x [S(start) - S(end)], premium on N x S(payment) and accrued to the
    middle on N x [S(start) - S(end)].
    """
    today, periods = market.discount.start, cds.periods()
    first = sum(period.payment <= today for period in periods)
    if first == len(periods):
        return _seen_by(cds, Legs(0.0, 0.0, 0.0))
    left = periods[first:]
    survival = market.credit.factors([period.payment for period in left])
    starts, ends = ([max(today, each) for each in days] for days in zip(*((p.start, p.end) for p in left), strict=True))
    defaults = market.credit.factors(starts) - market.credit.factors(ends)
    premium, protected = np.array(cds.premium_on[first:]), np.array(cds.notionals[first:])
    grid = day_grid(left, market.discount, cds.day_count, cds.last_day_counted, cds.pays_at_default)
    stopped = premium * defaults * float(cds.settles_accrual)
    return _seen_by(cds, legs(grid, premium * survival, stopped, protected * defaults * (1.0 - market.recovery)))


def value_by_strips(cds: AmortizingCds, market: Market, engine: str = "midpoint") -> AmortizingValue:
    """By QuantLib, as a strip of constant notionals.

    Raises ValuationError E602, E604; E607 on days between the end of a period and its payment, which the formula knows.
    """
    refuse(*engine_faults(engine, market, cds.settles_accrual and cds.pays_at_default))
    protected, premium = (_steps(each) for each in (cds.notionals, cds.premium_on))
    with evaluating(market.discount.start):
        priced, calendar = engine_of(market, engine), ql_calendar(cds.calendar, cds.days[0], cds.days[-1])
        values = [_bullet_legs(cds, count, calendar, priced) for count in range(1, len(cds.notionals) + 1)]
    protection, annuity = np.array(values).T
    return _seen_by(cds, Legs(float(annuity @ premium), 0.0, float(protection @ protected)))


def _seen_by(cds: AmortizingCds, value: Legs) -> AmortizingValue:
    sign, annuity = SIDES[cds.side], value.annuity + value.accrual_annuity
    premium, protection = -cds.coupon * annuity, value.protection
    return AmortizingValue(sign * (protection + premium), sign * protection, sign * premium, annuity, value.par_spread)


def _steps(notionals: Sequence[float]) -> Float64:
    """(T,) notional of the bullet that ends with each period."""
    return -np.diff(np.array([*notionals, 0.0]))


def _bullet_legs(cds: AmortizingCds, count: int, calendar: Any, engine: Any) -> tuple[float, float]:
    """Protection and annuity of a notional of 1 over the first `count` periods."""
    import QuantLib as ql

    whole, roll = count == len(cds.notionals), ql_roll(cds.roll)
    each, last = day_counters(cds.day_count, cds.last_day_counted and whole, count)
    schedule = ql.Schedule([ql_day(day) for day in cds.days[: count + 1]], calendar, roll)
    swap = ql.CreditDefaultSwap(
        ql.Protection.Buyer, 1.0, 1.0, schedule, roll, each, cds.settles_accrual, cds.pays_at_default,
        ql_day(cds.days[0]), ql.FaceValueClaim(), last, False,
    )  # fmt: skip
    swap.setPricingEngine(engine)
    return (0.0, 0.0) if swap.isExpired() else (swap.defaultLegNPV(), -swap.couponLegNPV())

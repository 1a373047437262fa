"""A discount curve from what money and swap markets quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from abssim.business import is_business_day
from abssim.errors import Problem, ValuationError
from abssim.valuation.curve import DiscountCurve, discount_factors
from abssim.valuation.fault import all_within, known, refuse, within
from abssim.valuation.quantlib import (
    CALENDARS,
    DAY_COUNTS,
    FREQUENCIES,
    ROLLS,
    day_of,
    evaluating,
    ql_calendar,
    ql_day,
    ql_day_count,
    ql_months,
    ql_roll,
)


@dataclass(frozen=True)
class RateQuotes:
    """Deposits and par swaps by months to maturity, rates decimal a year.

    What is not said is the curve of the ISDA standard model in dollars: settlement in two days, weekends as the only
    holidays, deposits by Act/360, swaps of six-monthly 30/360 against three-monthly Act/360.
    """

    day: date
    deposits: Mapping[int, float]
    swaps: Mapping[int, float]
    settlement_days: int = 2
    calendar: str = "weekends"
    roll: str = "modified_following"
    deposit_day_count: str = "act/360"
    fixed_months: int = 6
    fixed_day_count: str = "30/360"
    floating_months: int = 3
    floating_day_count: str = "act/360"

    def __post_init__(self) -> None:
        tenors = [*self.deposits, *self.swaps]
        twice = [f"{month} months" for month in self.deposits if month in self.swaps]
        refuse(
            None if tenors else Problem("E601", "", "deposits", "there are no quotes"),
            Problem("E601", "", "swaps", f"{twice[0]} is a deposit too", "keep one of them") if twice else None,
            all_within("months", tenors, 1, 1200),
            all_within("rates", [*self.deposits.values(), *self.swaps.values()], -0.99, 10.0),
            within("settlement_days", self.settlement_days, 0, 30),
            known("calendar", self.calendar, CALENDARS),
            known("roll", self.roll, ROLLS),
            self._closed(),
            *(known("day_count", word, DAY_COUNTS) for word in self._day_counts()),
            *(
                known("months", str(each), tuple(map(str, FREQUENCIES)))
                for each in (self.fixed_months, self.floating_months)
            ),
        )

    def _closed(self) -> Problem | None:
        """Nothing is quoted on holidays."""
        if self.calendar not in CALENDARS or is_business_day(self.day, self.calendar):
            return None
        hint = "take the quotes of the business day before and its date"
        return Problem("E603", "", "day", f'{self.day} is no business day of the calendar "{self.calendar}"', hint)

    def _day_counts(self) -> tuple[str, str, str]:
        return self.deposit_day_count, self.fixed_day_count, self.floating_day_count

    def shifted(self, shift: float) -> RateQuotes:
        """All quotes moved, `1e-4` by a basis point."""
        deposits = {months: rate + shift for months, rate in self.deposits.items()}
        return replace(self, deposits=deposits, swaps={months: rate + shift for months, rate in self.swaps.items()})

    def curve(self) -> DiscountCurve:
        """Log-linear discount factors that reprice every quote; times by act/365.

        Raises ValuationError E601 with the first quote that cannot be fitted.
        """
        import QuantLib as ql

        def fit(instruments: list[Any]) -> Any:
            return ql.PiecewiseLogLinearDiscount(ql_day(self.day), instruments, ql_day_count("act/365"))

        with evaluating(self.day):
            nodes = _fitted(fit, dict(self._instruments()))
        return discount_factors(self.day, {day_of(day): factor for day, factor in nodes[1:]})

    def _instruments(self) -> Iterator[tuple[str, Any]]:
        """QuantLib's instrument of every quote by a name that says it, the shortest first."""
        import QuantLib as ql

        last = max((*self.deposits, *self.swaps))
        calendar = ql_calendar(self.calendar, self.day, self.day + timedelta(days=31 * (last + 2)))
        roll = ql_roll(self.roll)
        deposit, fixed, floating = map(ql_day_count, self._day_counts())
        lag, floats, fixes = self.settlement_days, ql_months(self.floating_months), ql_months(self.fixed_months)
        index = ql.IborIndex("index", floats, lag, ql.USDCurrency(), calendar, roll, False, floating)
        for months, rate in sorted(self.deposits.items()):
            helper = ql.DepositRateHelper(rate, ql_months(months), lag, calendar, roll, False, deposit)
            yield f"deposits[{months}] = {rate:g}", helper
        for months, rate in sorted(self.swaps.items()):
            helper = ql.SwapRateHelper(rate, ql_months(months), calendar, fixes.frequency(), roll, fixed, index)
            yield f"swaps[{months}] = {rate:g}", helper


def _fitted(fit: Callable[[list[Any]], Any], instruments: Mapping[str, Any]) -> Any:
    """Nodes of the curve through all instruments; E601 names the first one that does not fit after those before it."""
    try:
        return fit(list(instruments.values())).nodes()
    except RuntimeError as failed:
        names, told = list(instruments), failed
    for count in range(1, len(names) + 1):
        try:
            fit([instruments[name] for name in names[:count]]).nodes()
        except RuntimeError as failed:
            raise ValuationError(
                Problem("E601", "", names[count - 1], "no curve fits this quote", str(failed))
            ) from told
    raise ValuationError(Problem("E601", "", "quotes", "no curve fits these quotes", str(told)))

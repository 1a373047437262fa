"""Conventions of credit default swaps on one name.

What is not said is the market standard since 2015: quarterly on the 20th of March, June, September and December moved
to the following business day (the last one not), Act/360 with the last day counted, accrual settled and paid at
default, a full first coupon with its accrual rebated.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from abssim.errors import Problem
from abssim.valuation.fault import known
from abssim.valuation.quantlib import (
    CALENDARS,
    DAY_COUNTS,
    FREQUENCIES,
    ROLLS,
    RULES,
    ql_calendar,
    ql_day,
    ql_day_count,
    ql_months,
    ql_roll,
    ql_rule,
)

STANDARD_RULES = ("cds2015", "cds", "old_cds")
"""Rules that know standard days."""
_HALF_YEAR = timedelta(days=200)


@dataclass(frozen=True, kw_only=True)
class CdsTerms:
    """How periods are made and paid."""

    rebates_accrual: bool = True
    """The seller gives back the part of the first coupon that accrued up to and with the trade date."""
    settles_accrual: bool = True
    """Premium accrued until a default is owed."""
    pays_at_default: bool = True
    """Default and accrued premium are paid at default; otherwise on the payment day of the period."""
    months: int = 3
    """Months of a period."""
    rule: str = "cds2015"
    """How the schedule is generated: `cds2015`, `cds`, `old_cds`, `forward`, `backward`."""
    calendar: str = "weekends"
    roll: str = "following"
    """Where days of the schedule move."""
    maturity_roll: str = "none"
    """Where the last day moves."""
    day_count: str = "act/360"
    last_day_counted: bool = True
    """The last period counts its last day too; `act/360` only."""

    def terms(self) -> dict[str, Any]:
        """The conventions by name."""
        return {each.name: getattr(self, each.name) for each in fields(CdsTerms)}

    def terms_faults(self) -> list[Problem | None]:
        """What is wrong with the conventions."""
        return [
            known("rule", self.rule, RULES),
            known("calendar", self.calendar, CALENDARS),
            known("roll", self.roll, ROLLS),
            known("maturity_roll", self.maturity_roll, ROLLS),
            known("day_count", self.day_count, DAY_COUNTS),
            known("months", str(self.months), tuple(map(str, FREQUENCIES))),
            last_day_fault(self.day_count, self.last_day_counted),
        ]

    def schedule(self, start: date, maturity: date) -> Any:
        """QuantLib's schedule of the accrual periods."""
        import QuantLib as ql

        return ql.Schedule(
            ql_day(start),
            ql_day(maturity),
            ql_months(self.months),
            self.days_off(start, maturity),
            ql_roll(self.roll),
            ql_roll(self.maturity_roll),
            ql_rule(self.rule),
            False,
        )

    def days_off(self, start: date, maturity: date) -> Any:
        """QuantLib's calendar for a contract: it may begin a period before its start and settle after its end."""
        return ql_calendar(self.calendar, start - _HALF_YEAR, maturity + _HALF_YEAR)

    def day_counters(self, periods: int) -> tuple[Any, Any]:
        """QuantLib's day counters of all periods and of the last."""
        return day_counters(self.day_count, self.last_day_counted, periods)


def day_counters(day_count: str, last_day_counted: bool, periods: int) -> tuple[Any, Any]:
    """QuantLib's day counters of all periods and of the last. It takes a single period for the first, never for the
    last: its last day would be left out."""
    alone = last_day_counted and periods == 1
    return ql_day_count(day_count, alone), ql_day_count(day_count, last_day_counted)


def last_day_fault(day_count: str, last_day_counted: bool) -> Problem | None:
    """E602 where the last day is to be counted by a day count that cannot."""
    if not last_day_counted or day_count == "act/360":
        return None
    return Problem("E602", "", "last_day_counted", f"there is no {day_count} that counts the last day")

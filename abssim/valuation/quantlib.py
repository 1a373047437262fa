"""The bridge to QuantLib: days, calendars, day counts and conventions by the names documents use.

QuantLib's evaluation date and its way of floating coupons are settings of the process: `evaluating` holds them for one
valuation, keeps other threads out and puts back what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import RLock
from typing import Any

from abssim.business import is_business_day
from abssim.errors import Problem, ValuationError

CALENDARS = ("none", "weekends", "US", "CN", "TARGET", "UK")
ROLLS = ("none", "following", "modified_following", "preceding")
DAY_COUNTS = ("act/360", "act/365", "act/act", "30/360", "30e/360", "30u/360", "30e/360-isda")
RULES = ("cds2015", "cds", "old_cds", "forward", "backward")
FREQUENCIES = (1, 2, 3, 4, 6, 12)
"""Months of a period."""
_LOCK = RLock()


@contextmanager
def evaluating(day: date) -> Iterator[None]:
    """QuantLib with this evaluation date and par coupons, for one valuation.

    Raises ValuationError E607 for what QuantLib refuses.
    """
    import QuantLib as ql

    with _LOCK, ql.SavedSettings():
        par = ql.IborCoupon.usingAtParCoupons()
        ql.Settings.instance().evaluationDate = ql_day(day)
        ql.IborCoupon.createAtParCoupons()
        try:
            yield
        except RuntimeError as refused:
            text = f"QuantLib cannot value this on {day}: {refused}"
            raise ValuationError(Problem("E607", "", "", text)) from refused
        finally:
            if not par:
                ql.IborCoupon.createIndexedCoupons()


def ql_day(day: date | None) -> Any:
    """QuantLib's day; none is its empty one."""
    import QuantLib as ql

    return ql.Date() if day is None else ql.Date(day.day, day.month, day.year)


def day_of(ql_date: Any) -> date:
    """The day of QuantLib's."""
    return date(ql_date.year(), ql_date.month(), ql_date.dayOfMonth())


def ql_calendar(name: str, first: date, last: date) -> Any:
    """QuantLib's calendar. China's knows the days of `first` to `last` only, as `abssim.business` has them: decreed as
    far as decrees reach, by rule beyond."""
    import QuantLib as ql

    if name == "CN":
        return _listed_calendar(name, first, last)
    return {
        "none": ql.NullCalendar,
        "weekends": ql.WeekendsOnly,
        "US": lambda: ql.UnitedStates(ql.UnitedStates.FederalReserve),
        "TARGET": ql.TARGET,
        "UK": lambda: ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    }[name]()


def _listed_calendar(name: str, first: date, last: date) -> Any:
    """A calendar of listed holidays, with a month to spare on each side for days that move."""
    import QuantLib as ql

    calendar = ql.BespokeCalendar(name)
    for count in range(-31, (last - first).days + 32):
        day = first + timedelta(days=count)
        if not is_business_day(day, name):
            calendar.addHoliday(ql_day(day))
    return calendar


def ql_day_count(name: str, last_day_counted: bool = False) -> Any:
    """QuantLib's day counter; with the last day counted only `act/360` has one."""
    import QuantLib as ql

    return {
        "act/360": lambda: ql.Actual360(last_day_counted),
        "act/365": ql.Actual365Fixed,
        "act/act": lambda: ql.ActualActual(ql.ActualActual.ISDA),
        "30/360": lambda: ql.Thirty360(ql.Thirty360.BondBasis),
        "30e/360": lambda: ql.Thirty360(ql.Thirty360.European),
        "30u/360": lambda: ql.Thirty360(ql.Thirty360.USA),
        "30e/360-isda": lambda: ql.Thirty360(ql.Thirty360.ISDA),
    }[name]()


def ql_roll(name: str) -> Any:
    """QuantLib's business-day convention."""
    import QuantLib as ql

    return {
        "none": ql.Unadjusted,
        "following": ql.Following,
        "modified_following": ql.ModifiedFollowing,
        "preceding": ql.Preceding,
    }[name]


def ql_rule(name: str) -> Any:
    """QuantLib's rule by which the days of a schedule are generated."""
    import QuantLib as ql

    generation = ql.DateGeneration
    return {
        "cds2015": generation.CDS2015,
        "cds": generation.CDS,
        "old_cds": generation.OldCDS,
        "forward": generation.Forward,
        "backward": generation.Backward,
    }[name]


def ql_months(months: int) -> Any:
    """QuantLib's period of so many months."""
    import QuantLib as ql

    return ql.Period(months, ql.Months)

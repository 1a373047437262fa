"""Business days: what is a working day of a calendar, and where a date moves that is none.

Holidays come from QuantLib, and from the `holidays` package beyond QuantLib's horizon (China's are decreed a year
ahead). Weekends need neither.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

_ONE_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1901, 2199
"""Years of QuantLib's dates; a day may move a little beyond them."""
_LAST_CHINESE_YEAR = 2026
"""Last year of China's holidays known to QuantLib 1.44."""


def adjust(day: date, calendar: str, roll: str) -> date:
    """The business day a date moves to."""
    if calendar == "none" or roll == "none":
        return day
    step = -_ONE_DAY if roll == "preceding" else _ONE_DAY
    moved = _next_business_day(day, calendar, step)
    if roll == "modified_following" and moved.month != day.month:
        return _next_business_day(day, calendar, -_ONE_DAY)
    return moved


def _next_business_day(day: date, calendar: str, step: timedelta) -> date:
    while not is_business_day(day, calendar):
        day += step
    return day


def is_business_day(day: date, calendar: str) -> bool:
    """True on days banks of the calendar work: `none`, `weekends`, `US`, `CN`, `TARGET`, `UK`."""
    if calendar == "none":
        return True
    if calendar == "weekends" or day.year > _LAST_YEAR or day.year < _FIRST_YEAR:
        return day.weekday() < 5
    if calendar == "CN" and day.year > _LAST_CHINESE_YEAR:
        return day.weekday() < 5 and day not in _projected_holidays(day.year)
    return bool(_quantlib_calendar(calendar)(day))


@lru_cache(maxsize=8)
def _quantlib_calendar(name: str) -> Callable[[date], bool]:
    import QuantLib as ql

    made: dict[str, Callable[[], Any]] = {
        "US": lambda: ql.UnitedStates(ql.UnitedStates.FederalReserve),
        "CN": lambda: ql.China(ql.China.SSE),
        "TARGET": ql.TARGET,
        "UK": lambda: ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    }
    calendar = made[name]()
    return lambda day: bool(calendar.isBusinessDay(ql.Date(day.day, day.month, day.year)))


@lru_cache(maxsize=64)
def _projected_holidays(year: int) -> frozenset[date]:
    """China's holidays by rule, where the decree that moves working days is not out yet."""
    import holidays

    return frozenset(holidays.country_holidays("CN", years=[year]))


def business_days_of(start: date, end: date, calendar: str) -> list[date]:
    """The first day of a period and its business days after that, up to the day before its end."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days))
    return [start, *(day for day in days if is_business_day(day, calendar))]


def business_days_before(day: date, count: int, calendar: str) -> date:
    """The business day that lies so many business days before `day`; without a calendar every day is one."""
    for _ in range(count):
        day = _next_business_day(day - _ONE_DAY, calendar, -_ONE_DAY)
    return day

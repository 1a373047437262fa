"""Payment dates, business days and day counts.

Day counts are plain functions, so a run without holidays needs no QuantLib; holidays come from QuantLib, and from
the `holidays` package beyond QuantLib's horizon (China's are decreed a year ahead).
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Protocol

_ONE_DAY = timedelta(days=1)
_LAST_CHINESE_YEAR = 2026
"""Last year of China's holidays known to QuantLib 1.44."""
_LONGEST = 1200
"""Payment dates of the longest timeline."""


@dataclass(frozen=True, slots=True)
class PeriodDates:
    """The payment dates of a run. Every tuple has `T` entries."""

    cut_off: date
    closing: date
    payment: tuple[date, ...]
    """Adjusted: when cash moves."""
    unadjusted: tuple[date, ...]
    """Scheduled day of the month; interest accrues to it unless a note says otherwise."""
    month: tuple[int, ...]
    """Months from the cut-off to the end of the collection period."""
    number: tuple[int, ...]
    """Number of the payment date in the deal's life (1 is the first)."""
    previous_payment: date | None = None
    """Adjusted payment date before the first of these, in a deal that has started."""
    previous_unadjusted: date | None = None
    """Scheduled payment date before the first of these, in a deal that has started."""


class DateTerms(Protocol):
    """What `timeline` reads of a deal's dates; the fields are explained in `abssim.deal.dates`."""

    @property
    def cut_off(self) -> date: ...  # noqa: D102
    @property
    def closing(self) -> date: ...  # noqa: D102
    @property
    def first_payment(self) -> date | None: ...  # noqa: D102
    @property
    def payment_day(self) -> int: ...  # noqa: D102
    @property
    def months_per_period(self) -> int: ...  # noqa: D102
    @property
    def first_period_months(self) -> int | None: ...  # noqa: D102
    @property
    def calendar(self) -> str: ...  # noqa: D102
    @property
    def roll(self) -> str: ...  # noqa: D102
    @property
    def legal_final(self) -> date: ...  # noqa: D102
    @property
    def started_periods(self) -> int: ...  # noqa: D102


def timeline(terms: DateTerms) -> PeriodDates:
    """Payment dates up to the legal final."""
    numbers: list[int] = []
    days: list[date] = []
    months: list[int] = []
    first_months = terms.first_period_months or terms.months_per_period
    for number, day in scheduled_dates(terms):
        if number <= terms.started_periods:
            continue
        before = months[-1] if months else 0
        numbers.append(number)
        days.append(day)
        months.append(before + (first_months if number == 1 else terms.months_per_period))
    payment = tuple(_payment_date(terms, number, day) for number, day in zip(numbers, days, strict=True))
    last = terms.started_periods
    passed = next((day for number, day in scheduled_dates(terms) if number == last), None)
    previous = None if passed is None else _payment_date(terms, last, passed)
    return PeriodDates(
        terms.cut_off, terms.closing, payment, tuple(days), tuple(months), tuple(numbers), previous, passed
    )


def scheduled_dates(terms: DateTerms) -> Iterator[tuple[int, date]]:
    """Number and unadjusted day of every payment date of the deal's life, up to the legal final."""
    first = _first_scheduled(terms)
    for index in range(_LONGEST):
        day = month_day(first, index * terms.months_per_period, terms.payment_day)
        if day > terms.legal_final:
            return
        yield index + 1, day


def _first_scheduled(terms: DateTerms) -> date:
    """The payment day next to the first payment date; without one, the first after the first collection period."""
    given = terms.first_payment
    if given is not None:
        return min((month_day(given, shift, terms.payment_day) for shift in (-1, 0, 1)), key=lambda d: abs(d - given))
    collected = month_day(terms.cut_off, terms.first_period_months or terms.months_per_period, terms.cut_off.day)
    earliest = max(collected, terms.closing + _ONE_DAY)
    day = month_day(earliest, 0, terms.payment_day)
    return day if day >= earliest else month_day(earliest, 1, terms.payment_day)


def _payment_date(terms: DateTerms, number: int, day: date) -> date:
    if number == 1 and terms.first_payment is not None:
        return terms.first_payment
    return adjust(day, terms.calendar, terms.roll)


def accrual_periods(dates: PeriodDates, adjusted: bool) -> list[tuple[date, date]]:
    """First day and end of each accrual period: from closing (or the date before) to date after date."""
    ends = dates.payment if adjusted else dates.unadjusted
    before = dates.previous_payment if adjusted else dates.previous_unadjusted
    starts = (before or dates.closing, *ends[:-1])
    return list(zip(starts, ends, strict=True))


def month_day(day: date, months: int, day_of_month: int) -> date:
    """That day of the month so many months later, the last of the month where it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day_of_month, monthrange(year, month + 1)[1]))


def months_between(first: date, second: date) -> int:
    """Whole calendar months from the month of `first` to the month of `second`."""
    return (second.year - first.year) * 12 + second.month - first.month


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
    if calendar == "weekends":
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


def year_fraction(start: date, end: date, day_count: str) -> float:
    """Share of a year between two dates, by the day count's name."""
    return _DAY_COUNTS[day_count](start, end)


def days_30_360(start: date, end: date) -> int:
    """Days of 30-day months (bond basis): a 31st counts as the 30th, at the end only after a 30th or 31st."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def days_30e_360(start: date, end: date) -> int:
    """Days of 30-day months (Eurobond basis): every 31st counts as the 30th."""
    last, first = min(end.day, 30), min(start.day, 30)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _actual_actual(start: date, end: date) -> float:
    """ISDA: days in leap years / 366, days in other years / 365."""
    if start.year == end.year:
        return (end - start).days / (366.0 if isleap(start.year) else 365.0)
    head = (date(start.year + 1, 1, 1) - start).days / (366.0 if isleap(start.year) else 365.0)
    tail = (end - date(end.year, 1, 1)).days / (366.0 if isleap(end.year) else 365.0)
    return head + (end.year - start.year - 1) + tail


_DAY_COUNTS: dict[str, Callable[[date, date], float]] = {
    "30/360": lambda start, end: days_30_360(start, end) / 360.0,
    "30e/360": lambda start, end: days_30e_360(start, end) / 360.0,
    "act/360": lambda start, end: (end - start).days / 360.0,
    "act/365": lambda start, end: (end - start).days / 365.0,
    "act/act": _actual_actual,
}

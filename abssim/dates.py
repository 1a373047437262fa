"""Payment dates, accrual periods and day counts.

The common day counts are plain functions, so a run without holidays needs no QuantLib; the others are QuantLib's.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any, Protocol

from abssim.business import adjust

_ONE_DAY = timedelta(days=1)
LONGEST = 1200
"""Payment dates of the longest timeline."""


class DateType(IntEnum):
    """What a date of the timeline is for."""

    PAYMENT = 0
    PURCHASE = 1
    FUNDING = 2
    TEST = 3


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
    types: tuple[DateType, ...]
    """What each date is for: all of them are payment dates so far."""
    regular_start: date = date.min
    """Scheduled payment day a period before the first of these, whether the deal had one or not."""
    previous_payment: date | None = None
    """Adjusted payment date before the first of these, in a deal that has started."""
    previous_unadjusted: date | None = None
    """Scheduled payment date before the first of these, in a deal that has started."""
    pool_cut_offs: tuple[tuple[str, date], ...] = ()
    """Name and cut-off of every pool, where some have one of their own."""


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
    def payment_lag_months(self) -> int: ...  # noqa: D102
    @property
    def calendar(self) -> str: ...  # noqa: D102
    @property
    def roll(self) -> str: ...  # noqa: D102
    @property
    def legal_final(self) -> date: ...  # noqa: D102
    @property
    def started_periods(self) -> int: ...  # noqa: D102


def timeline(terms: DateTerms) -> PeriodDates:
    """Payment dates up to the legal final, without those that have passed."""
    scheduled = dict(scheduled_dates(terms))
    passed = scheduled.get(terms.started_periods)
    numbers = tuple(number for number in scheduled if number > terms.started_periods)
    return PeriodDates(
        cut_off=terms.cut_off,
        closing=terms.closing,
        payment=tuple(payment_date(terms, number, scheduled[number]) for number in numbers),
        unadjusted=tuple(scheduled[number] for number in numbers),
        month=tuple(collected_months(terms) + t * terms.months_per_period for t in range(len(numbers))),
        number=numbers,
        types=(DateType.PAYMENT,) * len(numbers),
        regular_start=_regular_start(terms),
        previous_payment=None if passed is None else payment_date(terms, terms.started_periods, passed),
        previous_unadjusted=passed,
    )


def scheduled_dates(terms: DateTerms) -> Iterator[tuple[int, date]]:
    """Number and unadjusted day of every payment date of the deal's life, up to the legal final.

    A legal final may be given as scheduled or as moved: the last date is the one that has not passed it as either.
    """
    first = _first_scheduled(terms)
    for index in range(LONGEST):
        day = month_day(first, index * terms.months_per_period, terms.payment_day)
        if day > terms.legal_final and not _moves_back_to(terms, day):
            return
        yield index + 1, day


def _moves_back_to(terms: DateTerms, day: date) -> bool:
    """True if a scheduled day after the legal final moves to one that is not."""
    near = day - terms.legal_final < timedelta(days=15) and terms.roll != "following"
    return near and adjust(day, terms.calendar, terms.roll) <= terms.legal_final


def collected_months(terms: DateTerms) -> int:
    """Months from the cut-off that the first payment date of the run collects."""
    first = terms.first_period_months
    return terms.months_per_period if first is None or terms.started_periods else first


def collection_end(terms: DateTerms) -> date:
    """Day on which the first collection period of the run has ended."""
    return months_after(terms.cut_off, collected_months(terms))


def months_after(cut_off: date, months: int) -> date:
    """The day so many months after a cut-off; a cut-off on the last day of a month leads to the last days of others."""
    return month_day(cut_off, months, 31 if ends_month(cut_off) else cut_off.day)


def ends_month(day: date) -> bool:
    """True on the last day of a month."""
    return (day + _ONE_DAY).day == 1


def months_earlier(terms: DateTerms, cut_off: date) -> int:
    """Months that a pool with this cut-off has collected more by the first payment date than the deal's says;
    negative for a later one. The last day of a month is as good as the first of the next."""
    collected = collected_months(terms)
    end = months_after(_first_day(terms.cut_off), collected)
    return whole_months(_first_day(cut_off), end) - collected


def days_uncollected(terms: DateTerms, cut_off: date) -> int:
    """Days from the last month of a pool with this cut-off to the end of the deal's first collection period."""
    first, months = _first_day(cut_off), collected_months(terms)
    end = months_after(_first_day(terms.cut_off), months)
    return (end - months_after(first, months_earlier(terms, cut_off) + months)).days


def _first_day(cut_off: date) -> date:
    """The first day of collections, where a cut-off on the last day of a month is its close of business."""
    return cut_off + _ONE_DAY if ends_month(cut_off) else cut_off


def _regular_start(terms: DateTerms) -> date:
    """Scheduled payment day before the first of the run."""
    periods = terms.started_periods - 1
    return month_day(_first_scheduled(terms), periods * terms.months_per_period, terms.payment_day)


def _first_scheduled(terms: DateTerms) -> date:
    """The payment day next to the first payment date; without one, the first after the first collection period."""
    given, lag = terms.first_payment, terms.payment_lag_months
    if given is not None:
        return min((month_day(given, shift, terms.payment_day) for shift in (-1, 0, 1)), key=lambda d: abs(d - given))
    months = (terms.first_period_months or terms.months_per_period) + lag
    collected = month_day(terms.cut_off, months, terms.cut_off.day)
    earliest = max(collected, terms.closing + _ONE_DAY)
    day = month_day(earliest, 0, terms.payment_day)
    return day if day >= earliest else month_day(earliest, 1, terms.payment_day)


def payment_date(terms: DateTerms, number: int, day: date) -> date:
    """When the cash of a scheduled date moves: the first date is as given, the others as the calendar has it."""
    if number == 1 and terms.first_payment is not None:
        return terms.first_payment
    return adjust(day, terms.calendar, terms.roll)


def accrual_periods(
    dates: PeriodDates, adjusted: bool, dated_date: date | None = None, delay_days: int = 0
) -> list[tuple[date, date]]:
    """First day and end of each accrual period: from the dated date or closing, from then on from end to end.

    A period ends on the payment date, as scheduled or adjusted, or so many days before it (payment delay). A run that
    starts in mid-life goes on from the payment date before.
    """
    delay = timedelta(days=delay_days)
    ends = [day - delay for day in (dates.payment if adjusted else dates.unadjusted)]
    before = dates.previous_payment if adjusted else dates.previous_unadjusted
    first = dated_date or dates.closing if before is None else before - delay
    return list(zip([first, *ends], ends, strict=False))


def month_day(day: date, months: int, day_of_month: int) -> date:
    """That day of the month so many months later, the last of the month where it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day_of_month, monthrange(year, month + 1)[1]))


def months_between(first: date, second: date) -> int:
    """Whole calendar months from the month of `first` to the month of `second`."""
    return (second.year - first.year) * 12 + second.month - first.month


def whole_months(first: date, second: date) -> int:
    """Months from the day `first` that have ended by the day `second`; negative if it comes before."""
    months = months_between(first, second)
    return months - (month_day(first, months, first.day) > second)


def year_fraction(
    start: date, end: date, day_count: str, reference: date | None = None, maturity: date | None = None
) -> float:
    """Share of a year between two dates, by the day count's name.

    `reference`: start of the regular period that ends on `end`, of which `act/act-icma` takes a share (default:
    `start`). `maturity`: the end of a February on which `30e/360-isda` leaves the month as it is.
    """
    plain = _PLAIN.get(day_count)
    if plain is not None:
        return plain(start, end)
    if day_count == "act/365l":
        return _actual_365_leap(start, end, reference or start)
    return _quantlib_fraction(start, end, day_count, reference or start, maturity)


def days_30_360(start: date, end: date) -> int:
    """Days of 30-day months (bond basis): a 31st counts as the 30th, at the end only after a 30th or 31st."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def days_30e_360(start: date, end: date) -> int:
    """Days of 30-day months (Eurobond basis): every 31st counts as the 30th."""
    last, first = min(end.day, 30), min(start.day, 30)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _actual_365_leap(start: date, end: date, reference: date) -> float:
    """ICMA rule 251: of 366 days if a yearly period holds a 29 February, or a shorter one ends in a leap year."""
    if whole_months(reference, end) < 12:
        return (end - start).days / (366.0 if isleap(end.year) else 365.0)
    leap = any(isleap(year) and start < date(year, 2, 29) <= end for year in range(start.year, end.year + 1))
    return (end - start).days / (366.0 if leap else 365.0)


_PLAIN: dict[str, Callable[[date, date], float]] = {
    "30/360": lambda start, end: days_30_360(start, end) / 360.0,
    "30e/360": lambda start, end: days_30e_360(start, end) / 360.0,
    "act/360": lambda start, end: (end - start).days / 360.0,
    "act/365": lambda start, end: (end - start).days / 365.0,
}


def _quantlib_fraction(start: date, end: date, day_count: str, reference: date, maturity: date | None) -> float:
    """The day counts that are not worth writing again; QuantLib is loaded when a deal has one of them."""
    import QuantLib as ql

    def day(each: date) -> Any:
        return ql.Date(each.day, each.month, each.year)

    first, last = day(start), day(end)
    if day_count == "act/act-icma":
        counter = ql.ActualActual(ql.ActualActual.ISMA)
        return float(counter.yearFraction(first, last, day(reference), last))
    if day_count == "30e/360-isda":
        counter = ql.Thirty360(ql.Thirty360.ISDA, ql.Date() if maturity is None else day(maturity))
        return float(counter.yearFraction(first, last))
    made: dict[str, Callable[[], Any]] = {
        "30u/360": lambda: ql.Thirty360(ql.Thirty360.USA),
        "12x30": ql.SimpleDayCounter,
        "act/act": lambda: ql.ActualActual(ql.ActualActual.ISDA),
    }
    return float(made[day_count]().yearFraction(first, last))

"""Dates: timelines by hand, business days and day counts against QuantLib."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.business import adjust, business_days_before, is_business_day
from abssim.dates import accrual_periods, month_day, months_between, timeline, whole_months, year_fraction

ql = pytest.importorskip("QuantLib")


@dataclass(frozen=True)
class Terms:
    cut_off: date
    closing: date
    payment_day: int
    legal_final: date
    first_payment: date | None = None
    months_per_period: int = 1
    first_period_months: int | None = None
    payment_lag_months: int = 0
    calendar: str = "none"
    roll: str = "following"
    started_periods: int = 0


HONDA = Terms(
    date(2009, 1, 1), date(2009, 1, 29), 15, date(2015, 12, 15), first_payment=date(2009, 2, 17), calendar="US"
)


def test_first_date_is_given_adjusted_and_scheduled_on_the_payment_day() -> None:
    dates = timeline(HONDA)
    assert dates.payment[:3] == (date(2009, 2, 17), date(2009, 3, 16), date(2009, 4, 15))
    assert dates.unadjusted[:2] == (date(2009, 2, 15), date(2009, 3, 15))
    assert dates.unadjusted[-1] == date(2015, 12, 15)
    assert dates.month[:3] == (1, 2, 3)
    assert dates.number[:2] == (1, 2)
    assert accrual_periods(dates, adjusted=False)[:2] == [
        (date(2009, 1, 29), date(2009, 2, 15)),
        (date(2009, 2, 15), date(2009, 3, 15)),
    ]
    assert accrual_periods(dates, adjusted=True)[1] == (date(2009, 2, 17), date(2009, 3, 16))
    assert year_fraction(date(2009, 1, 29), date(2009, 2, 15), "30/360") == 16 / 360


@pytest.mark.parametrize("months", [2, 3, 6])
def test_dates_every_few_months(months: int) -> None:
    dates = timeline(Terms(date(2025, 1, 1), date(2025, 1, 20), 20, date(2026, 1, 20), months_per_period=months))
    assert dates.month == tuple(range(months, 13, months))
    assert dates.unadjusted[0] == date(2025, 1 + months, 20)


def test_first_period_of_two_months_and_the_default_first_date() -> None:
    dates = timeline(Terms(date(2025, 1, 1), date(2025, 1, 28), 21, date(2025, 8, 21), first_period_months=2))
    assert dates.unadjusted == tuple(date(2025, month, 21) for month in range(3, 9))
    assert dates.month == (2, 3, 4, 5, 6, 7)
    end_of_month = timeline(Terms(date(2025, 1, 31), date(2025, 2, 3), 15, date(2025, 5, 15)))
    assert end_of_month.unadjusted[0] == date(2025, 3, 15)


def test_start_in_mid_life() -> None:
    terms = Terms(
        date(2025, 8, 1), date(2025, 4, 30), 15, date(2026, 1, 15), first_payment=date(2025, 5, 15), started_periods=4
    )
    dates = timeline(terms)
    assert dates.number == (5, 6, 7, 8, 9)
    assert dates.payment[0] == date(2025, 9, 15)
    assert dates.month == (1, 2, 3, 4, 5)
    assert accrual_periods(dates, adjusted=True)[0] == (date(2025, 8, 15), date(2025, 9, 15))


def test_last_day_of_the_month() -> None:
    dates = timeline(Terms(date(2024, 1, 1), date(2024, 1, 10), 31, date(2024, 4, 30)))
    assert dates.unadjusted == (date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30))
    assert month_day(date(2024, 1, 31), -2, 31) == date(2023, 11, 30)
    assert months_between(date(2024, 11, 30), date(2025, 2, 1)) == 3


def test_rolls() -> None:
    saturday = date(2025, 5, 31)
    assert adjust(saturday, "weekends", "following") == date(2025, 6, 2)
    assert adjust(saturday, "weekends", "modified_following") == date(2025, 5, 30)
    assert adjust(saturday, "weekends", "preceding") == date(2025, 5, 30)
    assert adjust(saturday, "weekends", "none") == saturday
    assert adjust(saturday, "none", "following") == saturday


def test_holidays() -> None:
    assert adjust(date(2009, 2, 15), "US", "following") == date(2009, 2, 17)
    assert adjust(date(2025, 10, 1), "CN", "following") == date(2025, 10, 9)
    assert not is_business_day(date(2025, 12, 26), "TARGET")
    assert not is_business_day(date(2025, 8, 25), "UK")


def test_chinese_holidays_beyond_the_decreed_years() -> None:
    """QuantLib knows weekends only from 2027 on; the new year of 2027 is on 6 February."""
    assert not is_business_day(date(2027, 2, 8), "CN")
    assert not is_business_day(date(2030, 10, 1), "CN")
    assert is_business_day(date(2030, 3, 5), "CN")
    assert not is_business_day(date(2030, 3, 9), "CN")
    assert not is_business_day(date(2029, 1, 15), "US")
    calendar = ql.China(ql.China.SSE)
    beyond = calendar.holidayList(ql.Date(2, 1, 2027), ql.Date(31, 12, 2027), False)
    assert not beyond, "QuantLib's horizon has moved: raise abssim.business._LAST_CHINESE_YEAR"


def test_no_calendar_needs_no_quantlib() -> None:
    code = (
        "import sys; from datetime import date; import abssim.dates, abssim.business as d;"
        "d.adjust(date(2025,5,31),'none','following');"
        "d.adjust(date(2025,5,31),'weekends','following'); assert 'QuantLib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


DAY_COUNTS = {
    "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
    "30e/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
    "act/360": ql.Actual360(),
    "act/365": ql.Actual365Fixed(),
}
"""Those that are not QuantLib's own in the first place."""


@pytest.mark.parametrize("name", DAY_COUNTS)
@given(
    start=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    days=st.integers(0, 4000),
)
def test_day_counts_against_quantlib(name: str, start: date, days: int) -> None:
    end = start + timedelta(days=days)
    expected = DAY_COUNTS[name].yearFraction(
        ql.Date(start.day, start.month, start.year), ql.Date(end.day, end.month, end.year)
    )
    assert year_fraction(start, end, name) == pytest.approx(expected, abs=1e-14)


def test_whole_months_end_on_the_same_day_or_the_last_of_a_shorter_month() -> None:
    assert whole_months(date(2017, 1, 1), date(2017, 3, 15)) == 2
    assert whole_months(date(2017, 1, 31), date(2017, 2, 28)) == 1
    assert whole_months(date(2017, 1, 16), date(2017, 2, 15)) == 0
    assert whole_months(date(2017, 2, 5), date(2017, 1, 12)) == -1


def test_a_month_in_between_where_payments_lag() -> None:
    """Collections of January are paid in March."""
    dates = timeline(Terms(date(2025, 1, 1), date(2025, 1, 28), 21, date(2025, 8, 21), payment_lag_months=1))
    assert dates.unadjusted[0] == date(2025, 3, 21)
    assert dates.month[:2] == (1, 2)


@pytest.mark.parametrize("legal_final", [date(2026, 8, 14), date(2026, 8, 15)])
def test_a_legal_final_may_be_given_as_moved(legal_final: date) -> None:
    """15 August 2026 is a Saturday, which moves to Friday the 14th."""
    terms = Terms(date(2026, 1, 1), date(2026, 1, 28), 15, legal_final, calendar="weekends", roll="preceding")
    assert timeline(terms).payment[-1] == date(2026, 8, 14)


def test_the_last_years_of_all() -> None:
    """Calendars end with 2199: what moves beyond knows weekends. 1 January 2200 is a Wednesday."""
    terms = Terms(date(2199, 1, 1), date(2199, 1, 9), 31, date(2199, 12, 31), months_per_period=12, calendar="US")
    assert timeline(terms).payment == ()
    terms = Terms(date(2198, 1, 1), date(2198, 1, 9), 15, date(2199, 12, 15), months_per_period=12, calendar="US")
    assert timeline(terms).unadjusted == (date(2199, 1, 15),)
    assert adjust(date(2200, 1, 4), "US", "preceding") == date(2200, 1, 3)
    assert business_days_before(date(1901, 1, 3), 2, "US") == date(1900, 12, 31)


def test_business_days_before() -> None:
    """Monday, 16 February 2026 is Presidents' Day."""
    assert business_days_before(date(2026, 2, 17), 2, "US") == date(2026, 2, 12)
    assert business_days_before(date(2026, 2, 17), 2, "none") == date(2026, 2, 15)
    assert business_days_before(date(2026, 2, 14), 0, "US") == date(2026, 2, 14)


def test_a_deal_without_holidays_and_rare_day_counts_needs_no_quantlib() -> None:
    code = (
        "import sys; from abssim import compile_deal, load_deal, load_scenario, run;"
        "run(compile_deal(load_deal('tests/cases/step-up-as-moved')), load_scenario('base'));"
        "assert 'QuantLib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


# Start, end, start of the regular period (for ICMA), day count, share of a year. The shares of ISDA's memorandum
# "EMU and market conventions" (1998), section 4; the days of its 30/360 examples (ISDA 2006 definitions, 4.16 f-h).
PRINTED = [
    (date(2006, 8, 31), date(2007, 2, 28), None, "30/360", 178 / 360),
    (date(2006, 8, 31), date(2007, 2, 28), None, "30e/360", 178 / 360),
    (date(2006, 8, 31), date(2007, 2, 28), None, "30e/360-isda", 180 / 360),
    (date(2007, 2, 28), date(2007, 8, 31), None, "30/360", 183 / 360),
    (date(2007, 2, 28), date(2007, 8, 31), None, "30e/360", 182 / 360),
    (date(2007, 2, 28), date(2007, 8, 31), None, "30e/360-isda", 180 / 360),
    (date(2007, 2, 28), date(2007, 8, 31), None, "30u/360", 180 / 360),
    (date(2003, 11, 1), date(2004, 5, 1), None, "act/act", 61 / 365 + 121 / 366),
    (date(2003, 11, 1), date(2004, 5, 1), date(2003, 11, 1), "act/act-icma", 1 / 2),
    (date(1999, 2, 1), date(1999, 7, 1), date(1998, 7, 1), "act/act-icma", 150 / 365),
    (date(2002, 8, 15), date(2003, 7, 15), date(2003, 1, 15), "act/act-icma", 1 / 2 + 153 / 368),
    (date(2003, 11, 1), date(2004, 5, 1), None, "act/365l", 182 / 366),
    (date(2003, 3, 1), date(2004, 3, 1), None, "act/365l", 366 / 366),
    (date(2004, 3, 1), date(2005, 3, 1), None, "act/365l", 365 / 365),
    (date(2004, 2, 28), date(2005, 2, 28), None, "act/365l", 366 / 366),
    (date(2025, 1, 31), date(2025, 2, 28), None, "12x30", 1 / 12),
    (date(2025, 2, 28), date(2025, 5, 31), None, "12x30", 1 / 4),
    (date(2025, 1, 28), date(2025, 2, 15), None, "12x30", 17 / 360),
]


@pytest.mark.parametrize(("start", "end", "regular", "name", "share"), PRINTED)
def test_day_counts_as_printed(start: date, end: date, regular: date | None, name: str, share: float) -> None:
    assert year_fraction(start, end, name, regular) == pytest.approx(share, abs=1e-14)


def test_the_last_february_of_an_isda_note_is_as_it_is() -> None:
    last = date(2007, 2, 28)
    assert year_fraction(date(2006, 8, 31), last, "30e/360-isda", None, last) == pytest.approx(178 / 360)

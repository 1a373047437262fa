"""Rates of floating notes: daily rates in arrears against QuantLib, and starts in mid-life."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from abssim.deal.load import parse_deal
from abssim.program.compile import compile_deal
from abssim.program.rates import note_rates
from abssim.scenario.scenario import Scenario

ql = pytest.importorskip("QuantLib")

QUIET = Scenario(name="quiet", reason="test")
CASE = (Path(__file__).resolve().parents[2] / "cases" / "floater-resets" / "deal.yaml").read_text(encoding="utf-8")
START, END = date(2025, 5, 15), date(2025, 8, 15)
"""A quarter with Memorial Day, Juneteenth and Independence Day, and none that divides the two calendars."""


def fixings() -> dict[date, float]:
    """A rate for each calendar day, in percent."""
    r = Random(11)
    return {date(2025, 4, 1) + timedelta(days=n): round(r.uniform(1.0, 9.0), 4) for n in range(150)}


def rate_of(floating: str) -> float:
    text = CASE.replace("floating: {index: sofr}", f"floating: {{index: sofr, {floating}}}", 1)
    text = text.replace("calendar: weekends", "calendar: US").replace("closing: 2025-01-15", f"closing: {START}")
    text = text.replace("cut_off: 2025-01-01", "cut_off: 2025-05-01")
    given = ", ".join(f"{day}: {rate}" for day, rate in fixings().items())
    text = text.replace("{2025-01-13: 3, 2025-02-15: 6, 2025-03-14: 9, 2025-04-15: 12}", f"{{{given}}}")
    compiled = compile_deal(parse_deal(text))
    assert compiled.dates.unadjusted[0] == END
    return float(note_rates(compiled.deal, compiled.dates, QUIET, 3)[0, 0])


def quantlib(averaging: Any, lookback: int = 0, lockout: int = 0, shift: bool = False) -> float:
    """The rate of a coupon by QuantLib."""
    index = ql.Sofr()
    index.clearFixings()
    for day, rate in fixings().items():
        when = ql.Date(day.day, day.month, day.year)
        if index.isValidFixingDate(when):
            index.addFixing(when, rate / 100.0)
    ql.Settings.instance().evaluationDate = ql.Date(1, 9, 2025)
    first, last = (ql.Date(day.day, day.month, day.year) for day in (START, END))
    coupon = ql.OvernightIndexedCoupon(
        *(last, 1.0, first, last, index, 1.0, 0.0, ql.Date(), ql.Date(), ql.Actual360(), False),
        *(averaging, lookback, lockout, shift),
    )
    average = averaging == ql.RateAveraging.Simple
    pricer = (
        ql.ArithmeticAveragedOvernightIndexedCouponPricer if average else ql.CompoundingOvernightIndexedCouponPricer
    )
    coupon.setPricer(pricer())
    return float(coupon.rate())


@pytest.mark.parametrize(
    ("floating", "arguments"),
    [
        ("setting: compounded", {}),
        ("setting: compounded, lookback_days: 5", {"lookback": 5}),
        ("setting: compounded, lookback_days: 5, observation_shift: true", {"lookback": 5, "shift": True}),
        ("setting: compounded, lockout_days: 3", {"lockout": 3}),
        ("setting: compounded, lookback_days: 2, lockout_days: 4", {"lookback": 2, "lockout": 4}),
    ],
)
def test_daily_rates_compound_as_in_quantlib(floating: str, arguments: dict[str, Any]) -> None:
    assert rate_of(floating) == pytest.approx(quantlib(ql.RateAveraging.Compound, **arguments), abs=1e-12)


def test_daily_rates_average_as_in_quantlib() -> None:
    assert rate_of("setting: average") == pytest.approx(quantlib(ql.RateAveraging.Simple), abs=1e-12)


@pytest.mark.parametrize(("accrual", "sum_of_days"), [("unadjusted", 540), ("adjusted", 528)])
def test_resets_move_with_the_accrual_periods_of_the_note(accrual: str, sum_of_days: int) -> None:
    """15 February and 15 March 2025 are Saturdays: 31 x 3 + 28 x 6 + 31 x 9, or from Mondays on 33 x 3 + 28 x 6 +
    29 x 9, of 90 days."""
    terms = f"accrual: {accrual}, floating: {{index: sofr, reset_months: 1}}"
    compiled = compile_deal(parse_deal(CASE.replace("floating: {index: sofr}", terms, 1)))
    assert note_rates(compiled.deal, compiled.dates, QUIET, 3)[0, 0] == pytest.approx(sum_of_days / 9000)


def test_a_start_in_mid_life_keeps_the_rate_of_the_last_reset() -> None:
    """Resets in January: date 3 still bears the rate of closing, date 5 the fixing of 15 January 2026."""
    text = CASE.replace("floating: {index: sofr}", "floating: {index: sofr, reset_months: 12}", 1)
    text = text.replace("2025-04-15: 12}", "2025-04-15: 12, 2026-01-14: 7}")
    text = text.replace("cut_off: 2025-01-01", "cut_off: 2025-07-01, first_payment: 2025-04-15, started_periods: 2")
    compiled = compile_deal(parse_deal(text))
    assert compiled.dates.number[:3] == (3, 4, 5)
    assert note_rates(compiled.deal, compiled.dates, QUIET, 3)[:, 0] == pytest.approx([0.03, 0.03, 0.07])

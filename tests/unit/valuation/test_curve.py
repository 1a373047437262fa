"""Curves against QuantLib's, and what they refuse."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
import QuantLib as ql

from abssim.business import adjust
from abssim.dates import month_day, year_fraction
from abssim.errors import ValuationError
from abssim.valuation import (
    CreditCurve,
    DiscountCurve,
    RateQuotes,
    discount_factors,
    flat_discount,
    flat_hazard,
    survival_curve,
    zero_curve,
)
from abssim.valuation.quantlib import DAY_COUNTS, evaluating, ql_day
from tests.unit.valuation.quotes import DEPOSITS, ISDA_2009, TRADE

START = date(2026, 1, 31)
DAYS = [START + timedelta(days=97 * n) for n in range(60)]
FACTORS = {date(2027, 1, 31): 0.97, date(2028, 7, 30): 0.98, date(2030, 1, 31): 0.85}
SURVIVAL = {date(2027, 1, 31): 0.97, date(2028, 7, 30): 0.97, date(2030, 1, 31): 0.85}


@pytest.mark.parametrize("day_count", DAY_COUNTS)
def test_factors_are_those_of_quantlib_beyond_the_last_day_too(day_count: str) -> None:
    discount = discount_factors(START, FACTORS, day_count)
    credit = survival_curve(START, SURVIVAL, day_count)
    flat, hazard = flat_discount(START, 0.03, day_count), flat_hazard(START, 0.02, day_count)
    with evaluating(START):
        for curve, name in ((discount, "discount"), (flat, "discount"), (credit, "survivalProbability"),
                            (hazard, "survivalProbability")):  # fmt: skip
            theirs = [getattr(curve.handle(), name)(ql_day(day)) for day in DAYS]
            np.testing.assert_allclose(curve.factors(DAYS), theirs, rtol=1e-13)


def test_curves_go_through_what_they_are_given() -> None:
    np.testing.assert_allclose(discount_factors(START, FACTORS).factors(list(FACTORS)), list(FACTORS.values()))
    np.testing.assert_allclose(survival_curve(START, SURVIVAL).factors(list(SURVIVAL)), list(SURVIVAL.values()))


@pytest.mark.parametrize(
    ("compounding", "factor"),
    [
        ("continuous", math.exp(-0.1)),
        ("simple", 1 / 1.1),
        ("annual", 1.05**-2),
        ("semiannual", 1.025**-4),
        ("quarterly", 1.0125**-8),
        ("monthly", (1 + 0.05 / 12) ** -24),
    ],
)
def test_compounding(compounding: str, factor: float) -> None:
    two_years = date(2028, 1, 31)
    zero = zero_curve(START, {two_years: 0.05}, "30/360", compounding)
    assert zero.factors([two_years])[0] == pytest.approx(factor, abs=1e-15)
    if compounding != "simple":
        flat = flat_discount(START, 0.05, "30/360", compounding)
        assert flat.factors([two_years])[0] == pytest.approx(factor, abs=1e-15)


def test_shift_moves_zero_rates_and_hazards_in_parallel() -> None:
    discount, times = discount_factors(START, FACTORS), np.array([0.5, 2.0, 7.0])
    moved = -np.log(discount.shifted(1e-4).factors_at(times) / discount.factors_at(times)) / times
    np.testing.assert_allclose(moved, 1e-4)
    assert flat_hazard(START, 0.02).scaled(1.5).rates == (0.03,)


def test_quotes_are_repriced() -> None:
    """By hand: simple interest from the spot day; a floating leg at par is worth what is left of the spot day."""
    curve, spot = ISDA_2009.curve(), date(2009, 5, 25)

    def day(months: int) -> date:
        return adjust(month_day(spot, months, spot.day), "weekends", "modified_following")

    def factor(months: int) -> float:
        return float(curve.factors([day(months)])[0])

    for months, rate in DEPOSITS.items():
        assert factor(0) / factor(months) == pytest.approx(1.0 + rate * (day(months) - spot).days / 360, abs=1e-11)
    for months, rate in ISDA_2009.swaps.items():
        fixed = sum(factor(m) * year_fraction(day(m - 6), day(m), "30/360") for m in range(6, months + 1, 6))
        assert (factor(0) - factor(months)) / fixed == pytest.approx(rate, abs=1e-11)


def test_a_day_with_other_conventions() -> None:
    """A year's deposit alone: simple interest over the days of the year."""
    day = date(2026, 3, 2)
    curve = RateQuotes(day, {12: 0.03}, {}, settlement_days=0, calendar="TARGET", deposit_day_count="act/365").curve()
    assert curve.factors([date(2027, 3, 2)])[0] == pytest.approx(1 / 1.03, abs=1e-14)


def test_settings_of_quantlib_are_left_as_they_were() -> None:
    before = ql.Settings.instance().evaluationDate
    ql.IborCoupon.createIndexedCoupons()
    with evaluating(date(2001, 2, 3)):
        assert ql.IborCoupon.usingAtParCoupons()
        assert ql.Settings.instance().evaluationDate == ql.Date(3, 2, 2001)
    assert not ql.IborCoupon.usingAtParCoupons()
    assert ql.Settings.instance().evaluationDate == before
    ql.IborCoupon.createAtParCoupons()


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError) as told:
        CreditCurve(START, (START, date(2025, 1, 1)), (-0.1,), "actual")
    assert [problem.code for problem in told.value.problems] == ["E602", "E605", "E603", "E600"]
    with pytest.raises(ValuationError, match=r"E605.*one rate or more"):
        DiscountCurve(START, (), ())
    with pytest.raises(ValuationError, match=r"E603.*lies before the curve"):
        flat_hazard(START, 0.1).factors([date(2026, 1, 30)])
    with pytest.raises(ValuationError, match=r"survival\[2\].*E600.*does not rise"):
        survival_curve(START, {date(2027, 1, 1): 0.9, date(2028, 1, 1): 0.91})
    with pytest.raises(ValuationError, match=r"factors\[2027-01-01\].*E600.*above 0"):
        discount_factors(START, {date(2027, 1, 1): 0.0})
    with pytest.raises(ValuationError, match=r"E602.*simple"):
        flat_discount(START, 0.1, compounding="simple")
    with pytest.raises(ValuationError, match=r"E600.*finite"):
        flat_discount(START, math.nan)
    with pytest.raises(ValuationError, match=r"deposits\[3\] = -0.9.*E601"):
        RateQuotes(TRADE, {1: 0.01, 3: -0.9}, {}).curve()
    with pytest.raises(ValuationError, match=r"E603.*2026-01-31 is no business day"):
        RateQuotes(START, {1: 0.01}, {})
    with pytest.raises(ValuationError, match=r"E601.*no quotes"):
        RateQuotes(TRADE, {}, {})
    with pytest.raises(ValuationError, match=r"E601.*12 months is a deposit too"):
        RateQuotes(TRADE, {12: 0.01}, {12: 0.02})

"""Credit default swaps on one name against published and recomputed values.

Sources: QuantLib's test suite (seller's swap of 2006; accrual rebates, which are those of the ISDA model); Markit's
grid for the ISDA standard model of 2009; Hull, Options, Futures, and Other Derivatives, chapter "Credit derivatives".
The others were computed with QuantLib 1.44 from the inputs stated.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import QuantLib as ql

from abssim.errors import ValuationError
from abssim.valuation import (
    Cds,
    CreditQuotes,
    Market,
    cds_maturity,
    flat_discount,
    flat_hazard,
    implied_hazard,
    jump_to_default,
    legs,
    quote_sensitivities,
    quoted_upfront,
    sensitivities,
    triangle_spread,
    value_cds,
    value_index,
    year_grid,
)
from abssim.valuation.quantlib import evaluating, ql_day
from tests.unit.valuation.quotes import ISDA_2009, TRADE

GRID = [
    (date(2010, 6, 20), 0.0010, 0.2, 0.001264918, -97798.29358, 0.91),
    (date(2011, 6, 20), 0.1000, 0.4, 0.168743359, 1579803.626, 177.55),
    (date(2012, 6, 20), 0.0010, 0.4, 0.001685999, -274122.4725, 3.70),
    (date(2016, 6, 20), 0.1000, 0.2, 0.126335178, 3993550.206, 298.84),
    (date(2019, 6, 20), 0.0010, 0.2, 0.001262073, -797501.1422, 7.45),
]
"""Maturity, quoted spread, recovery, flat hazard, upfront, midpoint model less ISDA model; on 10 million."""
JANUARY, MARCH = date(2026, 1, 5), date(2026, 3, 20)
STANDARD = Cds(10e6, 0.01, JANUARY, date(2030, 12, 20))
UNADJUSTED = Cds(
    10e6, 0.02, MARCH, date(2031, 3, 20), rule="forward", roll="none", rebates_accrual=False, last_day_counted=False
)
SLOPING = CreditQuotes(MARCH, {6: 0.008, 12: 0.010, 24: 0.014, 36: 0.017}, 0.25)


def market(day: date, rate: float, hazard: float, recovery: float = 0.4, day_count: str = "act/365") -> Market:
    return Market(flat_discount(day, rate, day_count), flat_hazard(day, hazard, day_count), recovery)


def test_a_sellers_swap_of_2006() -> None:
    cds = Cds(
        1e4, 0.012, date(2005, 6, 9), date(2015, 6, 9), "seller", months=6, rule="forward", calendar="TARGET",
        roll="modified_following", maturity_roll="modified_following", last_day_counted=False,
    )  # fmt: skip
    value = value_cds(cds, market(date(2006, 6, 9), 0.06, 0.01234, 0.4, "act/360"), "midpoint")
    assert value.npv == pytest.approx(295.01533976, abs=1e-7)
    assert value.premium_leg == pytest.approx(789.77431833, abs=1e-7)
    assert value.protection_leg == pytest.approx(-494.75897857, abs=1e-7)
    assert value.par_spread == pytest.approx(0.0075174738, abs=1e-7)


@pytest.mark.parametrize(("maturity", "spread", "recovery", "hazard", "upfront", "midpoint"), GRID)
def test_isda_grid_of_2009(
    maturity: date, spread: float, recovery: float, hazard: float, upfront: float, midpoint: float
) -> None:
    """A positive upfront is paid by the buyer: for a name at 1,000 bp who has 1 % a year to pay."""
    curve, cds = ISDA_2009.curve(), Cds(10e6, 0.01, TRADE, maturity)
    implied = implied_hazard(cds, curve, recovery, spread)
    assert implied == pytest.approx(hazard, abs=1e-9)
    value = quoted_upfront(cds, curve, recovery, spread)
    assert 10e6 * value.fair_upfront == pytest.approx(upfront, abs=0.01)
    other = value_cds(cds, Market(curve, flat_hazard(TRADE, implied), recovery), "midpoint")
    assert 10e6 * (other.fair_upfront - value.fair_upfront) == pytest.approx(midpoint, abs=0.01)
    paid = value_cds(replace(cds, upfront=value.fair_upfront), Market(curve, flat_hazard(TRADE, implied), recovery))
    assert paid.npv == pytest.approx(0.0, abs=1e-6)
    assert paid.fair_upfront == pytest.approx(value.fair_upfront, abs=1e-15)


@pytest.mark.parametrize(("row", "days_accrual"), [(GRID[0], 249.83), (GRID[1], 2088.95)])
def test_leaving_the_trade_date_out_misstates_the_upfront(row: tuple[float, ...], days_accrual: float) -> None:
    """The trap: start on the day after the trade, neither rebate nor trade date said."""
    maturity, spread, recovery, _, upfront, _ = row
    with evaluating(TRADE):
        schedule = ql.Schedule(
            ql_day(TRADE) + 1, ql_day(maturity), ql.Period(3, ql.Months), ql.WeekendsOnly(), ql.Following,
            ql.Unadjusted, ql.DateGeneration.CDS, False,
        )  # fmt: skip
        handle = ISDA_2009.curve().handle()

        def bare(coupon: float) -> ql.CreditDefaultSwap:
            return ql.CreditDefaultSwap(
                ql.Protection.Buyer, 10e6, 0.0, coupon, schedule, ql.Following, ql.Actual360(), True, True,
                ql_day(TRADE) + 1, ql.Date(), ql.FaceValueClaim(), ql.Actual360(True),
            )  # fmt: skip

        isda = ql.CreditDefaultSwap.ISDA
        hazard = bare(spread).impliedHazardRate(0.0, handle, ql.Actual365Fixed(), recovery, 1e-10, isda)
        swap = bare(0.01)
        swap.setPricingEngine(ql.IsdaCdsEngine(flat_hazard(TRADE, hazard).handle(), recovery, handle))
        assert abs(10e6 * swap.fairUpfront() - upfront) == pytest.approx(days_accrual, rel=0.01)
    right = quoted_upfront(Cds(10e6, 0.01, TRADE, maturity), ISDA_2009.curve(), recovery, spread)
    assert 10e6 * right.fair_upfront == pytest.approx(upfront, abs=0.01)


@pytest.mark.parametrize(
    ("trade", "rebate"),
    [
        (date(2009, 3, 18), 24166.67),
        (date(2009, 3, 19), 0.0),
        (date(2009, 3, 20), 277.78),
        (date(2009, 3, 23), 1111.11),
        (date(2009, 6, 19), 25555.56),
    ],
)
def test_accrual_rebate_by_trade_date(trade: date, rebate: float) -> None:
    assert Cds(10e6, 0.01, trade, date(2014, 6, 20)).accrual_rebate() == pytest.approx(rebate, abs=0.005)


def test_standard_swap_through_the_isda_model() -> None:
    at = market(JANUARY, 0.02, 0.01)
    value = value_cds(STANDARD, at)
    assert value.protection_leg == pytest.approx(276460.444708, abs=1e-5)
    assert value.premium_leg == pytest.approx(-470140.288736, abs=1e-5)
    assert value.rebate == pytest.approx(4165.9818, abs=1e-3)
    assert value.npv == pytest.approx(-189513.862, abs=1e-3)
    moved = sensitivities(lambda m: value_cds(STANDARD, m).npv, at, "central")
    assert moved.hazard01 == pytest.approx(2810.36, abs=0.01)
    assert moved.rate01 == pytest.approx(51.816, abs=0.01)
    assert sensitivities(lambda m: value_cds(STANDARD, m).npv, at).recovery01 == pytest.approx(-4607.674, abs=0.01)


def test_unadjusted_swap_through_the_midpoint_model() -> None:
    at = market(MARCH, 0.025, 0.03)
    value = value_cds(UNADJUSTED, at, "midpoint")
    assert value.npv == pytest.approx(-96844.434439, abs=1e-4)
    assert value.premium_leg == pytest.approx(-884077.551462, abs=1e-4)
    assert value.protection_leg == pytest.approx(787233.117023, abs=1e-4)
    assert value.par_spread == pytest.approx(0.0178091416, abs=1e-10)
    moved = sensitivities(lambda m: value_cds(UNADJUSTED, m, "midpoint").npv, at)
    assert moved == pytest.approx((2646.571031, 34.161934, -13120.551950), abs=1e-4)
    assert jump_to_default(value.npv, 10e6, 0.4) == pytest.approx(6096844.434439, abs=1e-4)
    seller = replace(UNADJUSTED, side="seller")
    assert jump_to_default(value_cds(seller, at, "midpoint").npv, 10e6, 0.4, "seller") == pytest.approx(-6096844.434439)


@pytest.mark.parametrize("engine", ["isda", "midpoint"])
def test_sides_and_parts_of_the_value(engine: str) -> None:
    at, cds = market(JANUARY, 0.02, 0.015), replace(STANDARD, upfront=0.01)
    buyer, seller = value_cds(cds, at, engine), value_cds(replace(cds, side="seller"), at, engine)
    for name in ("npv", "protection_leg", "premium_leg", "rebate", "upfront_leg"):
        assert getattr(seller, name) == -getattr(buyer, name)
    assert buyer.npv == pytest.approx(buyer.protection_leg + buyer.premium_leg + buyer.rebate + buyer.upfront_leg)
    assert buyer.upfront_leg == pytest.approx(-100_000.0 * at.discount.factors([date(2026, 1, 8)])[0])
    assert buyer.premium_leg + buyer.rebate == pytest.approx(-cds.coupon * cds.notional * buyer.risky_annuity)
    paid = value_cds(replace(cds, upfront=buyer.fair_upfront), at, engine)
    assert paid.npv == pytest.approx(0.0, abs=1e-6)
    par = value_cds(replace(cds, upfront=0.0, coupon=buyer.par_spread), at, engine)
    assert par.npv == pytest.approx(0.0, abs=1e-6)
    assert value_cds(replace(cds, coupon=0.0), at, engine).par_spread == pytest.approx(buyer.par_spread)


def test_values_are_those_quantlib_prints_for_the_same_swap() -> None:
    at = market(JANUARY, 0.02, 0.015)
    value = value_cds(replace(STANDARD, upfront=0.01), at)
    with evaluating(JANUARY):
        swap = replace(STANDARD, upfront=0.01).swap()
        swap.setPricingEngine(ql.IsdaCdsEngine(at.credit.handle(), 0.4, at.discount.handle()))
        theirs = (swap.NPV(), swap.fairSpread(), swap.fairUpfront())
    assert (value.npv, value.par_spread, value.fair_upfront) == pytest.approx(theirs, rel=1e-12)


def test_hulls_swap_by_years() -> None:
    """Premium at year ends, defaults in the middle of years: 2 % of those left each year, or a hazard of 2 %."""
    grid, years = year_grid(np.arange(1.0, 6.0), lambda t: np.exp(-0.05 * t)), np.arange(6)
    for survival, right, spread in (
        (0.98**years, (4.07044756, 0.04258665, 0.05110398), 124.24885),
        (np.exp(-0.02 * years), (4.07280813, 0.04217951, 0.05061541), 123.00258),
    ):
        defaults = -np.diff(survival)
        value = legs(grid, survival[1:], defaults, 0.6 * defaults)
        assert value == pytest.approx(right, abs=1e-8)
        assert 1e4 * value.par_spread == pytest.approx(spread, abs=1e-5)
    at_end = year_grid(np.arange(1.0, 6.0), lambda t: np.exp(-0.05 * t), default_at=1.0)
    whole = legs(at_end, survival[1:], defaults, defaults)
    assert whole.accrual_annuity == whole.protection == pytest.approx(float(defaults @ at_end.discount))
    binary = legs(grid, survival[1:], defaults, defaults)
    assert 1e4 * binary.par_spread == pytest.approx(205.00429, abs=1e-5)


@pytest.mark.parametrize(("hazard", "recovery"), [(0.005, 0.4), (0.02, 0.0), (0.08, 0.25)])
def test_credit_triangle(hazard: float, recovery: float) -> None:
    """Premium by Act/365 and monthly is nearly continuous."""
    cds = replace(UNADJUSTED, day_count="act/365", months=1)
    value = value_cds(cds, market(MARCH, 0.03, hazard, recovery), "midpoint")
    assert value.par_spread == pytest.approx(triangle_spread(hazard, recovery), rel=2e-3)


def test_quotes_bootstrap_to_the_hazards_of_quantlib_and_reprice() -> None:
    discount = flat_discount(MARCH, 0.02)
    curve = SLOPING.curve(discount)
    assert curve.rates == pytest.approx((0.010787061, 0.017722524, 0.025969270, 0.032771103), abs=1e-9)
    for months, spread in SLOPING.quotes.items():
        cds = Cds(10e6, spread, MARCH, cds_maturity(MARCH, months))
        value = value_cds(cds, Market(discount, curve, 0.25))
        assert value.npv == pytest.approx(0.0, abs=0.1)
        assert value.par_spread == pytest.approx(spread, abs=1e-8)


@pytest.mark.parametrize("engine", ["isda", "midpoint"])
@pytest.mark.parametrize("day", [date(2019, 4, 1), MARCH, date(2026, 11, 27)])
def test_a_seller_in_distress_can_be_bootstrapped(engine: str, day: date) -> None:
    """QuantLib's own bounds end at a hazard of 1 ("root not bracketed")."""
    quotes = CreditQuotes(day, {6: 0.1214, 12: 0.1769, 24: 0.2471, 36: 0.2816}, 0.6, engine)
    discount = flat_discount(day, 0.02)
    curve = quotes.curve(discount)
    assert curve.rates[-1] > 1.0
    for months, spread in quotes.quotes.items():
        value = value_cds(Cds(10e6, spread, day, cds_maturity(day, months)), Market(discount, curve, 0.6), engine)
        assert value.par_spread == pytest.approx(spread, abs=1e-8)


@pytest.mark.parametrize(
    ("quoted", "named"),
    [
        ({6: 0.05, 12: 0.02}, "12 months at 200 bp, recovery 0.4"),
        ({6: 0.01, 12: 1.5, 24: 40.0}, "12 months at 15000 bp, recovery 0.4"),
    ],
)
def test_a_quote_that_no_hazard_gives_is_named(quoted: dict[int, float], named: str) -> None:
    with pytest.raises(ValuationError, match=f"^{named}.*E601.*no hazard fits this quote"):
        CreditQuotes(MARCH, quoted, 0.4).curve(flat_discount(MARCH, 0.02))


@pytest.mark.parametrize("day", [date(2026, 11, 10), date(2026, 12, 18)])
def test_the_last_day_counts_in_a_single_period_too(day: date) -> None:
    """QuantLib takes the only period for the first one. From 20 September (moved to the 21st) to 20 December."""
    cds = Cds(10e6, 0.01, day, date(2026, 12, 20))
    assert len(cds.periods()) == 1
    value = value_cds(cds, market(day, 0.0, 0.0))
    assert value.premium_leg == pytest.approx(-10e6 * 0.01 * 91 / 360)
    assert cds.accrual_rebate() == pytest.approx(10e6 * 0.01 * ((day - date(2026, 9, 21)).days + 1) / 360)
    quotes = CreditQuotes(date(2026, 9, 18), {3: 0.01}, 0.4)
    curve, discount = quotes.curve(flat_discount(quotes.day, 0.02)), flat_discount(quotes.day, 0.02)
    quoted = Cds(10e6, 0.01, quotes.day, cds_maturity(quotes.day, 3))
    assert value_cds(quoted, Market(discount, curve, 0.4)).npv == pytest.approx(0.0, abs=1e-4)


def test_quotes_by_upfront() -> None:
    """Contracts at 5 % a year and what they cost upfront give the hazards of the par spreads that cost the same."""
    discount = flat_discount(MARCH, 0.02)
    market_of_spreads = Market(discount, SLOPING.curve(discount), 0.25)
    contracts = {months: Cds(1.0, 0.05, MARCH, cds_maturity(MARCH, months)) for months in SLOPING.quotes}
    upfronts = {months: value_cds(cds, market_of_spreads).fair_upfront for months, cds in contracts.items()}
    assert max(upfronts.values()) < 0.0
    curve = CreditQuotes(MARCH, upfronts, 0.25, running_coupon=0.05).curve(discount)
    assert curve.rates == pytest.approx(market_of_spreads.credit.rates, abs=1e-10)
    with pytest.raises(ValuationError, match=r"at 500 bp and 90 % upfront, recovery 0.4.*E601.*too high"):
        CreditQuotes(MARCH, {12: 0.9}, 0.4, running_coupon=0.05).curve(discount)


def test_a_sellers_contract_implies_the_same_hazard() -> None:
    discount = flat_discount(JANUARY, 0.02)
    hazards = [implied_hazard(replace(STANDARD, side=side), discount, 0.4, 0.02) for side in ("buyer", "seller")]
    assert hazards[0] == hazards[1]


def test_nothing_protected_and_nothing_left() -> None:
    at = market(JANUARY, 0.02, 0.01)
    value = value_cds(replace(STANDARD, notional=0.0), at)
    assert (value.npv, value.protection_leg) == (0.0, 0.0)
    assert value.par_spread == value_cds(STANDARD, at).par_spread
    over = value_cds(Cds(1e6, 0.01, date(2020, 3, 20), date(2025, 6, 20)), at)
    assert (over.npv, over.risky_annuity) == (0.0, 0.0)


def test_coupons_indexed_by_others_do_not_change_the_curve() -> None:
    """The trap: QuantLib's coupons are at par only if a setting of the process says so."""
    ql.IborCoupon.createIndexedCoupons()
    try:
        value = quoted_upfront(Cds(10e6, 0.01, TRADE, date(2019, 6, 20)), ISDA_2009.curve(), 0.2, 0.001)
    finally:
        ql.IborCoupon.createAtParCoupons()
    assert 10e6 * value.fair_upfront == pytest.approx(-797501.1422, abs=0.01)


def test_quote_sensitivities_fit_the_curves_anew() -> None:
    """A swap at a quoted spread is worth nothing at any rates or recovery; a basis point more is worth its annuity."""
    discount = flat_discount(MARCH, 0.02)
    cds = Cds(10e6, 0.017, MARCH, cds_maturity(MARCH, 36))
    value = value_cds(cds, Market(discount, SLOPING.curve(discount), 0.25))
    moved = quote_sensitivities(lambda m: value_cds(cds, m).npv, SLOPING, discount)
    assert moved.cs01 == pytest.approx(10e6 * 1e-4 * value.risky_annuity, rel=1e-3)
    assert (moved.pv01, moved.recovery01) == pytest.approx((0.0, 0.0), abs=1e-4)
    rates = replace(ISDA_2009, day=MARCH)
    both = quote_sensitivities(lambda m: value_cds(cds, m).npv, SLOPING, rates, "central")
    assert both.pv01 == pytest.approx(0.0, abs=1e-4)


def test_protection_that_starts_later_or_pays_with_the_period() -> None:
    at = market(MARCH, 0.025, 0.03)
    whole = value_cds(UNADJUSTED, at, "midpoint")
    late = value_cds(replace(UNADJUSTED, pays_at_default=False), at, "midpoint")
    assert 0.0 < late.protection_leg < whole.protection_leg
    bare = value_cds(replace(UNADJUSTED, settles_accrual=False), at, "midpoint")
    assert whole.premium_leg < bare.premium_leg < 0.0
    assert bare.protection_leg == whole.protection_leg


def test_chinese_holidays_beyond_the_decrees() -> None:
    """National Day of 2031 is a week of holidays by rule: a payment on its first day moves beyond it."""
    cds = Cds(1e6, 0.01, date(2026, 10, 1), date(2032, 10, 1), calendar="CN", rule="forward", maturity_roll="following")
    paid = {period.payment for period in cds.periods()}
    assert date(2031, 10, 1) not in paid
    assert all(day.weekday() < 5 for day in paid)


def test_standard_maturities() -> None:
    """Since 2015 contracts roll in March and September only."""
    assert cds_maturity(date(2026, 3, 19), 60) == date(2030, 12, 20)
    assert cds_maturity(date(2026, 3, 20), 60) == date(2031, 6, 20)
    assert cds_maturity(date(2026, 6, 22), 60) == date(2031, 6, 20)
    assert cds_maturity(date(2026, 6, 22), 60, "cds") == date(2031, 9, 20)


def test_an_index_is_the_sum_of_its_names() -> None:
    """Forty alike are one; with one gone a fortieth of all is; a spread lies between those of the names."""
    at, cds = market(JANUARY, 0.02, 0.01), replace(STANDARD, side="seller")
    whole, single = value_index(cds, [at] * 40, [0.025] * 40), value_cds(cds, at)
    assert (whole.npv, whole.protection_leg) == pytest.approx((single.npv, single.protection_leg))
    assert (whole.annuity, whole.par_spread) == pytest.approx((10e6 * single.risky_annuity, single.par_spread))
    less = value_index(cds, [at] * 39, [0.025] * 39)
    assert less.npv == pytest.approx(39 / 40 * single.npv)
    worse = market(JANUARY, 0.02, 0.05)
    spread = value_index(cds, [at, worse], [0.5, 0.5]).par_spread
    assert single.par_spread < spread < (single.par_spread + value_cds(cds, worse).par_spread) / 2.0
    with pytest.raises(ValuationError, match=r"weights.*add up to 1.5"):
        value_index(cds, [at, at], [0.75, 0.75])


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError) as told:
        Cds(-1.0, 0.01, MARCH, date(2025, 1, 1), "byer", day_count="act/365", rule="imm")
    assert [problem.code for problem in told.value.problems] == ["E600", "E602", "E603", "E602", "E602"]
    assert 'did you mean "buyer"' in str(told.value)
    with pytest.raises(ValuationError, match=r'E604.*engine="midpoint"'):
        value_cds(UNADJUSTED, market(MARCH, 0.02, 0.01, 0.4, "act/360"))
    with pytest.raises(ValuationError, match=r"E604.*pays at default"):
        value_cds(replace(UNADJUSTED, pays_at_default=False), market(MARCH, 0.02, 0.01))
    with pytest.raises(ValuationError, match=r"E602.*midpoint"):
        value_cds(UNADJUSTED, market(MARCH, 0.02, 0.01), "midpiont")
    with pytest.raises(ValuationError, match=r"E607.*protection can not start after accrual"):
        value_cds(replace(UNADJUSTED, protection_start=date(2026, 4, 1)), market(MARCH, 0.02, 0.01))
    with pytest.raises(ValuationError, match=r"E603.*start both on the valuation day"):
        Market(flat_discount(MARCH, 0.02), flat_hazard(JANUARY, 0.01), 0.4)
    with pytest.raises(ValuationError, match=r"^a flat hazard at 900000 bp.*E601.*too high"):
        implied_hazard(STANDARD, flat_discount(JANUARY, 0.02), 0.4, 90.0)
    with pytest.raises(ValuationError, match=r"E607.*too close to 0"):
        value_cds(STANDARD, market(JANUARY, 0.02, 200.0))
    with pytest.raises(ValuationError, match=r"months.*E600.*multiple of 3"):
        CreditQuotes(MARCH, {13: 0.01}, 0.4).curve(flat_discount(MARCH, 0.02))
    with pytest.raises(ValuationError, match=r"360 months.*E601.*too high"):
        CreditQuotes(MARCH, {360: 60.0}, 0.4).curve(flat_discount(MARCH, 0.02))
    with pytest.raises(ValuationError, match=r"recovery 1 .*E601"):
        CreditQuotes(MARCH, {12: 0.01}, 1.0).curve(flat_discount(MARCH, 0.02))

"""Amortizing protection against QuantLib: over random contracts to 1e-8 of the notional, and worked cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from abssim.errors import ValuationError
from abssim.valuation import (
    AmortizingCds,
    Cds,
    Market,
    discount_factors,
    flat_discount,
    flat_hazard,
    month_days,
    survival_curve,
    value_amortizing,
    value_by_strips,
    value_cds,
)

CONTRACTS = 240
LINEAR = (*(1e6,) * 12, *(1e6 * (12 - k) / 12 for k in range(12)))
"""Flat for 12 months, then down in equal steps."""


def flat(day: date, rate: float, hazard: float, recovery: float) -> Market:
    return Market(flat_discount(day, rate), flat_hazard(day, hazard), recovery)


def test_flat_then_linear() -> None:
    cds = AmortizingCds(month_days(date(2027, 1, 15), 24), LINEAR, 0.045)
    at = flat(date(2027, 1, 15), 0.018, 0.06, 0.35)
    for value in (value_amortizing(cds, at), value_by_strips(cds, at)):
        assert value.premium_leg == pytest.approx(-66103.441682, abs=1e-6)
        assert value.protection_leg == pytest.approx(56550.920766, abs=1e-6)
        assert value.npv == pytest.approx(-9552.520916, abs=1e-6)
        assert value.par_spread == pytest.approx(0.0384971095, abs=1e-10)


def test_month_ends_without_credit_risk() -> None:
    cds = AmortizingCds(month_days(date(2026, 8, 31), 18), (1e6,) * 18, 0.03)
    value = value_amortizing(cds, flat(date(2026, 8, 31), 0.02, 0.0, 0.4))
    assert value.premium_leg == pytest.approx(-44869.576465, abs=1e-6)
    assert value.protection_leg == 0.0


@pytest.mark.parametrize(
    ("notionals", "right"),
    [
        ((1e6,) * 12, (-20106.738654, 38728.474628, -58835.213282)),
        (tuple(1e6 * (12 - k) / 12 for k in range(12)), (-11055.972743, 21295.787069, -32351.759812)),
    ],
)
def test_twelve_months_without_recovery(notionals: tuple[float, ...], right: tuple[float, ...]) -> None:
    start = date(2026, 3, 20)
    value = value_amortizing(AmortizingCds(month_days(start, 12), notionals, 0.06), flat(start, 0.025, 0.04, 0.0))
    assert value[:3] == pytest.approx(right, abs=1e-6)


def random_market(random: np.random.Generator, day: date) -> Market:
    """Curves with several nodes, up and down, days counted in one of two ways."""
    days = [day + timedelta(days=int(n)) for n in np.cumsum(random.integers(20, 900, 5))]
    count = str(random.choice(["act/365", "act/360", "act/act"]))
    discount = discount_factors(
        day, dict(zip(days, np.exp(-np.cumsum(random.uniform(-0.01, 0.06, 5))), strict=True)), count
    )
    survival = np.exp(-np.cumsum(random.uniform(0.0, 0.4, 5)))
    return Market(
        discount, survival_curve(day, dict(zip(days, survival, strict=True)), count), random.uniform(0.0, 0.9)
    )


def random_contract(random: np.random.Generator) -> AmortizingCds:
    """Any start, length, step, profile, convention and side."""
    start = date(2024, 1, 1) + timedelta(days=int(random.integers(0, 1000)))
    periods = int(random.integers(1, 25))
    notionals = random.uniform(0.0, 1e6, periods) if random.random() < 0.7 else np.full(periods, 1e6)
    premium = tuple(random.uniform(0.0, 1e6, periods)) if random.random() < 0.3 else None
    day_count = str(random.choice(["act/360", "act/365", "30/360", "30e/360"]))
    return AmortizingCds(
        days=month_days(start, periods, int(random.choice([1, 2, 3, 6, 12]))),
        notionals=tuple(notionals),
        coupon=random.uniform(0.0, 0.1),
        side=str(random.choice(["buyer", "seller"])),
        premium_notionals=premium,
        day_count=day_count,
        last_day_counted=bool(random.random() < 0.5) and day_count == "act/360",
        settles_accrual=bool(random.random() < 0.8),
        pays_at_default=bool(random.random() < 0.7),
        calendar=str(random.choice(["none", "weekends", "TARGET", "CN"])),
        roll=str(random.choice(["none", "following", "modified_following"])),
    )


@pytest.mark.parametrize("seed", range(CONTRACTS))
def test_formula_equals_strips_of_quantlib(seed: int) -> None:
    """New contracts, those that start later, and old ones on any day of their life."""
    random = np.random.default_rng(seed)
    cds = random_contract(random)
    age = int(random.integers(-200, (cds.days[-1] - cds.days[0]).days)) if seed % 3 else 0
    day = cds.days[0] + timedelta(days=age)
    between = [period.payment for period in cds.periods() if period.end < day < period.payment]
    at = random_market(random, max([day, *between]))
    ours, theirs = value_amortizing(cds, at), value_by_strips(cds, at)
    assert ours[:4] == pytest.approx(theirs[:4], abs=1e-8 * 1e6)


@pytest.mark.parametrize("seed", range(CONTRACTS))
def test_formula_equals_quantlib_on_standard_schedules(seed: int) -> None:
    """Constant notional on the 20ths of months, adjusted, valued on the trade date or later."""
    random = np.random.default_rng(1000 + seed)
    trade = date(2024, 1, 1) + timedelta(days=int(random.integers(0, 1000)))
    cds = Cds(
        1e6, random.uniform(0.0, 0.1), trade, date(trade.year + int(random.integers(1, 8)), 6, 20),
        rule="backward", rebates_accrual=False, last_day_counted=bool(random.random() < 0.5),
        months=int(random.choice([1, 3, 6])), calendar=str(random.choice(["weekends", "TARGET", "US", "UK"])),
        settles_accrual=bool(random.random() < 0.8), pays_at_default=bool(random.random() < 0.7),
    )  # fmt: skip
    at = random_market(random, trade + timedelta(days=int(random.choice([0, 40, 170]))))
    periods = cds.periods()
    ours = AmortizingCds(
        (periods[0].start, *(period.end for period in periods)), (1e6,) * len(periods), cds.coupon,
        last_day_counted=cds.last_day_counted, settles_accrual=cds.settles_accrual,
        pays_at_default=cds.pays_at_default, calendar=cds.calendar, roll="following",
    )  # fmt: skip
    value, theirs = value_amortizing(ours, at), value_cds(cds, at, "midpoint")
    right = (theirs.npv, theirs.protection_leg, theirs.premium_leg, 1e6 * theirs.risky_annuity)
    assert value[:4] == pytest.approx(right, abs=1e-8 * 1e6)


def test_strips_through_the_isda_model_add_up() -> None:
    """A constant notional is one bullet; halves of two lengths are half of each."""
    start = date(2027, 1, 15)
    at, days = flat(start, 0.018, 0.06, 0.35), month_days(start, 24)
    long, short = (AmortizingCds(days[: n + 1], (1e6,) * n, 0.045) for n in (24, 12))
    both = replace(long, notionals=(1e6,) * 12 + (0.5e6,) * 12)
    parts = value_by_strips(long, at, "isda").npv + value_by_strips(short, at, "isda").npv
    assert value_by_strips(both, at, "isda").npv == pytest.approx(parts / 2.0)


def test_a_contract_that_is_over_is_worth_nothing() -> None:
    cds = AmortizingCds(month_days(date(2024, 1, 15), 3), (1e6,) * 3, 0.01)
    assert value_amortizing(cds, flat(date(2024, 4, 15), 0.02, 0.02, 0.4))[:4] == (0.0, 0.0, 0.0, 0.0)
    assert value_by_strips(cds, flat(date(2024, 4, 15), 0.02, 0.02, 0.4))[:4] == (0.0, 0.0, 0.0, 0.0)


def test_what_is_refused() -> None:
    days = month_days(date(2026, 1, 31), 2)
    with pytest.raises(ValuationError) as told:
        AmortizingCds((*days, days[0]), (1.0, -1.0), -0.01, premium_notionals=(1.0,))
    assert [problem.code for problem in told.value.problems] == ["E605", "E605", "E603", "E600", "E600"]
    with pytest.raises(ValuationError, match=r"E605.*one period or more"):
        AmortizingCds(days[:1], (), 0.01)
    with pytest.raises(ValuationError, match=r"E604"):
        value_by_strips(
            AmortizingCds(days, (1.0, 1.0), 0.01, settles_accrual=False), flat(days[0], 0.1, 0.1, 0), "isda"
        )

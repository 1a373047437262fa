"""The large homogeneous pool against published closed-form values and quadrature by scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from abssim.errors import ValuationError
from abssim.valuation import (
    Basket,
    LargePool,
    RiskMultiple,
    WangShift,
    both_prices,
    flat_hazard,
    risk_neutral,
    survival_curve,
    tranche_loss,
)
from abssim.valuation.normal import both_below, over_factor
from tests.unit.valuation.test_amortizing import flat

POOL = LargePool(0.03, 0.08)
START = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("p", "rho", "deviation", "quantiles"),
    [
        (0.03, 0.04, 0.014093, (0.056617, 0.074269, 0.098736)),
        (0.03, 0.08, 0.020624, (0.069996, 0.101179, 0.146950)),
        (0.05, 0.08, 0.030752, (0.109379, 0.151769, 0.210809)),
        (0.015, 0.15, 0.017397, (0.048175, 0.084329, 0.145567)),
    ],
)
def test_deviation_and_quantiles(p: float, rho: float, deviation: float, quantiles: tuple[float, ...]) -> None:
    pool = LargePool(p, rho)
    assert pool.deviation() == pytest.approx(deviation, abs=5e-7)
    for level, right in zip((0.95, 0.99, 0.999), quantiles, strict=True):
        assert pool.loss_quantile(level) == pytest.approx(right, abs=5e-7)
        assert pool.loss_cdf(pool.loss_quantile(level)) == pytest.approx(level, abs=1e-12)


@pytest.mark.parametrize(
    ("edges", "right"),
    [((0, 0.05), 0.545332075), ((0.05, 0.1), 0.0504590741), ((0.1, 0.25), 1.40207481e-3), ((0.25, 1), 1.75090e-7)],
)
def test_tranches(edges: tuple[float, float], right: float) -> None:
    assert POOL.tranche_loss(*edges) == pytest.approx(right, rel=1e-5, abs=1e-9)


def test_stop_loss_and_expected_shortfall() -> None:
    """The shortfalls to the digits that a quadrature gives too."""
    assert POOL.stop_loss(0.06) == pytest.approx(1.62730413409e-3, abs=1e-14)
    assert POOL.expected_shortfall(0.99) == pytest.approx(0.1210080105, abs=1e-10)
    assert POOL.expected_shortfall(0.999) == pytest.approx(0.1672369612, abs=1e-10)
    assert LargePool(0.05, 0.12).expected_shortfall(0.99) == pytest.approx(0.2223141487, abs=1e-9)


@pytest.mark.parametrize("pool", [POOL, LargePool(0.2, 0.3, 0.6), LargePool(0.001, 0.02, 0.85)])
def test_closed_forms_equal_quadrature(pool: LargePool) -> None:
    def mean(value: Callable[[float], float], low: float = -9.0, high: float = 9.0) -> float:
        return float(quad(lambda m: value(pool.loss(m)) * norm.pdf(m), low, high, limit=400, epsabs=1e-13)[0])

    for retention in (0.0, 0.01, 0.05, 0.3):
        wanted = mean(lambda x, over=retention: max(x - over, 0.0))
        assert pool.stop_loss(retention) == pytest.approx(wanted, abs=1e-10)
    tail = mean(lambda x: x, -9.0, norm.ppf(0.01)) / 0.01
    assert pool.expected_shortfall(0.99) == pytest.approx(tail, abs=1e-10)
    assert pool.deviation() ** 2 == pytest.approx(mean(lambda x: x * x) - mean(lambda x: x) ** 2, abs=1e-10)


def test_losses_given_default_scale_tranches() -> None:
    half = LargePool(0.03, 0.08, 0.5)
    assert half.tranche_loss(0.025, 0.05) == pytest.approx(POOL.tranche_loss(0.05, 0.1), abs=1e-14)
    assert half.tranche_loss(0.6, 0.9) == 0.0
    assert half.loss_cdf(0.5) == 1.0


def test_without_correlation_the_mean_is_certain() -> None:
    sure = LargePool(0.03, 0.0)
    assert sure.deviation() == pytest.approx(0.0, abs=1e-8)
    assert sure.tranche_loss(0.0, 0.05) == pytest.approx(0.6)
    assert (sure.loss_cdf(0.029), sure.loss_cdf(0.031)) == (0.0, 1.0)


def test_two_normal_variables() -> None:
    """Against scipy's integral, and limits that it refuses."""
    random = np.random.default_rng(7)
    for _ in range(100):
        a, b, rho = random.normal(0, 1.5), random.normal(0, 1.5), random.uniform(-0.99, 0.99)
        wanted = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([a, b])
        assert both_below(a, b, rho) == pytest.approx(wanted, abs=1e-8)
    for a, b in ((0.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (-1.0, -0.0), (-0.0, 0.7)):
        assert both_below(a, b, 0.5) == pytest.approx(multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]).cdf([a, b]))
    assert both_below(math.inf, 0.3, 0.2) == pytest.approx(norm.cdf(0.3))
    assert both_below(-math.inf, 0.3, 0.2) == 0.0
    assert both_below(0.3, -0.1, 1.0) == pytest.approx(norm.cdf(-0.1))
    assert both_below(0.3, -0.1, -1.0) == pytest.approx(norm.cdf(0.3) - norm.cdf(0.1))


def test_risk_multiple_and_wang_shift_stay_apart_and_named() -> None:
    def price(pool: LargePool) -> float:
        return pool.tranche_loss(0.05, 0.1)

    doubled, shifted = (both_prices(price, POOL, by) for by in (RiskMultiple(2.0), WangShift(0.4)))
    assert doubled.p == shifted.p == price(POOL)
    assert (doubled.q, doubled.adjustment) == (price(LargePool(0.06, 0.08)), "risk multiple 2")
    lower = over_factor(
        lambda m: np.clip(POOL.loss(m - 0.4) - 0.05, 0.0, 0.05), [POOL.factor_of(0.05) + 0.4, POOL.factor_of(0.1) + 0.4]
    )
    assert shifted.adjustment == "Wang shift 0.4"
    assert shifted.q == pytest.approx(lower / 0.05, abs=1e-12)


def test_baskets_are_adjusted_as_pools_are() -> None:
    """By name; a tranche of a few names loses the mean over a shifted factor."""
    for adjustment in (RiskMultiple(1.5), WangShift(0.4)):
        basket = risk_neutral(Basket.alike(3, np.array([0.03]), 0.08, 0.0), adjustment)
        assert basket.probabilities.tolist() == [[risk_neutral(POOL, adjustment).probability] * 3]
    some = over_factor(lambda m: 1.0 - (1.0 - POOL.default_rate(m - 0.4)) ** 3)
    assert tranche_loss(basket, 0.0, 1.0 / 3.0)[0] == pytest.approx(some, abs=1e-12)


def test_adjusted_curves() -> None:
    market = flat(START, 0.02, 0.01, 0.4)
    assert risk_neutral(market, RiskMultiple(1.5)).credit == flat_hazard(START, 0.015)
    days = {START.replace(year=2027): 0.98, START.replace(year=2029): 0.93}
    moved = risk_neutral(survival_curve(START, days), WangShift(0.5)).factors(list(days))
    np.testing.assert_allclose(moved, 1.0 - norm.cdf(norm.ppf([0.02, 0.07]) + 0.5))
    with pytest.raises(ValuationError, match=r"E600.*needs the days"):
        risk_neutral(market, WangShift(0.5))
    with pytest.raises(ValuationError, match=r"probability.*E600"):
        risk_neutral(LargePool(0.6, 0.1), RiskMultiple(2.0))


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError) as told:
        LargePool(1.5, 1.0, -0.1)
    assert [problem.path for problem in told.value.problems] == ["probability", "correlation", "lgd"]
    with pytest.raises(ValuationError, match=r"detachment.*E600.*above the attachment"):
        POOL.tranche_loss(0.1, 0.05)
    with pytest.raises(ValuationError, match=r"E600"):
        POOL.expected_shortfall(1.0)

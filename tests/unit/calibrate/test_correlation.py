"""Correlation recovered from data drawn from known ones, judged in its own standard errors; seeds are fixed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from abssim.calibrate.backtest import expected_shares, factor_paths, recentring
from abssim.calibrate.correlation import Trials, conditional, lifetime_correlation, monthly_correlation
from abssim.calibrate.factor import choose_factor, lifetime_from_monthly, monthly_from_lifetime
from abssim.calibrate.serial import common_variance, persistence_of
from tests.unit.calibrate.simulated import factor_path

RHO, P = 0.06, 0.05


def vintages(number: int, loans: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    share = ndtr((ndtri(P) - np.sqrt(RHO) * random.standard_normal(number)) / np.sqrt(1.0 - RHO))
    return np.full(number, float(loans)), random.binomial(loans, share).astype(float), np.full(number, P)


def test_lifetime_correlation_is_recovered_from_small_pools() -> None:
    """40 vintages of 500 loans, ten times: within four errors each; the mean within three of its own."""
    found = [lifetime_correlation(*vintages(40, 500, seed)) for seed in range(10)]
    rho = np.asarray([each.correlation for each in found if each])
    error = np.asarray([each.error for each in found if each])
    assert np.abs((rho - RHO) / error).max() < 4.0
    assert abs(rho.mean() - RHO) < 3.0 * rho.std(ddof=1) / np.sqrt(10)
    assert error.mean() == pytest.approx(rho.std(ddof=1), rel=0.5)
    moments = np.asarray([each.moments for each in found if each])
    assert abs(moments.mean() - RHO) < 3.0 * moments.std(ddof=1) / np.sqrt(10)


def test_noise_of_small_pools_is_no_correlation() -> None:
    """Independent loans: the plain variance of the default rates would say 1.7 %."""
    random = np.random.default_rng(3)
    events = random.binomial(300, P, 40).astype(float)
    found = lifetime_correlation(np.full(40, 300.0), events, np.full(40, P))
    plain = np.var(ndtri(np.maximum(events, 0.5) / 300))
    assert found is not None and plain > 0.015
    assert found.correlation < 0.01 and found.deviance < 2.71 and 0.0 < found.error < 0.02


def test_infinite_pools_by_hand() -> None:
    """Variance 0.05 of the quantiles: rho = 0.05 / 1.05."""
    share = ndtr(np.asarray([-2.0, -2.0, -2.0]) + np.sqrt(0.05) * np.asarray([-1.0, 0.0, 1.0]))
    found = lifetime_correlation(np.full(3, np.inf), share, np.full(3, 0.02))
    assert found is not None
    assert found.correlation == pytest.approx(0.05 / 1.05)
    assert found.error == pytest.approx(0.05 * np.sqrt(2 / 2) / 1.05**2)


def test_two_vintages_are_too_few() -> None:
    assert lifetime_correlation(*vintages(2, 500, 1)) is None


@pytest.mark.parametrize("seed", [101, 103, 105])
def test_monthly_correlation_and_persistence_are_recovered(seed: int) -> None:
    """Ten years of 3,000 loans a month at 2 %, correlation 5 %, persistence 0.8."""
    random = np.random.default_rng(seed)
    factor = factor_path(120, 0.8, random)
    events = random.binomial(3000, conditional(np.full(120, 0.02), factor, 0.05)).astype(float)
    base = np.full(120, events.sum() / 360_000)
    found = monthly_correlation(Trials(np.arange(120), np.full(120, 3000.0), events, base, np.zeros(120, dtype=int)))
    assert found is not None
    assert abs(np.log(found.correlation / 0.05)) < 4.0 * found.error / found.correlation
    assert abs(found.persistence - 0.8) < 4.0 * found.persistence_error
    assert found.error < 0.03 and found.persistence_error < 0.15
    assert np.corrcoef(found.factor, factor)[0, 1] > 0.95


def test_eleven_months_are_too_few() -> None:
    trials = Trials(np.arange(11), np.full(11, 100.0), np.full(11, 2.0), np.full(11, 0.02), np.zeros(11, dtype=int))
    assert monthly_correlation(trials) is None


def test_monthly_and_lifetime_correlation_are_inverse() -> None:
    hazard, prepaid = np.full(36, 0.004), np.full(36, 0.01)
    for phi in (0.0, 0.9):
        lifetime = lifetime_from_monthly(hazard, prepaid, 0.05, phi)
        assert monthly_from_lifetime(hazard, prepaid, lifetime, phi) == pytest.approx(0.05, rel=1e-5)
    assert lifetime_from_monthly(hazard, prepaid, 0.05, 0.0) < 0.005 < 0.02 < lifetime


def test_larger_of_both_is_taken() -> None:
    hazard, prepaid = np.full(36, 0.004), np.full(36, 0.01)
    lifetime = lifetime_correlation(*vintages(40, 500, 1))
    found = choose_factor(hazard, prepaid, lifetime, None)
    assert lifetime is not None and found is not None and found.source == "vintages"
    assert lifetime_from_monthly(hazard, prepaid, found.correlation, 0.9) == pytest.approx(
        lifetime.correlation, rel=1e-4
    )
    assert choose_factor(hazard, prepaid, None, None) is None


def test_recentred_factor_keeps_mean_lifetime_default() -> None:
    hazard, prepaid, path = np.full(36, 0.004), np.full(36, 0.01), factor_paths(0.9, 1000, 36)
    wanted = expected_shares(hazard, prepaid)[0].sum()
    shift = recentring(hazard, prepaid, path, 0.05)
    means = [
        expected_shares(conditional(hazard[None, :], path, 0.05, each), prepaid[None, :])[0].sum(axis=1).mean()
        for each in (0.0, shift)
    ]
    assert means[1] == pytest.approx(wanted, rel=1e-6)
    assert abs(means[0] / wanted - 1.0) > 1e-3


def test_slow_factors_are_not_taken_for_small_ones() -> None:
    """12 histories of 60 months, persistence 0.9, correlation 5 %: uncorrected, the mean is 3.5 % and two errors hold
    the truth 7 times of 12."""
    found = []
    for seed in range(12):
        random = np.random.default_rng(1000 + seed)
        factor = factor_path(60, 0.9, random)
        events = random.binomial(2000, conditional(np.full(60, 0.02), factor, 0.05)).astype(float)
        trials = Trials(
            np.arange(60), np.full(60, 2000.0), events, np.full(60, events.sum() / 120_000), np.zeros(60, int)
        )
        found.append(monthly_correlation(trials))
    known = [each for each in found if each is not None]
    assert sum(abs(each.correlation - 0.05) <= 2.0 * each.error for each in known) >= 10
    assert sum(abs(each.persistence - 0.9) <= 2.0 * each.persistence_error for each in known) >= 10
    assert np.mean([each.correlation for each in known]) == pytest.approx(0.05, abs=0.015)
    assert np.mean([each.persistence for each in known]) == pytest.approx(0.9, abs=0.03)


def test_errors_of_rates_cover_under_a_slow_factor() -> None:
    """60 histories of 60 months of 5,000 loans: errors of independent loans cover two of ten."""
    inside = np.zeros(2)
    for seed in range(60):
        random = np.random.default_rng(seed)
        share = conditional(np.full(60, 0.02), factor_path(60, 0.9, random), 0.05)
        events, base = random.binomial(5000, share).astype(float), np.full(60, 5000.0)
        rate = events.sum() / base.sum()
        noise = rate * (1.0 - rate) / base.sum()
        common = common_variance(events[:, None], base[:, None], noise, 0.9)
        errors = np.sqrt([noise + common, noise])
        inside += np.abs(rate - 0.02) <= 2.0 * errors
    assert inside[0] >= 52 and inside[1] <= 20


def test_common_variance_of_two_months_by_hand() -> None:
    """3 and 1 of 100: the mean of two, whose variance is 0.02^2 / 2 / 2, by Student's t of three."""
    events, base = np.asarray([[3.0], [1.0]]), np.full((2, 1), 100.0)
    wide = (3.1824463 / 1.959964) ** 2
    assert common_variance(events, base, 0.0, 0.0) == pytest.approx(1e-4 * wide)
    assert common_variance(events, base, 2e-5, 0.0) == pytest.approx(1e-4 * wide * (5e-5 - 2e-5) / 5e-5)
    assert common_variance(events, base, 1e-3, 0.0) == 0.0
    assert common_variance(events[:1], base[:1], 0.0, 0.0) == 0.0  # one month says nothing


def test_common_variance_of_months_alike_by_hand() -> None:
    """Two months alike by a half vary from their mean by half of what two others do, and their mean by half as much
    again: three times in all."""
    events, base = np.asarray([[3.0], [1.0]]), np.full((2, 1), 100.0)
    alone, alike = (common_variance(events, base, 0.0, phi) for phi in (0.0, 0.5))
    assert alike == pytest.approx(3.0 * alone)


def test_persistence_by_hand() -> None:
    """Twelve months of 1 or -1, the sign kept 9 times of 11: (9 - 2) / 12 x 12 / 11, corrected and half an error."""
    gap = np.asarray([1.0] * 4 + [-1.0] * 4 + [1.0] * 4)
    phi = (7.0 / 11.0 + 1.0 / 12.0) / 0.75
    assert phi < 0.985
    assert persistence_of(gap, np.zeros(12)) == pytest.approx(min(0.985, phi + 0.5 * np.sqrt((1.0 - phi**2) / 12.0)))
    assert persistence_of(gap, np.ones(12)) == 0.0
    assert persistence_of(gap[:11], np.zeros(11)) == 0.0

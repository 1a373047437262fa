"""Monte Carlo against closed forms, judged in standard errors."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from abssim.collateral.factor import factor_paths
from abssim.kind.pool import PoolField as F
from abssim.scenario.factor import Factor
from abssim.scenario.scenario import Scenario
from tests.statistical.pools import LIMIT, bullets, distance, rolls, simulated

BASE = np.asarray(
    [
        [0.97, 0.02, 0.0, 0.0, 0.0, 0.01],
        [0.60, 0.13, 0.25, 0.0, 0.0, 0.02],
        [0.18, 0.07, 0.10, 0.65, 0.0, 0.0],
        [0.07, 0.02, 0.03, 0.06, 0.82, 0.0],
    ]
)
ABSORBED = (0.26678947, 0.40018420, 0.75234630, 0.92473334)
LIFE = (72.462121, 58.693182, 26.343182, 8.549476)
DAYS = (0, 15, 45, 75)
ALONE = {"dilution_pct": 0, "repurchase_pct": 0}


def defaults_in_a_month(
    pd: float, correlation: float, loans: int, paths: int, degrees: int | None = None
) -> np.ndarray:
    """(P,) share of the loans that default, one month, direct default."""
    rule = {"default": {"mdr_pct": 100.0 * pd}}
    factor = {"correlation_pct": 100.0 * correlation, "persistence": 0, "degrees": degrees}
    scenario = Scenario.model_validate({"name": "v", "reason": "v", "assumptions": [rule], "factor": factor})
    return simulated(bullets(loans, 6), scenario, 1, paths, seed=4)[:, 1, F.DEFAULT] / (100.0 * loans)


@pytest.mark.parametrize("start", range(4))
def test_matrix_power(start: int) -> None:
    found = simulated(bullets(5000, 40, days_past_due=DAYS[start]), rolls("base", **ALONE), 12, 80) / 500_000.0
    state = np.eye(6)[start]
    step = np.vstack([BASE, np.eye(6)[4:]])
    for t in range(1, 13):
        state = state @ step
        sample = found[:, t, F.CURRENT_BALANCE : F.CURRENT_BALANCE + 4]
        assert np.all(distance(sample, state[:4]) < LIMIT), t
        for field, k in ((F.DEFAULT, 4), (F.PREPAYMENT, 5)):
            assert distance(found[:, : t + 1, field].sum(axis=1), state[k]) < LIMIT, (t, field)


@pytest.mark.parametrize("start", range(4))
def test_absorption(start: int) -> None:
    """Where obligors end, and after how many months."""
    found = simulated(bullets(1000, 1000, days_past_due=DAYS[start]), rolls("base", **ALONE), 1000, 40) / 100_000.0
    assert distance(found[:, :, F.DEFAULT].sum(axis=1), ABSORBED[start], 1e-4) < LIMIT
    assert distance(found[:, :, F.CLOSING_BALANCE].sum(axis=1), LIFE[start], 1e-3) < LIMIT


@pytest.mark.parametrize("degrees, joint", [(4, 0.0040838400), (8, 0.0026703753), (20, 0.0018399766)])
def test_pair_probability_of_the_t_copula(degrees: int, joint: float) -> None:
    """Default 3 %, rho 8 %; the mean of the squared share is p / N + (1 - 1 / N) joint."""
    found = defaults_in_a_month(0.03, 0.08, 1000, 8000, degrees)
    assert distance(found, 0.03) < LIMIT
    assert distance(found**2, 0.03 / 1000 + (1.0 - 1.0 / 1000) * joint) < LIMIT


def test_vasicek_large_pool() -> None:
    """p 3 %, rho 8 %: mean, standard deviation, quantiles, stop-loss and tranche loss."""
    found = defaults_in_a_month(0.03, 0.08, 20_000, 6000)
    assert distance(found, 0.03) < LIMIT
    spread = found.var(ddof=1)
    kurtosis = ((found - found.mean()) ** 4).mean() / spread**2
    error = spread * np.sqrt((kurtosis - 1.0) / len(found))
    idiosyncratic = 0.03 * 0.97 / 20_000
    assert abs(spread - 0.020624**2 - idiosyncratic) < LIMIT * error
    ordered = np.sort(found)
    for alpha, quantile in ((0.5, median(0.03, 0.08)), (0.95, 0.069996), (0.99, 0.101179)):
        reach = LIMIT * np.sqrt(alpha * (1.0 - alpha) * len(found))
        low, high = int(alpha * len(found) - reach), int(np.ceil(alpha * len(found) + reach))
        assert ordered[low] <= quantile <= ordered[min(high, len(found) - 1)], alpha
    assert distance(np.maximum(found - 0.06, 0.0), 1.62730413409e-3, 5e-6) < LIMIT
    for low, high, loss in ((0.0, 0.05, 0.545332075), (0.05, 0.10, 0.0504590741), (0.10, 0.25, 1.40207481e-3)):
        assert distance(np.clip(found - low, 0.0, high - low) / (high - low), loss, 5e-4) < LIMIT, low


def median(p: float, rho: float) -> float:
    normal = NormalDist()
    return normal.cdf(normal.inv_cdf(p) / np.sqrt(1.0 - rho))


def test_variance_of_a_finite_pool() -> None:
    """N = 1000: p (1 - p) / N + (1 - 1 / N) (joint - p^2)."""
    found = defaults_in_a_month(0.03, 0.08, 1000, 12_000)
    squares = (found - 0.03) ** 2
    assert distance(squares, 0.00045401395) < LIMIT


def test_poisson_binomial_of_five_loans() -> None:
    rules = [{"where": {"score": n}, "default": {"mdr_pct": pd}} for n, pd in enumerate((1.0, 2.0, 5.0, 10.0, 20.0))]
    scenario = Scenario.model_validate({"name": "p", "reason": "p", "assumptions": rules})
    found = simulated(bullets(5, 6, score=np.arange(5.0)), scenario, 1, 20_000)[:, 1, F.DEFAULT] // 100
    for count, chance in enumerate((0.6636168, 0.2948130, 0.0395600, 0.0019740)):
        share = float((found == count).mean())
        assert abs(share - chance) < LIMIT * np.sqrt(chance * (1.0 - chance) / len(found)), count


def test_neighbouring_keys_are_independent() -> None:
    """Uncorrelated obligors: the variance of the number of defaults is binomial."""
    found = defaults_in_a_month(0.03, 0.0, 500, 8000)
    assert distance((found - 0.03) ** 2, 0.03 * 0.97 / 500) < LIMIT


@pytest.mark.parametrize("correlation, published", [(8, 0.0429), (4, 0.037)])
def test_persistence_without_recentring_costs_defaults(correlation: int, published: float) -> None:
    """The mean 12-month default of the base matrix at persistence 0.9; recentred, the base's 3.04 %."""
    factor = {"correlation_pct": correlation, "persistence": 0.9, "recentre": False}
    tape = bullets(400, 40)
    plain = simulated(tape, rolls("base", factor, **ALONE), 12, 4000)[:, :, F.DEFAULT].sum(axis=1) / 40_000.0
    assert distance(plain, published, 0.0005) < LIMIT
    recentred = rolls("base", {**factor, "recentre": True}, **ALONE)
    found = simulated(tape, recentred, 12, 4000)[:, :, F.DEFAULT].sum(axis=1) / 40_000.0
    assert distance(found, 0.030353996) < LIMIT
    assert 0.9 < found.std() / 0.0304 / (plain.std() / published) < 1.1


def test_correlation_by_segment() -> None:
    """Segment A hangs on the factor alone of the two: its variance is Vasicek's, B's is binomial."""
    rules = [{"default": {"mdr_pct": 3.0}}, {"where": {"grade": "B"}, "correlation_pct": 0}]
    factor = {"correlation_pct": 8, "persistence": 0}
    scenario = Scenario.model_validate({"name": "s", "reason": "s", "assumptions": rules, "factor": factor})
    for grade, variance in ((0, 0.00045401395), (1, 0.03 * 0.97 / 1000)):
        tape = bullets(1000, 6, grade=grade, labels={"grade": ("A", "B")})
        found = simulated(tape, scenario, 1, 8000)[:, 1, F.DEFAULT] / 100_000.0
        assert distance((found - 0.03) ** 2, variance) < LIMIT, grade


def test_factor_mean_shifts_the_paths() -> None:
    factor = Factor.model_validate({"mean": "-2.33 for 3, 0", "persistence": 0.5})
    paths = factor_paths(factor, 9, 0, 2000, 6)
    assert np.all(distance(paths, np.asarray([-2.33, -2.33, -2.33, 0.0, 0.0, 0.0])) < LIMIT)
    assert np.array_equal(paths[100:104], factor_paths(factor, 9, 100, 104, 6))

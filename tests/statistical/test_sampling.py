"""Paths drawn with less variance: the same figures within their errors, and smaller errors; senior tails by weight."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.collateral.sampling import FactorDraws, Sampling
from abssim.kind.pool import PoolField as F
from abssim.measure.estimate import Estimate, Sample, expected_loss, mean, rarity, value_at_risk
from abssim.scenario.scenario import Scenario
from tests.statistical.pools import LIMIT, bullets, rolls, simulated

PATHS = 512
LOANS = 20_000
SENIOR = {(0.10, 0.25): 1.40207481e-3, (0.25, 1.0): 1.75090e-7}
"""Expected loss of tranches of a large homogeneous pool, p 3 %, rho 8 %, all lost."""


def sample(scenario: Scenario, way: Sampling, values: np.ndarray, months: int, seed: int) -> Sample:
    draws = FactorDraws(scenario.systematic, seed, months, way)
    return Sample(values, draws.weights(len(values)), draws.replicates(len(values)))


def lifetime(way: Sampling, seed: int) -> Sample:
    """(P,) share of 1 000 loans that default within a year, on two persistent factors."""
    factors = {"economy": {"correlation_pct": 10, "persistence": 0.9}, "property": {"correlation_pct": 2}}
    scenario = rolls("base").model_copy(
        update={"factors": Scenario.model_validate({"name": "n", "reason": "n", "factors": factors}).factors}
    )
    flows = simulated(bullets(1000, 20), scenario, 12, way.paths, seed, sampling=way)
    return sample(scenario, way, flows[:, :, F.DEFAULT].sum(axis=1) / 100_000.0, 12, seed)


@pytest.fixture(scope="module")
def plain() -> Estimate:
    return mean(lifetime(Sampling("random", 0.0, 8 * PATHS), 11))


@pytest.mark.parametrize(("kind", "ratio"), [("antithetic", 0.8), ("stratified", 0.35), ("sobol", 0.25)])
def test_the_same_mean_with_less_variance(kind: str, ratio: float, plain: Estimate) -> None:
    """The scatter of ten experiments of 512 paths, against the variance of the mean of 512 plain ones."""
    found = [mean(lifetime(Sampling(kind, 0.0, PATHS), seed)) for seed in range(10)]
    values = np.asarray([each.value for each in found])
    error = np.sqrt(values.var(ddof=1) / len(found) + plain.error**2)
    assert abs(values.mean() - plain.value) < LIMIT * error
    assert values.var(ddof=1) < ratio * 8.0 * plain.error**2
    stated = np.mean([each.error**2 for each in found])
    assert stated < ratio * 8.0 * plain.error**2
    assert 0.3 < stated / values.var(ddof=1) < 3.0


def tranche(way: Sampling, low: float, high: float, seed: int = 3) -> Estimate:
    """Expected loss of a tranche of a one-month pool in which 3 % default."""
    factor = {"correlation_pct": 8, "persistence": 0}
    rules = [{"default": {"mdr_pct": 3.0}}]
    scenario = Scenario.model_validate({"name": "v", "reason": "v", "assumptions": rules, "factor": factor})
    flows = simulated(bullets(LOANS, 6), scenario, 1, way.paths, seed, sampling=way)
    losses = np.clip(flows[:, 1, F.DEFAULT] / (100.0 * LOANS) - low, 0.0, high - low) / (high - low)
    return expected_loss(sample(scenario, way, losses, 1, seed))


@pytest.mark.parametrize("way", [Sampling("random", 3.0, 1024), Sampling("antithetic", 3.0, 1024)], ids=str)
def test_mezzanine_loss_by_importance(way: Sampling) -> None:
    """Its error is a third of that of as many plain paths: nine times as many would be needed."""
    exact = SENIOR[0.10, 0.25]
    found, crude = tranche(way, 0.10, 0.25), tranche(Sampling("random", 0.0, 1024), 0.10, 0.25)
    assert abs(found.value - exact) < 4.0 * found.error + 5e-6
    assert found.error < 0.07 * exact
    assert found.error < crude.error / 3.0


def test_senior_loss_by_importance() -> None:
    """Plain paths know no more than a bound, a hundred thousand times too high, where weighted ones know the loss."""
    exact = SENIOR[0.25, 1.0]
    crude, found = (tranche(Sampling("random", shift, 2048), 0.25, 1.0) for shift in (0.0, 4.6))
    assert crude.value == 0.0 and crude.at_most is not None and crude.at_most > 1e3 * exact
    assert found.at_most is None
    assert abs(found.value - exact) < 4.0 * found.error + 0.02 * exact
    assert found.error < 0.15 * exact


def test_bound_of_weighted_paths_is_above_the_loss() -> None:
    """A shift too small to show it: the bound stands for half of the paths."""
    found = tranche(Sampling("random", 0.5, 128), 0.25, 1.0)
    assert found.value == 0.0 and found.at_most == rarity(64)


@pytest.mark.parametrize(
    ("p", "rho", "deviation", "quantiles"),
    [
        (0.03, 0.04, 0.014093, (0.056617, 0.074269, 0.098736)),
        (0.03, 0.08, 0.020624, (0.069996, 0.101179, 0.146950)),
        (0.05, 0.08, 0.030752, (0.109379, 0.151769, 0.210809)),
        (0.015, 0.15, 0.017397, (0.048175, 0.084329, 0.145567)),
    ],
)
def test_vasicek(p: float, rho: float, deviation: float, quantiles: tuple[float, ...]) -> None:
    """Mean, standard deviation and quantiles of a large pool, on weighted paths that see the tail."""
    factor = {"correlation_pct": 100.0 * rho, "persistence": 0}
    rules = [{"default": {"mdr_pct": 100.0 * p}}]
    scenario = Scenario.model_validate({"name": "v", "reason": "v", "assumptions": rules, "factor": factor})
    way = Sampling("random", 2.0, 4096)
    flows = simulated(bullets(LOANS, 6), scenario, 1, way.paths, 6, sampling=way)
    found = sample(scenario, way, flows[:, 1, F.DEFAULT] / (100.0 * LOANS), 1, 6)
    average, squares = mean(found), mean(found.of((found.values - p) ** 2))
    assert abs(average.value - p) < LIMIT * average.error
    variance = deviation**2 + (p * (1.0 - p) - deviation**2) / LOANS
    assert abs(squares.value - variance) < LIMIT * squares.error
    for level, exact in zip((0.95, 0.99, 0.999), quantiles, strict=True):
        value = value_at_risk(found, level)
        assert abs(value.value - exact) < LIMIT * value.error + 2e-4, level
        assert value.error < 0.06 * exact, level

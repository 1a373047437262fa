"""Factor paths drawn with less variance: standard normal all the same, and functions of their number alone."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.collateral.sampling import DIMENSIONS, KINDS, REPLICATES, FactorDraws, Sampling
from abssim.scenario.factor import Factor

FACTORS = {"economy": Factor(persistence=0.9), "property": Factor.model_validate({"persistence": 0.5, "mean": "-1"})}
MONTHS, PATHS = 12, 4096
WAYS = [*(Sampling(kind, 0.0, PATHS) for kind in KINDS), *(Sampling(kind, 1.5, PATHS) for kind in KINDS[:2])]
LIMIT = 4.5


def draws(way: Sampling, seed: int = 3) -> FactorDraws:
    return FactorDraws(FACTORS, seed, MONTHS, way)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_moments(way: Sampling) -> None:
    """Mean, covariance over months and between factors, weighted: those of two independent AR(1)."""
    made = draws(way)
    found, weight = made.block(0, PATHS).reshape(PATHS, -1), made.weights(PATHS)
    mean = np.repeat([0.0, -1.0], MONTHS)
    error = np.sqrt((weight**2).mean() / PATHS)
    assert np.abs((weight[:, None] * found).mean(axis=0) - mean).max() < 2.0 * LIMIT * error
    lag = np.abs(np.subtract.outer(np.arange(MONTHS), np.arange(MONTHS)))
    covariance = np.zeros((2 * MONTHS, 2 * MONTHS))
    covariance[:MONTHS, :MONTHS], covariance[MONTHS:, MONTHS:] = 0.9**lag, 0.5**lag
    apart = found - mean
    assert np.abs((weight[:, None] * apart).T @ apart / PATHS - covariance).max() < 2.0 * LIMIT * error


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_path_does_not_depend_on_its_block(way: Sampling) -> None:
    whole = draws(way).block(0, PATHS)
    for first, last in ((0, 4), (7, 8), (5, 11), (4000, PATHS)):
        assert np.array_equal(draws(way).block(first, last), whole[first:last])
    assert not np.array_equal(draws(way, 4).block(0, 8), whole[:8])


def test_antithetic_paths_mirror_each_other() -> None:
    plain = draws(Sampling()).block(0, 8)
    found = draws(Sampling("antithetic", 0.0, PATHS)).block(0, 8)
    mean = np.asarray([0.0, -1.0])[:, None]
    assert np.array_equal(found[::2], plain[::2])
    assert found[1::2] - mean == pytest.approx(mean - found[::2], abs=1e-15)
    assert np.array_equal(draws(Sampling("antithetic", 0.0, 4)).replicates(4), [0, 0, 1, 1])


def test_every_stratum_has_one_path_of_each_set() -> None:
    made = draws(Sampling("stratified", 0.0, PATHS))
    size = PATHS // REPLICATES
    assert len(made.components) == len(FACTORS)
    for d, component in enumerate(made.components):
        score = (made.block(0, PATHS)[:, d] - [[0.0], [-1.0]][d]) @ component.vector
        assert score == pytest.approx(made.score[:, d])
        for r in range(REPLICATES):
            ranks = np.floor(size * _cdf(score[made.replicates(PATHS) == r] / np.sqrt(component.variance)))
            assert np.array_equal(np.sort(ranks), np.arange(size))


def test_sobol_sets_are_even_in_every_component() -> None:
    made = draws(Sampling("sobol", 0.0, PATHS))
    assert len(made.components) == DIMENSIONS and made.components[0].factor == 0
    variances = [component.variance for component in made.components]
    assert variances == sorted(variances, reverse=True)
    uniform = _cdf(made.score / np.sqrt(variances))
    size = PATHS // REPLICATES
    for r in range(REPLICATES):
        ranks = np.sort(np.floor(size * uniform[r::REPLICATES]), axis=0)
        assert np.array_equal(ranks, np.repeat(np.arange(size)[:, None], DIMENSIONS, axis=1))
    sets = [uniform[r::REPLICATES].tobytes() for r in range(REPLICATES)]
    assert len(set(sets)) == REPLICATES


@pytest.mark.parametrize("shift", [1, 1.5])
def test_weights_are_the_ratio_of_the_densities(shift: float) -> None:
    """p(x) / (p(x) / 2 + q(x) / 2) by the covariance matrix; at most 2, on average 1."""
    way = Sampling("random", shift, PATHS)
    made = draws(way)
    path, weight = made.block(0, PATHS)[:, 0], made.weights(PATHS)
    lag = np.abs(np.subtract.outer(np.arange(MONTHS), np.arange(MONTHS)))
    tilt = np.linalg.solve(0.9**lag, np.full(MONTHS, -shift))
    assert weight == pytest.approx(1.0 / (0.5 + 0.5 * np.exp(path @ tilt + 0.5 * shift * tilt.sum())), rel=1e-9)
    assert weight.min() >= 0.0
    assert weight.max() <= 2.0
    assert abs(weight.mean() - 1.0) < LIMIT * weight.std() / np.sqrt(PATHS)
    plain = draws(Sampling()).block(0, 4)
    assert np.array_equal(path[[0, 2]], plain[[0, 2], 0])
    assert path[[1, 3]] == pytest.approx(plain[[1, 3], 0] - shift)
    assert np.array_equal(made.replicates(PATHS)[:5], [0, 0, 1, 1, 2])


def _cdf(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x))

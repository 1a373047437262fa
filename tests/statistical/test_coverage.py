"""Intervals of two standard errors hold the truth as often as they say: 60 simulations of 512 paths each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from abssim.collateral.sampling import FactorDraws, Sampling
from abssim.measure.estimate import (
    Estimate,
    Sample,
    deviation,
    expected_shortfall,
    mean,
    probability,
    quantile,
    value_at_risk,
)
from abssim.scenario.factor import Factor

MONTHS, HAZARD, RHO = 24, 0.004, 0.2
FACTOR = Factor.model_validate({"correlation_pct": 100 * RHO, "persistence": 0.5})
WAYS = (("random", 0.0), ("random", 2.0), ("antithetic", 0.0), ("sobol", 0.0))
FIGURES: dict[str, tuple[Callable[[Sample], Estimate], Callable[[np.ndarray], float]]] = {
    "mean": (mean, np.mean),
    "deviation": (deviation, np.std),
    "median": (lambda x: quantile(x, 0.5), np.median),
    "probability": (lambda x: probability(x.of(x.values > 0.08)), lambda x: float((x > 0.08).mean())),
    "tranche": (lambda x: mean(x.of(np.maximum(x.values - 0.08, 0.0))), lambda x: np.maximum(x - 0.08, 0.0).mean()),
    "var 95": (lambda x: value_at_risk(x, 0.95), lambda x: np.quantile(x, 0.95)),
    "var 99": (lambda x: value_at_risk(x, 0.99), lambda x: np.quantile(x, 0.99)),
    "es 95": (lambda x: expected_shortfall(x, 0.95), lambda x: x[x >= np.quantile(x, 0.95)].mean()),
    "es 99": (lambda x: expected_shortfall(x, 0.99), lambda x: x[x >= np.quantile(x, 0.99)].mean()),
}


def loss(path: np.ndarray) -> np.ndarray:
    """Share of a large amortizing pool that defaults on factor paths (P, M)."""
    p = ndtr((ndtri(HAZARD) - np.sqrt(RHO) * path) / np.sqrt(1.0 - RHO))
    left = np.cumprod(np.concatenate([np.ones((len(p), 1)), 1.0 - p[:, :-1]], axis=1), axis=1)
    return np.asarray((p * left * np.linspace(1.0, 1.0 / MONTHS, MONTHS)).sum(axis=1))


def drawn(way: Sampling, seed: int, paths: int) -> Sample:
    draws = FactorDraws({"factor": FACTOR}, seed, MONTHS, way)
    return Sample(loss(draws.block(0, paths)[:, 0]), draws.weights(paths), draws.replicates(paths))


@cache
def truth() -> np.ndarray:
    return drawn(Sampling(), 999, 200_000).values


@cache
def experiments(way: tuple[str, float]) -> list[Sample]:
    sampling = Sampling.of(*way, 512)
    return [drawn(sampling, seed, 512) for seed in range(60)]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", FIGURES)
def test_two_errors_cover(name: str, way: tuple[str, float]) -> None:
    """57 of 60 are due; 52 or fewer would be so once in a hundred and twenty times. Weights whose tail is made up of
    three heavy paths say that those are too few."""
    figure, exact = FIGURES[name]
    found = [figure(each) for each in experiments(way)]
    known = [each for each in found if np.isfinite(each.error)]
    inside = sum(abs(each.value - exact(truth())) <= 1.96 * each.error for each in known)
    assert inside > 0.87 * len(known)
    assert len(known) == 60 or (name, way[1]) == ("var 99", 2.0)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_errors_are_no_wider_than_they_need_be(way: tuple[str, float]) -> None:
    """Of what many paths show; a tail of five paths takes Student's t for its error where paths are not independent."""
    for name in ("mean", "deviation", "median", "var 95"):
        found = [FIGURES[name][0](each) for each in experiments(way)]
        scatter = np.std([each.value for each in found], ddof=1)
        assert np.mean([each.error for each in found]) < 1.45 * scatter, name
    plain = [value_at_risk(each, 0.99) for each in experiments(("random", 0.0))]
    assert np.mean([each.error for each in plain]) < 1.5 * np.std([each.value for each in plain], ddof=1)

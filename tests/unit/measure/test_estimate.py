"""Estimates with their errors against closed forms, and bounds where no path showed an event."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from abssim.measure.estimate import (
    Sample,
    expected_loss,
    expected_shortfall,
    mean,
    plain,
    probability,
    rarity,
    value_at_risk,
)

PATHS = 40_000
NORMAL = NormalDist()


def losses() -> Sample:
    """A normal distribution far from zero."""
    return plain(np.random.default_rng(3).normal(10.0, 1.0, PATHS))


@pytest.mark.parametrize("level", [0.95, 0.99, 0.999])
def test_tails_of_a_normal_distribution(level: float) -> None:
    z = NORMAL.inv_cdf(level)
    var, es = value_at_risk(losses(), level), expected_shortfall(losses(), level)
    assert abs(var.value - (10.0 + z)) < 4.0 * var.error
    assert abs(es.value - (10.0 + NORMAL.pdf(z) / (1.0 - level))) < 4.0 * es.error
    stated = math.sqrt(level * (1.0 - level) / PATHS) / NORMAL.pdf(z)
    assert var.error == pytest.approx(stated, rel=0.35)


def test_errors_are_those_of_repeated_experiments() -> None:
    rng = np.random.default_rng(5)
    samples = [np.maximum(rng.normal(-1.0, 1.0, 2_000), 0.0) for _ in range(200)]
    for figure in (mean, lambda x: expected_shortfall(x, 0.95), lambda x: value_at_risk(x, 0.95)):
        found = [figure(plain(sample)) for sample in samples]
        scatter = np.std([each.value for each in found])
        assert np.mean([each.error for each in found]) == pytest.approx(scatter, rel=0.2)


def test_what_no_path_shows_is_bounded() -> None:
    nothing = plain(np.zeros(1000))
    assert rarity(1000) == pytest.approx(3.0 / 1000, rel=0.01)
    assert probability(nothing).at_most == rarity(1000)
    assert expected_loss(nothing).at_most == rarity(1000)
    assert value_at_risk(nothing, 0.99).value == 0.0
    assert math.isnan(value_at_risk(nothing, 0.999).value)
    assert expected_shortfall(nothing, 0.95).at_most == pytest.approx(rarity(1000) / 0.05)
    assert expected_shortfall(nothing, 0.999).at_most == 1.0


def test_a_quantile_beyond_the_paths_is_not_known() -> None:
    assert math.isnan(value_at_risk(losses().first(500), 0.999).value)
    assert math.isnan(expected_shortfall(losses().first(500), 0.999).value)
    assert math.isfinite(value_at_risk(losses().first(1000), 0.999).value)


def test_numbers_only_where_they_exist() -> None:
    assert mean(plain(np.array([1.0, np.nan, 3.0]))).value == 2.0
    assert math.isnan(mean(plain(np.array([np.nan]))).value)
    assert probability(plain(np.array([True, False]))).value == 0.5

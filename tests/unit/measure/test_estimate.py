"""Estimates with their errors against closed forms, and bounds where no path showed an event."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from abssim.measure.estimate import (
    Sample,
    deviation,
    expected_loss,
    expected_shortfall,
    in_range,
    mean,
    plain,
    probability,
    quantile,
    quantiles,
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
    few = expected_shortfall(nothing, 0.999)
    assert few.at_most is None and math.isnan(few.value)
    assert expected_shortfall(plain(np.zeros(60)), 0.95).at_most is None


def test_a_quantile_beyond_the_paths_is_not_known() -> None:
    assert math.isnan(value_at_risk(losses().first(500), 0.999).value)
    assert math.isnan(expected_shortfall(losses().first(500), 0.999).value)
    assert math.isfinite(value_at_risk(losses().first(1000), 0.999).value)


def test_numbers_only_where_they_exist() -> None:
    assert mean(plain(np.array([1.0, np.nan, 3.0]))).value == 2.0
    assert math.isnan(mean(plain(np.array([np.nan]))).value)
    assert probability(plain(np.array([True, False]))).value == 0.5


def shifted(seed: int, paths: int, shift: float) -> Sample:
    """A standard normal, every second value drawn `shift` higher, with the weights of the balance heuristic."""
    values = np.random.default_rng(seed).normal(size=paths)
    values[1::2] += shift
    weight = 2.0 / (1.0 + np.exp(shift * values - 0.5 * shift**2))
    return Sample(np.maximum(values, 0.0), weight, np.arange(paths) // 2)


FIGURES = {
    "mean": (lambda sample: mean(sample), NORMAL.pdf(0.0)),
    "probability": (lambda sample: probability(sample.of(sample.values > 3.5)), NORMAL.cdf(-3.5)),
    "var": (lambda sample: value_at_risk(sample, 0.999), NORMAL.inv_cdf(0.999)),
    "es": (lambda sample: expected_shortfall(sample, 0.999), NORMAL.pdf(NORMAL.inv_cdf(0.999)) / 0.001),
    "given": (
        lambda sample: mean(sample.of(np.where(sample.values > 3.0, sample.values, np.nan))),
        NORMAL.pdf(3.0) / NORMAL.cdf(-3.0),
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_weighted_tails(name: str) -> None:
    """2 000 weighted values see a tail of one in four thousand; their errors are those of repeated experiments."""
    figure, exact = FIGURES[name]
    found = [figure(shifted(seed, 2000, 3.0)) for seed in range(200)]
    values = np.asarray([each.value for each in found])
    assert abs(values.mean() - exact) < 4.0 * values.std() / math.sqrt(len(found)) + 0.002 * (name in ("var", "es"))
    assert np.mean([each.error for each in found]) == pytest.approx(values.std(), rel=0.2)


def test_errors_of_replicates() -> None:
    """Pairs that mirror each other: the error of the mean of a monotone quantity is that of the pairs."""
    values = np.random.default_rng(1).normal(size=2000)
    mirrored = np.exp(np.stack([values, -values], axis=1))
    pairs = Sample(mirrored.reshape(-1), np.ones(4000), np.arange(4000) // 2)
    assert mean(pairs).error == pytest.approx(mirrored.mean(axis=1).std(ddof=1) / math.sqrt(2000))
    assert mean(pairs).error < 0.8 * mean(plain(pairs.values)).error
    happened = pairs.of(pairs.values > 1.0)
    assert probability(happened).value == 0.5 and probability(happened).error == pytest.approx(0.0, abs=1e-12)
    assert value_at_risk(pairs, 0.95).error > 0.0


def test_error_of_a_quantile_on_one_heavy_path() -> None:
    """A path as heavy as the whole tail is seen once: it alone does not say how far off it may be; five light ones do,
    and values far to either side could stand in its place."""
    weight = np.concatenate([np.full(20, 0.02), [1.9], np.full(79, 97.7 / 79)])
    found = value_at_risk(Sample(np.arange(100.0)[::-1], weight, np.arange(100)), 0.99)
    assert found.value == 79.0 and np.isnan(found.error)
    weight = np.concatenate([np.full(20, 0.02), [0.4, 0.4, 0.4, 0.4, 0.4], np.full(75, 97.6 / 75)])
    found = value_at_risk(Sample(np.arange(100.0)[::-1], weight, np.arange(100)), 0.99)
    assert found.value == 78.0 and 5.0 < found.error < 8.0


def test_bounds_of_weighted_paths() -> None:
    """Only half of the paths are drawn plainly: the bound is theirs, not that of all."""
    sample = shifted(1, 1000, 3.0)
    nothing = sample.of(np.zeros(1000))
    assert probability(nothing).at_most == expected_loss(nothing).at_most == rarity(500)
    assert rarity(500) > 1.9 * rarity(1000)


def test_weighted_spreads() -> None:
    sample = shifted(2, 20_000, 1.0)
    unclipped = Sample(np.random.default_rng(2).normal(size=20_000), np.ones(20_000), np.arange(20_000))
    assert deviation(unclipped).value == pytest.approx(unclipped.values.std(ddof=1))
    assert quantiles(unclipped.values, unclipped.weight, [0.25, 0.9]) == pytest.approx(
        np.quantile(unclipped.values, [0.25, 0.9])
    )
    assert quantiles(sample.values, sample.weight, [0.9]) == pytest.approx([NORMAL.inv_cdf(0.9)], abs=0.05)
    assert deviation(sample).value == pytest.approx(math.sqrt(0.5 - NORMAL.pdf(0.0) ** 2), rel=0.03)
    assert math.isnan(deviation(plain(np.array([1.0, np.nan]))).value)


def test_error_of_what_always_happened_is_not_known() -> None:
    """Thirty of thirty paths do not make it certain."""
    found = probability(plain(np.ones(30)))
    assert found.value == 1.0 and np.isnan(found.error)


@pytest.mark.parametrize("weight", [0.2, 0.5, 1.5])
def test_a_quantile_is_of_the_paths_that_have_it(weight: float) -> None:
    """However much these weigh together: among themselves all weigh the same here."""
    values = np.random.default_rng(1).normal(size=200)
    weights = np.repeat([weight, 2.0 - weight], 200)
    sample = Sample(np.concatenate([values, np.full(200, np.nan)]), weights, np.arange(400))
    for level in (0.05, 0.5, 0.9):
        assert quantile(sample, level).error == pytest.approx(quantile(plain(values), level).error, rel=1e-12)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_error_of_a_quantile(level: float) -> None:
    """sqrt(q (1 - q) / n) / density, at the quantile."""
    stated = math.sqrt(level * (1.0 - level) / PATHS) / NORMAL.pdf(NORMAL.inv_cdf(level))
    assert quantile(losses(), level).error == pytest.approx(stated, rel=0.25)


def test_value_at_risk_of_whole_paths() -> None:
    """Of 1 to 100, five are beyond 95, and 5 % may be, though 100 (1 - 0.95) is not quite 5 in binary figures."""
    assert [value_at_risk(plain(np.arange(1.0, 101.0)), level).value for level in (0.9, 0.95, 0.99)] == [90, 95, 99]


def test_errors_reach_no_further_than_the_range() -> None:
    """One of 32 paths loses a quarter: two errors of Student's t with one degree of freedom are more than all."""
    losses = plain(np.where(np.arange(32) == 5, 0.25, 0.0))
    tail = expected_shortfall(losses, 0.95)
    assert tail.error > 1.0
    assert in_range(tail).error == pytest.approx((1.0 - tail.value) / 2.0)
    average = expected_loss(losses)
    assert in_range(average) == average and average.error == pytest.approx(0.25 / 32 * 6.483, rel=1e-3)
    unknown = value_at_risk(losses, 0.999)
    assert in_range(unknown) is unknown


@pytest.mark.parametrize("paths", [20, 32, 60])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.3])
def test_two_errors_cover_where_few_paths_lose(paths: int, share: float) -> None:
    """Uniform losses of half the balance in the mean, on experiments in which some path loses: 97.6 to 98.8 % of 40,000
    experiments; with the textbook error 87 to 94 %."""
    rng = np.random.default_rng(8)
    samples = rng.random((600, paths)) * (rng.random((600, paths)) < share)
    found = [in_range(expected_loss(plain(each))) for each in samples if each.any()]
    assert np.mean([abs(each.value - 0.5 * share) <= 2.0 * each.error for each in found]) > 0.955

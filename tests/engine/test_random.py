"""Random numbers: known-answer vectors, normals against the standard library, autoregressive paths."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.engine.credit.random import (
    Purpose,
    autoregressive,
    draw_block,
    draw_uniform,
    inverse_normal,
    inverse_student,
    mixing,
    normal,
    normal_cdf,
    philox,
    pick,
    student_cdf,
    threshold,
)
from tests.engine import naive_migration as naive

ONES = 0xFFFFFFFF
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Random123."""


@pytest.mark.parametrize("counter, key, answer", VECTORS)
def test_philox_known_answers(counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]) -> None:
    assert tuple(int(word) for word in philox(*map(np.uint64, (*counter, *key)))) == answer
    assert naive.philox(counter, key) == answer


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**24 - 1),
    st.sampled_from(Purpose),
)
def test_layout_of_the_counter(seed: int, key: int, path: int, counter: int, purpose: Purpose) -> None:
    found = draw_block(np.uint64(seed), np.uint64(key), path, counter, int(purpose))
    assert tuple(int(word) for word in found) == naive.words(seed, key, path, counter, int(purpose))
    assert [int(pick(found, w)) for w in range(4)] == [int(word) for word in found]


@pytest.mark.parametrize("probability, expected", [(0.0, 0), (-1.0, 0), (0.5, 1 << 31), (1.0, 1 << 32), (2.0, 1 << 32)])
def test_thresholds(probability: float, expected: int) -> None:
    assert int(threshold(probability)) == expected


@given(st.one_of(st.floats(1e-12, 1.0 - 1e-12), st.floats(1e-12, 1e-3)))
def test_quantile_of_the_normal(p: float) -> None:
    assert inverse_normal(p) == pytest.approx(NormalDist().inv_cdf(p), rel=2e-13, abs=1e-14)


@given(st.floats(-8.0, 8.0))
def test_distribution_of_the_normal(x: float) -> None:
    assert normal_cdf(x) == pytest.approx(0.5 * (1.0 + float(np.sign(x)) * (1.0 - 2.0 * NormalDist().cdf(-abs(x)))))


def test_quantiles_of_the_t_distribution() -> None:
    """Tables: 12.7062 (1), 4.30265 (2), 3.18245 (3), 2.77645 (4), 2.30600 (8) at 97.5 %; symmetric."""
    for degrees, quantile in ((1, 12.7062047), (2, 4.30265273), (3, 3.18244631), (4, 2.77644511), (8, 2.30600414)):
        assert inverse_student(0.975, degrees) == pytest.approx(quantile, rel=1e-8)
        assert inverse_student(0.025, degrees) == pytest.approx(-quantile, rel=1e-8)
    assert student_cdf(np.arctan(-3.0 / np.sqrt(5000.0)), 5000) == pytest.approx(normal_cdf(-3.0), rel=0.01)


def test_spread_of_the_t_copula() -> None:
    spread = np.zeros((5000, 3))
    mixing(np.uint64(1), 0, 8, spread)
    error = np.sqrt(2.0 / 8.0 / len(spread))
    assert np.all(np.abs((spread**2).mean(axis=0) - 1.0) < 4.5 * error)
    part = np.zeros((2, 3))
    mixing(np.uint64(1), 77, 8, part)
    assert np.array_equal(part, spread[77:79])


def test_normals_of_words() -> None:
    assert normal(np.uint64(0)) == pytest.approx(NormalDist().inv_cdf(0.5 / 2**32), rel=1e-12)
    assert normal(np.uint64(2**32 - 1)) == pytest.approx(-NormalDist().inv_cdf(0.5 / 2**32), rel=1e-9)


def test_autoregressive_paths_are_stationary_and_their_own() -> None:
    paths = np.zeros((4000, 7))
    autoregressive(np.uint64(3), 0, 0, 0.9, paths)
    error = 1.0 / np.sqrt(len(paths))
    assert np.all(np.abs(paths.mean(axis=0)) < 4.5 * error)
    assert np.all(np.abs(paths.var(axis=0) - 1.0) < 4.5 * error * np.sqrt(2.0))
    correlation = np.corrcoef(paths.T)
    lag = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    assert np.all(np.abs(correlation - 0.9**lag) < 4.5 * error)
    part = np.zeros((2, 7))
    autoregressive(np.uint64(3), 0, 1234, 0.9, part)
    assert np.array_equal(part, paths[1234:1236])


def test_sample_starts_anywhere() -> None:
    found = np.asarray([draw_uniform(np.uint64(seed), 100) for seed in range(50)])
    assert 0.0 <= found.min() < 0.2 and 0.8 < found.max() < 1.0

"""Odds of a path: conditional probabilities that average to the unconditional ones, and thresholds that say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.engine.credit.adjust import unadjusted
from abssim.engine.credit.expected import LoanState
from abssim.engine.credit.odds import (
    ORDER,
    Odds,
    Threshold,
    condition,
    condition_rows,
    fill_thresholds,
    mean_default,
)

BASE = (
    (0.97, 0.02, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0),
    (0.60, 0.13, 0.25, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0),
    (0.18, 0.07, 0.10, 0.65, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.07, 0.02, 0.03, 0.06, 0.82, 0.0, 0.0, 0.0, 0.0),
)
"""The base matrix of roll rates."""
WORD = float(1 << 32)


def chain(matrix: object, months: int) -> tuple[np.ndarray, np.ndarray]:
    """(1, M, 4, 9) transitions and their quantiles."""
    transition = np.ascontiguousarray(np.broadcast_to(np.asarray(matrix, dtype=np.float64), (1, months, 4, 9)))
    z = np.zeros_like(transition)
    fill_thresholds(transition, 0, z)
    return transition, z


def conditional(matrix: object, factor: float, correlation: float) -> np.ndarray:
    transition, z = chain(matrix, 1)
    found = np.zeros((1, 2, 4, 9))
    pull = np.asarray([[np.sqrt(correlation)], [0.0], [1.0]])
    condition_rows(transition, z, np.full((1, 1), factor), np.ones(1), pull, unadjusted(1, 1), found)
    return found[0, 1]


rows = st.lists(st.one_of(st.just(0.0), st.floats(0.001, 1.0)), min_size=9, max_size=9).filter(lambda row: sum(row) > 0)


@settings(max_examples=25)
@given(st.lists(rows, min_size=4, max_size=4), st.sampled_from([0.0, 0.02, 0.08, 0.2]))
def test_mean_over_the_factor_is_the_matrix(written: list[list[float]], correlation: float) -> None:
    matrix = np.asarray(written) / np.sum(written, axis=1, keepdims=True)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    mean = sum(w * conditional(matrix, x, correlation) for x, w in zip(nodes, weights, strict=True)) / weights.sum()
    assert np.abs(mean - matrix).max() < 1e-12


def test_mean_over_two_factors_is_the_matrix() -> None:
    """A tensor of Gauss-Hermite nodes; one loading is negative."""
    transition, z = chain(BASE, 1)
    pull = np.asarray([[np.sqrt(0.11)], [0.0], [np.sqrt(0.08 / 0.11)], [-np.sqrt(0.03 / 0.11)]])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    mean, found, ones = np.zeros((4, 9)), np.zeros((1, 2, 4, 9)), unadjusted(1, 1)
    for x, w in zip(nodes, weights, strict=True):
        for y, v in zip(nodes, weights, strict=True):
            condition_rows(transition, z, np.asarray([[x], [y]]), np.ones(1), pull, ones, found)
            mean += w * v * found[0, 1]
    assert np.abs(mean / weights.sum() ** 2 - np.asarray(BASE)).max() < 1e-12


@given(st.floats(-4.0, 4.0))
def test_rows_are_probabilities_and_a_good_factor_is_good(factor: float) -> None:
    found, better = conditional(BASE, factor, 0.08), conditional(BASE, factor + 0.5, 0.08)
    assert np.allclose(found.sum(axis=1), 1.0, atol=1e-14) and found.min() >= 0.0
    assert np.all(np.cumsum(better[:, ORDER], axis=1) >= np.cumsum(found[:, ORDER], axis=1) - 1e-14)


def test_thresholds_say_what_the_probabilities_say() -> None:
    months = 24
    transition, z = chain(BASE, months)
    transition[0, :, 0, LoanState.REPURCHASED] = 0.002
    transition[0, :, 0, LoanState.DEFAULT] = 0.003
    transition[0, :, 0, LoanState.CURRENT] -= 0.005
    fill_thresholds(transition, 0, z)
    factor = np.linspace(-2.0, 2.0, months)[None]
    odds = Odds(np.zeros((1, 5, months + 1, 4), np.uint64), np.zeros((4, 1, months + 1, 3, 9), np.uint64))
    chance = np.zeros((1, months + 1, 4, 9))
    pull = np.asarray([[0.2], [0.05], [1.0]])
    given_ = (transition, z, factor, np.ones(months), pull, unadjusted(1, months))
    condition(*given_, odds, 2)
    condition_rows(*given_, chance)
    current = chance[0, 1:, 0]
    exits = current[:, LoanState.PREPAID :].sum(axis=1)
    on = current[:, LoanState.CURRENT] + exits
    curve = odds.curve[0, :, :, 2].astype(np.float64) / WORD
    assert curve[Threshold.LEAVE, 1:] == pytest.approx(1.0 - np.cumprod(on), abs=1e-8)
    assert curve[Threshold.EXIT, 1:] == pytest.approx(1.0 - np.cumprod(1.0 - exits / on), abs=1e-8)
    share = current[:, LoanState.DPD_1_30] / (current[:, LoanState.DPD_1_30] + current[:, LoanState.DEFAULT])
    width = np.diff(curve[Threshold.LEAVE])
    assert curve[Threshold.ENTRY, 1:] - curve[Threshold.LEAVE, :-1] == pytest.approx(width * share, abs=1e-9)
    width = np.diff(curve[Threshold.EXIT])
    paid = current[:, LoanState.PREPAID] / exits
    assert curve[Threshold.PREPAID, 1:] - curve[Threshold.EXIT, :-1] == pytest.approx(width * paid, abs=1e-9)
    assert np.all(curve[Threshold.REPURCHASED] <= curve[Threshold.EXIT] + 1e-15)
    step = np.diff(odds.step[2, 0, 1:].astype(np.float64) / WORD, axis=-1, prepend=0.0)
    assert step == pytest.approx(chance[0, 1:, 1:][..., ORDER], abs=1e-9)


def test_monotone_replay() -> None:
    """Changing the odds of later months leaves those of earlier ones as they are."""
    transition, z = chain(BASE, 12)
    changed, z_changed = transition.copy(), z.copy()
    changed[0, 8:, 0, :2] = (0.90, 0.09)
    fill_thresholds(changed, 0, z_changed)
    found = []
    for matrix, quantile in ((transition, z), (changed, z_changed)):
        odds = Odds(np.zeros((1, 5, 13, 4), np.uint64), np.zeros((4, 1, 13, 3, 9), np.uint64))
        pull = np.asarray([[0.2], [0.0], [1.0]])
        condition(matrix, quantile, np.zeros((1, 12)), np.ones(12), pull, unadjusted(1, 12), odds, 0)
        found.append(odds)
    assert np.array_equal(found[0].curve[:, :, :9], found[1].curve[:, :, :9])
    assert not np.array_equal(found[0].curve[:, :, 9:], found[1].curve[:, :, 9:])
    assert np.all(np.diff(found[1].curve[0, Threshold.LEAVE, :, 0].astype(np.float64)) >= 0.0)


def test_twelve_months_of_the_base_matrix() -> None:
    transition, z = chain(BASE, 12)
    found = mean_default(transition[0], z[0], np.zeros((1, 12)), np.ones((1, 12)), 0.0, 0.0, np.ones(12), np.ones(12))
    assert found == pytest.approx(0.030353996348367, abs=1e-15)


def test_absorption_of_the_base_matrix() -> None:
    transition, z = chain(BASE, 1200)
    found = mean_default(
        transition[0], z[0], np.zeros((1, 1200)), np.ones((1, 1200)), 0.0, 0.0, np.ones(1200), np.ones(1200)
    )
    assert found == pytest.approx(0.26678947, abs=1e-7)

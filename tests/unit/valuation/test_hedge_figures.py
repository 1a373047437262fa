"""Collateral, exposure, effectiveness and the fair spread of paths, by hand and in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from abssim.errors import ValuationError
from abssim.valuation import (
    CollateralAgreement,
    collateral,
    constant_exposure_cva,
    cva,
    cva_of_paths,
    dollar_offset,
    effectiveness,
    expected_positive_exposure,
    exposure,
    fair_spread,
    tail_offset,
)

LOSS = np.array([1, 2, 3.5, 5, 6.5, 8, 11, 15])
CLAIM = np.clip(LOSS - 3.0, 0.0, 5.0)
PROTECTION = np.array([0, 0, 0.9, 2.4, 0, 1.7, 0, 4.6])
ANNUITY = np.array([4.6, 4.6, 4.3, 3.9, 4.6, 4.1, 4.6, 3.2])


def test_collateral_in_cents_and_by_path() -> None:
    """The last return is below the minimum. The second path is the first one a hundred times as large."""
    mark = np.array([0, 60, 120, 90, 30, 5]) * 1_000_000
    value = collateral(np.stack([mark, 100 * mark]), CollateralAgreement(25_000_000, 10_000_000))
    assert value.required[0].tolist() == [0, 35_000_000, 95_000_000, 65_000_000, 5_000_000, 0]
    assert value.held[0].tolist() == [0, 35_000_000, 95_000_000, 65_000_000, 5_000_000, 5_000_000]
    assert value.uncovered[0].tolist() == [0, 25_000_000, 25_000_000, 25_000_000, 25_000_000, 0]
    assert value.held[1, -1] == 475_000_000
    assert value.held.dtype == np.int64


def test_collateral_is_called_every_so_often_and_lost_in_the_gap() -> None:
    mark = np.array([1.0, 2.0, 3.0, 4.0, 0.0])
    rare = collateral(mark, CollateralAgreement(0.0, 0.0, every=2))
    assert rare.held.tolist() == [1, 1, 3, 3, 0]
    late = collateral(mark, CollateralAgreement(0.0, 0.0, gap=1))
    assert late.uncovered.tolist() == [1, 1, 1, 1, 0]
    assert collateral(mark, CollateralAgreement(0.0, 0.0, gap=9)).uncovered.tolist() == mark.tolist()


def test_cva_of_a_constant_exposure() -> None:
    right = {1: None, 4: 53087.895012, 12: 53087.821279}
    assert constant_exposure_cva(1e6, 0.02, 0.03, 5.0, 0.4) == pytest.approx(53087.812063, abs=1e-6)
    assert constant_exposure_cva(1e6, 0.0, 0.0, 5.0, 0.4) == 0.0
    for steps in (4, 12):
        t = np.arange(5 * steps + 1) / steps
        value = cva(np.full(len(t), 1e6), np.exp(-0.02 * t), np.exp(-0.03 * t), 0.4)
        assert value == pytest.approx(right[steps], abs=1e-6)


def test_exposure_of_a_normal_mark() -> None:
    """E[max(X, 0)] = sd x phi(0) for mean 0; the potential exposure is the quantile."""
    random = np.random.default_rng(3)
    marks = random.standard_normal((200_000, 2)) * np.array([1.0, 2.0])
    value = exposure(marks, 0.95)
    assert value.expected == pytest.approx(norm.pdf(0.0) * np.array([1.0, 2.0]), abs=0.01)
    assert value.potential == pytest.approx(norm.ppf(0.95) * np.array([1.0, 2.0]), abs=0.03)
    assert expected_positive_exposure(np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 2.0])) == pytest.approx(5.0 / 3.0)


def test_exposure_counts_weights() -> None:
    marks = np.array([[-1.0], [1.0], [3.0], [5.0]])
    value = exposure(marks, 0.75, np.array([1.0, 1.0, 1.0, 1.0]))
    assert (value.expected[0], value.potential[0]) == (2.25, 5.0)
    heavy = exposure(marks, 0.75, np.array([4.0, 2.0, 1.0, 1.0]))
    assert (heavy.expected[0], heavy.potential[0]) == (10.0 / 8.0, 3.0)


def test_cva_of_paths_and_its_wrong_way_ratio() -> None:
    """Two worlds: the mark is 3 where the seller fails with 10 %, 1 where it fails with 2 %."""
    marks, defaults = np.array([[3.0], [1.0]]), np.array([[0.10], [0.02]])
    value = cva_of_paths(marks, defaults, np.array([0.9]), 0.4)
    assert value.value == pytest.approx(0.6 * 0.9 * (0.3 + 0.02) / 2.0)
    assert value.wrong_way_ratio == pytest.approx(0.16 / (2.0 * 0.06))
    assert math.isnan(cva_of_paths(0.0 * marks, defaults, np.array([0.9]), 0.4).wrong_way_ratio)


def test_effectiveness() -> None:
    value = effectiveness(LOSS, CLAIM)
    assert value.hedge_ratio == pytest.approx(1.8694158076, abs=1e-10)
    assert value.r_squared == pytest.approx(0.8122701272, abs=1e-10)
    assert value.offset == pytest.approx(0.4038461538, abs=1e-10)
    assert value.variance_reduction == pytest.approx(0.6365814696, abs=1e-10)
    best = effectiveness(LOSS, value.hedge_ratio * CLAIM)
    assert best.variance_reduction == pytest.approx(0.8122701273, abs=1e-9)
    tail = tail_offset(LOSS, CLAIM, 0.75)
    assert (tail.loss, tail.hedged) == (13.0, 8.0)
    assert tail.offset == pytest.approx(0.3846153846, abs=1e-10)


def test_weights_are_as_good_as_repeated_paths() -> None:
    times = np.array([1, 3, 2, 1, 1, 4, 2, 1])
    weight, many = times.astype(float), (np.repeat(LOSS, times), np.repeat(CLAIM, times))
    assert effectiveness(LOSS, CLAIM, weight) == pytest.approx(effectiveness(*many))
    for level in (0.0, 0.5, 0.8, 0.9):
        assert tail_offset(LOSS, CLAIM, level, weight) == pytest.approx(tail_offset(*many, level))
    assert dollar_offset(LOSS, CLAIM, weight).in_band == dollar_offset(*many).in_band
    spread = fair_spread(PROTECTION, ANNUITY, weight)
    assert spread.value == pytest.approx(fair_spread(np.repeat(PROTECTION, times), np.repeat(ANNUITY, times)).value)


def test_equal_losses_at_the_edge_of_the_tail_share_it() -> None:
    """The worst of four paths is one of two equal ones: half of each, in any order."""
    losses, paid = np.array([1.0, 5.0, 5.0, 2.0]), np.array([0.0, 4.0, 2.0, 0.0])
    assert tail_offset(losses, paid, 0.75) == (5.0, 2.0, 0.6)
    assert tail_offset(losses[::-1], paid[::-1], 0.75) == (5.0, 2.0, 0.6)


def test_dollar_offset() -> None:
    value = dollar_offset(np.array([0.0, 10, 10, 10, 10]), np.array([0.0, 8, 12.5, 7.9, 12.6]))
    assert math.isnan(value.ratios[0])
    assert value.in_band == 0.5


def test_without_losses_or_hedges_there_is_nothing_to_divide_by() -> None:
    none = np.zeros(3)
    value = effectiveness(none, none)
    assert all(math.isnan(each) for each in value)
    assert math.isnan(tail_offset(none, none, 0.9).offset)
    assert math.isnan(dollar_offset(none, none).in_band)


def test_fair_spread() -> None:
    spread = fair_spread(PROTECTION, ANNUITY)
    assert spread.value == pytest.approx(0.2831858407, abs=1e-10)
    assert spread.error == pytest.approx(0.1495906030, abs=1e-10)
    pairs = fair_spread(PROTECTION, ANNUITY, replicate=np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    assert pairs.value == spread.value
    halves = PROTECTION.reshape(4, 2).sum(axis=1), ANNUITY.reshape(4, 2).sum(axis=1)
    assert pairs.error == pytest.approx(fair_spread(*halves).error)
    assert math.isnan(fair_spread(PROTECTION[:1], ANNUITY[:1]).error)


def test_the_error_of_the_fair_spread_covers() -> None:
    """Of 400 experiments with 500 paths each, 95 % lie within two errors."""
    random = np.random.default_rng(9)
    outside = 0
    for _ in range(400):
        loss = random.exponential(0.1, 500)
        spread = fair_spread(loss, 4.0 - 5.0 * loss)
        outside += abs(spread.value - 0.1 / 3.5) > 2.0 * spread.error
    assert 8 <= outside <= 36


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError, match=r"E606.*no premium"):
        fair_spread(PROTECTION, 0.0 * ANNUITY)
    with pytest.raises(ValuationError, match=r"protection.*E605.*\(7,\), losses \(8,\)"):
        effectiveness(LOSS, CLAIM[:7])
    with pytest.raises(ValuationError, match=r"weight.*E605"):
        effectiveness(LOSS, CLAIM, np.ones(3))
    with pytest.raises(ValuationError, match=r"weight.*E600"):
        effectiveness(LOSS, CLAIM, -np.ones(8))
    with pytest.raises(ValuationError, match=r"E605.*no paths"):
        effectiveness(LOSS[:0], CLAIM[:0])
    with pytest.raises(ValuationError, match=r"marks.*E605.*paths, dates"):
        exposure(LOSS)
    with pytest.raises(ValuationError, match=r"replicate.*E605"):
        fair_spread(PROTECTION, ANNUITY, replicate=np.array([1]))
    with pytest.raises(ValuationError, match=r"threshold.*E600"):
        CollateralAgreement(-1.0, 0.0)
    with pytest.raises(ValuationError, match=r"band.*E600"):
        dollar_offset(LOSS, CLAIM, band=(1.2, 0.8))
    with pytest.raises(ValuationError, match=r"E605"):
        cva(np.ones(3), np.ones(2), np.ones(3), 0.4)

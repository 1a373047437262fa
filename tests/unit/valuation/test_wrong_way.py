"""A seller of protection that fails in the same bad world: quadrature, and simulation within four errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from abssim.errors import ValuationError
from abssim.valuation import (
    LargePool,
    Seller,
    restated_attachment,
    tail_offset,
    tranche_protection,
    wrong_way_ratio,
)

FIRST = (LargePool(0.05, 0.12), 0.03, 0.07)
SECOND = (LargePool(0.03, 0.08), 0.05, 0.10)
PATHS = 400_000


def test_a_seller_apart_from_the_pool() -> None:
    seller = Seller(0.02, 0.0, 0.25)
    mean, tail, far = (tranche_protection(*FIRST, seller, level) for level in (0.0, 0.99, 0.999))
    assert mean.due == pytest.approx(0.0159980534, abs=1e-9)
    assert mean.received == pytest.approx(0.0157580826, abs=1e-9)
    for part in (mean, tail, far):
        assert part.effectiveness == pytest.approx(0.985, abs=1e-9)
    assert (tail.loss, tail.sound, tail.hedged) == pytest.approx((0.2223141487, 0.1823141487, 0.1829141487), abs=1e-9)
    assert wrong_way_ratio(*FIRST, seller) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("probability", "loading", "mean", "tail"),
    [(0.01, 0.0, 0.99400, 0.994), (0.01, 0.2, 0.96604, 0.937), (0.01, 0.5, 0.93270, 0.836), (0.03, 0.5, 0.846, 0.700)],
)
def test_effectiveness_by_loading(probability: float, loading: float, mean: float, tail: float) -> None:
    seller = Seller(probability, loading, 0.4)
    everywhere = tranche_protection(*SECOND, seller)
    assert everywhere.due == pytest.approx(0.00252295, abs=5e-9)
    assert everywhere.effectiveness == pytest.approx(mean, abs=5e-4 if probability > 0.01 else 5e-6)
    assert tranche_protection(*SECOND, seller, 0.99).effectiveness == pytest.approx(tail, abs=5e-4)


def test_sound_protection_of_the_second_pool() -> None:
    """Loss without and with protection, mean and worst 1 % and .1 %; share offset."""
    whole, tail, far = (tranche_protection(*SECOND, Seller(0.0, 0.0, 0.0), level) for level in (0.0, 0.99, 0.999))
    assert (whole.loss, whole.hedged) == pytest.approx((0.03, 0.027477), abs=5e-7)
    assert (tail.loss, tail.hedged) == pytest.approx((0.121008, 0.071008), abs=5e-7)
    assert (far.loss, far.hedged) == pytest.approx((0.167237, 0.117237), abs=5e-7)
    assert (whole.offset, tail.offset) == pytest.approx((0.0841, 0.413), abs=5e-4)


def test_the_far_tail_shows_what_the_mean_hides() -> None:
    """At nearly the same mean, a loading of .6 instead of .3 takes the 99.9 % tail from 70 % to 40 %."""
    mild, harsh = (Seller(0.02, loading, 0.25) for loading in (0.3, 0.6))
    means = [tranche_protection(*FIRST, seller).effectiveness for seller in (mild, harsh)]
    tails = [tranche_protection(*FIRST, seller, 0.999).effectiveness for seller in (mild, harsh)]
    assert means[0] - means[1] < 0.005
    assert tails == pytest.approx([0.70, 0.40], abs=0.005)


@pytest.mark.parametrize("seller", [Seller(0.02, 0.3, 0.25), Seller(0.03, 0.6, 0.4)])
def test_simulation_agrees(seller: Seller) -> None:
    """Paths with a seller that defaults or not: mean, 99 % and 99.9 % tail of what is received."""
    pool, attachment, detachment = FIRST
    random = np.random.default_rng(5)
    factor = random.standard_normal(PATHS)
    latent = np.sqrt(seller.loading) * factor + np.sqrt(1 - seller.loading) * random.standard_normal(PATHS)
    losses = pool.loss(factor)
    due = np.clip(losses - attachment, 0.0, detachment - attachment)
    received = due * np.where(latent < norm.ppf(seller.probability), seller.recovery, 1.0)
    for level in (0.0, 0.99, 0.999):
        right = tranche_protection(*FIRST, seller, level)
        tail = losses >= np.quantile(losses, level)
        unpaid = (due - received)[tail]
        error = unpaid.std(ddof=1) / np.sqrt(tail.sum())
        assert abs(unpaid.mean() - (right.due - right.received)) < 4.0 * error
        offset = tail_offset(losses, received, level)
        assert offset.loss - offset.hedged == pytest.approx(received[tail].mean(), rel=1e-4)


@pytest.mark.parametrize(
    ("loss", "right"),
    [
        (0.06, (0.0, 0.01, 0.9, 0.0, 0.0111111)),
        (0.02, (0.01, 0.05, 0.96666667, 0.01034483, 0.05172414)),
        (0.0, (0.03, 0.07, 1.0, 0.03, 0.07)),
        (0.5, (0.0, 0.0, 1.0 / 6.0, 0.0, 0.0)),
    ],
)
def test_restated_attachment(loss: float, right: tuple[float, ...]) -> None:
    assert restated_attachment(0.03, 0.07, loss, 0.4) == pytest.approx(right, abs=1e-6)


def test_recoveries_reach_a_senior_tranche_from_the_top() -> None:
    """60 % lost at a recovery of one quarter: 20 % were recovered, 20 % are left."""
    left = restated_attachment(0.5, 1.0, 0.6, 0.25)
    assert (left.left_attachment, left.left_detachment, left.pool) == pytest.approx((0.0, 0.2, 0.2))


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError, match=r"recovery.*E600"):
        Seller(0.02, 0.3, 1.2)
    with pytest.raises(ValuationError, match=r"correlation.*E600"):
        Seller(0.02, 1.0, 0.2)
    with pytest.raises(ValuationError, match=r"loss.*from 0 to 0.6, not 0.7"):
        restated_attachment(0.03, 0.07, 0.7, 0.4)

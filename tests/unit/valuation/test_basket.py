"""Tranches and n-th to default of Hull and White (2004), by closed form and by simulation.

100 or 10 names, hazard 1 %, recovery 40 %, 5 % interest, five years by quarters, default and accrual in the middle of a
quarter. The print rounds: 0-3 % 2279, 3-6 % 450, 6-10 % 89, 10-100 % 1 bp; n-th to default 440 139 53 21 8 3 1 bp.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom, norm

from abssim.errors import ValuationError
from abssim.valuation import (
    Basket,
    LargePool,
    Legs,
    default_counts,
    legs,
    nth_to_default_legs,
    tranche_legs,
    tranche_loss,
    year_grid,
)

YEARS = np.arange(1, 21) / 4.0
GRID = year_grid(YEARS, lambda t: np.exp(-0.05 * t))
PROBABILITIES = 1.0 - np.exp(-0.01 * YEARS)
HUNDRED = Basket.alike(100, PROBABILITIES, 0.1, 0.4)
TEN = Basket.alike(10, PROBABILITIES, 0.3, 0.4)
TRANCHES = [
    (0.00, 0.03, 2274.2829, 0.68161415),
    (0.03, 0.06, 455.1704, 0.21901493),
    (0.06, 0.10, 91.0918, 0.04763143),
    (0.10, 1.00, 0.7007, 0.00037580),
]
NTH = [441.072, 139.459, 53.340, 21.426, 8.562, 3.277, 1.155, 0.354, 0.085, 0.012]
PATHS = 20_000


@pytest.mark.parametrize(("attachment", "detachment", "spread", "loss"), TRANCHES)
def test_tranches(attachment: float, detachment: float, spread: float, loss: float) -> None:
    value = tranche_legs(HUNDRED, GRID, attachment, detachment)
    assert 1e4 * value.par_spread == pytest.approx(spread, abs=1e-4)
    assert tranche_loss(HUNDRED, attachment, detachment)[-1] == pytest.approx(loss, abs=1e-8)
    assert value.upfront(value.par_spread) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(("nth", "spread"), list(enumerate(NTH, 1)))
def test_nth_to_default(nth: int, spread: float) -> None:
    assert 1e4 * nth_to_default_legs(TEN, GRID, nth).par_spread == pytest.approx(spread, abs=5e-4)


def simulated_counts(names: int, correlation: float, seed: int) -> np.ndarray:
    """(P, T) defaults by the end of each quarter."""
    random = np.random.default_rng(seed)
    latent = np.sqrt(correlation) * random.standard_normal((PATHS, 1))
    latent = latent + np.sqrt(1.0 - correlation) * random.standard_normal((PATHS, names))
    bounds = norm.ppf(PROBABILITIES)
    return np.stack([(latent < bound).sum(axis=1) for bound in bounds], axis=1)


def assert_within_errors(values: list[Legs], right: float) -> None:
    """Spread of the mean of both legs, error by the delta method."""
    protection = np.array([value.protection for value in values])
    annuity = np.array([value.annuity + value.accrual_annuity for value in values])
    spread = protection.mean() / annuity.mean()
    error = (protection - spread * annuity).std(ddof=1) / annuity.mean() / np.sqrt(len(values))
    assert abs(spread - right) < 4.0 * error


def test_tranches_by_simulation() -> None:
    counts = simulated_counts(100, 0.1, 11)
    for attachment, detachment, spread, _ in TRANCHES[:3]:
        lost = np.clip(counts * 0.006 - attachment, 0.0, detachment - attachment) / (detachment - attachment)
        new = np.diff(lost, axis=1, prepend=0.0)
        assert_within_errors([legs(GRID, 1.0 - lost[n], new[n], new[n]) for n in range(PATHS)], spread / 1e4)


def test_nth_to_default_by_simulation() -> None:
    counts = simulated_counts(10, 0.3, 12)
    for nth in (1, 2, 3):
        happened = (counts >= nth).astype(float)
        new = np.diff(happened, axis=1, prepend=0.0)
        values = [legs(GRID, 1.0 - happened[n], new[n], 0.6 * new[n]) for n in range(PATHS)]
        assert_within_errors(values, NTH[nth - 1] / 1e4)


def test_names_that_are_alike_are_binomial_given_the_factor() -> None:
    def counted(factor: np.ndarray) -> np.ndarray:
        return binom.pmf(np.arange(31), 30, LargePool(0.1, 0.2).default_rate(factor)[:, None])

    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    right = weights @ counted(nodes) / weights.sum()
    np.testing.assert_allclose(default_counts(np.full(30, 0.1), 0.2), right, atol=1e-10)


def test_names_that_differ_without_correlation() -> None:
    """The Poisson-binomial probabilities of five names."""
    counts = default_counts(np.array([0.01, 0.02, 0.05, 0.1, 0.2]), 0.0)
    right = [0.6636168, 0.2948130, 0.0395600, 0.0019740, 0.0000360, 0.0000002]
    np.testing.assert_allclose(counts, right, atol=1e-12)


def test_all_tranches_together_lose_what_the_basket_loses() -> None:
    edges = [0.0, 0.02, 0.07, 0.3, 1.0]
    parts = [(b - a) * tranche_loss(HUNDRED, a, b) for a, b in pairwise(edges)]
    np.testing.assert_allclose(np.sum(parts, axis=0), 0.6 * PROBABILITIES, rtol=1e-10)
    nth = [nth_to_default_legs(TEN, GRID, n).protection for n in range(1, 11)]
    whole = legs(GRID, 1 - PROBABILITIES, np.diff(PROBABILITIES, prepend=0.0), np.diff(PROBABILITIES, prepend=0.0))
    assert sum(nth) == pytest.approx(10 * 0.6 * whole.protection)


def test_recovered_names_shrink_the_senior_tranche_if_the_contract_says_so() -> None:
    """Only there: .4 of each default comes off the top, without payment; so less premium, a higher spread."""
    plain, eroded = (tranche_legs(HUNDRED, GRID, 0.1, 1.0, recovery_erodes=each) for each in (False, True))
    assert eroded.protection == plain.protection
    assert eroded.annuity < plain.annuity
    assert tranche_legs(HUNDRED, GRID, 0.0, 0.03, recovery_erodes=True) == tranche_legs(HUNDRED, GRID, 0.0, 0.03)


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError, match=r"must not fall with time"):
        Basket.alike(3, np.array([0.2, 0.1]), 0.1, 0.4)
    with pytest.raises(ValuationError, match=r"E605.*by period and name"):
        Basket(np.array([0.1, 0.2]), 0.1, 0.4)
    with pytest.raises(ValuationError, match=r"nth.*from 1 to 10, not 11"):
        nth_to_default_legs(TEN, GRID, 11)
    with pytest.raises(ValuationError, match=r"outstanding.*E605"):
        tranche_legs(TEN, year_grid([1.0, 2.0], np.exp), 0.0, 0.1)
    with pytest.raises(ValuationError, match=r"years.*E603"):
        year_grid([1.0, 1.0], np.exp)

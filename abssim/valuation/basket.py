"""Baskets of a stated number of names of equal size: how many default, tranches of their losses, n-th to default.

Given the factor the names are independent, so the number of defaults follows from a recursion name by name, exactly
(for names that are alike it is binomial). J. Hull, A. White (2004), "Valuation of a CDO and an n-th to default CDS
without Monte Carlo simulation"; L. Andersen, J. Sidenius, S. Basu (2003), "All your hedges in one basket".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.valuation.fault import all_within, refuse, within
from abssim.valuation.large_pool import LargePool, tranche_fault
from abssim.valuation.leg import Grid, Legs, legs
from abssim.valuation.normal import over_factor

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Basket:
    """Probabilities (T, K) that each name has defaulted by the end of each period, pairwise correlation, recovery."""

    probabilities: Float64
    correlation: float
    recovery: float

    def __post_init__(self) -> None:
        falls = np.diff(self.probabilities, axis=0) < 0.0
        refuse(
            None
            if self.probabilities.ndim == 2 and self.probabilities.size
            else Problem("E605", "", "probabilities", "must be by period and name"),
            all_within("probabilities", self.probabilities.ravel(), 0.0, 1.0),
            Problem("E600", "", "probabilities", "must not fall with time") if falls.any() else None,
            within("correlation", self.correlation, 0.0, 1.0 - 1e-12),
            within("recovery", self.recovery, 0.0, 1.0),
        )

    @classmethod
    def alike(cls, names: int, probabilities: Float64, correlation: float, recovery: float) -> Basket:
        """Names that default with the same probabilities (T,) by the ends of the periods.

        >>> import numpy as np
        >>> from abssim.valuation import tranche_legs, year_grid
        >>> years = np.arange(1, 21) / 4
        >>> basket = Basket.alike(100, 1 - np.exp(-0.01 * years), 0.1, 0.4)
        >>> grid = year_grid(years, lambda t: np.exp(-0.05 * t))
        >>> round(1e4 * tranche_legs(basket, grid, 0.03, 0.06).par_spread, 4)
        455.1704
        """
        refuse(within("names", names, 1, 100_000))
        column = np.asarray(probabilities, dtype=np.float64)[:, None]
        return cls(np.repeat(column, names, axis=1), correlation, recovery)

    @property
    def names(self) -> int:
        """Number of names."""
        return int(self.probabilities.shape[1])

    @cached_property
    def counts(self) -> Float64:
        """(T, K + 1) probability of each number of defaults by the end of each period."""
        return np.array([default_counts(row, self.correlation) for row in self.probabilities])

    @property
    def losses(self) -> Float64:
        """(K + 1,) share of the basket that is lost with each number of defaults."""
        return np.arange(self.names + 1) * (1.0 - self.recovery) / self.names

    @property
    def recovered(self) -> Float64:
        """(K + 1,) share of the basket that is recovered."""
        return np.arange(self.names + 1) * self.recovery / self.names


def default_counts(probabilities: Float64, correlation: float) -> Float64:
    """(K + 1,) probability that 0 to K of the names with these probabilities (K,) default."""

    def given(factor: Float64) -> Float64:
        counts = np.zeros((len(factor), len(probabilities) + 1))
        counts[:, 0] = 1.0
        for name, probability in enumerate(probabilities):
            rate = LargePool(float(probability), correlation).default_rate(factor)[:, None]
            known = counts[:, : name + 2]
            known[:, 1:] = known[:, 1:] * (1.0 - rate) + known[:, :-1] * rate
            known[:, :1] *= 1.0 - rate
        return counts

    counts: Float64 = over_factor(given)
    return counts


def tranche_loss(basket: Basket, attachment: float, detachment: float) -> Float64:
    """(T,) mean loss of a tranche by the end of each period, as a share of its size."""
    refuse(tranche_fault(attachment, detachment))
    size = detachment - attachment
    mean: Float64 = basket.counts @ np.clip(basket.losses - attachment, 0.0, size) / size
    return mean


def tranche_legs(
    basket: Basket, grid: Grid, attachment: float, detachment: float, recovery_erodes: bool = False
) -> Legs:
    """Legs of protection on a tranche with a notional of 1: losses from below reduce the notional and are paid.

    `recovery_erodes`: recovered amounts reduce the notional of the most senior part without payment, as in index
    tranches.
    """
    lost = tranche_loss(basket, attachment, detachment)
    size = detachment - attachment
    recovered = np.clip(basket.recovered - (1.0 - detachment), 0.0, size) * float(recovery_erodes)
    outstanding = 1.0 - lost - basket.counts @ recovered / size
    return legs(grid, outstanding, -np.diff(outstanding, prepend=1.0), np.diff(lost, prepend=0.0))


def nth_to_default_legs(basket: Basket, grid: Grid, nth: int) -> Legs:
    """Legs of protection on the n-th default among the names, notional 1: it ends there and pays 1 - recovery."""
    refuse(within("nth", nth, 1, basket.names))
    happened = basket.counts[:, nth:].sum(axis=1)
    stopped = np.diff(happened, prepend=0.0)
    return legs(grid, 1.0 - happened, stopped, stopped * (1.0 - basket.recovery))

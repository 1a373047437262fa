"""Protection whose seller fails in the same bad world: one period, large pool, by quadrature over the factor.

The seller's latent value is `sqrt(loading) M + sqrt(1 - loading) e` with the factor `M` of the pool. A seller in
default pays its recovery rate of what is due, so `E[received] = E[due(M) x (1 - (1 - R) p(M))]`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.valuation.fault import refuse, within
from abssim.valuation.large_pool import LargePool, tranche_fault
from abssim.valuation.normal import over_factor, quantile

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Seller:
    """Probability of default until the horizon, loading on the pool's factor, recovery on claims."""

    probability: float
    loading: float
    recovery: float

    def __post_init__(self) -> None:
        refuse(within("recovery", self.recovery, 0.0, 1.0))
        self.latent()

    def latent(self) -> LargePool:
        """What a pool of many such sellers would be; its default rate is the seller's conditional probability."""
        return LargePool(self.probability, self.loading)

    def paid(self, factor: Any) -> Any:
        """Mean share of a claim that is paid given the factor, element by element."""
        return 1.0 - (1.0 - self.recovery) * self.latent().default_rate(factor)


class Protected(NamedTuple):
    """Means over some states, as shares of the pool."""

    loss: float
    """Of the pool, without protection."""
    due: float
    received: float

    @property
    def effectiveness(self) -> float:
        """Received over due; NaN where nothing is due."""
        return self.received / self.due if self.due else math.nan

    @property
    def sound(self) -> float:
        """Loss left if the seller never failed."""
        return self.loss - self.due

    @property
    def hedged(self) -> float:
        """Loss left with this seller."""
        return self.loss - self.received

    @property
    def offset(self) -> float:
        """Share of the loss that is received; NaN without a loss."""
        return self.received / self.loss if self.loss else math.nan


def tranche_protection(
    pool: LargePool, attachment: float, detachment: float, seller: Seller, level: float = 0.0
) -> Protected:
    """Protection on a tranche over the worst `1 - level` of the pool's states; over all of them with level 0.

    With level .99 the three losses are expected shortfalls: without protection, with a sound seller, with this one.

    >>> seller = Seller(probability=0.03, loading=0.5, recovery=0.4)
    >>> for level in (0.0, 0.99):
    ...     tail = tranche_protection(LargePool(0.03, 0.08), 0.05, 0.10, seller, level)
    ...     print(round(tail.effectiveness, 3))
    0.846
    0.7
    """
    refuse(within("level", level, 0.0, 1.0 - 1e-9), tranche_fault(attachment, detachment))
    bound = -float(quantile(level)) if level else math.inf
    cuts = [bound, pool.factor_of(attachment), pool.factor_of(detachment)]

    def due(factor: Float64) -> Any:
        return np.clip(pool.loss(factor) - attachment, 0.0, detachment - attachment)

    def mean(value: Callable[[Float64], Any]) -> float:
        return float(over_factor(lambda m: np.where(m <= bound, value(m), 0.0), cuts)) / (1.0 - level)

    return Protected(mean(pool.loss), mean(due), mean(lambda m: due(m) * seller.paid(m)))


def wrong_way_ratio(pool: LargePool, attachment: float, detachment: float, seller: Seller) -> float:
    """What the seller fails to pay, over what it would if it did not depend on the factor; NaN if nothing."""
    there = tranche_protection(pool, attachment, detachment, seller)
    apart = there.due * (1.0 - seller.recovery) * seller.probability
    return (there.due - there.received) / apart if apart else math.nan

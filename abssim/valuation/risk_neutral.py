"""From real-world probabilities (P) to those at which protection is priced (Q), by a named adjustment.

There is no liquid market for protection on consumer pools, so Q is a choice: it is said beside every figure, and the
two kinds of adjustment are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar, cast

from abssim.errors import Problem, ValuationError
from abssim.valuation.basket import Basket
from abssim.valuation.curve import CreditCurve, survival_curve
from abssim.valuation.fault import refuse, within
from abssim.valuation.large_pool import LargePool
from abssim.valuation.market import Market
from abssim.valuation.normal import cdf, quantile

World = TypeVar("World", bound=LargePool | Basket | CreditCurve | Market)


@dataclass(frozen=True)
class RiskMultiple:
    """Probabilities of default, or hazards of a curve, times `multiple`."""

    multiple: float

    def __post_init__(self) -> None:
        refuse(within("multiple", self.multiple, 0.0))

    def __str__(self) -> str:
        return f"risk multiple {self.multiple:g}"

    def probability(self, probability: Any, correlation: float) -> Any:
        """Of a name of a pool, element by element; correlation does not matter."""
        return self.multiple * probability

    def curve(self, curve: CreditCurve) -> CreditCurve:
        """Every hazard times the multiple."""
        return curve.scaled(self.multiple)


@dataclass(frozen=True)
class WangShift:
    """The factor of a pool, or the normal quantile of a name's probability, moved by `shift` to the worse.

    S. Wang (2000), "A class of distortion operators for pricing financial and insurance risks". On a pool the shift of
    the factor is the transform of its loss distribution.
    """

    shift: float

    def __post_init__(self) -> None:
        refuse(within("shift", self.shift))

    def __str__(self) -> str:
        return f"Wang shift {self.shift:g}"

    def probability(self, probability: Any, correlation: float) -> Any:
        """Of a name of a pool whose factor has its mean lower by the shift, element by element."""
        return cdf(quantile(probability) + math.sqrt(correlation) * self.shift)

    def curve(self, curve: CreditCurve) -> CreditCurve:
        """Probabilities of default by the curve's days moved; hazards are flat between them.

        Raises ValuationError E600 for a flat curve, which has no days.
        """
        if len(curve.days) < 2:
            hint = "give survival by day: survival_curve(start, {day: probability, ...})"
            raise ValuationError(Problem("E600", "", "curve", "a Wang shift needs the days of a curve", hint))
        survival = curve.factors(curve.days)
        moved = 1.0 - cdf(quantile(1.0 - survival) + self.shift)
        return survival_curve(curve.start, dict(zip(curve.days, map(float, moved), strict=True)), curve.day_count)


Adjustment = RiskMultiple | WangShift


class BothPrices(NamedTuple):
    """The same figure under both measures, and how one came from the other."""

    p: Any
    """Under real-world probabilities: what is expected to happen."""
    q: Any
    """Under adjusted ones: what it costs."""
    adjustment: str


def both_prices(price: Callable[[World], Any], world: World, adjustment: Adjustment) -> BothPrices:
    """A price in the real world and in the adjusted one; a world is a pool, a basket, a credit curve or a market.

    >>> from abssim.valuation import LargePool
    >>> both = both_prices(lambda pool: round(pool.tranche_loss(0.05, 0.1), 6), LargePool(0.03, 0.08), WangShift(0.4))
    >>> both.p, both.q, both.adjustment
    (0.050459, 0.103191, 'Wang shift 0.4')
    """
    return BothPrices(price(world), price(risk_neutral(world, adjustment)), str(adjustment))


def risk_neutral(world: World, adjustment: Adjustment) -> World:
    """The world at which protection is priced.

    Raises ValuationError E600 if a probability passes 1.
    """
    moved: Any
    if isinstance(world, LargePool):
        moved = replace(world, probability=float(adjustment.probability(world.probability, world.correlation)))
    elif isinstance(world, Basket):
        moved = replace(world, probabilities=adjustment.probability(world.probabilities, world.correlation))
    elif isinstance(world, Market):
        moved = replace(world, credit=adjustment.curve(world.credit))
    else:
        moved = adjustment.curve(world)
    return cast(World, moved)

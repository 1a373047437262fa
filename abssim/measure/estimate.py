"""Figures estimated from independent paths, each with its standard error (Glasserman 2004, chapters 1 and 9).

Where no path shows an event, plain Monte Carlo knows only that it is rare: the estimate then carries the bound at 95 %
confidence, `1 - 0.05^(1/P)` (the rule of three), in place of a false zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the bounds that stand for what no path has shown."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error, and the bound where no path showed the event; NaN where nothing is known."""

    value: float
    error: float = math.nan
    at_most: float | None = None

    @property
    def is_bound(self) -> bool:
        """True if only a bound is known."""
        return self.at_most is not None


NOTHING = Estimate(math.nan)


def rarity(paths: int) -> float:
    """Largest probability of an event that none of so many paths shows, at 95 % confidence."""
    return float(1.0 - (1.0 - CONFIDENCE) ** (1.0 / paths))


def mean(values: Float64) -> Estimate:
    """Mean of the values that are numbers."""
    known = values[np.isfinite(values)]
    if not len(known):
        return NOTHING
    return Estimate(float(known.mean()), _error(known, len(known)))


def probability(happened: npt.NDArray[np.bool_]) -> Estimate:
    """Share of the paths on which something happened; a bound if it never did."""
    paths = len(happened)
    share = float(happened.mean())
    if share == 0.0:
        return Estimate(0.0, math.nan, rarity(paths))
    return Estimate(share, math.sqrt(share * (1.0 - share) / paths))


def expected_loss(losses: Float64) -> Estimate:
    """Mean of loss ratios; without any loss, at most the bound on its probability (all would be lost)."""
    if not losses.any():
        return Estimate(0.0, math.nan, rarity(len(losses)))
    return mean(losses)


def value_at_risk(losses: Float64, level: float) -> Estimate:
    """Loss not exceeded with probability `level`: an order statistic.

    Its error is a quarter of the distance between the order statistics two standard deviations of the count away.
    Unknown while less than one path is expected beyond the level.
    """
    paths = len(losses)
    if not losses.any():
        return Estimate(0.0, 0.0) if rarity(paths) <= 1.0 - level else NOTHING
    if paths * (1.0 - level) < 1.0 - 1e-9:
        return NOTHING
    rank = min(paths, math.ceil(level * paths - 1e-9)) - 1
    spread = math.ceil(2.0 * math.sqrt(paths * level * (1.0 - level)))
    low, high = max(0, rank - spread), min(paths - 1, rank + spread)
    ordered = np.partition(losses, sorted({low, rank, high}))
    return Estimate(float(ordered[rank]), float(ordered[high] - ordered[low]) / 4.0)


def expected_shortfall(losses: Float64, level: float) -> Estimate:
    """Mean loss of the worst `1 - level` of the paths: `VaR + E[(L - VaR)+] / (1 - level)`.

    Rockafellar, Uryasev (2000), "Optimization of conditional value-at-risk"; error from the same excesses.
    """
    paths = len(losses)
    if not losses.any():
        return Estimate(0.0, math.nan, min(1.0, rarity(paths) / (1.0 - level)))
    threshold = value_at_risk(losses, level).value
    if not math.isfinite(threshold):
        return NOTHING
    excess = np.maximum(losses - threshold, 0.0)
    tail = 1.0 - level
    return Estimate(threshold + float(excess.mean()) / tail, _error(excess, paths) / tail)


def _error(values: Float64, paths: int) -> float:
    return float(values.std(ddof=1)) / math.sqrt(paths) if paths > 1 else math.nan

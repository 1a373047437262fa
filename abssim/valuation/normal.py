"""The normal distribution in one and two dimensions, and sums over one normal factor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
WIDEST = 8.5
"""Factors beyond have a probability of 1e-17 on each side."""


def cdf(value: Any) -> Any:
    """Probability that a standard normal variable is at most `value`; element by element."""
    from scipy.special import ndtr

    return ndtr(value)


def quantile(probability: Any) -> Any:
    """Value that a standard normal variable does not exceed with this probability; element by element."""
    from scipy.special import ndtri

    return ndtri(probability)


def both_below(first: float, second: float, correlation: float) -> float:
    """P(X <= first, Y <= second) of two standard normal variables.

    By Owen's T function: D. B. Owen (1956), "Tables for computing bivariate normal probabilities".
    """
    if math.inf in (first, second) or -math.inf in (first, second):
        return float(min(cdf(first), cdf(second)) if -math.inf in (first, second) else cdf(min(first, second)))
    if abs(correlation) >= 1.0:
        apart = cdf(first) - cdf(-second)
        return float(cdf(min(first, second)) if correlation > 0.0 else max(0.0, apart))
    first, second = first + 0.0, second + 0.0  # -0.0 would turn a slope round
    opposite = first * second < 0.0 or (first * second == 0.0 and first + second < 0.0)
    corners = _owen(first, second, correlation) + _owen(second, first, correlation)
    return float((cdf(first) + cdf(second) - opposite) / 2.0 - corners)


def _owen(first: float, second: float, correlation: float) -> float:
    from scipy.special import owens_t

    if first == second == 0.0:
        first = second = 1e-300  # the limit along the diagonal
    rise, across = second - correlation * first, first * math.sqrt(1.0 - correlation * correlation)
    return float(owens_t(first, rise / across if across else math.copysign(math.inf, rise)))


def over_factor(integrand: Callable[[Float64], Any], cuts: Sequence[float] = ()) -> Any:
    """Mean over a standard normal factor of a function of it, smooth but at the `cuts`.

    `integrand` maps factors (Q,) to values (Q, ...). Gauss-Legendre between the cuts: to 1e-12 and better for
    correlations up to .99, to 1e-5 for one of .999, whose walls are narrower than the points are apart.
    """
    inside = sorted(cut for cut in cuts if -WIDEST < cut < WIDEST)
    edges = [-WIDEST, *inside, WIDEST]
    points, weights = _points()
    low, width = np.array(edges[:-1])[:, None], np.diff(edges)[:, None]
    at = (low + width * points).ravel()
    weight = (width * weights).ravel() * np.exp(-at * at / 2.0) / math.sqrt(2.0 * math.pi)
    return np.tensordot(weight, np.asarray(integrand(at)), axes=1)


@lru_cache(maxsize=1)
def _points() -> tuple[Float64, Float64]:
    """Places and weights on [0, 1], in 16 panels of 24 points: a wall of a high correlation is narrow."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    panels = np.arange(16)[:, None]
    return ((panels + (nodes + 1.0) / 2.0) / 16.0).ravel(), np.tile(weights / 32.0, 16)

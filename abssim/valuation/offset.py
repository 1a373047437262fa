"""How well protection offsets losses, over paths."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.valuation.fault import refuse, within
from abssim.valuation.paths import tail_weights, weights_of

Float64 = npt.NDArray[np.float64]
BAND = (0.80, 1.25)
"""Dollar offset that counts as effective in hedge accounting."""


class Effectiveness(NamedTuple):
    """NaN where there is nothing to divide by."""

    hedge_ratio: float
    """Of least variance: `Cov(L, C) / Var(C)`."""
    r_squared: float
    """Squared correlation of loss and protection: the variance reduction at that ratio."""
    offset: float
    """Protection over loss, means of both: dollar offset."""
    variance_reduction: float
    """`1 - Var(L - C) / Var(L)` of the hedge as it is."""


class TailOffset(NamedTuple):
    """Means over the worst of the paths by unhedged loss."""

    loss: float
    hedged: float
    offset: float
    """Protection over loss."""


class DollarOffset(NamedTuple):
    """Protection over loss path by path."""

    ratios: Float64
    """(P,) NaN on paths without a loss."""
    in_band: float
    """Weight of the paths inside the band, among those with a loss."""


def effectiveness(losses: Float64, protection: Float64, weight: Float64 | None = None) -> Effectiveness:
    """Of losses and protection received (P,) by path.

    >>> import numpy as np
    >>> loss = np.array([1, 2, 3.5, 5, 6.5, 8, 11, 15])
    >>> round(effectiveness(loss, np.clip(loss - 3, 0, 5)).hedge_ratio, 10)
    1.8694158076
    """
    share = weights_of(weight, losses=losses, protection=protection)
    mean_loss, mean_paid = share @ losses, share @ protection
    loss, paid = losses - mean_loss, protection - mean_paid
    variance, other, both = share @ loss**2, share @ paid**2, share @ (loss * paid)
    return Effectiveness(
        hedge_ratio=_ratio(both, other),
        r_squared=_ratio(both * both, variance * other),
        offset=_ratio(mean_paid, mean_loss),
        variance_reduction=1.0 - _ratio(share @ (loss - paid) ** 2, variance),
    )


def tail_offset(losses: Float64, protection: Float64, level: float, weight: Float64 | None = None) -> TailOffset:
    """Means over the worst `1 - level` of the paths by loss (P,): expected shortfall, what is left of it with the
    protection received on the same paths, and the share that is offset."""
    refuse(within("level", level, 0.0, 1.0 - 1e-12))
    share = tail_weights(losses, weights_of(weight, losses=losses, protection=protection), level)
    loss, paid = float(share @ losses), float(share @ protection)
    return TailOffset(loss, loss - paid, _ratio(paid, loss))


def dollar_offset(
    losses: Float64, protection: Float64, weight: Float64 | None = None, band: tuple[float, float] = BAND
) -> DollarOffset:
    """Path by path, and how often it lies in the band, both ends included."""
    share = weights_of(weight, losses=losses, protection=protection)
    refuse(None if band[0] <= band[1] else Problem("E600", "", "band", f"{band[1]:g} lies below {band[0]:g}"))
    lost = losses != 0.0
    ratios = np.divide(protection, losses, out=np.full(losses.shape, math.nan), where=lost)
    inside = share @ np.where(lost & (ratios >= band[0]) & (ratios <= band[1]), 1.0, 0.0)
    return DollarOffset(ratios, _ratio(inside, share @ lost))


def _ratio(above: Any, below: Any) -> float:
    return float(above / below) if below else math.nan

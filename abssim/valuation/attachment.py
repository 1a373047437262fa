"""Where a tranche stands in a pool that has lost."""

from __future__ import annotations

from typing import NamedTuple

from abssim.valuation.fault import refuse, within
from abssim.valuation.large_pool import tranche_fault


class Restated(NamedTuple):
    """Shares of the original pool, and of what is left of it."""

    left_attachment: float
    left_detachment: float
    pool: float
    """What is left of the original pool."""
    attachment: float
    """Of the pool that is left."""
    detachment: float


def restated_attachment(attachment: float, detachment: float, loss: float, recovery: float) -> Restated:
    """A tranche after losses of a share of the original pool at a recovery rate: losses take the bottom of the pool,
    what was recovered of the defaulted names (`loss x R / (1 - R)`) is repaid from the top.

    >>> restated_attachment(0.03, 0.07, 0.06, 0.4).detachment
    0.0111111...
    """
    refuse(tranche_fault(attachment, detachment), within("recovery", recovery, 0.0, 1.0 - 1e-12))
    refuse(within("loss", loss, 0.0, 1.0 - recovery))
    pool = 1.0 - loss / (1.0 - recovery)
    low, high = (min(max(edge - loss, 0.0), pool) for edge in (attachment, detachment))
    return Restated(low, high, pool, low / pool if pool else 0.0, high / pool if pool else 0.0)

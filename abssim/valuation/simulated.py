"""The spread at which simulated protection and premium are worth the same, with its standard error."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, ValuationError
from abssim.valuation.paths import weights_of

Float64 = npt.NDArray[np.float64]


class FairSpread(NamedTuple):
    """Decimal a year."""

    value: float
    error: float
    """Standard error; NaN from a single path or replicate."""


def fair_spread(
    protection: Float64,
    annuity: Float64,
    weight: Float64 | None = None,
    replicate: npt.NDArray[np.int64] | None = None,
) -> FairSpread:
    """`sum of protection / sum of annuity` over the same paths.

    `protection` (P,): present value of contingent payments; `annuity` (P,): present value of the premium at a spread
    of 1. `replicate` (P,): number of the independent draw a path belongs to (mirrored pairs share one); default: every
    path is its own. Error by the delta method: that of the mean of `protection - s x annuity`, over the mean annuity.

    >>> import numpy as np
    >>> protection, annuity = np.array([0, 0, 0.9, 2.4]), np.array([4.6, 4.6, 4.3, 3.9])
    >>> round(fair_spread(protection, annuity).value, 6)
    0.189655

    Raises ValuationError E606 without any annuity.
    """
    own = {} if replicate is None else {"replicate": replicate}
    share = weights_of(weight, protection=protection, annuity=annuity, **own)
    whole = float(share @ annuity)
    if whole == 0.0:
        raise ValuationError(Problem("E606", "", "annuity", "there is no premium on any path, so no spread is fair"))
    spread = float(share @ protection) / whole
    gaps = share * (protection - spread * annuity)
    sums = gaps if replicate is None else np.bincount(np.unique(replicate, return_inverse=True)[1], gaps)
    count = len(sums)
    scale = math.sqrt(count / (count - 1)) if count > 1 else math.nan
    return FairSpread(spread, scale * math.sqrt(float((sums**2).sum())) / whole)

"""What follows a default: cash by collection channel, what the collectors keep of it, and the sale of the rest."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


class Advances(IntEnum):
    """What the servicer advances on defaulted loans until they are liquidated."""

    NONE = 0
    PRINCIPAL = 1
    PRINCIPAL_AND_INTEREST = 2


class RecoveryTerms(NamedTuple):
    """What follows a default, by cell `(C,)`; `X` collection channels, `K` the longest lag in months."""

    share: Float64
    """(C, K + 1) collected by months since default, as a share of EAD."""
    part: Float64
    """(C, X, K + 1) share of it that comes through each channel."""
    cost: Float64
    """(C, X, K + 1) collection cost as a share of EAD."""
    commission: Float64
    """(C, X) share of what the channel collects."""
    last: Int64
    """Lag of the last recovery, when the rest is sold or given up."""
    price: Float64
    """Price of what is left then, as a share of it."""
    penalty: Float64
    """Penalty a month on overdue instalments: daily rate x 30."""
    advances: Int64
    stress: Float64
    """(M + 1,) multiple of the recovery in each month."""


@borrowing
def collection_cost(part, commission, cost, lag, cash, ead):
    """What the collectors keep of the cash collected: each at most what comes through its channel.

    The arguments are a cell's rows of `RecoveryTerms`: the whole tuple would cost more to hand over than to use.
    """
    kept = 0.0
    for x in range(part.shape[0]):
        own = cash * part[x, lag]
        kept += min(own, commission[x] * own + cost[x, lag] * ead)
    return kept


@borrowing
def withhold(flow, month, recovery, cell, lag, cash, ead):
    """Book what is collected and what the collectors keep of it."""
    part, commission, cost = recovery.part[cell], recovery.commission[cell], recovery.cost[cell]
    flow[month, PoolField.RECOVERY] += cash
    flow[month, PoolField.COLLECTION_COST] += collection_cost(part, commission, cost, lag, cash, ead)

"""The call a run exercised: what was paid for the pool, and what the pool was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from abssim.kind.clock import ClockField
from abssim.kind.pool import PoolField
from abssim.result import RunResult

End = Literal["call", "maturity"]
"""Where figures end: calls exercised as soon as the deal allows, or never."""


@dataclass(frozen=True, slots=True)
class ExercisedCall:
    """A call on a payment date; amounts in minor units."""

    date: date
    number: int
    price: int
    """Paid for the pool."""
    pool_balance: int
    """Performing balance that was sold."""

    @property
    def excess(self) -> int:
        """What the buyer pays beyond the pool's balance: support that notes have to call and not to maturity."""
        return max(0, self.price - self.pool_balance)


def exercised_call(result: RunResult) -> ExercisedCall | None:
    """The call of a run, if one was exercised."""
    called = np.flatnonzero(result.clock[:, ClockField.CALLED])
    if not len(called):
        return None
    t = int(called[0])
    row = result.pool_flow[t, 0]
    return ExercisedCall(
        result.dates.payment[t],
        result.dates.number[t],
        int(row[PoolField.SALE_PROCEEDS]),
        int(row[PoolField.SOLD_BALANCE]),
    )

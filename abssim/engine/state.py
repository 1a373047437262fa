"""The state of a deal on a payment date: one `int64` matrix, a row for every pool, note, account, step, …

Everything the waterfall moves or a condition reads lives here, so an observable is a position in this matrix, a
path's history is the sequence of its states (`trace`, one per period), and every result is a slice of it. The
columns of a row are the fields of its kind (`abssim.engine.layout`); a step's row goes on with what it drew
from each account. No numba here: results and symbol tables use the same offsets as the kernels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import (
    AccountField,
    ClockField,
    FeeField,
    HolderField,
    LedgerField,
    NoteField,
    PoolField,
    StepField,
    TriggerField,
)

Int64 = npt.NDArray[np.int64]

DRAW = len(StepField)
"""First column of a step's row that holds what it took from an account."""


class StateLayout(NamedTuple):
    """Counts of things, and the first row of each block. Pool row 0 is the sum of all pools."""

    pools: int
    """Rows of the pool blocks: 1 for a single pool, K + 1 (the sum first) for several."""
    notes: int
    accounts: int
    ledgers: int
    fees: int
    steps: int
    triggers: int
    holders: int
    pool: int
    cumulative: int
    note: int
    account: int
    ledger: int
    fee: int
    step: int
    trigger: int
    holder: int
    clock: int
    rows: int
    width: int

    @property
    def size(self) -> int:
        """X: entries of the state."""
        return self.rows * self.width


def state_layout(
    pools: int, notes: int, accounts: int, ledgers: int, fees: int, steps: int, triggers: int, holders: int = 0
) -> StateLayout:
    """Rows for so many of each; `pools` counts the deal's pools, without the sum."""
    pool_rows = pools + 1 if pools > 1 else 1
    counts = (pool_rows, pool_rows, notes, accounts, ledgers, fees, steps, triggers, holders, 1)
    firsts = [0]
    for count in counts:
        firsts.append(firsts[-1] + count)
    width = max(len(PoolField), DRAW + accounts)
    return StateLayout._make((pool_rows, notes, accounts, ledgers, fees, steps, triggers, holders, *firsts, width))


def block(states: Int64, layout: StateLayout, name: str) -> Int64:
    """View of one block of `states` `(..., X)` as `(..., rows, fields)`; `clock` as `(..., fields)`."""
    extents = {
        "pool": (layout.pools, 0, len(PoolField)),
        "cumulative": (layout.pools, 0, len(PoolField)),
        "note": (layout.notes, 0, len(NoteField)),
        "account": (layout.accounts, 0, len(AccountField)),
        "ledger": (layout.ledgers, 0, len(LedgerField)),
        "fee": (layout.fees, 0, len(FeeField)),
        "step": (layout.steps, 0, len(StepField)),
        "draw": (layout.steps, DRAW, DRAW + layout.accounts),
        "trigger": (layout.triggers, 0, len(TriggerField)),
        "holder": (layout.holders, 0, len(HolderField)),
        "clock": (1, 0, len(ClockField)),
    }
    count, left, right = extents[name]
    first = layout.step if name == "draw" else getattr(layout, name)
    matrix = states.reshape(*states.shape[:-1], layout.rows, layout.width)
    view = matrix[..., first : first + count, left:right]
    return view[..., 0, :] if name == "clock" else view

"""The state of a deal on a payment date: one `int64` matrix, a row for every pool, note, account, step, …

Everything the waterfall moves or a condition reads lives here, so an observable is a position in this matrix, a
path's history is the sequence of its states (`trace`, one per period), and every result is a slice of it. The
columns of a row are the fields of its kind (`abssim.kind`); a step's row goes on with what it drew
from each account. No numba here: results and symbol tables use the same offsets as the kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.kind.clock import CLOCK
from abssim.kind.pool import POOL
from abssim.kind.step import STEP
from abssim.kind.table import KINDS

Int64 = npt.NDArray[np.int64]

DRAW = len(STEP.fields)
"""First column of a step's row that holds what it took from an account."""


class StateLayout(NamedTuple):
    """Counts of things, and the first row of each block, in the order of `KINDS`.

    Pool row 0 is the sum of all pools."""

    pools: int
    """Rows of the pool blocks: 1 for a single pool, K + 1 (the sum first) for several."""
    notes: int
    accounts: int
    ledgers: int
    fees: int
    holders: int
    steps: int
    triggers: int
    pool: int
    cumulative: int
    note: int
    account: int
    ledger: int
    fee: int
    holder: int
    step: int
    trigger: int
    clock: int
    rows: int
    width: int

    @property
    def size(self) -> int:
        """X: entries of the state."""
        return self.rows * self.width


def state_layout(counts: Mapping[str, int]) -> StateLayout:
    """Rows for so many of each kind; those of `pool` count the deal's pools, without the sum."""
    pools = counts["pool"] + 1 if counts["pool"] > 1 else 1
    things = [pools, *(counts[name] for name in KINDS if name != "pool")]
    firsts = [0]
    for count in (pools, *things, 1):
        firsts.append(firsts[-1] + count)
    width = max(*(len(kind.fields) for kind in KINDS.values()), DRAW + counts["account"])
    return StateLayout._make((*things, *firsts, width))


def block(states: Int64, layout: StateLayout, name: str) -> Int64:
    """View of one block of `states` `(..., X)` as `(..., rows, fields)`; `clock` as `(..., fields)`."""
    first, count, left, right = _extent(layout, name)
    matrix = states.reshape(*states.shape[:-1], layout.rows, layout.width)
    view = matrix[..., first : first + count, left:right]
    return view[..., 0, :] if name == "clock" else view


def _extent(layout: StateLayout, name: str) -> tuple[int, int, int, int]:
    """First row and number of rows of a block, its first column and one past the last."""
    if name == "clock":
        return layout.clock, 1, 0, len(CLOCK.fields)
    if name == "cumulative":
        return layout.cumulative, layout.pools, 0, len(POOL.fields)
    if name == "draw":
        return layout.step, layout.steps, DRAW, DRAW + layout.accounts
    kind = KINDS[name]
    return getattr(layout, kind.name), getattr(layout, kind.plural), 0, len(kind.fields)

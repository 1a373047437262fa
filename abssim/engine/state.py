"""The state of a deal on a payment date: one `int64` matrix, a row for every pool, note, account, step, …

Everything the waterfall moves or a condition reads lives here, so an observable is a position in this matrix, a
path's history is the sequence of its states (`trace`, one per period), and every result is a slice of it. The
columns of a row are the fields of its kind (`abssim.kind`); a step's row goes on with what it drew
from each account. No numba here: results and symbol tables use the same offsets as the kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.kind.base import Drawable
from abssim.kind.clock import CLOCK
from abssim.kind.pool import POOL
from abssim.kind.step import STEP
from abssim.kind.table import KINDS

Int64 = npt.NDArray[np.int64]

_BLOCKS = {**KINDS, "cumulative": POOL, "clock": CLOCK}
DRAW = len(STEP.fields)
"""First column of a step's row that holds what it took from the first account."""


@dataclass(frozen=True)
class StateLayout:
    """Where the rows of everything stand; row 0 of pools and of their running sums is the sum of all of them."""

    blocks: Mapping[str, range]
    """Rows by kind; of `cumulative` (running sums of pools) and of the `clock`."""
    rows: int
    width: int

    def __getitem__(self, block: str) -> range:
        """Rows of a block."""
        return self.blocks[block]

    @property
    def sources(self) -> list[tuple[int, Drawable]]:
        """Rows of all that steps can pay out of, in the order of the columns of what they drew; and its fields."""
        return [(row, kind.drawable) for kind in KINDS.values() if kind.drawable for row in self.blocks[kind.name]]

    @property
    def size(self) -> int:
        """X: entries of the state."""
        return self.rows * self.width


def state_layout(counts: Mapping[str, int]) -> StateLayout:
    """Rows for so many of each kind; those of `pool` count the deal's pools, without the sum."""
    pools = counts["pool"] + 1 if counts["pool"] > 1 else 1
    blocks, rows = {}, 0
    for name, count in {**counts, "pool": pools, "cumulative": pools, "clock": 1}.items():
        blocks[name] = range(rows, rows + count)
        rows += count
    sources = sum(counts[kind.name] for kind in KINDS.values() if kind.drawable)
    return StateLayout(blocks, rows, max(*(len(kind.fields) for kind in KINDS.values()), DRAW + sources))


def block(states: Int64, layout: StateLayout, name: str) -> Int64:
    """View of one block of `states` `(..., X)` as `(..., rows, fields)`; `clock` as `(..., fields)`."""
    first, count, left, right = _extent(layout, name)
    matrix = states.reshape(*states.shape[:-1], layout.rows, layout.width)
    view = matrix[..., first : first + count, left:right]
    return view[..., 0, :] if name == "clock" else view


def _extent(layout: StateLayout, name: str) -> tuple[int, int, int, int]:
    """First row and number of rows of a block, its first column and one past the last."""
    rows = layout["step" if name == "draw" else name]
    if name == "draw":
        return rows.start, len(rows), DRAW, DRAW + len(layout.sources)
    return rows.start, len(rows), 0, len(_BLOCKS[name].fields)

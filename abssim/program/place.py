"""Where everything stands: the layout of a deal's state, and the position of each observable in it."""

from __future__ import annotations

from abssim.deal.deal import Deal
from abssim.deal.observable import Slot, step_key
from abssim.deal.thing import drawable, things
from abssim.engine.program import COLUMN_BITS
from abssim.engine.state import DRAW, StateLayout, state_layout
from abssim.kind.clock import CLOCK
from abssim.kind.pool import POOL
from abssim.kind.table import KINDS

_BLOCKS = {**KINDS, "cumulative": POOL, "clock": CLOCK}
FIRST_TRIGGER_MARK = 2
"""Marks 0 and 1 are the closing and the end of the revolving period."""


class Places:
    """Rows and columns of a deal's things."""

    def __init__(self, deal: Deal, initial_balances: dict[str, int], note_balances: dict[str, int]) -> None:
        names = things(deal)
        self.layout: StateLayout = state_layout({kind: len(own) for kind, own in names.items()})
        pools = {name: 0 if len(deal.pools) == 1 else i + 1 for i, name in enumerate(deal.pools)}
        self._rows: dict[str, dict[str, int]] = {
            **{kind: {name: i for i, name in enumerate(own)} for kind, own in names.items()},
            "step": {_step(name): i for i, name in enumerate(names["step"])},
            "pool": {"": 0, **pools},
            "cumulative": {"": 0, **pools},
            "clock": {"": 0},
            "draw": {name: i for i, name in enumerate(drawable(deal))},
        }
        self._constants = {
            "pool_initial_balance": {"": sum(initial_balances.values()), **initial_balances},
            "note_initial_balance": note_balances,
        }

    def row(self, kind: str, name: str) -> int:
        """Number of a thing within its block; of `draw` among all that steps can pay out of."""
        return self._rows[kind][name]

    def position(self, slot: Slot) -> int:
        """Row and column of an observable in the state, as one number."""
        if slot.block == "draw":
            row = self.layout["step"][self._rows["step"][slot.item]]
            return row << COLUMN_BITS | DRAW + self._rows["draw"][slot.field]
        row = self.layout[slot.block][self._rows[slot.block][slot.item]]
        return int(row << COLUMN_BITS | _BLOCKS[slot.block].enum[slot.field.upper()])

    def constant(self, slot: Slot) -> float:
        """An amount that never changes, minor units."""
        return float(self._constants[slot.field][slot.item])

    def mark(self, name: str) -> int:
        """Index of a remembered date."""
        known = {"closing": 0, "end_of_revolving": 1}
        return known[name] if name in known else FIRST_TRIGGER_MARK + self._rows["trigger"][name]


def _step(name: str) -> str:
    """A step as expressions write it, behind its regime."""
    regime, _, own = name.partition(".")
    return f"{regime}.{step_key(own)}"

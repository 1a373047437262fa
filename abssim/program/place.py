"""Where everything stands: the layout of a deal's state, and the position of each observable in it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from abssim.deal.deal import Deal
from abssim.deal.observable import Slot, step_key
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
from abssim.engine.program import COLUMN_BITS
from abssim.engine.state import DRAW, StateLayout, state_layout

_FIELDS: dict[str, type[IntEnum]] = {
    "pool": PoolField,
    "cumulative": PoolField,
    "note": NoteField,
    "account": AccountField,
    "ledger": LedgerField,
    "fee": FeeField,
    "step": StepField,
    "trigger": TriggerField,
    "holder": HolderField,
    "clock": ClockField,
}
FIRST_TRIGGER_MARK = 2
"""Marks 0 and 1 are the closing and the end of the revolving period."""


class Places:
    """Rows and columns of a deal's things."""

    def __init__(self, deal: Deal, initial_balances: dict[str, int], note_balances: dict[str, int]) -> None:
        self.steps = [(regime, step) for regime, steps in deal.waterfalls.items() for step in steps]
        self.layout: StateLayout = state_layout(
            len(deal.pools),
            len(deal.notes),
            len(deal.accounts),
            len(deal.ledgers),
            len(deal.fees),
            len(self.steps),
            len(deal.triggers),
            len(deal.holders),
        )
        pools = {name: 0 if len(deal.pools) == 1 else i + 1 for i, name in enumerate(deal.pools)}
        self._rows: dict[str, dict[str, int]] = {
            "pool": {"": 0, **pools},
            "cumulative": {"": 0, **pools},
            "note": _numbered(deal.notes),
            "account": _numbered(deal.accounts),
            "ledger": _numbered(deal.ledgers),
            "fee": _numbered(deal.fees),
            "step": {f"{regime}.{step_key(step.name)}": i for i, (regime, step) in enumerate(self.steps)},
            "trigger": _numbered(deal.triggers),
            "holder": _numbered(deal.holders),
            "clock": {"": 0},
        }
        self._constants = {
            "pool_initial_balance": {"": sum(initial_balances.values()), **initial_balances},
            "note_initial_balance": note_balances,
        }

    def row(self, kind: str, name: str) -> int:
        """Number of a thing within its block."""
        return self._rows[kind][name]

    def position(self, slot: Slot) -> int:
        """Row and column of an observable in the state, as one number."""
        if slot.block == "draw":
            row = self.layout.step + self._rows["step"][slot.item]
            return row << COLUMN_BITS | DRAW + self._rows["account"][slot.field]
        row = getattr(self.layout, slot.block) + self._rows[slot.block][slot.item]
        return int(row << COLUMN_BITS | _FIELDS[slot.block][slot.field.upper()])

    def constant(self, slot: Slot) -> float:
        """An amount that never changes, minor units."""
        return float(self._constants[slot.field][slot.item])

    def mark(self, name: str) -> int:
        """Index of a remembered date."""
        known = {"closing": 0, "end_of_revolving": 1}
        return known[name] if name in known else FIRST_TRIGGER_MARK + self._rows["trigger"][name]


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}

"""What a kind of thing does beyond what its row says: one recipe a kind, registered here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from abssim.deal.deal import Deal
from abssim.program import terms
from abssim.program.code import CodeBuilder
from abssim.program.lower.accrue import accrue_fee, accrue_note, close_interest
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.judge import purchases_allowed
from abssim.program.lower.ledger import book_ledger
from abssim.program.lower.purchase import buy


class Recipe(NamedTuple):
    """Only what differs from the row; of claims, for all of the kind that it can be asked for."""

    records: Callable[[Deal, CodeBuilder], np.ndarray] | None = None
    """What the documents say beyond what the state holds, a record a thing: `DealProgram.terms`."""
    accrue: Callable[[Assembler, int], None] | None = None
    """What accrues on the date, for the n-th thing."""
    wanted: Callable[[Assembler], int] | None = None
    """Slot of what can be claimed."""
    pay: Callable[[Assembler, int], None] | None = None
    """Paying the amount in a slot."""
    book: Callable[[Assembler, int, int], None] | None = None
    """Booking on the n-th thing the amount in a slot."""
    close: Callable[[Assembler, int], None] | None = None
    """What is due and unpaid to the thing in a row of the state, when the waterfall has paid."""


RECIPES: dict[str, Recipe] = {
    "pool": Recipe(wanted=purchases_allowed, pay=buy),
    "note": Recipe(terms.note_records, accrue_note, close=close_interest),
    "fee": Recipe(terms.fee_records, accrue_fee),
    "trigger": Recipe(terms.trigger_records),
    "ledger": Recipe(terms.ledger_records, book=book_ledger),
}
"""By kind. A kind whose row says it all has none."""
NONE = Recipe()

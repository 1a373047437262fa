"""Particulars of contracts: columns that few tapes have. One that is absent, or neutral throughout, is not stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from abssim.money import ROUNDINGS

Kind = Literal["months", "days", "rate", "word", "text"]


@dataclass(frozen=True, slots=True)
class Particular:
    """A column: whole months or days (0: none), a decimal rate (NaN: none), one of `words` (the first is neutral), or
    any text (empty: none)."""

    kind: Kind
    words: tuple[str, ...] = ()

    @property
    def dtype(self) -> type[np.generic]:
        """Of the stored column; words and texts are codes."""
        if self.kind == "rate":
            return np.float64
        return np.int8 if self.kind == "word" else np.int32

    @property
    def neutral(self) -> float:
        """What a loan has to which the column does not apply."""
        return np.nan if self.kind == "rate" else 0


DAY_COUNTS = ("30/360", "act/360", "act/365")
"""In the order of `engine.contract.columns.Basis`."""
PARTICULARS = {
    "amortization_term": Particular("months"),
    "pays_every": Particular("months"),
    "capitalized_term": Particular("months"),
    "first_period_days": Particular("days"),
    "day_count": Particular("word", DAY_COUNTS),
    "payment_rounding": Particular("word", ("contract", *ROUNDINGS)),
    "negative_amortization": Particular("word", ("no", "yes")),
    "rate_schedule": Particular("text"),
    "rate_index": Particular("text"),
    "rate_margin": Particular("rate"),
    "rate_cap": Particular("rate"),
    "rate_floor": Particular("rate"),
    "reset_every": Particular("months"),
    "months_to_reset": Particular("months"),
    "at_reset": Particular("word", ("recompute_payment", "keep_payment")),
}
PARTICULAR_RATES = tuple(name for name, own in PARTICULARS.items() if own.kind == "rate")
PARTICULAR_TEXTS = tuple(name for name, own in PARTICULARS.items() if own.kind in ("word", "text"))

"""The columns of contracts as they are checked against each other: neutral where they do not act."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Amortization
from abssim.tape.contract import ACTS_ON, LEVEL, acts, is_given
from abssim.tape.draft import Draft
from abssim.tape.particular import PARTICULARS
from abssim.tape.schema import Array
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Contract:
    """The columns of a draft's contracts, each neutral where it does not act."""

    def __init__(self, draft: Draft, columns: Mapping[str, Array], labels: Mapping[str, tuple[str, ...]]) -> None:
        self.draft = draft
        self.labels = labels
        self.columns = columns
        self.kinds = columns["amortization"]
        self.term = np.maximum(1.0, self["remaining_term"])
        self.level = np.isin(self.kinds, LEVEL)
        free = self["interest_only_term"]
        whole = (self.kinds == Amortization.INTEREST_ONLY) & (free == 0)
        self.free = np.maximum(np.where(whole, self.term, np.minimum(free, self.term)), self["capitalized_term"])
        self.bullet = self.free >= self.term
        self.every = np.maximum(1.0, self["pays_every"])
        self.rate = self["rate"] * self.every / 12.0
        """A period between instalments."""
        self.count = np.maximum(1.0, np.ceil((self.term - self.free) / self.every))
        """Instalments that repay principal."""
        self.floats = self.given("rate_index") & acts("rate_index", self.kinds)
        self.resets = self.floats | (self.given("rate_schedule") & acts("rate_schedule", self.kinds))
        self.keeps = self["at_reset"] == PARTICULARS["at_reset"].words.index("keep_payment")
        self.from_start = self.floats & (self["months_to_reset"] == 0)

    def __getitem__(self, name: str) -> Float64:
        """(L,) numbers, 0 where the column does not act or is not given."""
        if name not in self.columns:
            return np.zeros(len(self.kinds))
        values = self.columns[name].astype(np.float64)
        return np.where(self.given(name) & acts(name, self.kinds), values, 0.0) if name in ACTS_ON else values

    def given(self, name: str) -> Mask:
        """(L,) loans that have a value of their own."""
        if name not in self.columns:
            return np.zeros(len(self.kinds), dtype=np.bool_)
        return is_given(name, self.columns[name])

    def refuse(
        self, mask: Mask, name: str, reason: str, hint: str = "keep the one that holds", code: str = "E265"
    ) -> None:
        """Marks rows as bad that no fault has struck yet."""
        self.draft.fault(mask & ~self.draft.faults.bad, code, name, reason, hint)

    def tell(self, mask: Mask, text: str) -> None:
        """A note, with how many loans it is about as `{}`."""
        count = int((mask & ~self.draft.faults.bad).sum())
        if count:
            self.draft.told.append(text.format(counted(count, "loan")))

"""Some loans of a tape as texts: amounts in currency units, rates in percent, words, dates."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.money import minor_digits
from abssim.tape.schema import LoanTape

Array = npt.NDArray[Any]
Texts = list[str]


@dataclass(frozen=True)
class LoanView:
    """Loans `part` of a tape that is as of `cut_off`, in a deal that closed on `closing`. Nothing known: empty text."""

    tape: LoanTape
    part: slice
    cut_off: date
    closing: date

    @property
    def count(self) -> int:
        """Loans."""
        return int(self.part.stop - self.part.start)

    def column(self, name: str) -> Array:
        """A column as the tape stores it."""
        return self.tape.codes(name)[self.part]

    def values(self, name: str) -> list[Any]:
        """A column's values; nothing where the tape does not have it."""
        return self.column(name).tolist() if name in self.tape.names else [None] * self.count

    def whole(self, name: str) -> Texts:
        """A column of whole numbers."""
        return [str(value) for value in self.values(name)]

    def given(self, name: str) -> Texts:
        """A column of whole numbers in which 0 means none."""
        return [str(value) if value else "" for value in self.values(name)]

    def money(self, name: str) -> Texts:
        """A column of amounts."""
        digits = minor_digits(self.tape.currency)
        return [amount_text(value, digits) for value in self.values(name)]

    def percent(self, name: str) -> Texts:
        """A column of rates."""
        return ["" if value is None else plain_text(round(value * 100.0, 8)) for value in self.values(name)]

    def numbers(self, name: str) -> Texts:
        """A column of numbers."""
        return ["" if value is None else plain_text(round(value, 10)) for value in self.values(name)]

    def words(self, name: str) -> Texts:
        """A column of words, or a further column of whatever it holds."""
        if name not in self.tape.labels:
            return self.numbers(name)
        labels = (*self.tape.labels[name], "")
        return [labels[code] for code in self.column(name).tolist()]

    def ids(self) -> Texts:
        """Ids of the loans."""
        return [text.decode() for text in self.column("loan_id").tolist()]

    def obligors(self) -> Texts:
        """Ids of the obligors; a loan without one is its own."""
        keys, ids, loans = self.column("obligor_key"), self.tape.obligor_id, self.ids()
        if ids is not None:
            return [own.decode() or loan for own, loan in zip(ids[self.part].tolist(), loans, strict=True)]
        same = (keys == self.column("loan_key")).tolist()
        return [loan if alone else str(key) for loan, alone, key in zip(loans, same, keys.tolist(), strict=True)]

    def originated(self) -> Texts:
        """First day of the month of origination: a tape keeps no day."""
        months = self.tape.origination_month
        if months is None:
            return [""] * self.count
        return ["" if text == "NaT" else f"{text}-01" for text in np.datetime_as_string(months[self.part], "M")]

    def after(self, months: int) -> str:
        """The day so many months after the cut-off."""
        year, month = divmod(self.cut_off.year * 12 + self.cut_off.month - 1 + months, 12)
        return date(year, month + 1, min(self.cut_off.day, monthrange(year, month + 1)[1])).isoformat()


def amount_text(minor: int, digits: int) -> str:
    """Minor units as currency units."""
    whole, rest = divmod(abs(minor), 10**digits)
    text = f"{whole}.{rest:0{digits}d}" if digits else str(whole)
    return f"-{text}" if minor < 0 else text


def plain_text(value: float) -> str:
    """A number without exponent, whole ones without a point; nothing where it is none."""
    if value != value:
        return ""
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")

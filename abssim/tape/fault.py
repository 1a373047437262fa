"""Bad rows: found a column at a time, kept as arrays of row numbers, told as problems in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.guard import shortened
from abssim.word import counted

SHOWN = 20
"""Problems told one by one; the rest is counted."""

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One reason that makes rows of one column unusable, and every row it makes so."""

    code: str
    column: str
    """Name of the column in the file, where it has one."""
    reason: str
    rows: Rows
    """File rows, ascending."""
    values: tuple[str, ...] = ()
    """What the first `SHOWN` of these rows hold."""
    hint: str = ""
    once: bool = False
    """It is about a word or the column, not about single rows: told once, with the number of rows."""

    def problem(self, place: int, where: str) -> Problem:
        """The `place`-th row of this fault as a problem."""
        value = f": {self.values[place]}" if place < len(self.values) and self.values[place] else ""
        count = f" ({counted(self.rows.size, 'row')})" if self.once else ""
        message = f"{self.reason}{value}{count}"
        return Problem(self.code, where, self.column, message, self.hint or HINTS.get(self.code, ""))

    @property
    def told(self) -> int:
        """Rows that are told one by one."""
        return 1 if self.once else int(self.rows.size)


HINTS = {
    "E210": "give it, or name a default",
    "E211": "write a plain number such as 1234.50",
    "E212": "write a plain number such as 1234.50",
    "E213": "amounts, rates and terms are zero or more",
    "E214": "is the unit right?",
    "E215": "each row is one loan; map obligor_id for what belongs together",
    "E216": "give the months to go, or a balance of zero",
    "E217": "terms are whole months, days past due whole days",
    "E221": "give the original balance the fee and the instalments are computed from",
    "E223": "give the principal due with the last instalment",
    "E224": "give the share of the balance due each month, such as 0.1",
    "E256": "is the cut-off date right?",
    "E225": "shorten it, and save the file as UTF-8",
}


class Faults:
    """Collects the faults of `L` rows; `bad` marks the rows that have any.

    A cell is reported once, with the first thing that is wrong with it: what follows from that is no news.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.bad: Mask = np.zeros(rows.size, dtype=bool)
        self.found: list[RowFault] = []
        self._told: dict[str, Mask] = {}

    def add(
        self,
        mask: Mask,
        code: str,
        column: str,
        reason: str,
        tell: Callable[[Rows], Sequence[str]] | None = None,
        hint: str = "",
        once: bool = False,
    ) -> None:
        """Marks the rows of `mask`; `tell` gives the text of the values at some positions. What is wrong in every row,
        or in most of many, is a fault of the column: told `once`."""
        told = self._told.get(column)
        mask = mask if told is None else mask & ~told
        if not mask.any():
            return
        self._told[column] = mask if told is None else mask | told
        places = np.flatnonzero(mask)
        values = tuple(shortened(text) for text in tell(places[:SHOWN])) if tell else ()
        once = once or places.size > max(SHOWN, mask.size // 2) or (tell is None and places.size == mask.size > 1)
        self.found.append(RowFault(code, column, reason, self.rows[places], values, hint, once))
        self.bad |= mask


LineOf = Callable[[Sequence[int]], Mapping[int, int]]
"""Lines of a file on which its rows begin."""


def listed(faults: Sequence[RowFault], where: str, limit: int = SHOWN, line_of: LineOf | None = None) -> list[Problem]:
    """The first `limit` bad rows one by one, then how many there are of each kind when there are more."""
    places = sorted(
        (int(fault.rows[place]), index, place)
        for index, fault in enumerate(faults)
        for place in range(min(limit, fault.told))
    )[:limit]
    lines = line_of([row for row, _, _ in places]) if line_of and places else {}
    names = {row: f"{where}:{lines[row]} row {row}" if row in lines else f"{where} row {row}" for row, _, _ in places}
    problems = [faults[index].problem(place, names[row]) for row, index, place in places]
    if sum(fault.told for fault in faults) > limit:
        shown = {index for _, index, _ in places}
        problems += [
            Problem(fault.code, where, fault.column, f"{fault.reason}: {counted(fault.rows.size, 'row')} in all")
            for index, fault in enumerate(faults)
            if not fault.once or index not in shown
        ]
    return problems

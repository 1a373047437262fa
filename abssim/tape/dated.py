"""A column of dates: read in one order of day and month, or refused with both readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.tape.day import Days, parse_days
from abssim.tape.raw import Raw
from abssim.tape.say import say

Mask = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

DATE_HINT = "write yyyy-mm-dd or mm/yyyy"


@dataclass(frozen=True, slots=True)
class Dated:
    """Days `(L,)`, NaT where absent or no date."""

    days: Dates
    unread: Mask
    """Rows whose text is no date."""
    whole_months: bool
    """True if some cells are months without a day, which stand for their first."""
    notes: tuple[str, ...]
    problem: Problem | None
    """Why the column cannot be read."""

    @property
    def months(self) -> Dates:
        """datetime64[M]"""
        return self.days.astype("datetime64[M]")


def dates_of(raw: Raw, where: str, name: str) -> Dated:
    """The column as dates; `name` is the one settings know it by."""
    codes, words = raw.words()
    parsed = parse_days(words, raw.spelling.order)
    days: list[date | None] = [*parsed.days, None]
    table = np.asarray([np.datetime64("NaT", "D") if day is None else day for day in days], dtype="datetime64[D]")
    unread = np.asarray([*(day is None for day in parsed.days), False])
    notes = (f"{raw.name}: numbers such as 45292 are read as a spreadsheet's serial days",) if parsed.serials else ()
    rows = {word: int(np.argmax(codes == place)) + 1 for place, word in enumerate(words) if word in _named(parsed)}
    problem = _problem(parsed, rows, where, raw.name, name)
    return Dated(table[codes], unread[codes] & (problem is None), parsed.whole_months, notes, problem)


def _named(parsed: Days) -> tuple[str, ...]:
    return parsed.against or ((parsed.ambiguous,) if parsed.ambiguous else ())


def _problem(parsed: Days, rows: dict[str, int], where: str, label: str, name: str) -> Problem | None:
    if parsed.against:
        first, second = parsed.against
        text = f'"{first}" (row {rows[first]:,}) and "{second}" (row {rows[second]:,}) cannot be dates of one order'
        return Problem("E253", where, label, text, "was a part of the file saved by a spreadsheet? Correct one of them")
    if parsed.ambiguous:
        text = f'"{parsed.ambiguous}" (row {rows[parsed.ambiguous]:,}) can be read with the day or the month first'
        return Problem("E252", where, label, text, f"{say(f'dates.{name}=day_first')}, or month_first")
    return None

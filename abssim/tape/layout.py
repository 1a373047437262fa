"""Where a table begins in a file: lines before its header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from abssim.errors import Problem, TapeError
from abssim.tape.day import parse_days
from abssim.tape.number import MONEY, PERCENT, parse_number
from abssim.tape.say import say

LOOKED_AT = 50
"""Records at the top among which a header is looked for."""
MAX_NAME = 1_000
"""Characters of a column's name."""
Record = Sequence[str]


def check_header(names: Record, where: str, records: Sequence[tuple[int, Record]], line: int) -> None:
    """Raises if the first record is no header: it is empty, or its names are, or the header stands further down.

    `records` are (line, fields) of the first rows, the supposed header on `line` left out.
    """
    if not any(name.strip() for name in names):
        raise TapeError(Problem("E241", where, "", "the file has no header"))
    if (longest := max(len(name) for name in names)) > MAX_NAME:
        text = f"a name in the header has {longest:,} characters"
        raise TapeError(Problem("E251", f"{where}:{line}", "", text, "is a quote missing?"))
    line_below = _header_below(names, records)
    if line_below is not None:
        text = f"no header: the table seems to begin on line {line_below}"
        raise TapeError(Problem("E250", f"{where}:{line}", "", text, say(f"skip={line_below - 1}")))


def _header_below(names: Record, records: Sequence[tuple[int, Record]]) -> int | None:
    """Line of the first record of names as long as the rows, if the first is half as long or holds values."""
    counts = Counter(_filled(record) for _, record in records if _filled(record) > 1)
    if not counts:
        return None
    usual = max(counts, key=lambda filled: (counts[filled], filled))
    if _filled(names) * 2 > usual and _are_names(names):
        return None
    return next((line for line, record in records if _filled(record) >= usual and _are_names(record)), None)


def _filled(record: Record) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _are_names(record: Record) -> bool:
    cells = [cell.strip() for cell in record if cell.strip()]
    return len(set(cells)) == len(cells) and not any(_is_value(cell) for cell in cells)


def _is_value(cell: str) -> bool:
    """True for numbers and dates."""
    return parse_number(cell, 1.0, PERCENT | MONEY) is not None or parse_days([cell], "day_first").days[0] is not None

"""The date that a report says it is as of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from abssim.errors import Problem, TapeError
from abssim.tape.alias import recognise
from abssim.tape.day import parse_day
from abssim.tape.table import Table


def cut_off_column(names: Sequence[str]) -> tuple[str, ...]:
    """The column of a known format that tells the cut-off, where the file has it."""
    known = recognise(frozenset(names))
    return (known.cut_off,) if known and known.cut_off in names else ()


def reported_cut_off(
    table: Table, column: Sequence[str], asked: date | None, where: str
) -> tuple[date | None, tuple[str, ...]]:
    """The cut-off that was asked for, else the file's own; and what is told of it. TapeError E256."""
    said = {day for name in column for day in table.column(name).words()[1]}
    days = {parse_day(text) for text in said} - {None}
    if not days:
        return asked, ()
    if asked is None and len(days) > 1:
        text = f"{len(days)} cut-off dates in one file"
        raise TapeError(Problem("E256", where, column[0], text, "say which is meant: --cut-off DATE"))
    own = max(day for day in days if day is not None)
    if asked is None:
        return own, (f"the cut-off is {own}, as {column[0]} says",)
    return asked, () if days == {asked} else (f"{column[0]} says that the cut-off is {own}; {asked} is taken, as said",)

"""Replines: rows of a deal document, each a loan whose balance is an aggregate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.tape.alias import Alias
from abssim.tape.derive import build_tape
from abssim.tape.draft import Draft
from abssim.tape.fault import Faults, listed
from abssim.tape.mapping import KNOWN, PERCENT
from abssim.tape.raw import PlainColumn, Raw
from abssim.tape.read import TapeReading
from abssim.tape.schema import LoanTape

WHERE = "replines"


def replines_tape(
    rows: Sequence[Mapping[str, Any]], currency: str, where: str = WHERE, cut_off: date | None = None
) -> LoanTape:
    """The tape of `replines_reading`."""
    return replines_reading(rows, currency, where, cut_off).tape


def replines_reading(
    rows: Sequence[Mapping[str, Any]], currency: str, where: str = WHERE, cut_off: date | None = None
) -> TapeReading:
    """One loan per row. Fields are the tape's columns, amounts in currency units, rates also as `rate_pct`.

    Dates tell ages and terms with the `cut_off`; the notes are on what has no effect.

    Raises TapeError with every problem of every row.
    """
    problems = _unknown_fields(rows, where)
    if not rows:
        problems.append(Problem("E241", where, "", "no replines"))
    if problems:
        raise TapeError(problems)
    names = dict.fromkeys(name for row in rows for name in row)
    sources = {name.removesuffix("_pct") if name in PERCENT else name: _alias(name) for name in names}
    raw: dict[str, Raw] = {
        target: PlainColumn(alias.column, [row.get(alias.column) for row in rows]) for target, alias in sources.items()
    }
    faults = Faults(np.arange(1, len(rows) + 1, dtype=np.int64))
    draft = Draft(raw, sources, {}, currency, faults, where=where)
    tape, _ = build_tape(draft, cut_off, repeated_ids=False)
    if draft.refused or faults.found:
        raise TapeError(draft.refused or listed(faults.found, where))
    return TapeReading(tape, (), len(rows), 0, 0, tuple(draft.told), where)


def _alias(name: str) -> Alias:
    return Alias(name, "percent" if name in PERCENT else "as_is")


def _unknown_fields(rows: Sequence[Mapping[str, Any]], where: str) -> list[Problem]:
    """Names no column has, and rates given both ways."""
    problems: list[Problem] = []
    for number, row in enumerate(rows, 1):
        place = f"{where} row {number}"
        problems += [
            Problem("E228", place, str(name), f'no column "{name}"', did_you_mean(str(name), KNOWN))
            for name in row
            if name not in KNOWN
        ]
    used = {name for row in rows for name in row}
    both = [name for name in PERCENT if {name, name.removesuffix("_pct")} <= used]
    return problems + [Problem("E247", where, name, f"{name} beside {name.removesuffix('_pct')}") for name in both]

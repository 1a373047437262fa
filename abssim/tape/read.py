"""Loan tapes from files: CSV (also gzipped) and Parquet, without a data frame in between.

Every row that cannot be used is found before anything is said; `on_bad_row` decides whether that ends the reading
(`fail`) or leaves the rows out, counted and with their balance (`drop`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.money import to_units
from abssim.tape.derive import build_tape
from abssim.tape.draft import MAX_MINOR, Draft, from_percent
from abssim.tape.fault import SHOWN, Faults, LineOf, RowFault, listed
from abssim.tape.load import Table, read_columns, read_header, row_lines
from abssim.tape.plan import KNOWN, PERCENT, Plan, make_plan
from abssim.tape.raw import PlainColumn, Raw
from abssim.tape.schema import CATEGORIES, LoanTape

Float64 = npt.NDArray[np.float64]

ON_BAD_ROW = ("fail", "drop")
_TEXT = (*CATEGORIES, "amortization", "schedule", "origination_month")


@dataclass(frozen=True, slots=True)
class TapeReading:
    """A tape, and what happened on the way."""

    tape: LoanTape
    problems: tuple[RowFault, ...]
    """Reasons for which rows were left out."""
    rows_read: int
    rows_dropped: int
    dropped_balance: int
    """Of the rows left out, as far as it could be read; minor units."""
    notes: tuple[str, ...]
    """What was recognised, derived and assumed."""
    source: str
    """Name of the file."""
    format: str = ""
    """Name of the known format the file has, if any."""
    line_of: LineOf | None = None
    """Lines of the file on which rows begin, where it has lines."""

    def listed(self, limit: int = SHOWN) -> list[Problem]:
        """The first rows left out, one by one, and how many there are of each kind."""
        return listed(self.problems, self.source, limit, self.line_of)


def read_tape(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    currency: str = "USD",
    on_bad_row: str = "fail",
    cut_off: date | None = None,
) -> TapeReading:
    """Reads a tape. `columns` maps the tape's names (or `rate_pct`, or new ones) to the file's, `defaults` fill gaps.

    Schedule AL, LendingClub and abssim's own names are recognised without a mapping.
    """
    where = Path(path).name
    if on_bad_row not in ON_BAD_ROW:
        raise TapeError(Problem("E227", where, "on_bad_row", f'"{on_bad_row}"', did_you_mean(on_bad_row, ON_BAD_ROW)))
    filled, problems = clean_defaults(defaults or {}, where)
    names = read_header(Path(path))
    plan, wrong = make_plan(names, columns or {}, where, filled)
    if problems or wrong:
        raise TapeError([*problems, *wrong])
    table = read_columns(Path(path), sorted({alias.column for alias in plan.sources.values()}))
    reading = _reading(table, plan, filled, currency, Path(path), cut_off)
    if reading.problems and on_bad_row == "fail":
        raise TapeError(_told(reading))
    _check_tape(reading.tape, where)
    return reading


def _reading(
    table: Table, plan: Plan, defaults: Mapping[str, Any], currency: str, path: Path, cut_off: date | None
) -> TapeReading:
    raw: dict[str, Raw] = {name: table.column(alias.column) for name, alias in plan.sources.items()}
    draft = Draft(raw, plan.sources, defaults, currency, Faults(table.rows), automatic=plan.automatic)
    if plan.format:
        draft.notes.append(f"columns recognised by their {plan.format.name} names; {plan.format.note}")
    for code, column, reason, mask in table.unreadable:
        draft.fault(mask, code, column, reason)
    tape, balance = build_tape(draft, cut_off, bool(plan.format and plan.format.repeated_ids))
    if plan.unread:
        draft.notes.append(f"{len(plan.unread)} columns of the file are not read; map one to have it in the tape")
    ragged = sum(int(fault.rows.size) for fault in table.faults)
    lost = balance[draft.faults.bad]
    total = int(np.nansum(np.where(lost > 0, lost, 0.0)))
    dropped = lost.size + ragged
    if dropped:
        unknown = ragged + int((~(lost >= 0)).sum())
        draft.notes.append(_dropped_note(dropped, total, unknown, currency))
    found = (*table.faults, *draft.faults.found)
    kind = plan.format.name if plan.format else ""
    read = int(table.rows.size) + ragged
    return TapeReading(tape, found, read, dropped, total, tuple(draft.notes), path.name, kind, row_lines(path))


def _dropped_note(dropped: int, total: int, unknown: int, currency: str) -> str:
    more = f"; the balance of {unknown:,} of them cannot be read" if unknown else ""
    return f"{dropped:,} rows left out with a balance of {to_units(total, currency):,.2f} {currency}{more}"


def _told(reading: TapeReading) -> list[Problem]:
    """The first bad rows; the last problem says how many there are and what the user can do."""
    problems = reading.listed()
    message = f"{reading.rows_dropped:,} of {reading.rows_read:,} rows are bad"
    hint = "correct them, or leave them out with --on-bad-row drop"
    return [*problems, Problem(problems[0].code, reading.source, "", message, hint)]


def _check_tape(tape: LoanTape, where: str) -> None:
    if len(tape) == 0:
        raise TapeError(Problem("E241", where, "", "no usable rows"))
    if float(tape.balance.astype(np.float64).sum()) > MAX_MINOR:
        hint = "are the balances in minor units already?"
        raise TapeError(Problem("E226", where, "balance", f"the total is above {MAX_MINOR:,} minor units", hint))


def clean_defaults(defaults: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[Problem]]:
    """Defaults in the tape's units (`rate_pct: 5` becomes `rate: 0.05`), and what is wrong with them."""
    filled: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in defaults.items():
        if name not in KNOWN or name in ("loan_id", "obligor_id"):
            problems.append(Problem("E248", where, f"defaults.{name}", "no such column", did_you_mean(name, KNOWN)))
        elif name in _TEXT:
            filled[name] = value
        else:
            values = PlainColumn(name, [value]).numbers(percent=1.0 if name in PERCENT else 0.01).values
            if np.isfinite(values[0]):
                filled[name.removesuffix("_pct")] = float((from_percent(values) if name in PERCENT else values)[0])
            else:
                problems.append(Problem("E248", where, f"defaults.{name}", f"not a number: {value}"))
    return filled, problems

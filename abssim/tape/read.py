"""Loan tapes from files: CSV (also gzipped), workbooks and Parquet, without a data frame in between.

Every row that cannot be used is found before anything is said; `on_bad_row` decides whether that ends the reading
(`fail`) or leaves the rows out, counted and with their balance (`drop`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.money import to_units
from abssim.public import Shown
from abssim.reading import Reading
from abssim.tape.currency import currency_of
from abssim.tape.derive import build_tape
from abssim.tape.draft import MAX_MINOR, Draft, from_percent
from abssim.tape.fault import SHOWN, Faults, LineOf, RowFault, listed
from abssim.tape.footer import by_row, is_sum, left_out_note
from abssim.tape.load import open_table, read_columns
from abssim.tape.mapping import KNOWN, PERCENT, ColumnMapping, map_columns
from abssim.tape.number import MONEY, parse_number
from abssim.tape.particular import PARTICULAR_TEXTS
from abssim.tape.raw import PlainColumn, Raw
from abssim.tape.reported import cut_off_column, reported_cut_off
from abssim.tape.say import say
from abssim.tape.schema import CATEGORIES, DATES, LoanTape
from abssim.tape.sentinel import unknown_notes
from abssim.tape.setting import by_tape_name, idle_notes, reading_of
from abssim.tape.spelling import spelling_of
from abssim.tape.table import Table, TableFile
from abssim.word import counted

Float64 = npt.NDArray[np.float64]

ON_BAD_ROW = ("fail", "drop")
_TEXT = (*CATEGORIES, *PARTICULAR_TEXTS, "amortization", "schedule", "status", *DATES)


@dataclass(frozen=True, slots=True)
class TapeReading(Shown):
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

    selectors: tuple[str, ...] = ()
    """Columns that only conditions, limits and strata read."""

    @classmethod
    def of(cls, tape: LoanTape, source: str = "", notes: tuple[str, ...] = ()) -> TapeReading:
        """Of a tape that was made in memory."""
        return cls(tape, (), len(tape), 0, 0, notes, source)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and which columns wait for a condition that names them."""
        waiting = f"for conditions and strata only: {', '.join(self.selectors)}"
        return (*self.notes, waiting) if self.selectors else self.notes

    def listed(self, limit: int = SHOWN) -> list[Problem]:
        """The first rows left out, one by one, and how many there are of each kind."""
        return listed(self.problems, self.source, limit, self.line_of)


def read_tape(
    path: str | Path,
    *,
    currency: str | None = None,
    on_bad_row: str = "fail",
    cut_off: date | None = None,
    keep: Collection[str] = (),
    **how: Any,
) -> TapeReading:
    """Reads a tape. `how` are the fields of `abssim.reading.Reading`.

    `columns` maps the tape's names (or `rate_pct`, or new ones) to the file's, `defaults` fill gaps; `dates`,
    `unknown`, `words`, `encoding`, `skip` and others say how to read what is there. Schedule AL, LendingClub, the EU's
    loan-level templates and abssim's own names are recognised without a mapping. Without `currency` it is that of the
    file's column, or USD. `keep` are columns of the file, in any case, that become further columns as they are,
    whatever else is read from them.
    """
    where = Path(path).name
    if on_bad_row not in ON_BAD_ROW:
        raise TapeError(Problem("E227", where, "on_bad_row", f'"{on_bad_row}"', did_you_mean(on_bad_row, ON_BAD_ROW)))
    settings = by_tape_name(reading_of(how, where), where)
    filled, problems = clean_defaults(settings.defaults, where)
    file = open_table(Path(path), settings)
    own = cut_off_column(file.names)
    mapping, wrong = map_columns(file.names, settings, where, filled, cut_off is not None or bool(own))
    if problems or wrong:
        raise TapeError([*problems, *wrong])
    mapping = mapping.keeping(keep, file.names)
    read = {alias.column for alias in mapping.sources.values()}
    table = read_columns(Path(path), file, sorted({*read, *own}))
    draft = _draft(table, mapping, settings, filled, currency, where)
    cut_off, told = reported_cut_off(table, own, cut_off, where)
    draft.notes += told
    reading = _reading(draft, table, mapping, file, cut_off)
    if draft.refused:
        raise TapeError(draft.refused)
    if reading.problems and on_bad_row == "fail":
        raise TapeError(_told(reading))
    _check_tape(reading.tape, where)
    return reading


def _draft(
    table: Table, mapping: ColumnMapping, how: Reading, defaults: Mapping[str, Any], currency: str | None, where: str
) -> Draft:
    """The columns as written, what is wrong with their text marked."""
    raw: dict[str, Raw] = {
        name: table.column(alias.column, mapping.spelling(name, spelling_of(how, name)))
        for name, alias in mapping.sources.items()
    }
    faults = Faults(table.rows)
    for code, column, reason, mask, hint in table.unreadable:
        faults.add(mask, code, column, reason, hint=hint)
    notes = list(idle_notes(how, raw))
    said = "" if currency or not mapping.format else mapping.format.currency
    money, told = currency_of(raw.pop("currency", None), currency or said or None, faults, where)
    draft = Draft(raw, mapping.sources, defaults, money, faults, [*notes, *told], mapping.automatic, where=where)
    draft.others = mapping.others
    if mapping.format:
        draft.notes.append(f"columns recognised by their {mapping.format.name} names; {mapping.format.note}")
    return draft


def _reading(draft: Draft, table: Table, mapping: ColumnMapping, file: TableFile, cut_off: date | None) -> TapeReading:
    tape, balance = build_tape(draft, cut_off, bool(mapping.format and mapping.format.repeated_ids))
    totals = _total_notes(file.totals, mapping, balance, draft.currency)
    notes = [*file.notes, *totals, *draft.notes, *mapping.notes]
    ragged = sum(int(fault.rows.size) for fault in table.faults)
    lost = balance[draft.faults.bad]
    total = int(np.nansum(np.where(lost > 0, lost, 0.0)))
    dropped = lost.size + ragged
    if dropped:
        unknown = ragged + int((~(lost >= 0)).sum())
        notes.append(_dropped_note(dropped, total, unknown, draft.currency))
    notes += unknown_notes(tape, mapping.kept)
    last = max([0, *table.rows[-1:], *(int(fault.rows[-1]) for fault in table.faults)])
    found = tuple(by_row((*table.faults, *draft.faults.found), file.sparse, last, len(file.totals)))
    kind = mapping.format.name if mapping.format else ""
    read = int(table.rows.size) + ragged
    return TapeReading(
        tape, found, read, dropped, total, (*notes, *draft.told), draft.where, kind, file.lines, mapping.selectors(tape)
    )


def _total_notes(
    totals: Sequence[Mapping[str, str]], mapping: ColumnMapping, balance: Float64, currency: str
) -> Iterator[str]:
    """Rows of totals that were left out, and whether their balance is that of the rows."""
    amount = to_units(float(np.nansum(balance)), currency)
    column = mapping.sources["balance"].column if "balance" in mapping.sources else ""
    rows = [row for row in totals if any(cell.strip() for cell in row.values())]
    said = [parse_number(row.get(column, ""), 1.0, MONEY) for row in rows]
    agree = [each is not None and abs(each - amount) < 0.005 + 1e-12 * abs(amount) for each in said]
    for row, each, agrees in zip(rows, said, agree, strict=True):
        note = left_out_note(row)
        if agrees:
            note += "; the balances add up to it"
        elif each is not None and not any(agree):  # else it is a count or an average
            note += f"; the balances do not add up to {each:,.2f} but to {amount:,.2f}"
        yield note
    if is_sum(balance) and not any(agree):  # else the row of totals is known
        yield f"the balance of the last row is that of all others together: if it is a total, {say('skip_end=1')}"


def _dropped_note(dropped: int, total: int, unknown: int, currency: str) -> str:
    more = f"; the balance of {unknown:,} of them cannot be read" if unknown else ""
    return f"{counted(dropped, 'row')} left out with a balance of {to_units(total, currency):,.2f} {currency}{more}"


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
        if name not in KNOWN or name in ("loan_id", "obligor_id", "currency"):
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

"""The columns of a performance file: their names, what kind of file they make, and every bad cell reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from abssim.errors import CalibrationError, Problem, did_you_mean
from abssim.reading import EVERY, Reading
from abssim.tape.dated import DATE_HINT, dates_of
from abssim.tape.fault import Faults, listed
from abssim.tape.footer import left_out_note
from abssim.tape.load import open_table, read_columns
from abssim.tape.mark import number_problems
from abssim.tape.number import DAYS, MONEY, MONTHS, PERCENT
from abssim.tape.raw import ArrowColumn
from abssim.tape.setting import idle_notes
from abssim.tape.spelling import spelling_of

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ALIASES: Mapping[str, tuple[str, ...]] = {
    "loan_id": ("loan_no", "id", "assetnumber"),
    "month": ("reporting_month", "reporting_date", "period"),
    "status": ("loan_status", "state"),
    "days_past_due": ("dpd", "currentdelinquencystatus"),
    "balance": ("closing_balance", "reportingperiodactualendbalanceamount"),
    "original_balance": ("funded_amnt", "originalloanamount"),
    "origination_month": ("issue_d", "origination_date", "originationdate"),
    "last_payment_month": ("last_pymnt_d", "last_payment_date"),
    "age": ("months_on_book", "month_on_book", "mob", "months_since_issue"),
    "original_term": ("term", "originalloanterm"),
    "principal_paid": ("total_rec_prncp",),
    "recovery": ("recoveries",),
    "vintage": ("cohort",),
    "loans": ("n_loans",),
    "cumulative_default": ("cum_default", "cum_unpaid_principal_share_of_funded"),
    "cumulative_loss": ("cum_loss", "cumulative_net_loss"),
    "cumulative_prepaid": ("cum_prepaid", "cum_prepaid_in_full_share"),
}
"""Names of calibration -> other names files use, in lower case; `NAME_pct` is the same in percent."""

KINDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "curves": (("age",), ("cumulative_default", "cumulative_loss")),
    "performance": (("loan_id",), ("month",), ("status", "days_past_due")),
    "outcomes": (("origination_month",), ("status",), ("last_payment_month", "age")),
}
"""What each kind of file must have; one of each group."""

_UNITS = {**dict.fromkeys(("age", "original_term"), MONTHS), "days_past_due": DAYS}
_AMOUNTS = ("balance", "original_balance", "principal_paid", "recovery")
_SIGNS = {"curves": ("cumulative_default", "cumulative_loss"), "performance": ("month",), "outcomes": ()}


class HistoryFile:
    """The columns of a file under calibration's names. `close` raises every bad cell at once, by row."""

    def __init__(self, path: Path, how: Reading, by: Sequence[str]) -> None:
        self.where = path.name
        self._how = how
        file = open_table(path, how)
        names = file.names
        self.columns = _resolve(names, how.columns, self.where)
        self.by = tuple(canonical(name) for name in by)
        for name in self.by:
            self.columns[name] = self.columns.get(name) or _own(name, names, self.where)
        self.kind = _kind(self.columns, self.where)
        _check_settings(how, self.columns, self.where)
        table = read_columns(path, file, sorted(set(self.columns.values())))
        self._table, self._faults, self._lines = table, Faults(table.rows), file.lines
        self._ragged, self._refused = table.faults, list[Problem]()
        self._raw = {name: table.column(column, spelling_of(how, name)) for name, column in self.columns.items()}
        for code, column, reason, mask, hint in table.unreadable:
            self._faults.add(mask, code, column, reason, hint=hint)
        self._said = (*file.notes, *(left_out_note(row) for row in file.totals if any(row.values())))
        self._names, self._used = names, set[str]()

    def __len__(self) -> int:
        return int(self._table.rows.size)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the file, and what in it and of what was said of it had no effect."""
        used = {self.columns[name] for name in self._used}
        idle = [name for name in self._names if name not in used]
        unused = (f"not used: {', '.join(name or '(no name)' for name in idle)}",) if idle else ()
        return (*self._said, *idle_notes(self._how, self._raw), *unused)

    def has(self, name: str) -> bool:
        """True if the file gives the column."""
        return name in self.columns

    def _column(self, name: str) -> ArrowColumn:
        self._used.add(name)
        return self._raw[name]

    def number(self, name: str, high: float = 1e15, needed: bool = True) -> Float64:
        """(L,) numbers from 0 to `high`; columns in percent as decimals; NaN where absent and not needed."""
        raw = self._column(name)
        self._refused += number_problems(raw, self.where, name in _AMOUNTS)
        percent = self.columns[name].lower().endswith("_pct")
        parsed = raw.numbers(1.0 if percent else 0.01, _UNITS.get(name, PERCENT | MONEY))
        self.fault(parsed.bad, "E211", name, "not a number")
        self.fault(parsed.missing & needed, "E210", name, "missing")
        values = parsed.values / 100.0 if percent else parsed.values
        self.fault(np.isinf(values), "E212", name, "not finite")
        finite = np.isfinite(values)
        self.fault(finite & (values < 0.0), "E213", name, "negative")
        self.fault(finite & (values > high), "E214", name, f"above {high:,g}")
        return np.where(finite, values, np.nan)

    def months(self, name: str, needed: bool = True) -> Int64:
        """(L,) months since January 1970 of dates, or plain month numbers; -1 where absent and not needed."""
        raw = self._column(name)
        parsed = raw.numbers(1.0)
        if not parsed.bad.any() and np.nanmax(parsed.values, initial=0.0) <= 1200.0:
            self.fault(parsed.missing & needed, "E210", name, "missing")
            self.fault(parsed.values < 0.0, "E213", name, "negative")
            return np.where(parsed.missing, -1.0, parsed.values).astype(np.int64)
        dates = dates_of(raw, self.where, name)
        self._refused += [dates.problem] if dates.problem else []
        self.fault(dates.unread, "E220", name, "not a date", DATE_HINT)
        absent = np.isnat(dates.days)
        self.fault(absent & ~dates.unread & needed & (dates.problem is None), "E210", name, "missing")
        return np.where(absent, -1, dates.months.astype(np.int64))

    def words(self, name: str) -> tuple[Int64, tuple[str, ...]]:
        """(L,) codes into the words in alphabetical order; absent ones are reported."""
        codes, words = self._column(name).words()
        self.fault(codes < 0, "E210", name, "missing")
        return codes.astype(np.int64), words

    def ids(self, name: str) -> Int64:
        """(L,) numbers of the ids; absent ones are reported."""
        texts = self._column(name).ids()
        self.fault(texts == b"", "E210", name, "missing")
        return np.unique(texts, return_inverse=True)[1].astype(np.int64)

    def fault(self, mask: Mask, code: str, name: str, reason: str, hint: str = "") -> None:
        """Marks rows as bad because of column `name`."""
        self._faults.add(mask, code, self.columns.get(name, name), reason, self._raw[name].tell, hint)

    def refuse(self, code: str, name: str, text: str, hint: str) -> None:
        """A column that cannot be used at all."""
        self._refused.append(Problem(code, self.where, self.columns[name], text, hint))

    def say(self, note: str) -> None:
        """Something found out about the file that the user should know."""
        self._said = (*self._said, note)

    def close(self) -> None:
        """Raise CalibrationError if a column cannot be read, or any cell is bad."""
        faults = (*self._ragged, *self._faults.found)
        if faults or self._refused:
            raise CalibrationError(self._refused or listed(faults, self.where, line_of=self._lines))


def canonical(name: str) -> str:
    """Calibration's name of a column, which is the tape's where tapes have it."""
    lowered = name.strip().lower().removesuffix("_pct")
    return next((known for known, others in ALIASES.items() if lowered in (known, *others)), name.strip())


def _resolve(names: Sequence[str], mapping: Mapping[str, str], where: str) -> dict[str, str]:
    problems = [
        Problem("E246", where, target, f'the file has no column "{source}"', did_you_mean(source, names))
        for target, source in mapping.items()
        if source not in names
    ]
    problems += [
        Problem("E246", where, target, "no such column of a calibration", did_you_mean(target, ALIASES))
        for target in mapping
        if target not in ALIASES
    ]
    if problems:
        raise CalibrationError(problems)
    chosen = dict(mapping)
    for name in names:
        if canonical(name) in ALIASES:
            chosen.setdefault(canonical(name), name)
    return chosen


def _check_settings(how: Reading, columns: Mapping[str, str], where: str) -> None:
    """What is said of columns must be said of columns that are read."""
    problems = [
        Problem("E246", where, f"{setting}.{name}", f'no column is read as "{name}"', did_you_mean(name, columns))
        for setting in ("words", "unknown", "dates")
        for name in getattr(how, setting)
        if name != EVERY and name not in columns
    ]
    if how.defaults:
        problems.append(Problem("E227", where, "defaults", "a calibration fills no gaps", "leave them out"))
    if problems:
        raise CalibrationError(problems)


def _own(name: str, names: Sequence[str], where: str) -> str:
    if name not in names:
        raise CalibrationError(Problem("E230", where, "--by", f'no column "{name}"', did_you_mean(name, names)))
    return name


def _kind(columns: Mapping[str, str], where: str) -> str:
    likely = next(kind for kind, signs in _SIGNS.items() if not signs or any(sign in columns for sign in signs))
    lacking = [" or ".join(group) for group in KINDS[likely] if not any(name in columns for name in group)]
    if not lacking:
        return likely
    needs = "; ".join(f"{kind}: {', '.join(' or '.join(g) for g in groups)}" for kind, groups in KINDS.items())
    message = f"read as {likely}, the file lacks {', '.join(lacking)}"
    raise CalibrationError(Problem("E701", where, "", message, f"map them with --map NAME=COLUMN; {needs}"))

"""The columns of a performance file: their names, what kind of file they make, and every bad cell reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from abssim.errors import CalibrationError, Problem, did_you_mean
from abssim.tape.fault import Faults, listed
from abssim.tape.load import read_columns, read_header, row_lines
from abssim.tape.raw import ArrowColumn, months_of

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

_SIGNS = {"curves": ("cumulative_default", "cumulative_loss"), "performance": ("month",), "outcomes": ()}


class Sheet:
    """The columns of a file under calibration's names. `close` raises every bad cell at once, by row."""

    def __init__(self, path: Path, mapping: Mapping[str, str], by: Sequence[str]) -> None:
        self.where = path.name
        names = read_header(path)
        self.columns = _resolve(names, mapping, self.where)
        self.by = tuple(canonical(name) for name in by)
        for name in self.by:
            self.columns[name] = self.columns.get(name) or _own(name, names, self.where)
        self.kind = _kind(self.columns, self.where)
        table = read_columns(path, sorted(set(self.columns.values())))
        self._table, self._faults, self._lines = table, Faults(table.rows), row_lines(path)
        self._ragged = table.faults
        for code, column, reason, mask in table.unreadable:
            self._faults.add(mask, code, column, reason)

    def __len__(self) -> int:
        return int(self._table.rows.size)

    def has(self, name: str) -> bool:
        """True if the file gives the column."""
        return name in self.columns

    def number(self, name: str, high: float = 1e15, needed: bool = True) -> Float64:
        """(L,) numbers from 0 to `high`; columns in percent as decimals; NaN where absent and not needed."""
        raw = self._raw(name)
        percent = self.columns[name].lower().endswith("_pct")
        parsed = raw.numbers(1.0 if percent else 0.01)
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
        raw = self._raw(name)
        parsed = raw.numbers(1.0)
        if not parsed.bad.any() and np.nanmax(parsed.values, initial=0.0) <= 1200.0:
            self.fault(parsed.missing & needed, "E210", name, "missing")
            self.fault(parsed.values < 0.0, "E213", name, "negative")
            return np.where(parsed.missing, -1.0, parsed.values).astype(np.int64)
        found, unread = months_of(raw)
        self.fault(unread, "E220", name, "not a date")
        absent = np.isnat(found)
        self.fault(absent & ~unread & needed, "E210", name, "missing")
        return np.where(absent, -1, found.astype(np.int64))

    def words(self, name: str) -> tuple[Int64, tuple[str, ...]]:
        """(L,) codes into the words in alphabetical order; absent ones are reported."""
        codes, words = self._raw(name).words()
        self.fault(codes < 0, "E210", name, "missing")
        return codes.astype(np.int64), words

    def ids(self, name: str) -> Int64:
        """(L,) numbers of the ids; absent ones are reported."""
        texts = self._raw(name).ids()
        self.fault(texts == b"", "E210", name, "missing")
        return np.unique(texts, return_inverse=True)[1].astype(np.int64)

    def fault(self, mask: Mask, code: str, name: str, reason: str, hint: str = "") -> None:
        """Marks rows as bad because of column `name`."""
        self._faults.add(mask, code, self.columns.get(name, name), reason, self._raw(name).tell, hint)

    def close(self) -> None:
        """Raise CalibrationError if any cell is bad."""
        found = (*self._ragged, *self._faults.found)
        if found:
            raise CalibrationError(listed(found, self.where, line_of=self._lines))

    def _raw(self, name: str) -> ArrowColumn:
        return self._table.column(self.columns[name])


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

"""What a calibration reads: loan by month, loans with their outcome, or curves of vintages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from abssim.calibrate.column import HistoryFile
from abssim.scenario.roll import TO
from abssim.tape.number import is_code

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

DEFAULT, PREPAID, MATURED = TO.index("default"), TO.index("prepaid"), len(TO)
"""Final states; a loan that ends on schedule has MATURED."""
MAX_AGE = 480
MONEY = 100.0
"""A cumulative column with a larger number holds neither shares nor percent."""

STATUS = {
    "current": 0, "performing": 0, "active": 0, "issued": 0, "in grace period": 0,
    "dpd_1_30": 1, "1-30": 1, "late (16-30 days)": 1, "dpd_31_60": 2, "31-60": 2, "dpd_61_90": 3, "61-90": 3,
    "late (31-120 days)": 3, "default": DEFAULT, "defaulted": DEFAULT, "charged off": DEFAULT, "charge-off": DEFAULT,
    "written off": DEFAULT, "prepaid": PREPAID, "fully paid": PREPAID, "paid off": PREPAID, "paid": PREPAID,
    "settled": PREPAID, "matured": MATURED,
}  # fmt: skip
"""Words of a status -> state in the order of a roll-rate matrix."""
_PREFIX = "does not meet the credit policy. status:"


@dataclass(frozen=True)
class SegmentCodes:
    """What rates are estimated apart for: `by` columns, their values, and the segment of each row (0 without `by`)."""

    by: tuple[str, ...]
    values: tuple[tuple[str | int, ...], ...]
    code: Int64

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.values)

    def label(self, s: int) -> str:
        """Words of a segment."""
        return " / ".join(str(value) for value in self.values[s]) or "all"

    def where(self, s: int) -> dict[str, str | int]:
        """Condition of a scenario's rule."""
        return dict(zip(self.by, self.values[s], strict=True))


@dataclass(frozen=True)
class Performance:
    """Loan x month, sorted by loan and month; `(L,)` columns."""

    segments: SegmentCodes
    loan: Int64
    month: Int64
    state: Int64
    balance: Float64 | None
    age: Int64 | None
    """Months since origination."""
    recovery: Float64 | None
    """Cash recovered in the month on a loan in default."""


@dataclass(frozen=True)
class Outcomes:
    """One row per loan: when it began, how long it was there, how it ended; `(L,)` columns."""

    segments: SegmentCodes
    vintage: Int64
    """Month of origination."""
    age: Int64
    """Months from origination to the event (default the month after the last payment), or to the end of sight."""
    state: Int64
    """DEFAULT, PREPAID, MATURED, or 0 while it goes on."""
    term: Int64 | None
    balance: Float64 | None
    unpaid: Float64 | None
    """Principal never repaid."""
    recovery: Float64 | None


@dataclass(frozen=True)
class Curves:
    """Static pools: one row per segment, vintage and age; `(L,)` columns, sorted so."""

    segments: SegmentCodes
    vintage: Int64
    names: tuple[str, ...]
    """Of the vintages."""
    age: Int64
    default: Float64
    """Cumulative defaults (or net losses), share of the original pool."""
    is_loss: bool
    prepaid: Float64 | None
    loans: Float64 | None
    """Of the vintage at the start."""


def read_performance(sheet: HistoryFile) -> Performance:
    """Loan x month status."""
    loan, month = sheet.ids("loan_id"), sheet.months("month")
    state = _state(sheet)
    balance = sheet.number("balance", needed=False) if sheet.has("balance") else None
    age = _performance_age(sheet, month)
    recovery = sheet.number("recovery", needed=False) if sheet.has("recovery") else None
    segments = read_segments(sheet)
    order = np.lexsort((month, loan))
    twice = np.zeros(len(sheet), dtype=bool)
    same = (np.diff(loan[order]) == 0) & (np.diff(month[order]) == 0)
    twice[order[1:][same]] = True
    sheet.fault(twice, "E703", "month", "the loan has another row for this month", "keep one row per loan and month")
    sheet.close()
    chosen = SegmentCodes(segments.by, segments.values, segments.code[order])
    parts = (None if column is None else column[order] for column in (balance, age, recovery))
    balance, age, recovery = parts  # type: ignore[assignment]
    return Performance(chosen, loan[order], month[order], state[order], balance, age, recovery)


def _performance_age(sheet: HistoryFile, month: Int64) -> Int64 | None:
    if sheet.has("age"):
        return np.nan_to_num(sheet.number("age", MAX_AGE)).astype(np.int64)
    if not sheet.has("origination_month"):
        return None
    age = month - sheet.months("origination_month")
    sheet.fault(age < 0, "E705", "month", "before the loan began")
    return age


def _state(sheet: HistoryFile) -> Int64:
    """States; days past due tell more than a status that is not final."""
    state = np.zeros(len(sheet), dtype=np.int64)
    if sheet.has("status"):
        state = _status(sheet)
    if sheet.has("days_past_due"):
        days = np.nan_to_num(sheet.number("days_past_due", 10_000, needed=not sheet.has("status")))
        bucket = np.searchsorted([0.5, 30.5, 60.5, 90.5], days)
        state = np.where(state < DEFAULT, np.maximum(state, bucket), state)
    return state.astype(np.int64)


def _status(sheet: HistoryFile) -> Int64:
    codes, words = sheet.words("status")
    states = [STATUS.get(word.lower().removeprefix(_PREFIX).strip(), -1) for word in words]
    of_row = np.asarray([*states, 0], dtype=np.int64)[codes]
    unknown = [word for word, state in zip(words, states, strict=True) if state < 0]
    shown = ", ".join(f'"{word}"' for word in unknown[:8]) + (", …" if len(unknown) > 8 else "")
    hint = f'say what {shown} means: --map "status=WORD:STATE", STATE one of {", ".join(TO)}, matured'
    sheet.fault(of_row < 0, "E702", "status", "not a known status", hint)
    return of_row


def read_segments(sheet: HistoryFile) -> SegmentCodes:
    """The segments of the rows; whole numbers become numbers, as tapes have them."""
    code, values = np.zeros(len(sheet), dtype=np.int64), [()]
    for name in sheet.by:
        codes, words = sheet.words(name)
        code = code * max(1, len(words)) + codes
        values = [(*value, _plain(word)) for value in values for word in words]  # type: ignore[misc]
    used, place = np.unique(code, return_inverse=True)
    known = [values[u] if 0 <= u < len(values) else () for u in used]
    return SegmentCodes(sheet.by, tuple(known), place.astype(np.int64))


def _plain(word: str) -> str | int:
    number = word.removesuffix("months").strip()
    return int(number) if number.isdigit() and not is_code(number) else word


def read_outcomes(sheet: HistoryFile) -> Outcomes:
    """Loans with their outcome; ages of loans that still go on are set by `observe`."""
    vintage, state = sheet.months("origination_month"), _state(sheet)
    if sheet.has("age"):
        paid = np.nan_to_num(sheet.number("age", MAX_AGE)).astype(np.int64)
    else:
        last = sheet.months("last_payment_month", needed=False)
        sheet.fault((last >= 0) & (last < vintage), "E705", "last_payment_month", "before the loan began")
        paid = np.where(last < 0, 0, last - vintage)
    term = sheet.number("original_term", MAX_AGE) if sheet.has("original_term") else None
    balance = sheet.number("original_balance") if sheet.has("original_balance") else None
    repaid = sheet.number("principal_paid", needed=False) if sheet.has("principal_paid") else None
    recovery = sheet.number("recovery", needed=False) if sheet.has("recovery") else None
    segments = read_segments(sheet)
    sheet.close()
    terms = None if term is None else term.astype(np.int64)
    age, state = _ends(paid, np.where(state < DEFAULT, 0, state), terms)
    unpaid = None if balance is None or repaid is None else np.maximum(0.0, balance - np.nan_to_num(repaid))
    return Outcomes(segments, vintage, age, state, terms, balance, unpaid, recovery)


def _ends(paid: Int64, state: Int64, term: Int64 | None) -> tuple[Int64, Int64]:
    """Ages of the events: default in the month after the last payment, at most the last of the term."""
    last = np.full(len(paid), MAX_AGE, dtype=np.int64) if term is None else term
    done = (state == PREPAID) & (paid >= last)
    age = np.where(state == DEFAULT, np.minimum(paid + 1, np.maximum(last, 1)), np.maximum(paid, 1))
    return np.where(done, last, age), np.where(done, MATURED, state)


def observe(loans: Outcomes, as_of: int | None) -> tuple[Outcomes, int]:
    """The loans as seen at the end of month `as_of` (the last month with an event if None), later ends unknown."""
    seen = int((loans.vintage + loans.age).max()) if as_of is None else as_of
    sight = seen - loans.vintage
    hidden = (loans.state == 0) | (loans.age > sight)
    age = np.where(hidden, sight if loans.term is None else np.minimum(sight, loans.term), loans.age)
    known = sight >= 1
    return take(replace(loans, age=age, state=np.where(hidden, 0, loans.state)), known), seen


def take(loans: Outcomes, chosen: npt.NDArray[np.bool_]) -> Outcomes:
    """Some of the loans, the segments keeping their numbers."""
    columns = (loans.vintage, loans.age, loans.state, loans.term, loans.balance, loans.unpaid, loans.recovery)
    parts: Sequence[npt.NDArray[np.generic] | None] = [None if column is None else column[chosen] for column in columns]
    segments = SegmentCodes(loans.segments.by, loans.segments.values, loans.segments.code[chosen])
    return Outcomes(segments, *parts)  # type: ignore[arg-type]


def _share(sheet: HistoryFile, name: str) -> Float64:
    """(L,) a cumulative column as shares of the vintage; one in money is taken over `original_balance`."""
    amount = sheet.number(name)
    if not (amount > MONEY).any():
        return amount
    if not sheet.has("original_balance"):
        hint = "divide it by that balance, or give the balance in a column original_balance"
        sheet.refuse("E704", name, "is money, not a share of the vintage's original balance", hint)
        return np.zeros_like(amount)
    sheet.say(f"{name} is money, and taken over original_balance")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(amount / sheet.number("original_balance"), posinf=2.0)


def read_curves(sheet: HistoryFile) -> Curves:
    """Static-pool curves."""
    age = np.nan_to_num(sheet.number("age", MAX_AGE)).astype(np.int64)
    is_loss = not sheet.has("cumulative_default")
    name = "cumulative_loss" if is_loss else "cumulative_default"
    default = _share(sheet, name)
    prepaid = _share(sheet, "cumulative_prepaid") if sheet.has("cumulative_prepaid") else None
    loans = sheet.number("loans") if sheet.has("loans") else None
    vintage, names = np.zeros(len(sheet), dtype=np.int64), ("all",)
    if sheet.has("vintage"):
        vintage, names = sheet.words("vintage")  # type: ignore[assignment]
    segments = read_segments(sheet)
    order = np.lexsort((age, vintage, segments.code))
    key = (segments.code * (len(names) + 1) + vintage)[order]
    within = np.diff(key) == 0
    wrong = np.zeros((2, len(sheet)), dtype=bool)
    wrong[0, order[1:][within & (np.diff(age[order]) == 0)]] = True
    wrong[1, order[1:][within & (np.diff(default[order]) < -1e-9)]] = True
    sheet.fault(wrong[0], "E703", "age", "the vintage has another row for this age", "is a --by column missing?")
    sheet.fault(wrong[1] & ~wrong[0], "E704", name, "less than the age before")
    beyond = default + (0.0 if prepaid is None else prepaid) > 1.0 + 1e-6
    sheet.fault(beyond, "E704", name, "beyond 100 % of the vintage", "columns in percent are called NAME_pct")
    sheet.close()
    chosen = SegmentCodes(segments.by, segments.values, segments.code[order])
    parts = [None if column is None else column[order] for column in (prepaid, loans)]
    return Curves(chosen, vintage[order], names, age[order], default[order], is_loss, *parts)

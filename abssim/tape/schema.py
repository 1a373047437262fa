"""The loan tape: who owes what, one numpy column per attribute, `L` loans.

Amounts are `int64` minor units, rates decimals a year, terms months. Text attributes are `int32` codes into
`labels`, so a million loans stay small and scenarios select by comparing whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from abssim.amount import exact
from abssim.engine.layout import Amortization
from abssim.errors import did_you_mean
from abssim.public import Shown
from abssim.tape.key import text_keys
from abssim.tape.particular import PARTICULARS
from abssim.word import counted

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]
Array = npt.NDArray[Any]

AMOUNTS = ("balance", "original_balance", "payment", "balloon")
"""Columns in minor units."""
RATES = ("rate", "fee_rate", "minimum_payment_rate")
"""Columns that are decimals; `<name>_pct` names the same in percent."""
TERMS = ("original_term", "remaining_term", "age", "interest_only_term", "days_past_due")
"""Columns of whole months (days for `days_past_due`)."""
CATEGORIES = ("segment", "grade", "region")
"""Text columns every tape has; others are in `extra`."""
DATES = ("origination_month", "maturity_date")
"""Columns of dates; of `maturity_date` only the terms that follow from it are kept."""
SYNONYMS = {"origination_date": "origination_month", "maturity_month": "maturity_date"}
"""Other names a file or a mapping may use."""
COLUMNS = (
    *("loan_id", "obligor_id", "currency", *AMOUNTS, *RATES, *TERMS, *DATES, "amortization", "schedule"),
    *(*PARTICULARS, "score", "status"),
)
"""Names a file, a mapping or a repline may use beside `CATEGORIES`."""

Use = Literal["identity", "unit", "contract", "state", "age", "selection", "terms", "existence"]
"""Who reads a column: keys of random numbers and listings; amounts; schedules (which contracts: by amortization);
arrears at the start; assumptions by age or life; conditions, concentration limits and strata; terms that follow;
whether the loan is owed at all."""
USES: Mapping[str, tuple[Use, ...]] = {
    "loan_id": ("identity",),
    "obligor_id": ("identity",),
    "currency": ("unit",),
    "maturity_date": ("terms",),
    "origination_month": ("terms", "selection"),
    **dict.fromkeys((*AMOUNTS, *RATES, "remaining_term", "amortization"), ("contract", "selection")),
    **dict.fromkeys(("interest_only_term", "schedule", *PARTICULARS), ("contract",)),
    "original_term": ("contract", "age", "selection"),
    "age": ("age", "selection"),
    "days_past_due": ("state", "selection"),
    **dict.fromkeys((*CATEGORIES, "score"), ("selection",)),
    "status": ("existence", "selection"),
}
"""Every column and its readers. A column without a reader does not exist; one that is given and whose readers have no
use for it in a tape is told."""


@dataclass(frozen=True, slots=True, repr=False)
class LoanTape(Shown):
    """Columns `(L,)` of a pool of loans (or replines: loans whose balance is an aggregate)."""

    currency: str
    loan_id: npt.NDArray[np.bytes_]
    """UTF-8 text."""
    row: Int64
    """Number of the record in its file, 1 being the first after the header."""
    loan_key: npt.NDArray[np.uint64]
    """Deterministic 64-bit key of `loan_id`; whole numbers are their own key."""
    obligor_key: npt.NDArray[np.uint64]
    """Key of the obligor; a loan without one is its own obligor."""
    balance: Int64
    """Principal outstanding at the cut-off."""
    original_balance: Int64
    """Principal at origination: what flat fees are charged on."""
    payment: Int64
    """Contract instalment; 0: computed from balance, rate and remaining term."""
    balloon: Int64
    """Principal due with the last instalment on top of it."""
    rate: Float64
    """Decimal a year."""
    fee_rate: Float64
    """Decimal a month, on the original balance."""
    minimum_payment_rate: Float64
    """Share of the balance due each month (minimum payment)."""
    original_term: Int32
    remaining_term: Int32
    age: Int32
    """Months since origination."""
    interest_only_term: Int32
    """Months without principal from the cut-off; 0 with INTEREST_ONLY: until the bullet."""
    days_past_due: Int32
    amortization: npt.NDArray[np.int8]
    """`engine.layout.Amortization`."""
    schedule: Int32
    """Index into `schedules`, -1 for none."""
    score: Float64
    """Credit score, NaN where unknown."""
    segment: Int32
    grade: Int32
    region: Int32
    origination_month: npt.NDArray[np.datetime64] | None = None
    """datetime64[M], NaT where unknown."""
    schedules: tuple[Int64, ...] = ()
    """Principal by month for CUSTOM contracts."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of each text column, by code."""
    particulars: Mapping[str, Array] = field(default_factory=dict)
    """Columns of `abssim.tape.particular` that some loan has."""
    extra: Mapping[str, Array] = field(default_factory=dict)
    """Further columns: `int32` codes where `labels` has the name, else float64."""
    obligor_id: npt.NDArray[np.bytes_] | None = None
    """UTF-8 text, where some obligor's key is not its id."""

    def __len__(self) -> int:
        return int(self.balance.shape[0])

    def __repr__(self) -> str:
        total = exact(self.currency).text(self.total_balance)
        return f"<LoanTape of {counted(len(self), 'loan')}, {self.currency} {total}>"

    @property
    def total_balance(self) -> int:
        """Sum of the balances, minor units."""
        return int(self.balance.sum())

    @property
    def owed(self) -> int:
        """Number of loans that have a balance."""
        return int(np.count_nonzero(self.balance > 0))

    @property
    def obligors(self) -> int:
        """Number of distinct obligors."""
        return int(np.unique(self.obligor_key).size)

    @property
    def names(self) -> tuple[str, ...]:
        """Names `column` answers to."""
        own = [f.name for f in fields(self) if f.name not in _NOT_COLUMNS]
        return (
            *own,
            *(() if self.origination_month is None else ("origination_month",)),
            *self.particulars,
            *self.extra,
        )

    def codes(self, name: str) -> Array:
        """The column as it is stored: `int32` codes for text."""
        if name not in self.names:
            raise KeyError(f'no column "{name}"; {did_you_mean(name, self.names)}')
        for further in (self.particulars, self.extra):
            if name in further:
                return further[name]
        found: Array = getattr(self, name)
        return found

    def column(self, name: str) -> Array:
        """The column in words: labels for text, names for amortization, numbers as stored."""
        values = self.codes(name)
        if name in self.labels:
            return np.asarray(self.labels[name], dtype=np.str_)[values]
        if name == "amortization":
            return np.asarray([kind.name.lower() for kind in Amortization])[values]
        if name in PARTICULARS and PARTICULARS[name].words:
            return np.asarray(PARTICULARS[name].words)[values]
        if name == "loan_id":
            return np.char.decode(values, "utf-8")
        return values

    def take(self, index: Array) -> LoanTape:
        """The loans at `index` (positions or a mask), in that order."""
        columns = {name: getattr(self, name)[index] for name in _STORED}
        extra = {name: values[index] for name, values in self.extra.items()}
        particulars = {name: values[index] for name, values in self.particulars.items()}
        month = None if self.origination_month is None else self.origination_month[index]
        obligor = None if self.obligor_id is None else self.obligor_id[index]
        further: dict[str, Any] = {
            "extra": extra,
            "particulars": particulars,
            "origination_month": month,
            "obligor_id": obligor,
        }
        return replace(self, **columns, **further)


_NOT_COLUMNS = ("currency", "schedules", "labels", "particulars", "extra", "origination_month", "obligor_id")
_STORED = tuple(f.name for f in fields(LoanTape) if f.name not in _NOT_COLUMNS)
_DTYPES: dict[str, type[np.generic]] = {
    **dict.fromkeys(AMOUNTS, np.int64),
    **dict.fromkeys(RATES, np.float64),
    **dict.fromkeys((*TERMS, *CATEGORIES, "schedule"), np.int32),
    "row": np.int64,
    "score": np.float64,
    "amortization": np.int8,
}
_FILLED: dict[str, float] = {"schedule": -1, "score": np.nan}


def make_tape(currency: str, balance: Sequence[int] | Int64, **columns: Any) -> LoanTape:
    """A tape from arrays already in the tape's units (scalars are repeated); what is left out takes its neutral value.

    `original_balance` defaults to the balance, `original_term` to remaining term + age, ids to the row numbers;
    text columns are given as `int32` codes with `labels`.
    """
    count = len(balance)
    rows = np.arange(1, count + 1, dtype=np.int64)
    given = {"balance": balance, "original_balance": balance, "row": rows, **columns}
    stored: dict[str, Any] = {
        name: _filled(given.get(name, _FILLED.get(name, 0)), count, dtype) for name, dtype in _DTYPES.items()
    }
    if "original_term" not in given:
        stored["original_term"] = stored["remaining_term"] + stored["age"]
    ids = np.asarray(given.get("loan_id", rows.astype(np.bytes_)))
    loan_id = ids if ids.dtype.kind == "S" else np.char.encode(ids.astype(np.str_), "utf-8")
    keys = np.asarray(given["loan_key"] if "loan_key" in given else text_keys(loan_id), dtype=np.uint64)
    labels = {**dict.fromkeys(CATEGORIES, ("",)), **given.get("labels", {})}
    rest: dict[str, Any] = {name: given[name] for name in _NOT_COLUMNS[1:] if name in given and name != "labels"}
    obligors = np.asarray(given.get("obligor_key", keys), dtype=np.uint64)
    rest["particulars"] = {
        name: _filled(given[name], count, own.dtype) for name, own in PARTICULARS.items() if name in given
    }
    return LoanTape(currency, loan_id, loan_key=keys, obligor_key=obligors, labels=labels, **stored, **rest)


def _filled(value: Any, count: int, dtype: type[np.generic]) -> Array:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value, dtype=dtype), (count,)))


def concat(tapes: Sequence[LoanTape]) -> LoanTape:
    """The tapes one after the other; words are matched by their text, extras kept where every tape has them."""
    first = tapes[0]
    plain = [name for name in _STORED if name not in (*CATEGORIES, "schedule")]
    columns: dict[str, Any] = {name: np.concatenate([getattr(t, name) for t in tapes]) for name in plain}
    labels: dict[str, tuple[str, ...]] = {}
    for name in CATEGORIES:
        columns[name], labels[name] = _merge_codes(tapes, name)
    extra: dict[str, Array] = {}
    for name in (n for n in first.extra if all(n in t.extra and (n in t.labels) == (n in first.labels) for t in tapes)):
        if name in first.labels:
            extra[name], labels[name] = _merge_codes(tapes, name)
        else:
            extra[name] = np.concatenate([t.extra[name] for t in tapes])
    particulars: dict[str, Array] = {}
    for name, own in PARTICULARS.items():
        if any(name in t.particulars for t in tapes):
            filled = [_with_particular(t, name) for t in tapes]
            particulars[name] = np.concatenate([t.particulars[name] for t in filled])
            if own.kind == "text":
                particulars[name], labels[name] = _merge_codes(filled, name)
    starts = np.cumsum([0, *(len(t.schedules) for t in tapes)])
    moved = [np.where(t.schedule < 0, -1, t.schedule + start) for t, start in zip(tapes, starts, strict=False)]
    columns["schedule"] = np.concatenate(moved).astype(np.int32)
    months = [t.origination_month for t in tapes if t.origination_month is not None]
    month = np.concatenate(months) if len(months) == len(tapes) else None
    schedules = tuple(schedule for t in tapes for schedule in t.schedules)
    ids = [t.obligor_id if t.obligor_id is not None else t.obligor_key.astype(np.bytes_) for t in tapes]
    obligor = None if all(t.obligor_id is None for t in tapes) else np.concatenate(ids)
    columns |= {"schedules": schedules, "origination_month": month, "obligor_id": obligor}
    return replace(first, **columns, labels=labels, particulars=particulars, extra=extra)


def _with_particular(tape: LoanTape, name: str) -> LoanTape:
    """The tape with a column of particulars, neutral if it had none."""
    if name in tape.particulars:
        return tape
    own = PARTICULARS[name]
    labels = {**tape.labels, name: ("",)} if own.kind == "text" else tape.labels
    column = np.full(len(tape), own.neutral, dtype=own.dtype)
    return replace(tape, labels=labels, particulars={**tape.particulars, name: column})


def _merge_codes(tapes: Sequence[LoanTape], name: str) -> tuple[Int32, tuple[str, ...]]:
    words = sorted({word for t in tapes for word in t.labels[name]})
    place = {word: code for code, word in enumerate(words)}
    parts = [np.asarray([place[word] for word in t.labels[name]], dtype=np.int32)[t.codes(name)] for t in tapes]
    return np.concatenate(parts), tuple(words)

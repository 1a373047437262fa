"""The months of a contract: original, gone, to go. What is absent follows from the others, and from dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.tape.dated import Dated
from abssim.tape.draft import MAX_MONTHS, Draft, or_zero
from abssim.word import counted

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """Months, as whole floats."""

    original: Float64
    remaining: Float64
    age: Float64


def terms_of(draft: Draft, originated: Dated | None, cut_off: date | None, balance: Float64) -> Terms:
    """What is given; what is absent from dates and the cut-off, and from the other two. Months count by the calendar.

    remaining term: to the maturity date; original term - age. Age: original - remaining term; since origination; 0.
    Original term: from origination to maturity; remaining term + age.
    """
    original, remaining, age = (draft.whole(name) for name in ("original_term", "remaining_term", "age"))
    dates = _by_date(draft, originated, cut_off, balance)
    _agree(draft, "remaining_term", remaining, draft.label("maturity_date"), dates.remaining)
    _agree(draft, "age", age, draft.label("origination_month"), dates.age)
    _agree(draft, "original_term", original, "the dates", dates.original)
    _agree(draft, "original_term", original, "remaining_term and age", remaining + age)
    apart = np.abs(original - remaining - age) > 1.0
    since = _first(age, dates.age)
    remaining = _derived(
        draft, "remaining_term", remaining, dates.remaining, "months from the cut-off to maturity_date"
    )
    remaining = _derived(draft, "remaining_term", remaining, np.maximum(original - since, 0.0), "original term - age")
    draft.require("remaining_term", remaining)
    late = (remaining > original) & ~apart
    if late.any():
        draft.told.append(
            f"remaining_term of {counted(int(late.sum()), 'loan')} is longer than the original_term (extended)"
        )
    age = _derived(draft, "age", age, np.maximum(original - remaining, 0.0), "original term - remaining term")
    age = _derived(draft, "age", age, dates.age, "months from origination to the cut-off")
    age = _derived(draft, "age", age, np.zeros(draft.count), "0, for want of an original term")
    original = _derived(draft, "original_term", original, dates.original, "months from origination to maturity")
    original = _derived(draft, "original_term", original, remaining + age, "remaining term + age")
    return Terms(original, or_zero(remaining), or_zero(np.clip(age, 0, MAX_MONTHS)))


def _by_date(draft: Draft, originated: Dated | None, cut_off: date | None, balance: Float64) -> Terms:
    """What dates say, NaN where they say nothing; dates that contradict each other or the cut-off are faults."""
    matures = draft.dates("maturity_date")
    nothing = np.full(draft.count, np.nan)
    if cut_off is None:
        idle = [name for name, dates in (("origination_month", originated), ("maturity_date", matures)) if dates]
        draft.notes += [
            f"{draft.label(name)} gives no term: there is no cut-off date (--cut-off)" for name in idle if _open(draft)
        ]
    age = nothing if originated is None or cut_off is None else _months(originated.days, np.datetime64(cut_off))
    draft.fault(age < 0, "E256", "origination_month", f"after the cut-off {cut_off}")
    remaining = nothing if matures is None or cut_off is None else _to_go(draft, matures, cut_off, balance)
    original = nothing if matures is None or originated is None else _months(originated.days, matures.days)
    draft.fault(original <= 0, "E256", "maturity_date", "not after the origination")
    return Terms(original, remaining, age)


def _to_go(draft: Draft, matures: Dated, cut_off: date, balance: Float64) -> Float64:
    """Months to maturity; what matures later in the month of the cut-off has one to go."""
    months = _months(np.datetime64(cut_off), matures.days)
    later = matures.whole_months | (matures.days > np.datetime64(cut_off))
    past = (months < 0) | ((months == 0) & ~later)
    draft.fault(past & (balance > 0), "E256", "maturity_date", f"a balance, and not after the cut-off {cut_off}")
    return np.where(past, 0.0, np.where(np.isnan(months), np.nan, np.maximum(months, 1.0)))


def _months(first: Any, last: Any) -> Float64:
    """Months from one date to another by the calendar, NaN where one is absent."""
    span = np.asarray(last, dtype="datetime64[M]") - np.asarray(first, dtype="datetime64[M]")
    return np.where(np.isnat(span), np.nan, span.astype(np.float64))


def _open(draft: Draft) -> bool:
    """True if some term is not given."""
    return not all(draft.has(name) for name in ("original_term", "remaining_term", "age"))


def _first(values: Float64, instead: Float64) -> Float64:
    return np.where(np.isnan(values), instead, values)


def _agree(draft: Draft, name: str, given: Float64, other: str, says: Float64) -> None:
    """Tells where a given term is more than a month off what other columns say; the given one holds."""
    apart = (np.abs(given - says) > 1.0) & ~draft.faults.bad
    if apart.any():
        loans, row = counted(int(apart.sum()), "loan"), int(np.argmax(apart))
        first = f"{given[row]:.0f} against {says[row]:.0f} in row {draft.faults.rows[row]:,}"
        draft.told.append(f"{name} of {loans} differs from that by {other} ({first}); it is taken as given")


def _derived(draft: Draft, name: str, values: Float64, instead: Float64, words: str) -> Float64:
    """Fills what is absent, and says how often and with what."""
    fill = np.isnan(values) & ~np.isnan(instead) & ~draft.faults.bad
    count = int(fill.sum())
    if count == 0:
        return values
    draft.notes.append(f"{name} of {'all loans' if count == draft.count else counted(count, 'loan')} is {words}")
    return np.where(fill, instead, values)

"""The months of a contract: original, gone, to go. What is absent follows from the others, and from dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.tape.draft import MAX_MONTHS, Draft, or_zero

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """Months, as whole floats."""

    original: Float64
    remaining: Float64
    age: Float64


def terms_of(draft: Draft, months: npt.NDArray[np.datetime64] | None, cut_off: date | None) -> Terms:
    """Age is given, or original term - remaining term, or the months from origination to the cut-off, or 0."""
    original, remaining, age = (draft.whole(name) for name in ("original_term", "remaining_term", "age"))
    remaining = _derived(draft, "remaining_term", remaining, np.maximum(original - age, 0.0), "original term - age")
    draft.require("remaining_term", remaining)
    late = remaining > original
    if late.any():
        draft.notes.append(f"{int(late.sum()):,} loans have more months to go than their original term (extended)")
    age = _derived(draft, "age", age, np.maximum(original - remaining, 0.0), "original term - remaining term")
    if months is not None and cut_off is not None:
        since = (np.datetime64(cut_off, "M") - months).astype(np.float64)
        since[np.isnat(months)] = np.nan
        draft.fault(since < 0, "E220", "origination_month", f"after the cut-off {cut_off}")
        age = _derived(draft, "age", age, since, "months from origination to the cut-off")
    age = _derived(draft, "age", age, np.zeros(draft.count), "0, for want of an original term")
    original = _derived(draft, "original_term", original, remaining + age, "remaining term + age")
    return Terms(original, or_zero(remaining), or_zero(np.clip(age, 0, MAX_MONTHS)))


def _derived(draft: Draft, name: str, values: Float64, instead: Float64, words: str) -> Float64:
    """Fills what is absent, and says how often and with what."""
    fill = np.isnan(values) & ~np.isnan(instead) & ~draft.faults.bad
    count = int(fill.sum())
    if count == 0:
        return values
    draft.notes.append(f"{name} of {'all' if count == draft.count else f'{count:,}'} loans is {words}")
    return np.where(fill, instead, values)

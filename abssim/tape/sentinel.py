"""Values that often mean "not known": found in a tape, told and not guessed at.

Freddie Mac's and Fannie Mae's loan files write 9999 for a score and 999 for a ratio that is not available, ESMA's
templates ND1 to ND5; spreadsheets have 1900 for a date that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from abssim.tape.say import say
from abssim.tape.schema import TERMS, LoanTape

_NO_DATA = re.compile(r"ND[1-5](-.*)?")
_NINES = tuple(10.0**digits - 1.0 for digits in range(3, 10))
_BELOW = tuple(-nines for nines in (1.0, 9.0, 99.0, *_NINES))
_HIGHEST_SCORE = 990.0
_APART = 0.7
"""Nines are suspect where every other value is below this share of them."""


def unknown_notes(tape: LoanTape) -> Iterator[str]:
    """What looks like a code for "not known", a line a column, with what to say if it is one."""
    for name in ("score", *TERMS, *tape.extra):
        if name not in tape.labels:
            values = tape.codes(name).astype(np.float64)
            for value in _suspects(name, values):
                yield _note(name, f"{value:g}" if value < 1e6 else f"{value:.0f}", int((values == value).sum()))
    for name, words in tape.labels.items():
        for word in (word for word in words if _NO_DATA.fullmatch(word)):
            yield _note(name, word, int((tape.codes(name) == words.index(word)).sum()))
    first = np.datetime64("1900-01", "M")
    if tape.origination_month is not None and (tape.origination_month == first).any():
        yield _note("origination_month", "1900-01-01", int((tape.origination_month == first).sum()))


def _suspects(name: str, values: npt.NDArray[np.float64]) -> list[float]:
    found = np.unique(values[np.isfinite(values)])
    if name == "score":
        return [float(value) for value in found if value > _HIGHEST_SCORE or value <= 0.0]
    nines = [value for value in _NINES if value in found and not ((found > _APART * value) & (found < value)).any()]
    nines = [value for value in nines if (found < value).any()]
    below = [value for value in _BELOW if value in found and not ((found < 0.0) & ~np.isin(found, _BELOW)).any()]
    return [*nines, *below]


def _note(name: str, value: str, loans: int) -> str:
    tell = say(f"unknown.{name}={value}")
    return f"{name} of {loans:,} loans is {value} and taken as it stands; if it means not known, {tell}"

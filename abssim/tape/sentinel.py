"""Values that often mean "not known": found in a tape, told and not guessed at.

Freddie Mac's and Fannie Mae's loan files write 9999 for a score and 999 for a ratio that is not available, ESMA's
templates ND1 to ND5; spreadsheets have 1900 for a date that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from abssim.tape.say import say
from abssim.tape.schema import TERMS, LoanTape
from abssim.word import counted

_NO_DATA = re.compile(r"ND[1-5](-.*)?")
_NINES = tuple(10.0**digits - 1.0 for digits in range(3, 10))
_BELOW = (*(-nines for nines in (1.0, 9.0, 99.0, *_NINES)), 0.0)
_APART = 0.9
"""Nines are suspect where every other value is below this share of them."""
_LEAST_SCORE = 100.0
"""A score of zero is suspect where every other one is above."""


def unknown_notes(tape: LoanTape, kept: Collection[str] = ()) -> Iterator[str]:
    """What looks like a code for "not known", with what to say if it is one; `kept` columns are not looked at."""
    for name in ("score", *TERMS, *tape.extra):
        if name not in tape.labels and name not in kept:
            values = tape.codes(name).astype(np.float64)
            for value in _suspects(np.unique(values[np.isfinite(values)])):
                if value == 0.0 and name in TERMS:
                    continue
                yield _note(name, f"{value:.0f}", int((values == value).sum()))
    for name, words in tape.labels.items():
        places = [place for place, word in enumerate(words) if _NO_DATA.fullmatch(word)]
        if places and name not in kept:
            yield _note(name, words[places[0]], int(np.isin(tape.codes(name), places).sum()), "ND[1-5]*")
    first = np.datetime64("1900-01", "M")
    if tape.origination_month is not None and (tape.origination_month == first).any():
        yield _note("origination_month", "1900-01-01", int((tape.origination_month == first).sum()))


def _suspects(values: npt.NDArray[np.float64]) -> list[float]:
    """Among different values: nines far above the others, and codes below all others where these are high enough."""
    nines = [value for value in _NINES if value in values and (values < value).any()]
    above = [value for value in nines if not ((values > _APART * value) & (values < value)).any()]
    others = values[~np.isin(values, _BELOW)]
    if others.size == 0 or others.min() < 0.0:
        return above
    return above + [value for value in _BELOW if value in values and (value < 0.0 or others.min() >= _LEAST_SCORE)]


def _note(name: str, value: str, loans: int, code: str = "") -> str:
    tell = say(f"unknown.{name}={code or value}")
    return f"{name} of {counted(loans, 'loan')} is {value} and taken as it stands; if it means not known, {tell}"

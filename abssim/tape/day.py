"""Dates as people write them. A column is read in one order of day and month, or not at all.

What one cell says of the order holds for the whole column: `13/01/2025` cannot have the month first. Where no cell
says, the order must be declared; where two cells contradict each other, both are named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from abssim.reading import DateOrder

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_MONTH = r"(?P<n>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|t?ember|ober)?\.?"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_TIME = r"(?:[T ]\s*\d{1,2}:[\d:.,]{1,20}\s*(?:[ap]m)?\s*(?:Z|UTC|[-+]\d{2}:?\d{2})?)?"
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?",
        r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})(?:\s*[-/.月]\s*(?P<d>\d{1,2}))?\s*[月日]?",
        r"(?P<m>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})",
        rf"{_MONTH}[-/ ,]*(?P<y>\d{{4}})",
        rf"{_MONTH}[-/ ]+{_DAY},?[-/ ]+(?P<y>\d{{4}})",
        rf"{_DAY}[-/ ]*{_MONTH}[-/ ,]*(?P<y>\d{{4}}|\d{{2}})",
        rf"{_MONTH}[-/ ’']+(?P<y>\d{{2}})",
        rf"(?P<y>\d{{4}})[-/ ]*{_MONTH}(?:[-/ ]*(?P<d>\d{{1,2}}))?",
    )
)
"""Forms that can be read in one way only."""
_NUMERIC = re.compile(r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_SERIAL = re.compile(r"(?P<days>[2-7]\d{4})(?:\.\d+)?")
_EPOCH = date(1899, 12, 30)
"""Day 0 of the serial numbers of spreadsheets."""
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Days:
    """Words read as dates; where `ambiguous` or `against` is given, the column cannot be read."""

    days: tuple[date | None, ...]
    whole_months: bool
    """True if some word names a month without a day: such words stand for its first day."""
    serials: bool
    """True if some words are serial numbers of a spreadsheet."""
    ambiguous: str = ""
    """A word that could be read both ways, where nothing decides."""
    against: tuple[str, str] | None = None
    """Two words that cannot have the same order."""


def parse_days(words: Sequence[str], declared: DateOrder | None = None) -> Days:
    """All words of one column. What is no date is None."""
    numeric = [(word, match) for word in words if (match := _NUMERIC.fullmatch(word.strip()))]
    serials = [word for word in words if _SERIAL.fullmatch(word.strip())]
    order, ambiguous, against = _order(numeric, declared)
    if serials and numeric and against is None:
        against, order = (serials[0], numeric[0][0]), None
    read = [_numeric(match, order) if (match := _NUMERIC.fullmatch(w.strip())) else _plain(w.strip()) for w in words]
    days = tuple(day for day, _ in read)
    return Days(days, any(month for _, month in read), bool(serials), ambiguous, against)


def parse_day(text: str) -> date | None:
    """One date that can be read in one way only; None if it is none."""
    days = parse_days([text])
    return None if days.ambiguous or days.serials else days.days[0]


def _order(
    numeric: Sequence[tuple[str, re.Match[str]]], declared: DateOrder | None
) -> tuple[DateOrder | None, str, tuple[str, str] | None]:
    """(order, a word that leaves it open, two words that contradict each other)."""
    if declared is not None or not numeric:
        return declared, "", None
    long = [(word, int(match["a"]), int(match["b"])) for word, match in numeric if len(match["c"]) == 4]
    day = next((word for word, a, b in long if a > 12 >= b), "")
    month = next((word for word, a, b in long if b > 12 >= a), "")
    if day and month:
        return None, "", (day, month)
    short = next((word for word, match in numeric if len(match["c"]) == 2), "")
    open_word = short or next((word for word, a, b in long if a != b and max(a, b) <= 12), "")
    if open_word and (short or not (day or month)):
        return None, open_word, None
    return "month_first" if month else "day_first", "", None


def _numeric(match: re.Match[str], order: DateOrder | None) -> tuple[date | None, bool]:
    a, b, c = match["a"], match["b"], match["c"]
    if order == "year_first":
        return (None if len(c) == 4 else _date(a, int(b), int(c))), False
    if order is None:
        return None, False
    return (_date(c, int(b), int(a)) if order == "day_first" else _date(c, int(a), int(b))), False


def _plain(text: str) -> tuple[date | None, bool]:
    """A date that says itself what is what, and whether it is a month without a day."""
    if serial := _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(serial["days"])), False
    for form in _FORMS:
        if match := form.fullmatch(text):
            parts = match.groupdict()
            month = _MONTHS[parts["n"].lower()] if parts.get("n") else int(parts["m"])
            day = parts.get("d")
            return _date(parts["y"], month, int(day) if day else 1), not day
    return None, False


def _date(year: str, month: int, day: int) -> date | None:
    """A date of the calendar; years of two digits are 1970 to 2069."""
    full = int(year) if len(year) > 2 else 1900 + int(year) + (100 if int(year) < 70 else 0)
    try:
        return date(full, month, day) if FIRST_YEAR <= full <= LAST_YEAR else None
    except ValueError:
        return None

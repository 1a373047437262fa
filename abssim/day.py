"""Days as documents write them: `2026-01-31`, in quotes or without, from 1901 to 2199."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Strict

from abssim.validation import fault

FIRST_YEAR, LAST_YEAR = 1901, 2199
"""Years that calendars and day counts know (QuantLib's own limits)."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")


def read_day(value: Any) -> Any:
    """A day of a document: text becomes a date, what cannot be one is left to be refused by its type."""
    if isinstance(value, datetime):
        raise fault("", f"must be a day without a time, not {value}", f"write {value.date()}")
    if isinstance(value, str):
        value = _spelt(value.strip())
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        text = f"must be a date from {FIRST_YEAR} to {LAST_YEAR}, not {value}"
        raise fault("", text, "correct the year")
    return value


def _spelt(text: str) -> date:
    """The date of a text as ISO 8601 writes it; other spellings are not guessed, but what they may mean is said."""
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        match = _YEAR_FIRST.fullmatch(text)
        meant = f"write {date(*map(int, match.groups()))}" if match else "write year-month-day"
    except ValueError:
        meant = "no month has this day"
    raise fault("", f'must be a date (2026-01-31), not "{text[:40]}"', meant)


def distinct_days(value: Any) -> Any:
    """A mapping by days in which none is written twice, once as a date and once as text."""
    if isinstance(value, Mapping):
        written: dict[str, Any] = {}
        for key in value:
            first = written.setdefault(str(key).strip(), key)
            if first is not key:
                raise fault("", f"{key} is given twice, with and without quotes", "keep one of them")
    return value


Day = Annotated[date, Strict(), BeforeValidator(read_day)]
"""A date of a document."""
Distinct = BeforeValidator(distinct_days)
"""For mappings by `Day`."""

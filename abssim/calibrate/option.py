"""Settings of a calibration as people type them."""

from __future__ import annotations

from collections.abc import Mapping

from abssim.errors import CalibrationError, Problem
from abssim.tape.day import parse_day

MAX_NUMBER = 1200
"""Larger whole numbers are dates such as 201001."""


def parse_months(options: Mapping[str, str | None]) -> list[int | None]:
    """Months since January 1970 of dates, or the plain numbers of a file that counts months; all problems at once."""
    months = {option: None if text is None else _month(text) for option, text in options.items()}
    bad = [option for option, month in months.items() if month is None and options[option] is not None]
    if bad:
        raise CalibrationError(
            Problem("E706", option, "", f'"{options[option]}" is no month', "write 2009-12") for option in bad
        )
    return list(months.values())


def _month(text: str) -> int | None:
    if text.strip().isdigit() and int(text) <= MAX_NUMBER:
        return int(text)
    day = parse_day(text)
    return None if day is None else (day.year - 1970) * 12 + day.month - 1


def parse_ages(text: str) -> tuple[int, ...]:
    """`0,7,13` as ascending ages, the first 0."""
    parts = [part.strip() for part in text.split(",")]
    ages = tuple(int(part) for part in parts if part.isdigit())
    if len(ages) != len(parts) or ages[0] != 0 or list(ages) != sorted(set(ages)):
        raise CalibrationError(Problem("E706", "--ages", "", f'"{text}"', "write ages from 0 up: 0,7,13"))
    return ages

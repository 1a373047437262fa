"""What is wrong with an input of a valuation: every fault of a contract, a curve or an array is told at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import date
from itertools import pairwise

from abssim.errors import Problem, ValuationError, did_you_mean


def refuse(*faults: Problem | None) -> None:
    """Raise ValuationError with the faults that are there, if any."""
    found = [fault for fault in faults if fault is not None]
    if found:
        raise ValuationError(found)


def within(name: str, value: float, low: float = -math.inf, high: float = math.inf) -> Problem | None:
    """E600 unless `low <= value <= high` and the value is finite."""
    if math.isfinite(value) and low <= value <= high:
        return None
    if not math.isfinite(value):
        return Problem("E600", "", name, f"must be finite, not {value}")
    wanted = {
        (True, False): f"must be {low:g} or more",
        (False, True): f"must be {high:g} or less",
        (True, True): f"must be from {low:g} to {high:g}",
    }[math.isfinite(low), math.isfinite(high)]
    return Problem("E600", "", name, f"{wanted}, not {value:g}")


def all_within(name: str, values: Iterable[float], low: float = -math.inf, high: float = math.inf) -> Problem | None:
    """`within` of the first value that is out of range."""
    faults = (within(f"{name}[{place}]", value, low, high) for place, value in enumerate(values))
    return next((fault for fault in faults if fault is not None), None)


def known(name: str, word: str, words: Collection[str]) -> Problem | None:
    """E602 unless the word is one of `words`."""
    if word in words:
        return None
    return Problem("E602", "", name, f'no {name.replace("_", " ")} "{word}"', did_you_mean(word, words))


def in_order(name: str, day: date, later_name: str, later: date) -> Problem | None:
    """E603 unless `later` comes after `day`."""
    if later > day:
        return None
    return Problem("E603", "", later_name, f"{later} does not come after {name} {day}")


def ascending(name: str, days: Iterable[date]) -> Problem | None:
    """E603 unless every day comes after the one before."""
    listed = list(days)
    pairs = enumerate(pairwise(listed), 1)
    return next((fault for n, (a, b) in pairs if (fault := in_order("the one before,", a, f"{name}[{n}]", b))), None)


def same_length(name: str, length: int, other_name: str, other: int) -> Problem | None:
    """E605 unless both have as many entries."""
    if length == other:
        return None
    return Problem("E605", "", other_name, f"has {other} entries, {name} has {length}")

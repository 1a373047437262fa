"""Numbers and dates as text: thousands separators, fixed decimals, a dash where there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from abssim.amount import NOTHING, Scale, exact
from abssim.money import minor_digits

_FINEST = 15
"""Decimals at which labels stop growing."""


def fit(largest: int, currency: str, characters: int) -> Scale:
    """The finest scale in which `largest` (minor units) takes no more than so many characters."""
    digits = minor_digits(currency)
    choices = (
        exact(currency),
        Scale(digits, 0, currency),
        Scale(digits + 3, 0, f"{currency} thousand"),
        Scale(digits + 6, 0, f"{currency} million"),
    )
    return next((scale for scale in choices if len(scale.text(largest)) <= characters), choices[-1])


def percent(ratio: float | None, decimals: int = 2) -> str:
    """A decimal ratio in percent, without the sign (headers carry it)."""
    return NOTHING if ratio is None or not math.isfinite(ratio) else f"{100.0 * ratio:z,.{decimals}f}"


def number(value: float | None, decimals: int = 2) -> str:
    """A plain number."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:z,.{decimals}f}"


def apart(values: Sequence[float], decimals: int) -> list[str]:
    """Numbers as labels: with more decimals than asked for where some would look the same."""
    while True:
        labels = [number(value, decimals) for value in values]
        if len(set(labels)) == len(set(values)) or decimals >= _FINEST:
            return labels
        decimals += 1


def estimated(value: float, error: float, decimals: int = 2) -> tuple[str, str]:
    """A figure and its error; both with two digits where one of them would be rounded to a false zero: the figure, or
    the error of a figure of one digit."""
    unit = 10.0**-decimals
    if value == 0.0 and error < 0.5 * unit:
        return number(value, decimals), number(error, decimals)
    if 0.0 < abs(value) < 0.5 * unit or (abs(value) < 9.5 * unit and 0.0 < error < 0.5 * unit):
        return f"{value:.1e}", f"{error:.1e}" if math.isfinite(error) else NOTHING
    return number(value, decimals), number(error, decimals)


def day(value: date | None) -> str:
    """ISO date."""
    return NOTHING if value is None else value.isoformat()


def window(numbers: tuple[int, int] | None) -> str:
    """First and last payment date by number."""
    return NOTHING if numbers is None else f"{numbers[0]}–{numbers[1]}"

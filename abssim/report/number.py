"""Numbers of documents and files: amounts in currency units, and nothing where a figure is not known."""

from __future__ import annotations

import math

from abssim.money import minor_digits


def units(minor: int, currency: str) -> float:
    """An amount in currency units, rounded to the minor unit."""
    digits = minor_digits(currency)
    return round(minor / 10.0**digits, digits)


def known(value: float | None, factor: float = 1.0, decimals: int = 10) -> float | None:
    """A number times `factor`, rounded, or None where it is not one."""
    return None if value is None or not math.isfinite(value) else round(factor * float(value), decimals)

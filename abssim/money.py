"""Money is whole minor units (cents, fen) in int64; every rounding is a named rule.

Kernels call these functions compiled (`abssim.engine.rounding`); the rest of the package calls them as they are.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from abssim.currency import MINOR_DIGITS


def minor_digits(currency: str) -> int:
    """Decimal digits of the minor unit of `currency`."""
    return MINOR_DIGITS.get(currency, 2)


_ULPS = 2.0**-50  # products of decimals that mean "exactly one half" land a few ulp below it
_MOST = 2.0**-10


def round_half_up(amount: float) -> int:
    """Nearest whole number, halves away from zero; within four ulp (at most 0.001) below a half counts as the half."""
    size = abs(amount)
    whole = math.floor(size)
    near = int(whole) + (1 if size - whole >= 0.5 - min(size * _ULPS, _MOST) else 0)
    return -near if amount < 0.0 else near


ROUNDINGS = ("half_up", "up", "down", "half_even")
"""Rules by which a contract may round its instalment; `round_by` takes the place in this list."""


def round_by(amount: float, rule: int) -> int:
    """Whole number by one of ROUNDINGS, in size; what lies within four ulp of a whole or half number counts as it."""
    size = abs(amount)
    slack = min(size * _ULPS, _MOST)
    whole = int(math.floor(size + slack))
    rest = size - whole
    if rule == 1:
        more = rest > slack
    elif rule == 2:
        more = False
    elif rule == 3:
        more = rest > 0.5 + slack or (rest >= 0.5 - slack and whole % 2 == 1)
    else:
        more = rest >= 0.5 - slack
    near = whole + 1 if more else whole
    return -near if amount < 0.0 else near


def to_minor(amount: float | int | str | Decimal, currency: str) -> int:
    """Whole minor units of an amount written in currency units; exact for what a document can spell."""
    scaled = Decimal(str(amount)).scaleb(minor_digits(currency))
    return int(scaled.to_integral_value(rounding=ROUND_HALF_UP))


def minor_value(amount: float, currency: str) -> float:
    """Minor units of an amount, fractions kept: a factor that turns a ratio into money need not be whole."""
    return float(Decimal(str(amount)).scaleb(minor_digits(currency)))


def to_units(minor: float, currency: str) -> float:
    """Currency units of an amount in minor units."""
    return float(minor) / 10.0 ** minor_digits(currency)

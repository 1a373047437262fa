"""Amounts as people read them, from whole minor units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from abssim.money import minor_digits

NOTHING = "–"
"""Stands where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the amounts of one table are written: divided by 10^`power` minor units, with `decimals`."""

    power: int
    decimals: int
    unit: str

    def text(self, minor: float) -> str:
        """An amount in minor units as text."""
        if not math.isfinite(minor):
            return NOTHING
        value = Decimal(int(minor)).scaleb(-self.power)
        return f"{value.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP):,}"


def exact(currency: str) -> Scale:
    """To the minor unit."""
    digits = minor_digits(currency)
    return Scale(digits, digits, currency)

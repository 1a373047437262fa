"""What a period's premium is paid on, where the notional changes inside it."""

from __future__ import annotations

from abssim.money import round_half_up
from abssim.valuation.fault import known, refuse, within

BASES = ("opening", "average", "accrual_on_losses")


def premium_due(
    coupon: float,
    fraction: float,
    opening: int,
    closing: int,
    written_down: int = 0,
    basis: str = "opening",
    accrued_share: float = 0.5,
) -> int:
    """Premium of a period in minor units, half units up: `coupon` (decimal a year) x `fraction` of a year x

    * `opening`: the notional at the period's start;
    * `average`: the mean of opening and closing;
    * `accrual_on_losses`: the closing notional, and what was written down for the `accrued_share` of the period that
      had passed by then (default: half).

    >>> [premium_due(0.04, 31 / 360, 500_000_000, 400_000_000, 100_000_000, basis) for basis in BASES]
    [1722222, 1550000, 1550000]
    """
    refuse(
        known("basis", basis, BASES),
        within("opening", opening, 0),
        within("closing", closing, 0),
        within("written_down", written_down, 0, opening),
        within("accrued_share", accrued_share, 0.0, 1.0),
    )
    base = {
        "opening": float(opening),
        "average": (opening + closing) / 2.0,
        "accrual_on_losses": closing + accrued_share * written_down,
    }[basis]
    return round_half_up(coupon * fraction * base)

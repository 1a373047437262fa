"""What a value changes by when the market moves a little, and what it jumps to at default.

A price is any function from a market to a value, so bullets, amortizing contracts and whole books go the same way:
`sensitivities(lambda market: value_cds(cds, market).npv, market)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from abssim.valuation.credit_quotes import CreditQuotes
from abssim.valuation.curve import DiscountCurve
from abssim.valuation.fault import known, refuse
from abssim.valuation.market import Market
from abssim.valuation.rate_quotes import RateQuotes

BASIS_POINT, POINT = 1e-4, 1e-2
Price = Callable[[Market], float]


class Sensitivities(NamedTuple):
    """Changes of a value at given curves; nothing is fitted anew."""

    hazard01: float
    """All hazards a basis point up."""
    rate01: float
    """All zero rates a basis point up, hazards as they are."""
    recovery01: float
    """Recovery a point (.01) up, hazards as they are."""


class QuoteSensitivities(NamedTuple):
    """Changes of a value at moved quotes, curves fitted anew."""

    cs01: float
    """All spreads a basis point up."""
    pv01: float
    """All deposits and swaps a basis point up; spreads as they are, hazards fitted to the new discount curve."""
    recovery01: float
    """Recovery a point up; spreads as they are."""


def sensitivities(price: Price, market: Market, scheme: str = "up") -> Sensitivities:
    """By moving the curves: `up` from where they are, or `central`, half the difference between up and down."""
    moved = _difference(scheme)
    return Sensitivities(
        hazard01=moved(lambda bump: price(market.with_hazards_up(bump)), BASIS_POINT),
        rate01=moved(lambda bump: price(market.with_rates_up(bump)), BASIS_POINT),
        recovery01=moved(lambda bump: price(market.with_recovery_up(bump)), POINT),
    )


def quote_sensitivities(
    price: Price, credit: CreditQuotes, rates: RateQuotes | DiscountCurve, scheme: str = "up"
) -> QuoteSensitivities:
    """By moving the quotes; a discount curve given as it is moves in its zero rates."""
    discount, moved = _discount(rates), _difference(scheme)

    def at(quotes: CreditQuotes, curve: DiscountCurve) -> float:
        return price(Market(curve, quotes.curve(curve), quotes.recovery))

    return QuoteSensitivities(
        cs01=moved(lambda bump: at(credit.shifted(bump), discount), BASIS_POINT),
        pv01=moved(lambda bump: at(credit, _discount(rates.shifted(bump))), BASIS_POINT),
        recovery01=moved(lambda bump: at(replace(credit, recovery=credit.recovery + bump), discount), POINT),
    )


def jump_to_default(npv: float, notional: float, recovery: float, side: str = "buyer") -> float:
    """Change of value if the name defaults at once: what protection pays less what the contract was worth.

    Premium accrued since the last payment is part of the value that is lost.
    """
    refuse(known("side", side, ("buyer", "seller")))
    return (1 if side == "buyer" else -1) * notional * (1.0 - recovery) - npv


def _discount(rates: RateQuotes | DiscountCurve) -> DiscountCurve:
    return rates.curve() if isinstance(rates, RateQuotes) else rates


def _difference(scheme: str) -> Callable[[Callable[[float], float], float], float]:
    """How far a function moves with a bump."""
    refuse(known("scheme", scheme, ("up", "central")))
    if scheme == "up":
        return lambda value, bump: value(bump) - value(0.0)
    return lambda value, bump: (value(bump) - value(-bump)) / 2.0

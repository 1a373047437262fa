"""Value of protection on one name, through QuantLib's midpoint engine or the ISDA standard model.

Legs are linear in notional and coupon, so QuantLib values a notional of 1 at a coupon of 1 and everything else follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from abssim.errors import Problem, ValuationError
from abssim.valuation.cds import Cds
from abssim.valuation.curve import DiscountCurve, flat_hazard
from abssim.valuation.fault import known, refuse
from abssim.valuation.market import Market
from abssim.valuation.quantlib import day_of, evaluating

ENGINES = ("isda", "midpoint")
_HAZARDS = tuple(0.125 * 2.0**n for n in range(10))
"""Between 0 and one of these, up to 64 a year, a hazard is looked for: one that is near spares the model overflows."""
_HINT = 'take engine="midpoint"'


class CdsValue(NamedTuple):
    """Amounts in the contract's currency, positive where the contract's side receives them."""

    npv: float
    """Protection, premium, rebate and upfront together."""
    protection_leg: float
    premium_leg: float
    """Running premium with what is accrued at default, without the rebate."""
    rebate: float
    """Accrual of the first coupon that the seller gives back."""
    upfront_leg: float
    risky_annuity: float
    """RPV01: value of one currency unit of premium a year on a notional of 1, net of the rebate; positive."""
    par_spread: float
    """Coupon at which protection and premium are worth the same, without upfront; NaN without an annuity."""
    fair_upfront: float
    """Share of the notional the buyer pays (negative: receives) so that the contract is worth nothing to either; NaN
    once the day of the upfront has passed."""


def value_cds(cds: Cds, market: Market, engine: str = "isda") -> CdsValue:
    """The contract on the day the curves start.

    `isda` is the ISDA standard model (`IsdaCdsEngine`; needs curves by `act/365`, accrual settled and paid at default),
    `midpoint` takes defaults in the middle of each period.

    >>> from datetime import date
    >>> from abssim.valuation import Cds, Market, flat_discount, flat_hazard
    >>> day = date(2026, 1, 5)
    >>> market = Market(flat_discount(day, 0.02), flat_hazard(day, 0.01), 0.4)
    >>> round(value_cds(Cds(10e6, 0.01, day, date(2030, 12, 20)), market).npv, 2)
    -189513.86

    Raises ValuationError E602, E604.
    """
    standard = cds.settles_accrual and cds.pays_at_default
    refuse(*engine_faults(engine, market, standard))
    with evaluating(market.discount.start):
        priced, unit = engine_of(market, engine), replace(cds, notional=1.0, coupon=1.0)
        swap, rebating = unit.swap(), unit.rebating_swap()
        swap.setPricingEngine(priced)
        rebating.setPricingEngine(priced)
        return _value(cds, _upfront_factor(swap, market.discount), *_legs(swap, rebating))


def implied_hazard(cds: Cds, discount: DiscountCurve, recovery: float, spread: float, engine: str = "isda") -> float:
    """Flat hazard (by act/365) at which the contract with the coupon `spread`, and no upfront, is worth nothing.

    Raises ValuationError E601 if there is none.
    """
    quoted = replace(cds, notional=1.0, coupon=spread, upfront=0.0, side="buyer")

    def npv(hazard: float) -> float:
        return value_cds(quoted, Market(discount, flat_hazard(discount.start, hazard), recovery), engine).npv

    return fitted_hazard(npv, f"a flat hazard at {1e4 * spread:g} bp, recovery {recovery:g}")


def fitted_hazard(npv: Callable[[float], float], quote: str) -> float:
    """Hazard at which a protection buyer's value is nothing.

    QuantLib's own search ends at a hazard of 1 ("root not bracketed"), too low for names in distress. Raises
    ValuationError E601 with the quote if there is none.
    """
    from scipy.optimize import brentq

    low, high = npv(0.0), next((hazard for hazard in _HAZARDS if _pays(npv, hazard)), None)
    if high is None or low > 0.0:
        wrong = "high: no default pays for it" if high is None else "low: survival would have to rise"
        raise ValuationError(Problem("E601", "", quote, f"no hazard fits this quote, it is too {wrong}"))
    return float(brentq(npv, 0.0, high, xtol=1e-14, rtol=1e-14))


def _pays(npv: Callable[[float], float], hazard: float) -> bool:
    """True if protection is worth its price at a hazard; not where the model has no number any more."""
    try:
        return npv(hazard) >= 0.0
    except ValuationError:
        return False


def quoted_upfront(cds: Cds, discount: DiscountCurve, recovery: float, spread: float, engine: str = "isda") -> CdsValue:
    """The contract at its fixed coupon when the market quotes `spread`: flat hazard from the quote, then the value.

    `fair_upfront` times notional is the cash the buyer pays on the settlement day (the market's "upfront amount").
    """
    hazard = implied_hazard(cds, discount, recovery, spread, engine)
    return value_cds(cds, Market(discount, flat_hazard(discount.start, hazard), recovery), engine)


def triangle_spread(hazard: float, recovery: float) -> float:
    """Credit triangle: `hazard x (1 - recovery)`, exact for premium paid continuously at a flat hazard."""
    return hazard * (1.0 - recovery)


def engine_of(market: Market, engine: str) -> Any:
    """QuantLib's engine of this name."""
    import QuantLib as ql

    made = ql.IsdaCdsEngine if engine == "isda" else ql.MidPointCdsEngine
    return made(market.credit.handle(), market.recovery, market.discount.handle())


def _legs(swap: Any, rebating: Any) -> tuple[float, float, float, float]:
    """Protection, premium, rebate and upfront; of a contract that is over QuantLib leaves some of them undefined, and
    where nobody survives the ISDA model has the logarithm of 0."""
    if swap.isExpired():
        return 0.0, 0.0, 0.0, 0.0
    if math.isnan(swap.NPV()):
        raise RuntimeError("survival is too close to 0 for the model")
    return swap.defaultLegNPV(), swap.couponLegNPV(), rebating.accrualRebateNPV() + 0.0, swap.upfrontNPV() + 0.0


def _upfront_factor(swap: Any, discount: DiscountCurve) -> float:
    """Discount factor of the day on which an upfront is paid; NaN once it has passed."""
    day = day_of(swap.upfrontPayment().date())
    return float(discount.factors([day])[0]) if day > discount.start else math.nan


def _value(cds: Cds, factor: float, protection: float, premium: float, rebate: float, upfront: float) -> CdsValue:
    """The value seen from the contract's side; the legs are the buyer's, of a notional and a coupon of 1."""
    amount, annuity = cds.sign * cds.notional, 0.0 - premium - rebate
    running = protection - cds.coupon * annuity
    return CdsValue(
        npv=amount * (running + upfront),
        protection_leg=amount * protection,
        premium_leg=amount * cds.coupon * premium,
        rebate=amount * cds.coupon * rebate,
        upfront_leg=amount * upfront,
        risky_annuity=annuity,
        par_spread=protection / annuity if annuity else math.nan,
        fair_upfront=running / factor,
    )


def engine_faults(engine: str, market: Market, standard: bool) -> list[Problem | None]:
    """What the engine cannot value; a `standard` contract settles accrual and pays at default."""
    counts = (market.discount.day_count, market.credit.day_count)
    text = f"the ISDA model has curves by act/365, not {' and '.join(counts)}"
    plain = engine != "isda" or counts == ("act/365", "act/365")
    other = None if plain else Problem("E604", "", "day_count", text, _HINT)
    return [known("engine", engine, ENGINES), other, isda_fault(engine, standard)]


def isda_fault(engine: str, standard: bool) -> Problem | None:
    """E604 if the ISDA model is to value a contract that does not settle accrual and pay at default."""
    if engine != "isda" or standard:
        return None
    return Problem("E604", "", "settles_accrual", "the ISDA model settles accrual and pays at default", _HINT)

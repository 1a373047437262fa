"""A credit curve from what the market quotes for default swaps of several tenors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from abssim.dates import month_day
from abssim.errors import Problem
from abssim.valuation.cds import Cds, cds_maturity
from abssim.valuation.curve import CreditCurve, DiscountCurve
from abssim.valuation.fault import all_within, known, refuse, within
from abssim.valuation.market import Market
from abssim.valuation.single_name import ENGINES, fitted_hazard, isda_fault, value_cds
from abssim.valuation.terms import STANDARD_RULES, CdsTerms


@dataclass(frozen=True)
class CreditQuotes(CdsTerms):
    """Quotes by months to maturity, with the recovery they are quoted at.

    Par spreads, decimal a year; with a `running_coupon` upfronts of contracts that pay it, as shares of the notional.

    Conventions are those of `CdsTerms`, by their names; what is not said is the market standard.
    """

    day: date
    quotes: Mapping[int, float]
    recovery: float
    engine: str = "isda"
    running_coupon: float | None = None

    def __post_init__(self) -> None:
        refuse(
            None if self.quotes else Problem("E601", "", "quotes", "there are no quotes"),
            all_within("months", self.quotes, 1, 1200),
            all_within("quotes", self.quotes.values(), *((0.0, 100.0) if self.running_coupon is None else (-1.0, 1.0))),
            within("recovery", self.recovery, 0.0, 1.0),
            known("engine", self.engine, ENGINES),
            isda_fault(self.engine, self.settles_accrual and self.pays_at_default),
            *self.terms_faults(),
        )

    def shifted(self, shift: float) -> CreditQuotes:
        """All quotes moved, `1e-4` by a basis point."""
        return replace(self, quotes={months: quote + shift for months, quote in self.quotes.items()})

    def curve(self, discount: DiscountCurve) -> CreditCurve:
        """Piecewise flat hazards (by act/365) that reprice every quote by `value_cds`, the shortest first.

        Raises ValuationError E601 with the first tenor whose quote no hazard gives: so low after the ones before it
        that survival would have to rise, or higher than any default can pay for.
        """
        days: tuple[date, ...] = ()
        rates: tuple[float, ...] = ()
        for months, quote in sorted(self.quotes.items()):
            quoted = self._contract(months, quote)
            days = (*days, self._pillar(quoted))
            rates = (*rates, fitted_hazard(self._npv(quoted, discount, days, rates), self._said(months, quoted)))
        return CreditCurve(self.day, days, rates)

    def _npv(
        self, quoted: Cds, discount: DiscountCurve, days: tuple[date, ...], rates: tuple[float, ...]
    ) -> Callable[[float], float]:
        """What a contract is worth by the hazard up to the last of `days`, after the `rates` before."""

        def npv(hazard: float) -> float:
            market = Market(discount, CreditCurve(self.day, days, (*rates, hazard)), self.recovery)
            return value_cds(quoted, market, self.engine).npv

        return npv

    def _said(self, months: int, quoted: Cds) -> str:
        upfront = "" if self.running_coupon is None else f" and {100.0 * quoted.upfront:g} % upfront"
        return f"{months} months at {1e4 * quoted.coupon:g} bp{upfront}, recovery {self.recovery:g}"

    def _contract(self, months: int, quote: float) -> Cds:
        """What is worth nothing if its quote is right."""
        if self.rule in STANDARD_RULES:
            maturity = cds_maturity(self.day, months, self.rule)
        else:
            maturity = month_day(self.day, months, self.day.day)
        if self.running_coupon is None:
            return Cds(1.0, quote, self.day, maturity, **self.terms())
        return Cds(1.0, self.running_coupon, self.day, maturity, upfront=quote, **self.terms())

    def _pillar(self, quoted: Cds) -> date:
        """Day up to which a quote decides the hazard: the last payment, in the ISDA model the day after it."""
        return quoted.periods()[-1].payment + timedelta(days=int(self.engine == "isda"))

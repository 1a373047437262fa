"""A credit curve from what the market quotes for default swaps of several tenors."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Par spreads by months to maturity, decimal a year, with the recovery they are quoted at.

    Conventions are those of `CdsTerms`, by their names; what is not said is the market standard.
    """

    day: date
    spreads: Mapping[int, float]
    recovery: float
    engine: str = "isda"

    def __post_init__(self) -> None:
        refuse(
            None if self.spreads else Problem("E601", "", "spreads", "there are no quotes"),
            all_within("months", self.spreads, 1, 1200),
            all_within("spreads", self.spreads.values(), 0.0, 100.0),
            within("recovery", self.recovery, 0.0, 1.0),
            known("engine", self.engine, ENGINES),
            isda_fault(self.engine, self.settles_accrual and self.pays_at_default),
            *self.terms_faults(),
        )

    def shifted(self, shift: float) -> CreditQuotes:
        """All spreads moved, `1e-4` by a basis point."""
        return replace(self, spreads={months: spread + shift for months, spread in self.spreads.items()})

    def curve(self, discount: DiscountCurve) -> CreditCurve:
        """Piecewise flat hazards (by act/365) that reprice every quote by `value_cds`, the shortest first.

        Raises ValuationError E601 with the first tenor whose quote no hazard gives: so low after the ones before it
        that survival would have to rise, or higher than any default can pay for.
        """
        days: tuple[date, ...] = ()
        rates: tuple[float, ...] = ()
        for months, spread in sorted(self.spreads.items()):
            days = (*days, self._pillar(months))
            rates = (*rates, self._hazard(months, spread, discount, days, rates))
        return CreditCurve(self.day, days, rates)

    def _hazard(
        self, months: int, spread: float, discount: DiscountCurve, days: tuple[date, ...], rates: tuple[float, ...]
    ) -> float:
        """The hazard up to the last of `days` that fits a quote, after the `rates` before."""
        quoted = Cds(1.0, spread, self.day, self._maturity(months), **self.terms())

        def npv(hazard: float) -> float:
            market = Market(discount, CreditCurve(self.day, days, (*rates, hazard)), self.recovery)
            return value_cds(quoted, market, self.engine).npv

        return fitted_hazard(npv, f"{months} months at {1e4 * spread:g} bp, recovery {self.recovery:g}")

    def _pillar(self, months: int) -> date:
        """Day up to which a quote decides the hazard: the last payment, in the ISDA model the day after it."""
        last = Cds(1.0, 0.0, self.day, self._maturity(months), **self.terms()).periods()[-1].payment
        return last + timedelta(days=int(self.engine == "isda"))

    def _maturity(self, months: int) -> date:
        if self.rule in STANDARD_RULES:
            return cds_maturity(self.day, months, self.rule)
        return month_day(self.day, months, self.day.day)

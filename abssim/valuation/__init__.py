"""What protection is worth: curves, credit default swaps, tranches, counterparties, effectiveness.

Everything here takes numbers, days and arrays and knows no deal. Amounts are positive where the contract's side
receives them; rates, spreads and probabilities are decimals; curves start on the valuation day.
"""

from abssim.valuation.amortizing import AmortizingCds, AmortizingValue, month_days, value_amortizing, value_by_strips
from abssim.valuation.cds import Cds, Period, cds_maturity
from abssim.valuation.credit_quotes import CreditQuotes
from abssim.valuation.curve import (
    CreditCurve,
    DiscountCurve,
    discount_factors,
    flat_discount,
    flat_hazard,
    survival_curve,
    zero_curve,
)
from abssim.valuation.legs import Grid, Legs, legs, year_grid
from abssim.valuation.market import Market
from abssim.valuation.rate_quotes import RateQuotes
from abssim.valuation.sensitivity import (
    QuoteSensitivities,
    Sensitivities,
    jump_to_default,
    quote_sensitivities,
    sensitivities,
)
from abssim.valuation.single_name import CdsValue, implied_hazard, quoted_upfront, triangle_spread, value_cds

__all__ = [
    "AmortizingCds",
    "AmortizingValue",
    "Cds",
    "CdsValue",
    "CreditCurve",
    "CreditQuotes",
    "DiscountCurve",
    "Grid",
    "Legs",
    "Market",
    "Period",
    "QuoteSensitivities",
    "RateQuotes",
    "Sensitivities",
    "cds_maturity",
    "discount_factors",
    "flat_discount",
    "flat_hazard",
    "implied_hazard",
    "jump_to_default",
    "legs",
    "month_days",
    "quote_sensitivities",
    "quoted_upfront",
    "sensitivities",
    "survival_curve",
    "triangle_spread",
    "value_amortizing",
    "value_by_strips",
    "value_cds",
    "year_grid",
    "zero_curve",
]

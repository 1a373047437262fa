"""What protection is worth: curves, credit default swaps, tranches, counterparties, effectiveness.

Everything here takes numbers, days and arrays and knows no deal. Amounts are positive where the contract's side
receives them; rates, spreads and probabilities are decimals; curves start on the valuation day.
"""

from abssim.valuation.amortizing import AmortizingCds, AmortizingValue, month_days, value_amortizing, value_by_strips
from abssim.valuation.attachment import Restated, restated_attachment
from abssim.valuation.basket import Basket, default_counts, nth_to_default_legs, tranche_legs, tranche_loss
from abssim.valuation.cds import Cds, Period, cds_maturity
from abssim.valuation.counterparty import (
    Cva,
    Exposure,
    constant_exposure_cva,
    cva,
    cva_of_paths,
    expected_positive_exposure,
    exposure,
)
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
from abssim.valuation.index import IndexValue, value_index
from abssim.valuation.large_pool import LargePool
from abssim.valuation.leg import Grid, Legs, legs, year_grid
from abssim.valuation.margin import Collateral, CollateralAgreement, collateral
from abssim.valuation.market import Market
from abssim.valuation.offset import (
    DollarOffset,
    Effectiveness,
    TailOffset,
    dollar_offset,
    effectiveness,
    tail_offset,
)
from abssim.valuation.premium import premium_due
from abssim.valuation.protection import ProtectedDate, Tranche, protected_notional
from abssim.valuation.rate_quotes import RateQuotes
from abssim.valuation.risk_neutral import BothPrices, RiskMultiple, WangShift, both_prices, risk_neutral
from abssim.valuation.sensitivity import (
    QuoteSensitivities,
    Sensitivities,
    jump_to_default,
    quote_sensitivities,
    sensitivities,
)
from abssim.valuation.simulated import FairSpread, fair_spread
from abssim.valuation.single_name import CdsValue, implied_hazard, quoted_upfront, triangle_spread, value_cds
from abssim.valuation.terms import CdsTerms
from abssim.valuation.wrong_way import Protected, Seller, tranche_protection, wrong_way_ratio

__all__ = [
    "AmortizingCds",
    "AmortizingValue",
    "Basket",
    "BothPrices",
    "Cds",
    "CdsTerms",
    "CdsValue",
    "Collateral",
    "CollateralAgreement",
    "CreditCurve",
    "CreditQuotes",
    "Cva",
    "DiscountCurve",
    "DollarOffset",
    "Effectiveness",
    "Exposure",
    "FairSpread",
    "Grid",
    "IndexValue",
    "LargePool",
    "Legs",
    "Market",
    "Period",
    "Protected",
    "ProtectedDate",
    "QuoteSensitivities",
    "RateQuotes",
    "Restated",
    "RiskMultiple",
    "Seller",
    "Sensitivities",
    "TailOffset",
    "Tranche",
    "WangShift",
    "both_prices",
    "cds_maturity",
    "collateral",
    "constant_exposure_cva",
    "cva",
    "cva_of_paths",
    "default_counts",
    "discount_factors",
    "dollar_offset",
    "effectiveness",
    "expected_positive_exposure",
    "exposure",
    "fair_spread",
    "flat_discount",
    "flat_hazard",
    "implied_hazard",
    "jump_to_default",
    "legs",
    "month_days",
    "nth_to_default_legs",
    "premium_due",
    "protected_notional",
    "quote_sensitivities",
    "quoted_upfront",
    "restated_attachment",
    "risk_neutral",
    "sensitivities",
    "survival_curve",
    "tail_offset",
    "tranche_legs",
    "tranche_loss",
    "tranche_protection",
    "triangle_spread",
    "value_amortizing",
    "value_by_strips",
    "value_cds",
    "value_index",
    "wrong_way_ratio",
    "year_grid",
    "zero_curve",
]

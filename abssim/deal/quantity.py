"""Quantities that are formulas over the fields of things (`abssim.kind`), and days of the calendar."""

from __future__ import annotations

from abssim.deal.expression import Dimension

CALENDAR = {
    "period_days": "days from the payment date before (or closing) to this one, as cash moves",
    "collection_days": "days of the collection period",
    "days_before_payment": "days of the collection period before the payment date that falls into it",
    "year_days": "days of the year in which the collection period ends, 365 or 366",
}
"""Days of a date, known from the calendar."""
POOL_FORMULAS: dict[str, tuple[Dimension, str, str]] = {
    "balance": ("amount", "@.closing_balance", "performing balance at the end of the collection period"),
    "performing_balance": ("amount", "@.closing_balance", "the same"),
    "defaulted_amount": ("amount", "@.default", "balance of assets defaulted in the period"),
    "finance_charges": ("amount", "@.interest + @.fee + @.penalty", "interest, fees and penalty received"),
    "principal_collections": (
        "amount",
        "@.scheduled_principal + @.prepayment + @.repurchase",
        "principal received, scheduled, early or bought back",
    ),
    "cumulative_net_loss": (
        "amount",
        "@.cumulative_default - @.cumulative_recovery",
        "defaulted (assets in default at the start included) less recovered since the deal began",
    ),
    "factor": ("number", "@.closing_balance / @.initial_balance", "closing balance / initial balance"),
    "cumulative_default_ratio": (
        "number",
        "@.cumulative_default / (@.initial_balance + @.cumulative_purchase)",
        "defaulted so far (assets in default at the start included) / (initial + purchased)",
    ),
    "npl_to_issue_ratio": (
        "number",
        "@.non_performing_balance / notes.initial_balance",
        "non-performing balance / issue size of the notes",
    ),
    "npl_to_pool_ratio": (
        "number",
        "@.non_performing_balance / @.closing_balance",
        "non-performing balance / current (performing) pool",
    ),
    "cumulative_net_loss_ratio": (
        "number",
        "(@.cumulative_default - @.cumulative_recovery) / @.initial_balance",
        "defaulted (assets in default at the start included) less recovered so far / initial balance",
    ),
    "dpd_30_plus_ratio": (
        "number",
        "(@.dpd_31_60_balance + @.dpd_61_90_balance) / @.closing_balance",
        "31-90 days past due / closing balance",
    ),
    "dpd_60_plus_ratio": (
        "number",
        "@.dpd_61_90_balance / @.closing_balance",
        "61-90 days past due / closing balance",
    ),
    "restructured_ratio": (
        "number",
        "@.restructured_balance / @.closing_balance",
        "restructured and current / closing balance: what arrears do not show",
    ),
    "payment_rate": (
        "number",
        "(@.interest + @.fee + @.penalty + @.scheduled_principal + @.prepayment) / @.opening_balance",
        "all collections from obligors, interest and fees included / opening balance",
    ),
    "principal_payment_rate": (
        "number",
        "(@.scheduled_principal + @.prepayment + @.repurchase) / @.opening_balance",
        "principal collections / opening balance: the payment rate a 10-D prints of principal receivables",
    ),
    "portfolio_yield": (
        "number",
        "(@.interest + @.fee + @.penalty + @.discount + @.recovery - @.collection_cost - @.default - @.dilution)"
        " / @.opening_balance * 12 / @.months",
        "income (purchase discount included) and recoveries less defaults and dilution / opening balance, a year",
    ),
}
"""Derived observables of a pool; `@` stands for `pool`, or `pool.NAME`."""

EXCESS_SPREAD = (
    "(pool.interest + pool.fee + pool.penalty + pool.discount + pool.recovery - pool.collection_cost"
    " - fees.accrued - notes.accrued_interest - pool.default - pool.dilution) / pool.opening_balance * 12 / pool.months"
)

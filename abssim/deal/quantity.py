"""The quantities of a deal by kind: fields of the state in words, and formulas over them."""

from __future__ import annotations

from abssim.deal.expression import Dimension

CLOCK_NUMBERS = {
    "period": "number of the payment date in the deal's life, 1 is the first",
    "month": "months from the cut-off to the end of the collection period",
    "months": "months in the collection period",
    "regime_period": "payment dates in the present regime, this one included",
}
CLOCK_FLAGS = {
    "called": "a call is exercised on this date, or was before",
    "final": "the last date of the projection, or of the last legal final",
    "offered": "there are receivables to buy: the deal has a replenishment and no policy keeps it all back",
}
CALENDAR = {
    "period_days": "days from the payment date before (or closing) to this one, as cash moves",
    "collection_days": "days of the collection period",
    "days_before_payment": "days of the collection period before the payment date that falls into it",
    "year_days": "days of the year in which the collection period ends, 365 or 366",
}
"""Days of a date, known from the calendar."""
POOL_FLOWS = {
    "interest": "interest received",
    "fee": "instalment fees received",
    "penalty": "penalty interest received",
    "scheduled_principal": "scheduled principal received; the last instalment settles a contract",
    "prepayment": "principal received early",
    "repurchase": "principal of assets bought back by the originator",
    "dilution": "balance reduced by returns, discounts and negative interest, without cash",
    "default": "balance of assets defaulted",
    "recovery": "cash from defaulted assets, before collection cost",
    "loss": "defaulted balance written off",
    "collection_cost": "cost withheld from recoveries",
    "advanced_principal": "principal advanced by the servicer",
    "advanced_interest": "interest advanced by the servicer",
    "lost_interest": "interest due on defaulted assets that nobody paid",
    "discount": "share of collected principal that is income, the asset having been bought below par",
    "purchase": "face amount bought, and new receivables a servicer reports",
    "purchase_cost": "price paid for it",
    "sale_proceeds": "price paid for the pool in a call",
    "sold_balance": "balance sold in a call",
    "capitalized_interest": "interest added to balances instead of paid, beyond the principal other contracts paid",
}
POOL_STOCKS = {
    "opening_balance": "performing balance at the start of the collection period",
    "current_balance": "balance not past due",
    "dpd_1_30_balance": "balance 1-30 days past due",
    "dpd_31_60_balance": "balance 31-60 days past due",
    "dpd_61_90_balance": "balance 61-90 days past due",
    "closing_balance": "performing balance at the end of the collection period, purchases included",
    "non_performing_balance": "defaulted (91 days and more) and neither recovered nor written off",
    "adjusted_balance": "closing balance, contracts below the hurdle rate discounted",
    "restructured_balance": "part of the current balance: restructured (plan extended) when 61-90 days past due",
}
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
NOTE_FIELDS = {
    "opening_balance": "balance at the start of the date",
    "accrued_interest": "interest of this accrual period",
    "accrued_not_due": "accrued interest whose payment date has not come",
    "interest_due": "interest due on this date, earlier shortfalls included",
    "interest_paid": "interest paid on this date so far",
    "interest_shortfall": "interest due and unpaid",
    "principal_paid": "principal paid on this date so far",
    "capitalized": "interest added to the balance",
    "write_down": "balance written down on this date (negative: up)",
    "residual_paid": "cash paid beyond interest and principal",
    "balance": "balance now",
    "notional": "what interest accrues on",
    "cumulative_write_down": "balance written down so far",
    "scheduled_balance": "scheduled balance of this date",
    "premium_due": "make-whole premium due",
    "premium_paid": "make-whole premium paid",
}
ACCOUNT_FIELDS = {
    "opening_balance": "cash at the start of the date",
    "collected": "cash from the pool",
    "income": "reinvestment income",
    "posted": "cash put in from outside by policies, negative if taken out",
    "paid_in": "cash from steps of the waterfall so far",
    "paid_out": "cash paid by the account so far",
    "balance": "cash now",
    "target": "target balance",
}
LEDGER_FIELDS = {
    "opening_balance": "at the start of the date",
    "debited": "added on this date so far",
    "credited": "taken off on this date so far",
    "balance": "now",
}
FEE_FIELDS = {
    "accrued": "charged on this date",
    "due": "due on this date, earlier shortfalls included",
    "paid": "paid on this date so far",
    "shortfall": "due and unpaid",
}
STEP_FIELDS = {"due": "owed by the step", "paid": "paid by it", "shortfall": "owed and unpaid"}
TRIGGER_FIELDS: dict[str, tuple[Dimension, str]] = {
    "active": ("flag", "the trigger has fired and is not cured"),
    "breached": ("flag", "its condition holds on this date"),
    "count": ("number", "dates in a row with a breach (or without one, once fired)"),
}

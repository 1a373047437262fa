"""Names of the fields of every array: the one place where a column has a meaning.

Amounts are `int64` minor units unless said otherwise. Stocks are at the end of the collection period; flows
are those of the period. Losses, defaults and payments are positive.
"""

from enum import IntEnum


class Amortization(IntEnum):
    """How a contract is repaid."""

    LEVEL_PAY = 0
    EQUAL_PRINCIPAL = 1
    INTEREST_ONLY = 2
    SINGLE_PAYMENT = 3
    FLAT_FEE = 4
    FREE_INSTALMENT = 5
    MINIMUM_PAYMENT = 6
    BALLOON = 7
    CUSTOM = 8


class ContractField(IntEnum):
    """Contractual figures of a loan (or the sum over a cell of loans) at schedule index `s`, `0` being the cut-off.

    BALANCE after the s-th remaining instalment; INTEREST and FEE due with it; ADJUSTED is the balance discounted
    at the hurdle rate where that is above the contract's own (yield supplement).
    """

    BALANCE = 0
    INTEREST = 1
    FEE = 2
    ADJUSTED = 3


class PoolField(IntEnum):
    """One row per period of a pool. `opening + purchased + capitalized = scheduled + prepayment + repurchase +
    dilution + default + sold + closing`; `non_performing` rolls by default - recovery - loss - advanced principal."""

    OPENING_BALANCE = 0
    INTEREST = 1
    FEE = 2
    PENALTY = 3
    SCHEDULED_PRINCIPAL = 4
    """Principal paid by schedule, arrears included: with its last instalment a contract is settled."""
    PREPAYMENT = 5
    REPURCHASE = 6
    """Ineligible or disputed assets bought back by the originator: principal paid in cash."""
    DILUTION = 7
    """Balance reduced by returns and discounts: no cash."""
    DEFAULT = 8
    RECOVERY = 9
    """Cash from defaulted assets, before collection cost, after repayment of principal advanced on them."""
    LOSS = 10
    """Defaulted balance written off: given up when its last recovery has come in."""
    COLLECTION_COST = 11
    """Commission and cost withheld by the collector: cash deposited is recovery less this."""
    ADVANCED_PRINCIPAL = 12
    """Scheduled principal of defaulted assets advanced by the servicer."""
    ADVANCED_INTEREST = 13
    LOST_INTEREST = 14
    """Interest due on defaulted assets that nobody paid (memo)."""
    DISCOUNT = 15
    """Share of the principal collected that is income, because the asset was bought below par."""
    PURCHASE = 16
    """Face amount bought at the end of the period."""
    PURCHASE_COST = 17
    SALE_PROCEEDS = 18
    """Price paid for the pool when a call is exercised."""
    SOLD_BALANCE = 19
    CAPITALIZED_INTEREST = 20
    """Interest added to balances instead of paid, beyond the principal other contracts paid: INTEREST is net of it."""
    CURRENT_BALANCE = 21
    DPD_1_30_BALANCE = 22
    DPD_31_60_BALANCE = 23
    DPD_61_90_BALANCE = 24
    CLOSING_BALANCE = 25
    """Performing balance: current and 1-90 days past due, after purchases."""
    NON_PERFORMING_BALANCE = 26
    """Defaulted (91+) and not yet recovered or written off."""
    ADJUSTED_BALANCE = 27
    """Closing balance discounted where a contract pays less than the hurdle rate; else the closing balance."""
    RESTRUCTURED_BALANCE = 28
    """Part of the current balance: of obligors whose plan was extended when they were 61-90 days past due."""


class NoteField(IntEnum):
    """One row per period and note."""

    OPENING_BALANCE = 0
    ACCRUED_INTEREST = 1
    """Interest of this accrual period (with interest on unpaid interest, where the note bears it)."""
    ACCRUED_NOT_DUE = 2
    """Stock of accrued interest whose payment date has not come."""
    INTEREST_DUE = 3
    """Due on this date, shortfalls of earlier dates included."""
    INTEREST_PAID = 4
    INTEREST_SHORTFALL = 5
    """Due and unpaid at the end of the date; carried to the next."""
    PRINCIPAL_PAID = 6
    CAPITALIZED = 7
    """Interest added to the balance instead of paid (Z note)."""
    WRITE_DOWN = 8
    """Balance written down, negative for a write-up."""
    RESIDUAL_PAID = 9
    """Cash paid beyond interest and principal."""
    BALANCE = 10
    NOTIONAL = 11
    """What interest accrues on: the opening balance, or the notional of an IO."""
    CUMULATIVE_WRITE_DOWN = 12
    SCHEDULED_BALANCE = 13
    """Target of a scheduled or controlled amortization."""
    PREMIUM_DUE = 14
    """Make-whole amount if the deal is called on this date."""
    PREMIUM_PAID = 15


class AccountField(IntEnum):
    """`opening + collected + income + posted + paid_in - paid_out = balance`."""

    OPENING_BALANCE = 0
    COLLECTED = 1
    INCOME = 2
    POSTED = 3
    """Cash put in from outside by a policy, negative for cash taken out."""
    PAID_IN = 4
    PAID_OUT = 5
    BALANCE = 6
    TARGET = 7


class LedgerField(IntEnum):
    """`opening + debited - credited = balance`."""

    OPENING_BALANCE = 0
    DEBITED = 1
    CREDITED = 2
    BALANCE = 3


class FeeField(IntEnum):
    """One row per period and fee or tax."""

    ACCRUED = 0
    DUE = 1
    PAID = 2
    SHORTFALL = 3


class StepField(IntEnum):
    """One row per period and step of the waterfall in force; steps of other regimes stay zero."""

    DUE = 0
    PAID = 1
    SHORTFALL = 2


class TriggerField(IntEnum):
    """ACTIVE is 0 or 1; BREACHED the condition on this date; COUNT consecutive breaches (or cures, when active)."""

    ACTIVE = 0
    BREACHED = 1
    COUNT = 2


class HolderField(IntEnum):
    """A residual holder that is not a note."""

    PAID = 0


class ClockField(IntEnum):
    """Whole numbers about the date itself."""

    PERIOD = 0
    """1 for the first payment date."""
    MONTH = 1
    """Months from the cut-off to the end of the collection period."""
    MONTHS = 2
    """Months in the collection period."""
    REGIME = 3
    CALLED = 4
    """1 on the date a call is exercised and after."""
    FINAL = 5
    """1 on the last date of the projection or the last legal final date."""
    REGIME_PERIOD = 6
    """Payment dates in the present regime, this one included."""
    OFFERED = 7
    """1 where there are receivables to buy at the end of the collection period."""


class Regime(IntEnum):
    """The waterfall in force, by severity: a date takes the most severe that the calendar or a trigger asks for."""

    REVOLVING = 0
    AMORTIZATION = 1
    EARLY_AMORTIZATION = 2
    ENFORCEMENT = 3


class PathStatus(IntEnum):
    """How a path ended; all but OK carry period and step."""

    OK = 0
    NOT_FINITE = 1
    """An amount or condition was not a number."""
    TOO_LARGE = 2
    """What accrues, is booked or is paid for the pool was finite, and beyond 1e18 minor units."""
    BEYOND = 3
    """A balance or flow came to more minor units than can be told apart in every output (2^52)."""
    INFINITE = 4
    """What accrues, is booked or is paid for the pool was without bound: something divided by nothing."""


class NoteSummary(IntEnum):
    """One row per path and note: what a note's life came to."""

    PRINCIPAL_LOSS = 0
    """Balance not repaid by the legal final date (or when the pool is used up), and balance written down."""
    LARGEST_SHORTFALL = 1
    """Largest interest due and unpaid at the end of a date."""
    FINAL_SHORTFALL = 2
    """Interest due and unpaid at the end."""
    INTEREST_PAID = 3
    PRINCIPAL_PAID = 4
    RESIDUAL_PAID = 5
    LATE_BALANCE = 6
    """Balance not repaid by the legal final date (of a residual note: that has not come back as cash)."""
    REPAID = 7
    """Row of the date on which the last of the balance came back, -1 if it never did."""
    SETTLED = 8
    """1 if the path shows all the note will ever be paid."""


class PoolSummary(IntEnum):
    """One row per path: the whole pool. Amounts are cumulative."""

    DEFAULT = 0
    RECOVERY = 1
    LOSS = 2
    PREPAYMENT = 3
    PURCHASE = 4
    CALLED = 5
    """Row of the date of the call, -1 without."""
    LAST = 6
    """Row of the last date with cash or assets."""


class Move(IntEnum):
    """Moves of an obligor that a policy can multiply."""

    LEAVE = 0
    """From current to 1-30 days past due, or to default."""
    CURE = 1
    """To fewer missed instalments."""
    PREPAY = 2


class Fan(IntEnum):
    """Series of a path that fan charts show: plain ratios by payment date."""

    NET_LOSS_RATIO = 0
    """(Cumulative default - cumulative recovery) / initial pool."""
    POOL_FACTOR = 1
    """Closing balance / initial pool."""
    DPD_30_PLUS_RATIO = 2
    """31-90 days past due / closing balance."""
    SENIOR_FACTOR = 3
    """Balance of the first note / its initial balance."""
    DEFAULT_RATIO = 4
    """Cumulative default / initial pool."""


COLLECTIONS = {
    "interest": PoolField.INTEREST,
    "fees": PoolField.FEE,
    "penalty": PoolField.PENALTY,
    "scheduled_principal": PoolField.SCHEDULED_PRINCIPAL,
    "prepayment": PoolField.PREPAYMENT,
    "repurchase": PoolField.REPURCHASE,
    "recovery": PoolField.RECOVERY,
    "advances": PoolField.ADVANCED_PRINCIPAL,
    "discount": PoolField.DISCOUNT,
    "sale": PoolField.SALE_PROCEEDS,
}
"""Sources of cash a deal maps to accounts. `scheduled_principal`, `prepayment` and `repurchase` arrive less their
share of `discount`; `recovery` arrives less collection cost; `advances` is principal and interest advanced."""

KINDS: dict[str, type[IntEnum]] = {
    "pool": PoolField,
    "note": NoteField,
    "account": AccountField,
    "ledger": LedgerField,
    "fee": FeeField,
    "step": StepField,
    "trigger": TriggerField,
    "holder": HolderField,
}
"""Blocks of the state whose rows have names, with their fields."""

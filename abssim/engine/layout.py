"""Names of the columns of the arrays that are not things of a deal (those are in `abssim.kind`).

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


class PathStatus(IntEnum):
    """How a path ended; all but OK carry period and place."""

    OK = 0
    NOT_FINITE = 1
    """An amount, condition or definition was not a number: something divided by nothing."""
    TOO_LARGE = 2
    """What accrues, is booked or is paid for the pool was finite, and beyond 1e18 minor units."""
    BEYOND = 3
    """A balance or flow came to more minor units than can be told apart in every output (2^52)."""
    INFINITE = 4
    """An amount was without bound: it read a ratio of something to nothing."""


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

"""A deal as arrays: what `compile_deal` writes and the kernels read.

Letters: `T` dates, `K` pools, `N` notes, `A` accounts, `E` fees, `S` steps, `G` triggers, `C` instructions.
Tables with columns of their own meaning are arrays of records (`step["rule"]`). An expression is named by its
index; `-1` means there is none.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.state import StateLayout

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Records = npt.NDArray[Any]

NOT_YET = -1
"""A mark that has not been set: reads the present state."""
AT_CLOSING = -2
"""The mark of the state before the first date."""
UNLIMITED = 2**60
"""What a payee without a claim of its own can take."""
COLUMN_BITS = 16
"""A position in the state, as instructions have it: `row << COLUMN_BITS | column`."""
LARGEST = 2**52
"""Largest amount in minor units: below it a float, and a decimal with two digits, tell every unit from the next."""
STACK = 64
"""Deepest expression, in values waiting for an operator."""


class Op(IntEnum):
    """Instructions of the postfix code. `arg` is a slot, a definition or a constant; `aux` a mark or a window."""

    CONSTANT = 0
    LOAD = 1
    LOAD_PREVIOUS = 2
    LOAD_EARLIER = 3
    LOAD_MARK = 4
    DEFINITION = 5
    DEFINITION_PREVIOUS = 6
    DEFINITION_EARLIER = 7
    DEFINITION_MARK = 8
    AVERAGE = 9
    HIGHEST = 10
    LOWEST = 11
    TOTAL = 12
    SCHEDULE = 13
    ADD = 14
    SUBTRACT = 15
    MULTIPLY = 16
    DIVIDE = 17
    NEGATE = 18
    MINIMUM = 19
    MAXIMUM = 20
    LESS = 21
    LESS_EQUAL = 22
    GREATER = 23
    GREATER_EQUAL = 24
    EQUAL = 25
    NOT_EQUAL = 26
    AND = 27
    OR = 28
    NOT = 29
    ABSOLUTE = 30
    SELECT = 31
    ROUND = 32
    FLOOR = 33
    CEIL = 34
    TABLE = 35
    RATIO = 36


INSTRUCTION = np.dtype([("op", np.int64), ("arg", np.int64), ("aux", np.int64)])

GROUP = -1
"""The claim of a group of payees."""
PAYEE = np.dtype(
    [(name, np.int64) for name in ("claim", "index", "end", "pro_rata", "cap", "weight", "quantum", "shared")]
)
"""Payee trees of all steps in preorder: the children of `i` lie between `i + 1` and `end`. `claim`: what a leaf is
paid, by its place in `abssim.kind.table.CLAIMS`, and `index` the thing of that kind. `pro_rata`: 1 where the children
share, 0 where they follow one another. `cap`: expression that limits a leaf. `weight`: original balance that a leaf
counts for, -1: what its claim says. `quantum`: payments are multiples of this. `shared`: the same member of the same
group in the first step that pays the group; what a date's odd units owe it is kept there."""

STEP = np.dtype(
    [
        (name, np.int64)
        for name in (
            "rule",
            "amount",  # expression: amount (pay_amount, book) or target (pay_down_to, top_up)
            "cap",
            "when",
            "root",  # of the payee tree, -1 for `carry`
            "into",  # account that receives what a ledger is paid
            "source_first",  # accounts in `source`: sources, then support
            "source_last",
            "book_first",
            "book_last",
        )
    ]
)

BOOK = np.dtype([("ledger", np.int64), ("account", np.int64), ("sign", np.int64)])
"""A ledger that moves with a step; `account` -1: by the amount paid, else by what this account gave."""

LEDGER = np.dtype([("limit", np.int64), ("beyond", np.int64)])
"""Expression up to which a ledger is raised, and the ledger that takes what is beyond; -1 none."""

NOTE = np.dtype(
    [
        ("index", np.int64),  # number of its index, -1 if fixed
        ("notional", np.int64),  # expression, -1: the balance
        ("capitalizes", np.int64),  # condition under which interest is added to the balance
        ("interest_on_interest", np.int64),
        ("counter", np.int64),  # of dates on which the rate was negative and taken as 0
        ("quantum", np.int64),  # payments are multiples of this (rounding per 100 face), or 1
        ("cap", np.float64),
        ("floor", np.float64),
    ]
)

NOTE_DATE = np.dtype(
    [
        ("fixed_rate", np.float64),  # coupon, or spread over the index, decimal a year
        ("year_fraction", np.float64),
        ("scheduled_balance", np.int64),
    ]
)

ACCOUNT_DATE = np.dtype([("reinvestment", np.float64), ("income", np.int64)])
"""Income per unit of opening balance; income given as a figure."""

FEE = np.dtype([("amount", np.int64), ("when", np.int64), ("every", np.int64)])
"""Expressions of what accrues on a date, and of whether it does; charged on every n-th date of the deal's life."""

TRIGGER = np.dtype(
    [
        (name, np.int64)
        for name in (
            "compare",  # operator between observed value and threshold, -1: the observed value is the condition
            "observed",  # expressions kept for the trigger table
            "threshold",
            "persistence",  # consecutive breaches that fire it
            "cure",  # consecutive dates without breach that cure it, 0: never
            "regime",  # it asks for, -1 none
            "stops_purchases",
            "mark",  # remembers when it first fired
        )
    ]
)

CALL = np.dtype([("condition", np.int64), ("price", np.int64)])

PLAN = np.dtype([("moment", np.int64), ("index", np.int64)])
"""A row of the order of a date: what is judged, by its place in `abssim.deal.moment.MOMENTS`, and for which entry."""

DATE = np.dtype(
    [
        ("type", np.int64),  # DateType
        ("number", np.int64),  # of the date in the deal's life
        ("month", np.int64),  # months from the cut-off to the end of the collection period
        ("regime", np.int64),  # scheduled
        ("final", np.int64),  # 1 on the last date
    ]
)


class Code(NamedTuple):
    """Postfix code of all expressions."""

    instruction: Records
    """(C,) INSTRUCTION"""
    constant: Float64
    expression: Int64
    """(X, 2) first instruction, and one past the last."""
    schedule: Float64
    """(Q, T) values by date: schedules of the deal, then days and fractions of the year."""
    table: Float64
    """(R, 2) from which value on, and what: the steps of all tables, one after the other."""
    counter: Int64
    """(X,) where each expression counts the dates on which it was negative and taken as 0, -1 where it is not."""
    named: int
    """The first so many columns of `values` are definitions of the deal; what windows look back on follows."""
    definition: Int64
    """(D, 2) column of `values` and expression of each definition."""
    initial: Int64
    """(rows, width) state before the first date."""
    history: int
    """Rows of `values` before the first date (a start in mid-life)."""
    known: Int64
    """(D,) first row of `values` in which each definition has a value."""


class DealProgram(NamedTuple):
    """Everything the deal kernel reads that does not differ between paths."""

    layout: StateLayout
    code: Code
    plan: Records
    """PLAN: what is judged on every date, in order."""
    payee: Records
    waterfall: Int64
    """(4, 2) first step of the waterfall of each regime, and one past the last."""
    step: Records
    """(S,) STEP: the waterfalls, one after the other."""
    source: Int64
    """What the steps pay out of, by place in `StateLayout.sources`."""
    book: Records
    terms: Mapping[str, Records]
    """By kind, an entry a thing: NOTE, FEE, LEDGER, TRIGGER."""
    note_date: Records
    """(T, N) NOTE_DATE"""
    pays_every: Int64
    """(4, N) by regime: interest falls due on every n-th date of the deal's life."""
    account_date: Records
    """(T, A) ACCOUNT_DATE"""
    target: Int64
    """(A,) expression of the account's target."""
    receives: Int64
    """(A,) expression of the cash that arrives from outside."""
    collects: Int64
    """(K, sources) account that receives each collection of each pool, -1 none."""
    call: Records
    call_allowed: Int64
    """(T, Q) 1 on the dates it may be exercised."""
    call_premium: Float64
    """(T, Q) make-whole premium per unit of note balance if it is exercised on the date."""
    date: Records
    """(T,) DATE"""
    months: Int64
    """(T + 1,) rows of the collateral by month, which begins with the earliest cut-off of the deal and its pools: each
    date collects from its own on, up to that of the next."""
    revolving_pool: int

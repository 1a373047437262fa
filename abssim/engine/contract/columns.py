"""The columns of a tape that contract schedules depend on, as the kernels read them."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Float64 = npt.NDArray[np.float64]


class Form(IntEnum):
    """How much arithmetic a schedule takes: contracts without particulars need less of the same."""

    LEVEL = 0
    """A level instalment from the first month on."""
    LATER = 1
    """A level instalment after months of interest only, or interest and a bullet."""
    PARTS = 2
    """Equal parts of principal."""
    OTHER = 3
    """Anything else: `engine.contract.particular`."""


class Basis(IntEnum):
    """Day counts of loans: months of thirty days of a year of 360, or calendar days over 360 or 365."""

    THIRTY_360 = 0
    ACTUAL_360 = 1
    ACTUAL_365 = 2


PARTICULAR = np.dtype(
    [
        *((name, "f8") for name in ("before", "margin", "cap", "floor")),
        *((name, "i4") for name in ("amortization_term", "pays_every", "day_count", "rounding", "negative", "keep")),
        *((name, "i4") for name in ("capitalized_term", "index", "reset_every", "months_to_reset")),
        *((name, "i4") for name in ("step_first", "step_last")),
    ],
    align=True,
)
"""What few contracts have: years added to the accrual of the first instalment; margin, cap and floor of a floating
rate; months of amortization (0: to the last instalment), months between instalments, Basis, place in
`money.ROUNDINGS` (-1: the contract's own rule), whether interest may be added to the balance, whether a reset keeps the
instalment; months whose interest is added to the balance; row of `index_rate` (-1: fixed), months between resets,
months until the first; first and last (exclusive) of its steps of a rate schedule."""


class Contracts(NamedTuple):
    """Columns `(L,)` of the tape that a schedule depends on; amounts in units. What has no effect is zero."""

    balance: Int64
    original_balance: Int64
    payment: Int64
    balloon: Int64
    rate: Float64
    """Decimal a year."""
    fee_rate: Float64
    """Decimal a month on the original balance."""
    minimum_payment_rate: Float64
    original_term: Int32
    remaining_term: Int32
    interest_only_term: Int32
    amortization: Int8
    form: Int8
    """Form."""
    schedule: Int32
    """Index of the CUSTOM schedule, -1 for none."""
    schedule_first: Int64
    """(C + 1,) where each CUSTOM schedule starts in `schedule_amount`."""
    schedule_amount: Int64
    particular: Int32
    """Row of `particulars`."""
    particulars: np.ndarray
    """(P,) PARTICULAR; row 0 is that of contracts without any."""
    step_month: Int32
    """Months from the cut-off from which the rates of rate schedules hold, one schedule after the other."""
    step_rate: Float64
    index_rate: Float64
    """(I, S + 1) decimal a year at the start of month `s` from the cut-off."""
    days: Int64
    """(S + 1,) days from the cut-off to the end of month `s`."""
    unpaid: Int64
    """(1,) written by kernels: 1 + a loan whose instalment falls below its interest, which its contract does not let
    be added to the balance; 0: none."""
    hurdle_rate: float
    """Decimal a year; 0 for a pool without yield supplement."""
    unit: int
    """Units in a minor unit: 1, or 10000 without rounding."""

"""From expected monthly figures to whole minor units by payment period.

Each flow is the difference of its cumulative figure rounded down: never negative, never ahead of the expectation.
Rounding down can only leave units behind, so balances never fall below the expected ones; the units left when the
pool has ended go with SCHEDULED_PRINCIPAL, those left of defaulted assets with LOSS. Every identity is an equality.
"""

import math

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@borrowing
def whole_units(amount):
    """Whole units of a cumulative figure; a sum of floats may end just below the whole number it means."""
    return int(math.floor(amount * (1.0 + 1e-15) + 1e-6))


@borrowing
def _take(total, booked, row, field, available):
    """Book what the cumulative figure has grown by, at most `available`; return what is left of that."""
    amount = max(0, min(available, whole_units(total[field]) - booked[field]))
    row[field] = amount
    booked[field] += amount
    return available - amount


@borrowing
def _set_off(total, booked, row, opening):
    """Interest and principal against each other, where one is negative; returns (added to the balance, credited to it).

    Principal of less than nothing is interest that contracts add to their balances: it is not paid. Interest of less
    than nothing is owed to obligors and set off against the principal they pay: the balance falls without cash. What
    cannot be set off yet stays in the cumulative figures.
    """
    interest = whole_units(total[PoolField.INTEREST]) - booked[PoolField.INTEREST]
    principal = whole_units(total[PoolField.SCHEDULED_PRINCIPAL]) - booked[PoolField.SCHEDULED_PRINCIPAL]
    added = min(max(0, -principal), max(0, interest))
    credited = min(opening, max(0, -interest), max(0, principal))
    row[PoolField.INTEREST] = max(0, interest) - added
    booked[PoolField.INTEREST] += max(0, interest) - credited
    booked[PoolField.SCHEDULED_PRINCIPAL] += credited - added
    row[PoolField.CAPITALIZED_INTEREST] = added
    return added, credited


@borrowing
def round_row(total: Float64, booked: Int64, opening: int, opening_npl: int, row: Int64) -> None:
    """One period in whole units, `row` `(PoolField,)`.

    `total` `(PoolField,)` float64: flows since the cut-off and stocks at the end of the period; `booked` int64: flows
    booked so far, brought up to date; `opening`, `opening_npl`: performing and defaulted balance at the start.
    """
    added, credited = _set_off(total, booked, row, opening)
    for income in (
        PoolField.FEE,
        PoolField.PENALTY,
        PoolField.ADVANCED_INTEREST,
        PoolField.LOST_INTEREST,
    ):
        _take(total, booked, row, income, 2**62)
    row[PoolField.OPENING_BALANCE] = opening
    left = opening + added - credited
    for field in range(PoolField.SCHEDULED_PRINCIPAL, PoolField.DEFAULT + 1):
        left = _take(total, booked, row, field, left)
    row[PoolField.DILUTION] += credited
    if total[PoolField.CLOSING_BALANCE] < 0.5:
        row[PoolField.SCHEDULED_PRINCIPAL] += left  # ahead of its cumulative figure: nothing is left to book it against
        left = 0
    row[PoolField.CLOSING_BALANCE] = left
    current = left
    for field in range(PoolField.DPD_1_30_BALANCE, PoolField.DPD_61_90_BALANCE + 1):
        row[field] = max(0, min(current, whole_units(total[field])))
        current -= row[field]
    row[PoolField.CURRENT_BALANCE] = current
    row[PoolField.RESTRUCTURED_BALANCE] = max(0, min(current, whole_units(total[PoolField.RESTRUCTURED_BALANCE])))
    supplement = whole_units(max(0.0, total[PoolField.CLOSING_BALANCE] - total[PoolField.ADJUSTED_BALANCE]))
    row[PoolField.ADJUSTED_BALANCE] = max(0, left - supplement)
    npl = opening_npl + row[PoolField.DEFAULT]
    npl = _take(total, booked, row, PoolField.ADVANCED_PRINCIPAL, npl)
    npl = _take(total, booked, row, PoolField.RECOVERY, npl)
    npl = _take(total, booked, row, PoolField.LOSS, npl)
    if total[PoolField.NON_PERFORMING_BALANCE] < 0.5:
        row[PoolField.LOSS] += npl
        booked[PoolField.LOSS] += npl
        npl = 0
    row[PoolField.NON_PERFORMING_BALANCE] = npl
    _take(total, booked, row, PoolField.COLLECTION_COST, row[PoolField.RECOVERY])


@kernel
def round_to_periods(monthly: Float64, period_of_month: Int64, opening: int, opening_npl: int, flow: Int64) -> None:
    """Fill `flow` `(T, PoolField)` int64 from `monthly` `(M, PoolField)` float64 minor units.

    `period_of_month` `(M,)` the period (0-based, not decreasing) that collects each month, -1 or >= T: left out.
    `opening`, `opening_npl`: performing and defaulted balance at the cut-off, whole minor units.
    """
    fields = flow.shape[1]
    total = np.zeros(fields)
    booked = np.zeros(fields, np.int64)
    month = 0
    for t in range(flow.shape[0]):
        while month < monthly.shape[0] and period_of_month[month] <= t:
            if period_of_month[month] >= 0:
                for field in range(fields):
                    if field < PoolField.CURRENT_BALANCE:
                        total[field] += monthly[month, field]
                    else:
                        total[field] = monthly[month, field]
            month += 1
        round_row(total, booked, opening, opening_npl, flow[t])
        opening = flow[t, PoolField.CLOSING_BALANCE]
        opening_npl = flow[t, PoolField.NON_PERFORMING_BALANCE]


@kernel
def months_to_periods(monthly: Int64, period_of_month: Int64, flow: Int64) -> None:
    """Fill `flow` `(T, PoolField)` from whole monthly figures `monthly` `(M, PoolField)`: sums and last stocks.

    `period_of_month` as in `round_to_periods`; a period without months keeps the stocks of the one before.
    """
    fields = flow.shape[1]
    month = 0
    for t in range(flow.shape[0]):
        for field in range(fields):
            stock = t > 0 and field >= PoolField.CURRENT_BALANCE
            flow[t, field] = flow[t - 1, field] if stock else 0
        first = True
        while month < monthly.shape[0] and period_of_month[month] <= t:
            if period_of_month[month] >= 0:
                for field in range(fields):
                    if field >= PoolField.CURRENT_BALANCE:
                        flow[t, field] = monthly[month, field]
                    elif field > PoolField.OPENING_BALANCE or first:
                        flow[t, field] += monthly[month, field]
                first = False
            month += 1
        if first and t > 0:
            flow[t, PoolField.OPENING_BALANCE] = flow[t - 1, PoolField.CLOSING_BALANCE]

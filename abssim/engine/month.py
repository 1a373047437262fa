"""From expected monthly figures to whole minor units.

Each flow is the difference of its cumulative figure rounded down: never negative, never ahead of the expectation.
Rounding down can only leave units behind, so balances never fall below the expected ones; the units left when the
pool has ended go with SCHEDULED_PRINCIPAL, those left of defaulted assets with LOSS. Every identity is an equality.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


_FIELDS = len(PoolField)


class Rounding(NamedTuple):
    """Figures that are rounded side by side, a lane each: whole numbers, as float64, which has all of them to 2^53."""

    face: Float64
    """(W,) what one unit stands for."""
    opening: Float64
    """(W,) performing balance at the start of the month, and"""
    npl: Float64
    """(W,) defaulted: brought up to its end."""
    booked: Float64
    """(PoolField, W) flows booked so far."""
    row: Float64
    """(PoolField, W) the month; what is not rounded stays 0."""
    left: Float64
    """(2, W) scratch: what is left of the balance, what is set off."""
    collected: Int64
    """(W,) principal so far, and"""
    income: Int64
    """(W,) the income in it: kept for purchases."""


@kernel
def make_rounding(width: int) -> Rounding:
    """Nothing booked yet, in so many lanes."""
    return Rounding(
        np.ones(width),
        np.zeros(width),
        np.zeros(width),
        np.zeros((_FIELDS, width)),
        np.zeros((_FIELDS, width)),
        np.zeros((2, width)),
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
    )


@borrowing
def clear(rounding):
    """Nothing booked yet, nothing left."""
    for w in range(len(rounding.face)):
        rounding.opening[w], rounding.npl[w] = 0.0, 0.0
        rounding.collected[w], rounding.income[w] = 0, 0
    for field in range(rounding.booked.shape[0]):
        for w in range(len(rounding.face)):
            rounding.booked[field, w] = 0.0


@borrowing
def _floor(amount):
    return np.floor(amount * (1.0 + 1e-15) + 1e-6)


@borrowing
def whole_units(amount):
    """Whole units of a cumulative figure; a sum of floats may end just below the whole number it means."""
    return int(_floor(amount))


@borrowing
def _take(unit, own, field, left):
    """Book what the cumulative figure has grown by, at most what is `left` `(W,)`, which falls by it."""
    for w in range(len(left)):
        amount = max(0.0, min(left[w], _floor(unit[field, w] * own.face[w]) - own.booked[field, w]))
        own.row[field, w] = amount
        own.booked[field, w] += amount
        left[w] -= amount


@borrowing
def _income(unit, own, field):
    """Book all that the cumulative figure has grown by."""
    for w in range(len(own.face)):
        amount = max(0.0, _floor(unit[field, w] * own.face[w]) - own.booked[field, w])
        own.row[field, w] = amount
        own.booked[field, w] += amount


@borrowing
def _set_off(unit, own, left, credited):
    """Interest and principal against each other, where one is negative; fills what is `left` of the balance, interest
    added to it included, and what is `credited` to it.

    Principal of less than nothing is interest that contracts add to their balances: it is not paid. Interest of less
    than nothing is owed to obligors and set off against the principal they pay: the balance falls without cash. What
    cannot be set off yet stays in the cumulative figures.
    """
    interests, principals = PoolField.INTEREST, PoolField.SCHEDULED_PRINCIPAL
    for w in range(len(left)):
        opening = own.opening[w]
        interest = _floor(unit[interests, w] * own.face[w]) - own.booked[interests, w]
        principal = _floor(unit[principals, w] * own.face[w]) - own.booked[principals, w]
        added = min(max(0.0, -principal), max(0.0, interest))
        credit = min(opening, min(max(0.0, -interest), max(0.0, principal)))
        own.row[PoolField.OPENING_BALANCE, w] = opening
        own.row[PoolField.CAPITALIZED_INTEREST, w] = added
        own.row[interests, w] = max(0.0, interest) - added
        own.booked[interests, w] += max(0.0, interest) - credit
        own.booked[principals, w] += credit - added
        left[w] = opening + added - credit
        credited[w] = credit


@borrowing
def _end(unit, own, stock, field, left, books):
    """Where the expected stock has ended, the units left go with a flow, and are booked if `books` is 1; then what is
    left is the stock."""
    for w in range(len(left)):
        rest = left[w] if unit[stock, w] * own.face[w] < 0.5 else 0.0
        own.row[field, w] += rest
        own.booked[field, w] += books * rest
        left[w] -= rest
        own.row[stock, w] = left[w]


@borrowing
def _stocks(unit, own, current):
    """Balances by delinquency; `current` `(W,)` is scratch. Parts of the closing balance."""
    row, face = own.row, own.face
    closing, adjusted = PoolField.CLOSING_BALANCE, PoolField.ADJUSTED_BALANCE
    for w in range(len(current)):
        current[w] = row[closing, w]
        supplement = _floor(max(0.0, unit[closing, w] * face[w] - unit[adjusted, w] * face[w]))
        row[adjusted, w] = max(0.0, row[closing, w] - supplement)
    for field in range(PoolField.DPD_1_30_BALANCE, PoolField.DPD_61_90_BALANCE + 1):
        for w in range(len(current)):
            row[field, w] = max(0.0, min(current[w], _floor(unit[field, w] * face[w])))
            current[w] -= row[field, w]
    for w in range(len(current)):
        restructured = _floor(unit[PoolField.RESTRUCTURED_BALANCE, w] * face[w])
        row[PoolField.CURRENT_BALANCE, w] = current[w]
        row[PoolField.RESTRUCTURED_BALANCE, w] = max(0.0, min(current[w], restructured))


@borrowing
def round_rows(unit: Float64, own: Rounding) -> None:
    """One month in whole units, `own.row`, lane by lane.

    `unit` `(PoolField, W)`: flows since the start and stocks at the end of the month, of one unit of `own.face`.
    """
    row, left, other = own.row, own.left[0], own.left[1]
    _set_off(unit, own, left, other)
    for income in (PoolField.FEE, PoolField.PENALTY, PoolField.ADVANCED_INTEREST, PoolField.LOST_INTEREST):
        _income(unit, own, income)
    for field in range(PoolField.SCHEDULED_PRINCIPAL, PoolField.DEFAULT + 1):
        _take(unit, own, field, left)
    for w in range(len(left)):
        row[PoolField.DILUTION, w] += other[w]
    # Ahead of its cumulative figure, which nothing is left to book against.
    _end(unit, own, PoolField.CLOSING_BALANCE, PoolField.SCHEDULED_PRINCIPAL, left, 0.0)
    _stocks(unit, own, other)
    for w in range(len(left)):
        own.opening[w] = row[PoolField.CLOSING_BALANCE, w]
        left[w] = own.npl[w] + row[PoolField.DEFAULT, w]
    for out in (PoolField.ADVANCED_PRINCIPAL, PoolField.RECOVERY, PoolField.LOSS):
        _take(unit, own, out, left)
    _end(unit, own, PoolField.NON_PERFORMING_BALANCE, PoolField.LOSS, left, 1.0)
    for w in range(len(left)):
        own.npl[w] = left[w]
        other[w] = row[PoolField.RECOVERY, w]
    _take(unit, own, PoolField.COLLECTION_COST, other)


@kernel
def round_months(monthly: Float64, opening: int, opening_npl: int, flow: Int64) -> None:
    """Fill `flow` `(M, PoolField)` int64 from `monthly` `(M, PoolField)` float64 minor units.

    `opening`, `opening_npl`: performing and defaulted balance at the cut-off, whole minor units.
    """
    total, own = np.zeros((flow.shape[1], 1)), make_rounding(1)
    own.opening[0], own.npl[0] = float(opening), float(opening_npl)
    for month in range(flow.shape[0]):
        for field in range(flow.shape[1]):
            if field < PoolField.CURRENT_BALANCE:
                total[field, 0] += monthly[month, field]
            else:
                total[field, 0] = monthly[month, field]
        round_rows(total, own)
        for field in range(flow.shape[1]):
            flow[month, field] = int(own.row[field, 0])

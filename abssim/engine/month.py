"""From expected monthly figures to whole minor units.

Each flow is the difference of its cumulative figure rounded down: never negative, never ahead of the expectation.
Rounding down can only leave units behind, so balances never fall below the expected ones; the units left when the
pool has ended go with SCHEDULED_PRINCIPAL, those left of defaulted assets with LOSS. Every identity is an equality.

A month is booked entry by entry (`bookings`), each for all lanes: what no lane ever shows has no entry.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

FIELDS = len(PoolField)
SHOWN, FALLS = 1, 2
"""Of a field that is not 0 in some month (of ADJUSTED_BALANCE: not the closing balance); and below 0 in some."""


class Booking(IntEnum):
    """What an entry does: number, field, pot it takes from, pot it goes to."""

    SET_OFF = 0
    """Interest and scheduled principal against each other, where one is negative."""
    TAKE = 1
    """What the cumulative figure has grown by, at most what is in the pot."""
    CLOSE = 2
    """Where the closing balance has ended, the units left are scheduled principal."""
    WRITE_OFF = 3
    """Where the defaulted balance has ended, the units left are loss."""
    PART = 4
    """A stock that is part of what is in the pot."""
    REST = 5
    """A stock that is all there is in the pot."""
    ADJUST = 6
    """The balance less the yield supplement."""


class Pot(IntEnum):
    """What fields take from, and what they go to."""

    ENDLESS = 0
    BALANCE = 1
    """Performing balance."""
    DEFAULTED = 2
    """Defaulted, and neither recovered nor written off."""
    UNSEEN = 3
    """Closing balance that is in no delinquency bucket yet."""
    RECOVERED = 4
    """Recoveries of the month."""
    COLLECTED = 5
    """Principal since the start."""
    GONE = 6


_POTS = len(Pot)


class Rounding(NamedTuple):
    """Figures that are rounded side by side, a lane each: whole numbers, as float64, which has all of them to 2^53."""

    face: Float64
    """(W,) what one unit stands for."""
    pot: Float64
    """(Pot, W)"""
    booked: Float64
    """(PoolField, W) flows booked so far."""


class Bookings(NamedTuple):
    """How a month is booked."""

    entry: Int64
    """(n, 4) as `Booking` has them, in order."""
    field: Int64
    """Fields that they fill."""


def bookings(shown: Int64) -> Bookings:
    """The entries for figures of which each field is `shown` `(PoolField,)`: 0, SHOWN or SHOWN | FALLS."""
    P, sets_off = PoolField, shown[[PoolField.INTEREST, PoolField.SCHEDULED_PRINCIPAL]] & FALLS
    rows = [
        (P.INTEREST, Pot.ENDLESS, Pot.GONE),
        *((field, Pot.ENDLESS, Pot.GONE) for field in (P.FEE, P.PENALTY, P.ADVANCED_INTEREST, P.LOST_INTEREST)),
        *((field, Pot.BALANCE, Pot.COLLECTED) for field in (P.SCHEDULED_PRINCIPAL, P.PREPAYMENT, P.REPURCHASE)),
        (P.DILUTION, Pot.BALANCE, Pot.GONE),
        (P.DEFAULT, Pot.BALANCE, Pot.DEFAULTED),
    ]
    if sets_off.any():
        rows = [row for row in rows if row[0] not in (P.INTEREST, P.SCHEDULED_PRINCIPAL)]
    leaves = [(Booking.TAKE, *row) for row in rows if shown[row[0]]]
    adjusts = Booking.ADJUST if shown[P.ADJUSTED_BALANCE] else Booking.REST
    late = (P.DPD_1_30_BALANCE, P.DPD_31_60_BALANCE, P.DPD_61_90_BALANCE)
    stocks = [
        (Booking.CLOSE, P.CLOSING_BALANCE, Pot.BALANCE, Pot.COLLECTED),
        (adjusts, P.ADJUSTED_BALANCE, Pot.BALANCE, Pot.GONE),
        *((Booking.PART, field, Pot.UNSEEN, Pot.GONE) for field in late if shown[field]),
        (Booking.REST, P.CURRENT_BALANCE, Pot.UNSEEN, Pot.GONE),
    ]
    if shown[P.RESTRUCTURED_BALANCE]:
        stocks.append((Booking.PART, P.RESTRUCTURED_BALANCE, Pot.UNSEEN, Pot.GONE))
    out = ((P.ADVANCED_PRINCIPAL, Pot.GONE), (P.RECOVERY, Pot.RECOVERED), (P.LOSS, Pot.GONE))
    defaulted = [(Booking.TAKE, field, Pot.DEFAULTED, to) for field, to in out if shown[field]]
    defaulted.append((Booking.WRITE_OFF, P.NON_PERFORMING_BALANCE, Pot.DEFAULTED, Pot.GONE))
    if shown[P.COLLECTION_COST]:
        defaulted.append((Booking.TAKE, P.COLLECTION_COST, Pot.RECOVERED, Pot.GONE))
    first = [(Booking.SET_OFF, P.INTEREST, Pot.BALANCE, Pot.COLLECTED)] if sets_off.any() else []
    entry = np.array([*first, *leaves, *stocks, *defaulted], dtype=np.int64)
    also = {P.SCHEDULED_PRINCIPAL, P.LOSS, P.DISCOUNT} | ({P.CAPITALIZED_INTEREST, P.DILUTION} if first else set())
    return Bookings(entry, np.array(sorted(also | set(entry[:, 1].tolist())), dtype=np.int64))


@kernel
def make_rounding(width: int) -> Rounding:
    """Nothing booked yet, in so many lanes."""
    own = Rounding(np.ones(width), np.zeros((_POTS, width)), np.zeros((FIELDS, width)))
    own.pot[Pot.ENDLESS] = np.inf
    return own


@borrowing
def whole_units(amount):
    """Whole units of a cumulative figure; a sum of floats may end just below the whole number it means."""
    return int(np.floor(amount * (1.0 + 1e-15) + 1e-6))


@borrowing
def _floor(amount):
    return np.floor(amount * (1.0 + 1e-15) + 1e-6)


@borrowing
def _set_off(profile, age, own, row):
    """Interest and principal of a month, one set off against the other.

    Principal of less than nothing is interest that contracts add to their balances: it is not paid. Interest of less
    than nothing is owed to obligors and set off against the principal they pay: the balance falls without cash. What
    cannot be set off yet stays in the cumulative figures.
    """
    interests, principals = PoolField.INTEREST, PoolField.SCHEDULED_PRINCIPAL
    face, pot, booked = own.face, own.pot, own.booked
    for w in range(len(face)):
        opening = pot[Pot.BALANCE, w]
        interest = _floor(profile[interests, age, w] * face[w]) - booked[interests, w]
        principal = _floor(profile[principals, age, w] * face[w]) - booked[principals, w]
        added = min(max(0.0, -principal), max(0.0, interest))
        credit = min(opening, min(max(0.0, -interest), max(0.0, principal)))
        owed = opening + added - credit
        paid = max(0.0, min(owed, principal - credit + added))
        row[interests, w] += max(0.0, interest) - added
        row[principals, w] += paid
        row[PoolField.CAPITALIZED_INTEREST, w] += added
        row[PoolField.DILUTION, w] += credit
        booked[interests, w] += max(0.0, interest) - credit
        booked[principals, w] += credit - added + paid
        pot[Pot.BALANCE, w] = owed - paid
        pot[Pot.COLLECTED, w] += paid


@borrowing
def _take(unit, own, row, field, a, b):
    """Book what the cumulative figure has grown by, at most what is in pot `a`, from there to `b`."""
    face, pot, booked = own.face, own.pot, own.booked
    for w in range(len(face)):
        amount = max(0.0, min(pot[a, w], _floor(unit[w] * face[w]) - booked[field, w]))
        booked[field, w] += amount
        pot[a, w] -= amount
        pot[b, w] += amount
        row[field, w] += amount


@borrowing
def _close(unit, own, row):
    """Ahead of the cumulative principal, which nothing is left to book against."""
    face, pot = own.face, own.pot
    for w in range(len(face)):
        rest = pot[Pot.BALANCE, w] if unit[w] * face[w] < 0.5 else 0.0
        left = pot[Pot.BALANCE, w] - rest
        row[PoolField.SCHEDULED_PRINCIPAL, w] += rest
        row[PoolField.CLOSING_BALANCE, w] += left
        pot[Pot.COLLECTED, w] += rest
        pot[Pot.BALANCE, w] = left
        pot[Pot.UNSEEN, w] = left
        pot[Pot.RECOVERED, w] = 0.0


@borrowing
def _write_off(unit, own, row):
    face, pot, booked = own.face, own.pot, own.booked
    for w in range(len(face)):
        rest = pot[Pot.DEFAULTED, w] if unit[w] * face[w] < 0.5 else 0.0
        pot[Pot.DEFAULTED, w] -= rest
        booked[PoolField.LOSS, w] += rest
        row[PoolField.LOSS, w] += rest
        row[PoolField.NON_PERFORMING_BALANCE, w] += pot[Pot.DEFAULTED, w]


@borrowing
def _stock(unit, own, row, field, a, rest):
    """Part of what is in pot `a`, or all of it."""
    face, pot = own.face, own.pot
    for w in range(len(face)):
        amount = pot[a, w] if rest else max(0.0, min(pot[a, w], _floor(unit[w] * face[w])))
        pot[a, w] -= 0.0 if rest else amount
        row[field, w] += amount


@borrowing
def _adjust(closing, adjusted, own, row):
    face, pot = own.face, own.pot
    for w in range(len(face)):
        supplement = _floor(max(0.0, closing[w] * face[w] - adjusted[w] * face[w]))
        row[PoolField.ADJUSTED_BALANCE, w] += max(0.0, pot[Pot.BALANCE, w] - supplement)


@borrowing
def book_month(profile: Float64, age: int, own: Rounding, row: Float64, entry: Int64) -> None:
    """Add a month in whole units to `row` `(PoolField, W)`, lane by lane, by the entries of `Bookings`.

    `profile` `(PoolField, M + 1, W)`: flows since the start and stocks at the end of month `age`, of one unit of face.
    """
    for i in range(len(entry)):
        kind, field, a, b = entry[i, 0], entry[i, 1], entry[i, 2], entry[i, 3]
        unit = profile[field, age]
        if kind == Booking.TAKE:
            _take(unit, own, row, field, a, b)
        elif kind == Booking.PART or kind == Booking.REST:
            _stock(unit, own, row, field, a, kind == Booking.REST)
        elif kind == Booking.CLOSE:
            _close(unit, own, row)
        elif kind == Booking.WRITE_OFF:
            _write_off(unit, own, row)
        elif kind == Booking.ADJUST:
            _adjust(profile[PoolField.CLOSING_BALANCE, age], unit, own, row)
        else:
            _set_off(profile, age, own, row)


ALL = bookings(np.full(FIELDS, SHOWN | FALLS))
"""For figures of which nothing is known."""


@kernel
def round_months(monthly: Float64, opening: int, opening_npl: int, entry: Int64, flow: Int64) -> None:
    """Fill `flow` `(M, PoolField)` int64 from `monthly` `(M, PoolField)` float64 minor units, by entries of `Bookings`.

    `opening`, `opening_npl`: performing and defaulted balance at the cut-off, whole minor units.
    """
    total, row, own = np.zeros((flow.shape[1], 1, 1)), np.zeros((flow.shape[1], 1)), make_rounding(1)
    own.pot[Pot.BALANCE, 0], own.pot[Pot.DEFAULTED, 0] = float(opening), float(opening_npl)
    for month in range(flow.shape[0]):
        for field in range(flow.shape[1]):
            before = total[field, 0, 0] if field < PoolField.CURRENT_BALANCE else 0.0
            total[field, 0, 0] = before + monthly[month, field]
            row[field, 0] = 0.0
        row[PoolField.OPENING_BALANCE, 0] = own.pot[Pot.BALANCE, 0]
        book_month(total, 0, own, row, entry)
        for field in range(flow.shape[1]):
            flow[month, field] = int(row[field, 0])

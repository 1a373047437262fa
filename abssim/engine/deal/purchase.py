"""Buying receivables in the revolving period, a date's purchases of all lanes at once.

A purchase writes its own future: the vintage's flows, scaled from the profile of one unit of face, are added to the
months to come. Each flow is the difference of rounded-down cumulative figures, so it is never negative and a vintage
pays out exactly its face; the last units left when it ends are scheduled principal.
"""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.month import FIELDS, Pot, Rounding, book_month, make_rounding
from abssim.engine.rounding import portion
from abssim.kind.pool import PoolField


class Bought(NamedTuple):
    """What all purchases of the lanes of a block bring."""

    flow: np.ndarray
    """(M, PoolField, W) float64 whole units by month; only the fields of `Offer.field` are kept."""
    income: np.ndarray
    """(W,) int64 scratch: income of a vintage so far."""
    rounding: Rounding
    """Scratch."""


@kernel
def make_bought(months, width):
    """Room for what so many lanes buy."""
    return Bought(np.empty((months, FIELDS, width)), np.empty(width, np.int64), make_rounding(width))


@borrowing
def forget_purchases(bought, fields):
    """Nothing is bought yet."""
    for month in range(bought.flow.shape[0]):
        for field in fields:
            for w in range(len(bought.income)):
                bought.flow[month, field, w] = 0.0


@borrowing
def _begin(rounding, income, cost, face):
    """Nothing has come of the vintages yet; returns how many were bought below par."""
    rounding.booked[:] = 0.0
    rounding.pot[Pot.BALANCE :] = 0.0
    for w in range(len(face)):
        rounding.face[w] = float(face[w])
        rounding.pot[Pot.BALANCE, w] = float(face[w])
        income[w] = 0
    below = 0
    for w in range(len(face)):
        below += 1 if face[w] > cost[w] else 0
    return below


@borrowing
def _add_income(rounding, discount, income, cost, face):
    """Principal collected carries its share of what was not paid for the face, rounded down, as `discount` `(W,)`."""
    for w in range(len(face)):
        if face[w] > cost[w]:
            earned = portion(face[w] - cost[w], int(rounding.pot[Pot.COLLECTED, w]), face[w])[0]
            discount[w] += float(earned - income[w])
            income[w] = earned


@borrowing
def _ended(pot):
    """True if nothing is left of the vintages."""
    left = 0
    for w in range(pot.shape[1]):
        left += 1 if pot[Pot.BALANCE, w] + pot[Pot.DEFAULTED, w] > 0.0 else 0
    return left == 0


@borrowing
def post_vintages(bought, first, profile, last, entry, cost, face):
    """Add what is bought, `face` `(W,)` for `cost` `(W,)`, to the months from `first` on of `bought`.

    `profile` `(PoolField, M + 1, W)` holds cumulative flows and stocks per unit of face by month since the purchase, in
    the `last` of which the last of it happens; `entry` are those of `Bookings`.
    """
    rounding, income = bought.rounding, bought.income
    below_par = _begin(rounding, income, cost, face)
    if _ended(rounding.pot):
        return
    for month in range(first, bought.flow.shape[0]):
        age, row = month - first + 1, bought.flow[month]
        book_month(profile, min(age, profile.shape[1] - 1), rounding, row, entry)
        if below_par > 0:
            _add_income(rounding, row[PoolField.DISCOUNT], income, cost, face)
        if age >= last and _ended(rounding.pot):
            return

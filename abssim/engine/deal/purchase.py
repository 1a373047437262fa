"""Buying receivables in the revolving period, a date's purchases of all lanes at once.

A purchase writes its own future: the vintage's flows, scaled from the profile of one unit of face, are added to the
collateral to come. Each flow is the difference of rounded-down cumulative figures, so it is never negative and a
vintage pays out exactly its face; the last units left when it ends are scheduled principal.
"""

from abssim.engine._jit import borrowing, inlined
from abssim.engine.month import clear, round_rows
from abssim.engine.rounding import portion
from abssim.kind.pool import PoolField


@inlined
def _begin(rounding, face):
    """Nothing has come of the vintages yet; returns the largest face."""
    clear(rounding)
    largest = 0
    for w in range(len(face)):
        rounding.face[w] = float(face[w])
        rounding.opening[w] = float(face[w])
        largest = max(largest, face[w])
    return largest


@inlined
def _add_income(rounding, discount, cost, face):
    """Principal collected carries its share of what was not paid for the face, rounded down, as `discount` `(W,)`."""
    for w in range(len(face)):
        for field in (PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT, PoolField.REPURCHASE):
            rounding.collected[w] += int(rounding.row[field, w])
        if face[w] > cost[w]:
            income = portion(face[w] - cost[w], rounding.collected[w], face[w])[0]
            discount[w] += income - rounding.income[w]
            rounding.income[w] = income


@inlined
def _ended(rounding):
    """True if nothing is left of the vintages."""
    left = 0.0
    for w in range(len(rounding.face)):
        left += rounding.opening[w] + rounding.npl[w]
    return left == 0.0


@borrowing
def post_vintages(flow, pool, first, profile, rounding, cost, face):
    """Add what is bought, `face` `(W,)` for `cost` `(W,)`, to the months from `first` on of `flow`
    `(M, K, PoolField, W)`.

    `profile` `(M + 1, PoolField, W)` holds cumulative flows and stocks per unit of face by month since the purchase.
    """
    if _begin(rounding, face) == 0:
        return
    last = profile.shape[0] - 1
    for month in range(first, flow.shape[0]):
        age = month - first + 1
        round_rows(profile[min(age, last)], rounding)
        row = flow[month, pool]
        for field in range(row.shape[0]):
            for w in range(len(face)):
                row[field, w] += int(rounding.row[field, w])
        _add_income(rounding, row[PoolField.DISCOUNT], cost, face)
        if age >= last and _ended(rounding):
            return

"""Income of assets that were bought below par: a share of the principal collected."""

from abssim.engine._jit import borrowing
from abssim.engine.month import whole_units
from abssim.kind.pool import PoolField


@borrowing
def accrete(flow, price):
    """Book the share of the principal collected that is income of assets bought at `price` per unit of face.

    `flow` `(M, PoolField)`. Interest added to balances was not bought: principal repays it and the face that was
    bought pro rata, `bought` being the share of the latter in the balance. The cumulative income is rounded down.
    """
    bought, face, booked = 1.0, 0.0, 0
    for month in range(flow.shape[0]):
        row = flow[month]
        added = row[PoolField.CAPITALIZED_INTEREST]
        if added > 0:
            bought *= float(row[PoolField.OPENING_BALANCE]) / float(row[PoolField.OPENING_BALANCE] + added)
        collected = row[PoolField.SCHEDULED_PRINCIPAL] + row[PoolField.PREPAYMENT] + row[PoolField.REPURCHASE]
        face += float(collected) * bought
        income = whole_units(face * (1.0 - price))
        row[PoolField.DISCOUNT] = income - booked
        booked = income

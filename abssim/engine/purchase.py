"""Buying receivables in the revolving period, and selling the pool when a call is exercised.

A purchase writes its own future: the vintage's flows, scaled from the profile of one unit of face, are added to the
path's collateral. Each flow is the difference of rounded-down cumulative figures, so it is never negative and a
vintage pays out exactly its face; the last units left when it ends are scheduled principal.
"""

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.period import round_row, whole_units
from abssim.engine.rounding import portion
from abssim.kind.pool import PoolField


@borrowing
def add_to(target, source):
    """Add a row to another."""
    for i in range(source.shape[0]):
        target[i] += source[i]


@borrowing
def pool_row(lay, pool):
    """Row of a pool in the pool block: row 0 is the sum, unless the pool is alone."""
    return 0 if lay.pools == 1 else pool + 1


@borrowing
def book_pool(lay, state, pool, field, amount):
    """Add to a figure of a pool on this date and to the sum over pools."""
    own = pool_row(lay, pool)
    state[lay.pool + own, field] += amount
    if own > 0:
        state[lay.pool, field] += amount


@borrowing
def book_pool_flow(lay, state, pool, field, amount):
    """Add to a flow of this date and to its running sum."""
    own = pool_row(lay, pool)
    book_pool(lay, state, pool, field, amount)
    state[lay.cumulative + own, field] += amount
    if own > 0:
        state[lay.cumulative, field] += amount


@kernel
def post_vintage(flow, date, t, profile, face, discount):
    """Add a vintage bought at the end of period `t` to `flow` `(T, PoolField)` of the periods after it.

    `profile` `(M + 1, PoolField)` holds cumulative flows and stocks per unit of face by month since the purchase;
    `discount` is face less cost: principal collected carries its share of it as income, pro rata to the face.
    """
    fields = profile.shape[1]
    total, booked, row = np.zeros(fields), np.zeros(fields, np.int64), np.zeros(fields, np.int64)
    outstanding, npl, collected, accreted = face, 0, 0, 0
    for u in range(t + 1, flow.shape[0]):
        age = min(date[u]["month"] - date[t]["month"], profile.shape[0] - 1)
        for field in range(fields):
            total[field] = profile[age, field] * float(face)
        round_row(total, booked, outstanding, npl, row)
        outstanding, npl = row[PoolField.CLOSING_BALANCE], row[PoolField.NON_PERFORMING_BALANCE]
        collected += row[PoolField.SCHEDULED_PRINCIPAL] + row[PoolField.PREPAYMENT] + row[PoolField.REPURCHASE]
        income = portion(discount, collected, face)[0]
        row[PoolField.DISCOUNT] = income - accreted
        accreted = income
        add_to(flow[u], row)


@borrowing
def offered(date, purchases, t):
    """1 if a vintage can be bought at the end of period `t`: its profile begins with its face."""
    start = min(date[t]["month"] - date[0]["month"], purchases.profile.shape[0] - 1)
    return 1 if purchases.profile[start, 0, PoolField.CLOSING_BALANCE] > 0.0 else 0


@borrowing
def buy(program, flow, state, purchases, t, cost):
    """Spend `cost` at the end of period `t` on receivables at the vintage's price; `flow` is `(T, PoolField)`."""
    lay, pool, date = program.layout, program.revolving_pool, program.date
    start = date[t]["month"] - date[0]["month"]
    face = max(cost, int(float(cost) / purchases.price[min(start, len(purchases.price) - 1)] + 1e-9))
    book_pool_flow(lay, state, pool, PoolField.PURCHASE, face)
    book_pool_flow(lay, state, pool, PoolField.PURCHASE_COST, cost)
    book_pool(lay, state, pool, PoolField.CLOSING_BALANCE, face)
    book_pool(lay, state, pool, PoolField.CURRENT_BALANCE, face)
    book_pool(lay, state, pool, PoolField.ADJUSTED_BALANCE, face)
    profile = purchases.profile[min(start, purchases.profile.shape[0] - 1)]
    post_vintage(flow, date, t, profile, face, face - cost)


@borrowing
def sell_pools(lay, flow, state, t):
    """Give up all collateral at the end of period `t`: nothing flows after it, defaulted assets go with the rest."""
    for pool in range(flow.shape[0]):
        own = state[lay.pool + pool_row(lay, pool)]
        book_pool_flow(lay, state, pool, PoolField.SOLD_BALANCE, own[PoolField.CLOSING_BALANCE])
        book_pool_flow(lay, state, pool, PoolField.LOSS, own[PoolField.NON_PERFORMING_BALANCE])
        for field in range(PoolField.CURRENT_BALANCE, PoolField.RESTRUCTURED_BALANCE + 1):
            book_pool(lay, state, pool, field, -own[field])
        flow[pool, t + 1 :, :] = 0


@borrowing
def accrete(flow, price):
    """Book the share of the principal collected that is income of assets bought at `price` per unit of face.

    `flow` `(T, PoolField)`. Interest added to balances was not bought: principal repays it and the face that was
    bought pro rata, `bought` being the share of the latter in the balance. The cumulative income is rounded down.
    """
    bought, face, booked = 1.0, 0.0, 0
    for t in range(flow.shape[0]):
        row = flow[t]
        added = row[PoolField.CAPITALIZED_INTEREST]
        if added > 0:
            bought *= float(row[PoolField.OPENING_BALANCE]) / float(row[PoolField.OPENING_BALANCE] + added)
        collected = row[PoolField.SCHEDULED_PRINCIPAL] + row[PoolField.PREPAYMENT] + row[PoolField.REPURCHASE]
        face += float(collected) * bought
        income = whole_units(face * (1.0 - price))
        row[PoolField.DISCOUNT] = income - booked
        booked = income

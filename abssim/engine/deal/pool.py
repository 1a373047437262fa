"""Micro-operations on pools: the months of a date are collected, and receivables are bought.

Twin: `tests/engine/naive_deal.py`.
"""

from abssim.engine._jit import borrowing
from abssim.engine.deal.amount import no_lane
from abssim.engine.deal.operation import Pool
from abssim.engine.deal.purchase import post_vintages
from abssim.engine.deal.whole import names
from abssim.engine.month import FIELDS
from abssim.kind.pool import PoolField


@borrowing
def _add_purchases(S, bought, fields, first, last, a):
    """Months `first` to `last - 1` of what was bought, on top of the opening pool; `bought` (M, PoolField, W)."""
    for field in fields:
        for month in range(first if field < PoolField.CURRENT_BALANCE else last - 1, last):
            for w in range(S.shape[1]):
                S[a + field, w] += int(bought[month, field, w])


@borrowing
def _collect(S, flow, pool, first, last, a):
    """Months `first` to `last - 1` of a pool into its row of the state.

    `flow` (M, K, PoolField, W). Every date has a month of its own at least.
    """
    for w in range(S.shape[1]):
        S[a + PoolField.OPENING_BALANCE, w] = S[a + PoolField.CLOSING_BALANCE, w]
    for field in range(PoolField.INTEREST, flow.shape[2]):
        begins = first if field < PoolField.CURRENT_BALANCE else last - 1
        for w in range(S.shape[1]):
            S[a + field, w] = flow[begins, pool, field, w]
        for month in range(begins + 1, last):
            for w in range(S.shape[1]):
                S[a + field, w] += flow[month, pool, field, w]


@borrowing
def _stop(S, a, called):
    """Nothing comes after a sale."""
    for field in range(PoolField.INTEREST, FIELDS):
        for w in range(S.shape[1]):
            S[a + field, w] = S[a + field, w] if S[called, w] == 0 else 0


@borrowing
def _buy(S, machine, lanes, offer, t, pc):
    """Spend cash at the end of period `t`."""
    a, b, c, _ = names(machine.code, pc)
    cost, face, start = S[a], S[b], machine.whole_by_date[t, c]
    price = offer.price[min(start, len(offer.price) - 1)]
    for w in range(len(face)):
        face[w] = max(cost[w], int(float(cost[w]) / price + 1e-9))
    vintage = min(start, offer.profile.shape[0] - 1)
    profile, last, entry = offer.profile[vintage], offer.last[vintage], offer.bookings.entry
    post_vintages(lanes.bought, machine.months[t + 1], profile, last, entry, cost, face)


@borrowing
def run_pool(machine, lanes, offer, t, pc):
    """Run the operation at `pc`; returns the place of the next."""
    op, S = machine.code[pc, 0], lanes.slot
    a, b, c, _ = names(machine.code, pc)
    if op == Pool.COLLECT:
        first, last = machine.months[t], machine.months[t + 1]
        _collect(S, lanes.flow, c, first, last, a)
        if c == machine.revolving:
            _add_purchases(S, lanes.bought.flow, offer.bookings.field, first, last, a)
        if not no_lane(S, b):
            _stop(S, a, b)
    elif op == Pool.OFFERED:
        vintage = min(machine.whole_by_date[t, b], offer.profile.shape[0] - 1)
        for w in range(S.shape[1]):
            S[a, w] = 1 if offer.profile[vintage, PoolField.CLOSING_BALANCE, 0, w] > 0.0 else 0
    else:
        _buy(S, machine, lanes, offer, t, pc)
    return pc + 1

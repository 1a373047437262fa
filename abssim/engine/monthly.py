"""Loan-by-loan migration month by month: slower than by events, and open to feedback inside a path.

Every obligor draws a word each month until it ends, every order of a current obligor another; payments are added up one
by one, with no schedule to deviate from. Same contracts and assumptions as `engine.migration`, other draws: equal in
distribution.
"""

from typing import Any

from abssim.engine._jit import borrowing
from abssim.engine.collateral import LoanState
from abssim.engine.deviation import Row, balance_of, due_of, lose_interest
from abssim.engine.layout import PoolField
from abssim.engine.odds import ORDER
from abssim.engine.random import Purpose, draw_block
from abssim.engine.rounding import round_half_up


@borrowing
def _next_state(chance, word):
    """State drawn from conditional probabilities `chance` (8,), by LoanState."""
    point = (float(word) + 0.5) / 4294967296.0
    k, cumulative = 0, chance[ORDER[0]]
    while point >= cumulative and k < len(ORDER) - 1:
        k += 1
        cumulative += chance[ORDER[k]]
    return int(ORDER[k])


@borrowing
def _own_exit(chance, word):
    """Where an order of an obligor that pays on schedule goes: it stays, or is prepaid, bought back or cancelled."""
    point = (float(word) + 0.5) / 4294967296.0
    exits = chance[LoanState.PREPAID] + chance[LoanState.REPURCHASED] + chance[LoanState.DILUTED]
    on = chance[LoanState.CURRENT] + exits
    cumulative = 0.0
    for state in range(LoanState.PREPAID, LoanState.DILUTED + 1):
        cumulative += chance[state]
        if point * on < cumulative:
            return state
    return 0


@borrowing
def _settle(order, curve, place, work):
    """Month `t` of an order that owes index `a`: it pays to index `b`, and leaves or owes what is left in state `j`."""
    w, a, b, j, t = place
    late = t + order["bucket"]
    for s in range(a + 1, b + 1):
        principal, interest, fee = due_of(order, curve, s)
        work[w, PoolField.SCHEDULED_PRINCIPAL, t] += principal
        work[w, PoolField.INTEREST, t] += interest
        work[w, PoolField.FEE, t] += fee
        if s < late and order["penalty"] > 0.0:
            amount = order["penalty"] * float(late - s) * float(principal + interest + fee)
            work[w, PoolField.PENALTY, t] += round_half_up(amount)
    left = balance_of(order, curve, b)
    if j > LoanState.DEFAULT:
        work[w, PoolField.PREPAYMENT + (j - LoanState.PREPAID), t] += left
        return 0
    work[w, PoolField.CLOSING_BALANCE, t] += left
    if j > 0:
        work[w, PoolField.CURRENT_BALANCE + j, t] += left
    return left


@borrowing
def _month(order, curve, place, chance, word, work):
    """One month of an open order whose obligor goes from `i` to `j`; returns what it still owes."""
    w, i, j, t = place
    a = min(max(t - 1 - i + order["bucket"], 0), order["term"])
    if j == LoanState.DEFAULT:
        balance = balance_of(order, curve, a)
        work[w, PoolField.DEFAULT, t] += balance
        work[w, Row.DEFAULT + order["cell"], t] += balance
        lose_interest(order, curve, (w, a, t), work)
        return 0
    if i == 0 and j == 0:
        j = _own_exit(chance, word)
    missed = j if j < LoanState.DEFAULT else 0
    b = max(a, min(t - missed + order["bucket"], order["term"]))
    return _settle(order, curve, (w, a, b, j, t), work)


@borrowing
def migrate_by_month(obligors: Any, orders: Any, curve: Any, chance: Any, draws: Any, work: Any) -> None:
    """Add flows and stocks of the whole population on one path into row `w` of `work`, as `run_lanes` has it.

    `chance` (R, M + 1, 4, 8) conditional probabilities, `draws` (seed, path, salt, w).
    """
    seed, path, salt, w = draws
    for o in range(len(obligors)):
        obligor = obligors[o]
        first, count = obligor["first"], obligor["count"]
        for n in range(count):
            work[w, Row.OPEN, n] = 1
        state, left, t = int(obligor["bucket"]), int(count), 1
        while left > 0 and t < chance.shape[1]:
            odds = chance[obligor["profile"], t, state]
            word = draw_block(seed, obligor["key"], path, salt + t, Purpose.MONTH)[0]
            following = _next_state(odds, word)
            if state == 0 and following > LoanState.DEFAULT:
                following = 0
            left = 0
            for n in range(count):
                if work[w, Row.OPEN, n] != 0:
                    order = orders[first + n]
                    own = draw_block(seed, order["key"], path, salt + t, Purpose.MONTH)[1]
                    owed = _month(order, curve, (w, state, following, t), chance[order["profile"], t, 0], own, work)
                    work[w, Row.OPEN, n] = 1 if owed > 0 else 0
                    left += 1 if owed > 0 else 0
            if following >= LoanState.DEFAULT:
                break
            state = following
            t += 1

"""Contract tables: the schedules of groups of loans added up, the only work of a projection that is done per loan.

Sums are of whole units, so any chunking gives the same bits.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.engine.contract.amortization import add_schedule, contract_schedule, level_terms
from abssim.engine.contract.columns import Contracts, Form
from abssim.engine.layout import ContractField
from abssim.engine.rounding import round_half_up

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

SIDE_BY_SIDE = 32
"""Annuities whose schedules are computed together."""


class LoanBatch(NamedTuple):
    """Working memory `(SIDE_BY_SIDE,)` of annuities that are computed together."""

    loan: Int64
    term: Int64
    balance: Int64
    payment: Int64
    interest: Int64
    rate: Float64


@borrowing
def _add_annuities(contracts, batch, group, table):
    """Add the schedules of `SIDE_BY_SIDE` loans of Form.LEVEL, the same as `add_schedule` does, month by month.

    A month of a loan waits for the month before, and the processor with it; the other loans fill the time.
    """
    longest = 1
    for k in range(SIDE_BY_SIDE):
        i = batch.loan[k]
        batch.term[k] = max(1, int(contracts.remaining_term[i]))
        batch.balance[k] = contracts.balance[i]
        batch.payment[k] = level_terms(contracts, i, batch.term[k])[0]
        batch.rate[k] = contracts.rate[i] / 12.0
        table[group[i], ContractField.BALANCE, 0] += contracts.balance[i]
        longest = max(longest, batch.term[k])
    for s in range(1, longest + 1):
        for k in range(SIDE_BY_SIDE):
            balance = batch.balance[k]
            interest = round_half_up(float(balance) * batch.rate[k])
            balance -= balance if s >= batch.term[k] else min(balance, max(0, batch.payment[k] - interest))
            batch.balance[k] = balance
            batch.interest[k] = interest
        for k in range(SIDE_BY_SIDE):
            g = group[batch.loan[k]]
            table[g, ContractField.BALANCE, s] += batch.balance[k]
            table[g, ContractField.INTEREST, s] += batch.interest[k]


@borrowing
def _aggregate_plain(contracts, group, first, last, batch, table):
    """Add the schedules of loans `[first, last)` of a pool without hurdle rate.

    Nothing needs a loan's schedule as a whole: figures go straight into the sums, and adjusted balances are balances.
    """
    waiting = 0
    for i in range(first, last):
        if contracts.form[i] != Form.LEVEL:
            add_schedule(contracts, i, table[group[i]])
            continue
        batch.loan[waiting] = i
        waiting += 1
        if waiting == SIDE_BY_SIDE:
            _add_annuities(contracts, batch, group, table)
            waiting = 0
    for k in range(waiting):
        add_schedule(contracts, batch.loan[k], table[group[batch.loan[k]]])
    for g in range(table.shape[0]):
        for s in range(table.shape[2]):
            table[g, ContractField.ADJUSTED, s] = table[g, ContractField.BALANCE, s]


@borrowing
def _aggregate_adjusted(contracts, group, first, last, schedule, table):
    """Add the schedules of loans `[first, last)` of a pool with one; `schedule` is working memory."""
    for i in range(first, last):
        term = contract_schedule(contracts, i, schedule)
        total = table[group[i]]
        for field in range(total.shape[0]):
            for s in range(term + 1):
                total[field, s] += schedule[field, s]


@kernel
def aggregate_contracts(contracts: Contracts, group: Int64, first: int, last: int, table: Int64) -> None:
    """Add the schedules of loans `[first, last)` into `table[group, ContractField, s]`, whole units."""
    if contracts.hurdle_rate > 0.0:
        _aggregate_adjusted(contracts, group, first, last, np.zeros(table.shape[1:], np.int64), table)
    else:
        work = np.zeros((5, SIDE_BY_SIDE), np.int64)
        batch = LoanBatch(work[0], work[1], work[2], work[3], work[4], np.zeros(SIDE_BY_SIDE))
        _aggregate_plain(contracts, group, first, last, batch, table)

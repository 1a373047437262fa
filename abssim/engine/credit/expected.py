"""Expected cash flows of a pool: occupancy of delinquency states times the contract tables of its groups.

An obligor that has missed `j` instalments at month `t` owes `BALANCE[t - j + d]`, `d` being its bucket at the cut-off.
Moving from `i` to `j` missed pays the instalments between the indices; default takes `EAD = BALANCE[t - 1 - i + d]`,
prepayment pays what is due to month `t` and then `BALANCE[t + d]`. It telescopes: cash, losses and what is left add up
to the opening balance, and the months after the last due date need no case of their own. Everything is
linear in the tables, so only they cost time per loan. Figures are float64 units, added up in the order of the groups.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.engine.credit.recovery import Advances, RecoveryTerms, withhold
from abssim.engine.layout import ContractField
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

PERFORMING = 4
"""States before default: how many instalments are missed, 0 to 3."""


class LoanState(IntEnum):
    """Where an obligor can go in a month; the first four are also where it can come from.

    Two ends are no states: settled is who has paid its last instalment by schedule and owes nothing; written off is
    what the last recovery leaves of a defaulted balance (`PoolField.LOSS`).
    """

    CURRENT = 0
    DPD_1_30 = 1
    DPD_31_60 = 2
    DPD_61_90 = 3
    DEFAULT = 4
    PREPAID = 5
    REPURCHASED = 6
    DILUTED = 7
    RESTRUCTURED = 8
    """From 61-90 days past due only: current again on a later schedule (`engine.credit.restructuring`)."""


STATES = len(LoanState)


class GroupMonth(NamedTuple):
    """A month of a group."""

    cell: int
    """Row of the recovery assumptions."""
    bucket: int
    """Instalments that the group's schedule is ahead of the calendar: instalment `s` falls due in month `s - bucket`.

    Those missed at the cut-off, less the months by which a restructuring has made the schedule later.
    """
    term: int
    """Remaining term, as `Groups` has it."""
    t: int
    """Months since the cut-off; 0: the cut-off itself."""


class Groups(NamedTuple):
    """Groups of loans `(G,)` that share assumptions, age (where it matters) and bucket at the cut-off."""

    cell: Int64
    """Row of the recovery assumptions."""
    profile: Int64
    """Row of `transition`."""
    bucket: Int64
    """Missed instalments at the cut-off, `LoanState.DEFAULT` where in default by then."""
    term: Int64
    """Remaining term, exact where the servicer advances (else the longest of the group)."""
    mass: Float64
    """Weight of the group's table in the pool, 1 for the pool itself."""
    row: Int64
    """Row of the output."""


@borrowing
def _collect(contract, flow, month, a, b, weight, penalty):
    """Instalments `a + 1 .. b` paid in a month; an overdue one bears the penalty from its due date (bill basis)."""
    t = month.t
    flow[t, PoolField.SCHEDULED_PRINCIPAL] += weight * float(
        contract[ContractField.BALANCE, a] - contract[ContractField.BALANCE, b]
    )
    for s in range(a + 1, b + 1):
        interest = float(contract[ContractField.INTEREST, s])
        fee = float(contract[ContractField.FEE, s])
        flow[t, PoolField.INTEREST] += weight * interest
        flow[t, PoolField.FEE] += weight * fee
        overdue = t - s + month.bucket
        if penalty > 0.0 and overdue > 0:
            principal = float(contract[ContractField.BALANCE, s - 1] - contract[ContractField.BALANCE, s])
            flow[t, PoolField.PENALTY] += weight * penalty * float(overdue) * (principal + interest + fee)


@borrowing
def liquidate(contract, flow, recovery, at, a, weight):
    """Recovery of what defaulted in the month `at` by lag curve; the rest is sold with the last one, and
    the loss booked. In month 0: what is in default at the cut-off.
    """
    cell, bucket, t = at.cell, at.bucket, at.t
    last = contract.shape[1] - 1
    ead = weight * float(contract[ContractField.BALANCE, a])
    left = ead
    for s in range(a + 1, min(t + bucket, last) + 1):
        flow[t, PoolField.LOST_INTEREST] += weight * float(contract[ContractField.INTEREST, s])
    for lag in range(recovery.last[cell] + 1):
        month = max(1, t + lag)
        if month >= flow.shape[0]:
            return
        cash = min(left, ead * recovery.share[cell, lag] * recovery.stress[month])
        left -= cash
        withhold(flow, month, recovery, cell, lag, cash, ead)
        if lag > 0 and month + bucket <= last:
            flow[month, PoolField.LOST_INTEREST] += weight * float(contract[ContractField.INTEREST, month + bucket])
    month = max(1, t + recovery.last[cell])
    cash = left * min(1.0, recovery.price[cell] * recovery.stress[month])
    flow[month, PoolField.RECOVERY] += cash
    flow[month, PoolField.LOSS] += left - cash


@borrowing
def _advance(contract, flow, recovery, at, weight):
    """The servicer advances instalments from default, in the month `at`, until liquidation after `last` months.

    BMA Standard Formulas, Cash Flow A. The loss is a share of the balance at default, capped at the balance amortized
    to liquidation; recovery is net of the principal advanced. Interest advanced is taken back out of proceeds that are
    not shown: severity is net of it.
    """
    cell, t = at.cell, at.t
    balance = contract[ContractField.BALANCE]
    last = contract.shape[1] - 1
    lag = recovery.last[cell]
    lost = PoolField.LOST_INTEREST
    if recovery.advances[cell] == Advances.PRINCIPAL_AND_INTEREST:
        lost = PoolField.ADVANCED_INTEREST
    for month in range(t, min(t + lag + 1, last + 1, flow.shape[0])):
        flow[month, lost] += weight * float(contract[ContractField.INTEREST, month])
        if month < t + lag:
            flow[month, PoolField.ADVANCED_PRINCIPAL] += weight * float(balance[month - 1] - balance[month])
    month = t + lag
    if month < flow.shape[0]:
        ead = weight * float(balance[t - 1])
        owed = weight * float(balance[min(month - 1, last)])
        loss = min(owed, ead * max(0.0, 1.0 - recovery.share[cell, lag] * recovery.stress[month]))
        withhold(flow, month, recovery, cell, lag, owed - loss, ead)
        flow[month, PoolField.LOSS] += loss


@borrowing
def stocks(contract, flow, month, state):
    """Balances by bucket at the end of a month."""
    t = month.t
    last = contract.shape[1] - 1
    for j in range(PERFORMING):
        if state[j] != 0.0:
            s = min(max(t - j + month.bucket, 0), last)
            balance = state[j] * float(contract[ContractField.BALANCE, s])
            flow[t, PoolField.CURRENT_BALANCE + j] += balance
            flow[t, PoolField.CLOSING_BALANCE] += balance
            flow[t, PoolField.ADJUSTED_BALANCE] += state[j] * float(contract[ContractField.ADJUSTED, s])


@borrowing
def leave(contract, flow, recovery, month, a, exits):
    """Obligors that leave in a month from index `a`: by default, or paid off, bought back or cancelled."""
    cell, t = month.cell, month.t
    if exits[LoanState.DEFAULT] != 0.0:
        weight = exits[LoanState.DEFAULT]
        flow[t, PoolField.DEFAULT] += weight * float(contract[ContractField.BALANCE, a])
        if recovery.advances[cell] != Advances.NONE:
            _advance(contract, flow, recovery, month, weight)
        else:
            liquidate(contract, flow, recovery, month, a, weight)
    b = max(a, min(t + month.bucket, contract.shape[1] - 1))
    for k in range(LoanState.PREPAID, LoanState.DILUTED + 1):
        if exits[k] != 0.0:
            _collect(contract, flow, month, a, b, exits[k], recovery.penalty[cell])
            field = PoolField.PREPAYMENT + (k - LoanState.PREPAID)
            flow[t, field] += exits[k] * float(contract[ContractField.BALANCE, b])


@borrowing
def step(contract, flow, matrix, recovery, month, state, following, exits):
    """One month of a group: `state` at the end of the month before becomes `following` at its own end.

    `exits` is working memory.
    """
    cell, bucket, t = month.cell, month.bucket, month.t
    last = contract.shape[1] - 1
    no_default = recovery.advances[cell] != Advances.NONE and t > month.term - recovery.last[cell]
    for j in range(PERFORMING):
        following[j] = 0.0
    for i in range(PERFORMING):
        if state[i] == 0.0:
            continue
        a = min(max(t - 1 - i + bucket, 0), last)
        for k in range(PERFORMING, LoanState.DILUTED + 1):
            exits[k] = state[i] * matrix[i, k]
        stay = exits[LoanState.DEFAULT] if no_default else 0.0
        exits[LoanState.DEFAULT] -= stay
        leave(contract, flow, recovery, month, a, exits)
        for j in range(PERFORMING):
            weight = state[i] * matrix[i, j] + (stay if i == j else 0.0)
            if weight != 0.0:
                b = max(a, min(t - j + bucket, last))
                _collect(contract, flow, month, a, b, weight, recovery.penalty[cell])
                following[j] += weight


@borrowing
def _project(groups, table, transition, recovery, flows, work):
    """`project_groups`, with `work` (3, LoanState) for the states before and after a month and for the exits in it."""
    state, following, exits = work[0], work[1], work[2]
    last = table.shape[2] - 1
    for g in range(table.shape[0]):
        contract = table[g]
        flow = flows[groups.row[g]]
        cell, bucket, term = groups.cell[g], groups.bucket[g], groups.term[g]
        if bucket >= LoanState.DEFAULT:
            flow[0, PoolField.NON_PERFORMING_BALANCE] += groups.mass[g] * float(contract[ContractField.BALANCE, 0])
            liquidate(contract, flow, recovery, GroupMonth(cell, 0, term, 0), 0, groups.mass[g])
            continue
        for j in range(PERFORMING):
            state[j] = groups.mass[g] if j == bucket else 0.0
        stocks(contract, flow, GroupMonth(cell, bucket, term, 0), state)
        for t in range(1, min(flows.shape[1], last + PERFORMING + 1 - bucket)):
            month, matrix = GroupMonth(cell, bucket, term, t), transition[groups.profile[g], t - 1]
            step(contract, flow, matrix, recovery, month, state, following, exits)
            for j in range(PERFORMING):
                state[j] = following[j]
            stocks(contract, flow, month, state)


@kernel
def project_groups(groups: Groups, table: Int64, transition: Float64, recovery: RecoveryTerms, flows: Float64) -> None:
    """Add the expected flows and stocks of all groups into `flows[row, t, PoolField]`, `t = 0` the cut-off.

    `table[g, ContractField, s]` whole units; `transition[profile, t - 1, from 4, to LoanState]`. Not filled here:
    OPENING_BALANCE and NON_PERFORMING_BALANCE, which follow from the others.
    """
    _project(groups, table, transition, recovery, flows, np.zeros((3, STATES)))


@kernel
def default_rates(
    groups: Groups, table: Int64, hazard: Float64, target: Float64, order: int, rates: Float64, unmet: Float64
) -> None:
    """Turn defaulted balances by month into monthly default rates against the pool's own tables, cell by cell.

    `target[cell, t - 1]` units that shall default in month t (negative: this cell has rates of its own);
    `hazard[profile, t - 1, 2]` prepayment and all other exits a month; `order` of competing risks: 0 default first,
    1 simultaneous, 2 prepayment first. `rates[cell, t - 1]` is filled; at most all that performs can default,
    and what is wanted beyond it is added to `unmet[cell]`.
    """
    survival = groups.mass.copy()
    performing = np.zeros(target.shape[0])
    last = table.shape[2] - 1
    for t in range(1, target.shape[1] + 1):
        performing[:] = 0.0
        for g in range(table.shape[0]):
            if groups.bucket[g] < PERFORMING:
                balance = float(table[g, ContractField.BALANCE, min(t - 1, last)])
                prepay = hazard[groups.profile[g], t - 1, 0]
                exposed = 1.0 - prepay if order == 2 else 1.0
                performing[groups.cell[g]] += survival[g] * balance * exposed
        for c in range(target.shape[0]):
            wanted = max(0.0, target[c, t - 1])
            rates[c, t - 1] = min(1.0, wanted / performing[c]) if performing[c] > 0.0 else 0.0
            unmet[c] += max(0.0, wanted - performing[c])
        for g in range(table.shape[0]):
            prepay = hazard[groups.profile[g], t - 1, 0]
            other = hazard[groups.profile[g], t - 1, 1]
            default = rates[groups.cell[g], t - 1]
            if order == 1:
                survival[g] *= max(0.0, 1.0 - default - prepay - other)
            else:
                survival[g] *= (1.0 - default) * (1.0 - prepay) * (1.0 - other)

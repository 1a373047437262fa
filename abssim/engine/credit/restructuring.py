"""Expected cash flows of a pool whose obligors may be restructured: a second block of states on a later schedule.

An obligor 61-90 days past due that is restructured in month `t` pays nothing in it: it goes on owing index
`t - 4 + d`, `d` being its bucket at the cut-off, and is current. It rests for the months of the extension, in which no
instalment is due and only what is prepaid, bought back or cancelled leaves; then it goes on as `engine.credit.expected`
has it, on a schedule that is later by `D = 4 + extension`: `d - D` takes the place of `d`. It leaves "current" by
`h' = 1 - (1 - h)^G`, and defaults where it would be restructured again.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.engine.credit.expected import (
    PERFORMING,
    STATES,
    GroupMonth,
    Groups,
    LoanState,
    leave,
    liquidate,
    step,
    stocks,
)
from abssim.engine.credit.recovery import RecoveryTerms
from abssim.engine.layout import ContractField
from abssim.kind.pool import PoolField

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


class RestructuringTerms(NamedTuple):
    """Terms by row of the transitions `(R,)`."""

    shift: Int64
    """Months `D` by which schedules end later: 3 missed, the one of the restructuring, the extension; 0: never."""
    multiple: Float64
    """Multiple `G` of the cumulative hazard of leaving "current" afterwards."""


class _Work(NamedTuple):
    """States of a group `(LoanState,)` at the end of a month, and of the next."""

    state: Float64
    """Never restructured."""
    later: Float64
    """On the later schedule."""
    rest: Float64
    """(E + 1,) by months since the restructuring, before that schedule begins."""
    following: Float64
    again: Float64
    exits: Float64
    row: Float64
    """(4, LoanState) probabilities of the later schedule."""


@borrowing
def _later_rows(matrix, multiple, row):
    """Fill `row` (4, LoanState) with the probabilities of who was restructured from those of the others, `matrix`."""
    for i in range(PERFORMING):
        for k in range(STATES):
            row[i, k] = matrix[i, k]
        row[i, LoanState.DEFAULT] += row[i, LoanState.RESTRUCTURED]
        row[i, LoanState.RESTRUCTURED] = 0.0
    worse = matrix[0, LoanState.DPD_1_30] + matrix[0, LoanState.DEFAULT]
    on = max(0.0, 1.0 - worse)
    stay = on**multiple
    for k in range(STATES):
        if k == LoanState.DPD_1_30 or k == LoanState.DEFAULT:
            row[0, k] *= (1.0 - stay) / worse if worse > 0.0 else 1.0
        elif on > 0.0:
            row[0, k] *= stay / on
    if on <= 0.0:
        row[0, LoanState.CURRENT] = stay


@borrowing
def _later(month, bucket):
    """The same month on a schedule with another `bucket`."""
    return GroupMonth(month.cell, bucket, month.term, month.t)


@borrowing
def _rest(contract, flow, matrix, recovery, month, extension, work):
    """A month of those whose instalments rest: by their exits alone; the last of them go on in `again`."""
    exits = matrix[0, LoanState.PREPAID] + matrix[0, LoanState.REPURCHASED] + matrix[0, LoanState.DILUTED]
    on = matrix[0, LoanState.CURRENT] + exits
    for age in range(extension - 1, -1, -1):
        weight = work.rest[age]
        work.rest[age] = 0.0
        if weight == 0.0:
            continue
        work.exits[LoanState.DEFAULT] = 0.0
        left = weight
        for k in range(LoanState.PREPAID, LoanState.DILUTED + 1):
            work.exits[k] = weight * matrix[0, k] / on if on > 0.0 else 0.0
            left -= work.exits[k]
        a = min(max(month.t - 1 - age - PERFORMING + month.bucket, 0), contract.shape[1] - 1)
        leave(contract, flow, recovery, _later(month, a - month.t), a, work.exits)
        work.rest[age + 1] = left
    work.again[0] += work.rest[extension]
    work.rest[extension] = 0.0


@borrowing
def _month(contract, flow, matrix, recovery, month, shift, multiple, work):
    """A month of a group: those on schedule and in arrears, those on the later schedule, and those who rest."""
    extension = shift - PERFORMING
    restructured = work.state[LoanState.DPD_61_90] * matrix[LoanState.DPD_61_90, LoanState.RESTRUCTURED]
    step(contract, flow, matrix, recovery, month, work.state, work.following, work.exits)
    _later_rows(matrix, multiple, work.row)
    later = _later(month, month.bucket - shift)
    step(contract, flow, work.row, recovery, later, work.later, work.again, work.exits)
    _rest(contract, flow, matrix, recovery, month, extension, work)
    if extension > 0:
        work.rest[0] = restructured
    else:
        work.again[0] += restructured
    for j in range(PERFORMING):
        work.state[j] = work.following[j]
        work.later[j] = work.again[j]


@borrowing
def _hold(contract, flow, month, shift, work):
    """Balances at the end of a month."""
    t, later = month.t, _later(month, month.bucket - shift)
    before = flow[t, PoolField.CURRENT_BALANCE]
    for j in range(PERFORMING):
        work.following[j] = 0.0
    work.following[0] = work.later[0]
    stocks(contract, flow, later, work.following)
    for age in range(shift - PERFORMING):
        work.following[0] = work.rest[age]
        resting = max(t - age - PERFORMING + month.bucket, 0)
        stocks(contract, flow, _later(month, resting - t), work.following)
    flow[t, PoolField.RESTRUCTURED_BALANCE] += flow[t, PoolField.CURRENT_BALANCE] - before
    work.following[0] = 0.0
    for j in range(1, PERFORMING):
        work.following[j] = work.later[j]
    stocks(contract, flow, later, work.following)
    stocks(contract, flow, month, work.state)


@borrowing
def _project(groups, table, transition, recovery, terms, flows, work):
    """`project_restructured`, with working memory."""
    last = table.shape[2] - 1
    for g in range(table.shape[0]):
        contract, flow = table[g], flows[groups.row[g]]
        cell, bucket, term, profile = groups.cell[g], groups.bucket[g], groups.term[g], groups.profile[g]
        if bucket >= LoanState.DEFAULT:
            flow[0, PoolField.NON_PERFORMING_BALANCE] += groups.mass[g] * float(contract[ContractField.BALANCE, 0])
            liquidate(contract, flow, recovery, GroupMonth(cell, 0, term, 0), 0, groups.mass[g])
            continue
        shift, multiple = max(PERFORMING, terms.shift[profile]), terms.multiple[profile]
        for j in range(PERFORMING):
            work.state[j] = groups.mass[g] if j == bucket else 0.0
            work.later[j] = 0.0
        for age in range(len(work.rest)):
            work.rest[age] = 0.0
        stocks(contract, flow, GroupMonth(cell, bucket, term, 0), work.state)
        for t in range(1, min(flows.shape[1], last + PERFORMING + 1 - bucket + shift)):
            month = GroupMonth(cell, bucket, term, t)
            _month(contract, flow, transition[profile, t - 1], recovery, month, shift, multiple, work)
            _hold(contract, flow, month, shift, work)


@kernel
def project_restructured(
    groups: Groups,
    table: Int64,
    transition: Float64,
    recovery: RecoveryTerms,
    terms: RestructuringTerms,
    flows: Float64,
) -> None:
    """`engine.credit.expected.project_groups` where some row of the transitions restructures by its `terms`."""
    states = np.zeros((5, STATES))
    rest = np.zeros(max(1, terms.shift.max() - PERFORMING + 1))
    row = np.zeros((PERFORMING, STATES))
    work = _Work(states[0], states[1], rest, states[2], states[3], states[4], row)
    _project(groups, table, transition, recovery, terms, flows, work)

"""Conservation checks of one path, compiled: the equalities of `abssim.check`, tested on every path of a simulation.

Twin: `abssim.check.check_run`.
"""

from enum import IntEnum

from abssim.engine._jit import borrowing
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.holder import HolderField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.step import StepField

_FIELDS = len(PoolField)
DATE, FAILED = 1, 3
"""Columns of a path's status: a date, and the check that failed."""


class Audit(IntEnum):
    """The equality that does not hold."""

    PASSED = 0
    POOL_ROLL_FORWARD = 1
    POOL_CONTINUITY = 2
    NON_PERFORMING_ROLL_FORWARD = 3
    DELINQUENCY_BUCKETS = 4
    SUM_OF_POOLS = 5
    COLLECTIONS = 6
    ACCOUNTS = 7
    SOURCES_AND_USES = 8
    STEPS = 9
    STEP_ARITHMETIC = 10
    NOTE_BALANCES = 11
    NOTE_INTEREST = 12
    FEES = 13
    LEDGERS = 14
    NO_NEGATIVE_BALANCE = 15


@borrowing
def _pool(now, before, found):
    """Checks of one pool on one date: its row now and on the date before."""
    late = now[PoolField.DPD_1_30_BALANCE] + now[PoolField.DPD_31_60_BALANCE] + now[PoolField.DPD_61_90_BALANCE]
    gone = now[PoolField.SOLD_BALANCE]
    for field in range(PoolField.SCHEDULED_PRINCIPAL, PoolField.DEFAULT + 1):
        gone += now[field]
    recovered = now[PoolField.RECOVERY] + now[PoolField.LOSS] + now[PoolField.ADVANCED_PRINCIPAL]
    npl = before[PoolField.NON_PERFORMING_BALANCE] + now[PoolField.DEFAULT] - recovered
    closing, lowest = now[PoolField.CLOSING_BALANCE], now[PoolField.CLOSING_BALANCE]
    for field in range(PoolField.CURRENT_BALANCE, PoolField.NON_PERFORMING_BALANCE + 1):
        lowest = min(lowest, now[field])
    come = now[PoolField.PURCHASE] + now[PoolField.CAPITALIZED_INTEREST]
    if now[PoolField.OPENING_BALANCE] + come != gone + closing:
        found[FAILED] = Audit.POOL_ROLL_FORWARD
    if now[PoolField.OPENING_BALANCE] != before[PoolField.CLOSING_BALANCE]:
        found[FAILED] = Audit.POOL_CONTINUITY
    if npl != now[PoolField.NON_PERFORMING_BALANCE]:
        found[FAILED] = Audit.NON_PERFORMING_ROLL_FORWARD
    if now[PoolField.CURRENT_BALANCE] + late != closing:
        found[FAILED] = Audit.DELINQUENCY_BUCKETS
    if lowest < 0:
        found[FAILED] = Audit.NO_NEGATIVE_BALANCE


@borrowing
def _pools(lay, now, before, found):
    """Checks of all pools, and of their sum."""
    for i in range(lay.pools):
        _pool(now[lay.pool + i], before[lay.pool + i], found)
    if lay.pools > 1:
        for field in range(_FIELDS):
            total = 0
            for i in range(1, lay.pools):
                total += now[lay.pool + i, field]
            if total != now[lay.pool, field]:
                found[FAILED] = Audit.SUM_OF_POOLS


@borrowing
def _pool_cash(row):
    """Cash the pools bring on one date."""
    cash = row[PoolField.INTEREST] + row[PoolField.FEE] + row[PoolField.PENALTY] + row[PoolField.SCHEDULED_PRINCIPAL]
    cash += row[PoolField.PREPAYMENT] + row[PoolField.REPURCHASE] + row[PoolField.RECOVERY]
    cash += row[PoolField.ADVANCED_PRINCIPAL] + row[PoolField.ADVANCED_INTEREST] + row[PoolField.SALE_PROCEEDS]
    return cash - row[PoolField.COLLECTION_COST]


@borrowing
def _used(lay, now):
    """Cash that left the deal for notes, fees, holders and purchases."""
    used = now[lay.pool, PoolField.PURCHASE_COST]
    for n in range(lay.notes):
        note = now[lay.note + n]
        used += note[NoteField.INTEREST_PAID] + note[NoteField.PRINCIPAL_PAID]
        used += note[NoteField.PREMIUM_PAID] + note[NoteField.RESIDUAL_PAID]
    for e in range(lay.fees):
        used += now[lay.fee + e, FeeField.PAID]
    for h in range(lay.holders):
        used += now[lay.holder + h, HolderField.PAID]
    return used


@borrowing
def _accounts(lay, now, before, found):
    """Checks of the accounts: collections, balances, uses, negative balances."""
    collected, paid_in, paid_out = 0, 0, 0
    for a in range(lay.accounts):
        account = now[lay.account + a]
        collected += account[AccountField.COLLECTED]
        paid_in += account[AccountField.PAID_IN]
        paid_out += account[AccountField.PAID_OUT]
        inflow = account[AccountField.COLLECTED] + account[AccountField.INCOME] + account[AccountField.PAID_IN]
        inflow += account[AccountField.POSTED]
        balance = before[lay.account + a, AccountField.BALANCE] + inflow - account[AccountField.PAID_OUT]
        if balance != account[AccountField.BALANCE]:
            found[FAILED] = Audit.ACCOUNTS
        if account[AccountField.BALANCE] < 0:
            found[FAILED] = Audit.NO_NEGATIVE_BALANCE
    if collected != _pool_cash(now[lay.pool]):
        found[FAILED] = Audit.COLLECTIONS
    if paid_out != _used(lay, now) + paid_in:
        found[FAILED] = Audit.SOURCES_AND_USES


@borrowing
def _steps(lay, now, found):
    """Checks of the steps: due, paid and short, and what they drew from each account."""
    for s in range(lay.steps):
        step = now[lay.step + s]
        if step[StepField.DUE] != step[StepField.PAID] + step[StepField.SHORTFALL]:
            found[FAILED] = Audit.STEP_ARITHMETIC
    for a in range(lay.accounts):
        drawn = 0
        for s in range(lay.steps):
            drawn += now[lay.step + s, DRAW + a]
        if drawn != now[lay.account + a, AccountField.PAID_OUT]:
            found[FAILED] = Audit.STEPS


@borrowing
def _notes(lay, now, before, found):
    """Checks of the notes: balance and interest."""
    for n in range(lay.notes):
        note, old = now[lay.note + n], before[lay.note + n]
        reduced = note[NoteField.PRINCIPAL_PAID] + note[NoteField.WRITE_DOWN]
        if old[NoteField.BALANCE] + note[NoteField.CAPITALIZED] != reduced + note[NoteField.BALANCE]:
            found[FAILED] = Audit.NOTE_BALANCES
        owed = old[NoteField.INTEREST_SHORTFALL] + old[NoteField.ACCRUED_NOT_DUE] + note[NoteField.ACCRUED_INTEREST]
        left = note[NoteField.INTEREST_SHORTFALL] + note[NoteField.ACCRUED_NOT_DUE]
        if owed != note[NoteField.INTEREST_PAID] + note[NoteField.CAPITALIZED] + left:
            found[FAILED] = Audit.NOTE_INTEREST
        if note[NoteField.BALANCE] < 0:
            found[FAILED] = Audit.NO_NEGATIVE_BALANCE


@borrowing
def _claims(lay, now, before, found):
    """Checks of fees and ledgers."""
    for e in range(lay.fees):
        fee = now[lay.fee + e]
        owed = before[lay.fee + e, FeeField.SHORTFALL] + fee[FeeField.ACCRUED]
        if owed != fee[FeeField.PAID] + fee[FeeField.SHORTFALL]:
            found[FAILED] = Audit.FEES
    for i in range(lay.ledgers):
        ledger = now[lay.ledger + i]
        raised = before[lay.ledger + i, LedgerField.BALANCE] + ledger[LedgerField.DEBITED]
        if raised != ledger[LedgerField.CREDITED] + ledger[LedgerField.BALANCE]:
            found[FAILED] = Audit.LEDGERS


@borrowing
def audit_path(lay, trace, initial, found):
    """Write into `found` (4,) the check that fails on `trace` `(T, rows, width)` (last of its date), and the date."""
    found[FAILED] = Audit.PASSED
    for t in range(trace.shape[0]):
        now = trace[t]
        before = initial if t == 0 else trace[t - 1]
        _pools(lay, now, before, found)
        _accounts(lay, now, before, found)
        _steps(lay, now, found)
        _notes(lay, now, before, found)
        _claims(lay, now, before, found)
        if found[FAILED] != Audit.PASSED:
            found[DATE] = t
            return

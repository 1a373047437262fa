"""Conservation, on every run: equalities in whole minor units, not tolerances.

Each check compares two sides over all dates and rows of the trace; the largest difference must be zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import AccountField, FeeField, LedgerField, NoteField, PoolField, StepField
from abssim.engine.state import block
from abssim.errors import CheckError, Problem
from abssim.result import CheckOutcome, RunResult

Int64 = npt.NDArray[np.int64]

_P, _N, _A, _L, _F = PoolField, NoteField, AccountField, LedgerField, FeeField
_LEAVES_POOL = (_P.SCHEDULED_PRINCIPAL, _P.PREPAYMENT, _P.REPURCHASE, _P.DILUTION, _P.DEFAULT, _P.SOLD_BALANCE)
_POOL_CASH = (
    *(_P.INTEREST, _P.FEE, _P.PENALTY, _P.SCHEDULED_PRINCIPAL, _P.PREPAYMENT, _P.REPURCHASE, _P.RECOVERY),
    *(_P.ADVANCED_PRINCIPAL, _P.ADVANCED_INTEREST, _P.SALE_PROCEEDS),
)
_BUCKETS = (_P.CURRENT_BALANCE, _P.DPD_1_30_BALANCE, _P.DPD_31_60_BALANCE, _P.DPD_61_90_BALANCE)
_NOTE_CASH = (_N.INTEREST_PAID, _N.PRINCIPAL_PAID, _N.PREMIUM_PAID, _N.RESIDUAL_PAID)


class _Blocks:
    """The blocks of a result, and those of one date earlier."""

    def __init__(self, result: RunResult) -> None:
        self.result = result
        self.before = np.concatenate([result.initial[None], result.trace[:-1]]) if result.periods else result.trace

    def now(self, name: str) -> Int64:
        return block(self.result.trace, self.result.layout, name)

    def earlier(self, name: str) -> Int64:
        return block(self.before, self.result.layout, name)


def check_run(result: RunResult) -> tuple[CheckOutcome, ...]:
    """All conservation checks of a run."""
    blocks = _Blocks(result)
    return (
        *_pool_checks(blocks),
        *_cash_checks(blocks),
        *_note_checks(blocks),
        *_balance_checks(blocks),
    )


def require(result: RunResult, checks: Sequence[CheckOutcome]) -> None:
    """Raise `CheckError` naming every check that failed."""
    problems = [
        Problem(
            "E550",
            f"{result.deal_name} / {result.scenario_name}",
            check.where,
            f"{check.name}: {check.meaning} is off by {check.worst:,} minor units",
            "the figures must not be used; please report this deal",
        )
        for check in checks
        if not check.passed
    ]
    if problems:
        raise CheckError(problems)


def _outcome(blocks: _Blocks, name: str, meaning: str, left: Int64, right: Int64) -> CheckOutcome:
    difference = np.abs(left - right)
    outcome = CheckOutcome(name, meaning, int(difference.size), int(difference.max(initial=0)))
    if outcome.passed:
        return outcome
    t = int(np.unravel_index(int(difference.argmax()), difference.shape)[0])
    return replace(outcome, where=f"payment date {blocks.result.dates.payment[t]}")


def _pool_checks(blocks: _Blocks) -> list[CheckOutcome]:
    pool, before = blocks.now("pool"), blocks.earlier("pool")
    npl_out = pool[..., (_P.RECOVERY, _P.LOSS, _P.ADVANCED_PRINCIPAL)].sum(-1)
    pools = [
        _outcome(
            blocks,
            "pool roll-forward",
            "opening + purchased + interest added = principal + repurchased + diluted + defaulted + sold + closing",
            pool[..., (_P.OPENING_BALANCE, _P.PURCHASE, _P.CAPITALIZED_INTEREST)].sum(-1),
            pool[..., _LEAVES_POOL].sum(-1) + pool[..., _P.CLOSING_BALANCE],
        ),
        _outcome(
            blocks,
            "pool continuity",
            "opening balance = closing balance of the date before",
            pool[..., _P.OPENING_BALANCE],
            before[..., _P.CLOSING_BALANCE],
        ),
        _outcome(
            blocks,
            "non-performing roll-forward",
            "before + defaulted = recovered + written off + advances + outstanding",
            before[..., _P.NON_PERFORMING_BALANCE] + pool[..., _P.DEFAULT],
            npl_out + pool[..., _P.NON_PERFORMING_BALANCE],
        ),
        _outcome(
            blocks,
            "delinquency buckets",
            "current + 1-30 + 31-60 + 61-90 = closing balance",
            pool[..., _BUCKETS].sum(-1),
            pool[..., _P.CLOSING_BALANCE],
        ),
    ]
    if pool.shape[1] > 1:
        meaning = "all pools = sum of the pools"
        pools.append(_outcome(blocks, "sum of pools", meaning, pool[:, 0], pool[:, 1:].sum(1)))
    return pools


def _cash_checks(blocks: _Blocks) -> list[CheckOutcome]:
    account, pool = blocks.now("account"), blocks.now("pool")
    pool = pool[:, :1] if pool.shape[1] > 1 else pool
    inflow = account[..., (_A.COLLECTED, _A.INCOME, _A.POSTED, _A.PAID_IN)].sum(-1)
    return [
        _outcome(
            blocks,
            "collections",
            "cash of the pool = cash collected by the accounts",
            pool[..., _POOL_CASH].sum((-1, -2)) - pool[..., _P.COLLECTION_COST].sum(-1),
            account[..., _A.COLLECTED].sum(-1),
        ),
        _outcome(
            blocks,
            "accounts",
            "before + collected + income + posted + paid in = paid out + balance",
            blocks.earlier("account")[..., _A.BALANCE] + inflow,
            account[..., _A.PAID_OUT] + account[..., _A.BALANCE],
        ),
        _outcome(
            blocks,
            "sources and uses",
            "paid out by accounts = notes + fees + purchases + holders + paid into accounts",
            account[..., _A.PAID_OUT].sum(-1),
            _uses(blocks) + account[..., _A.PAID_IN].sum(-1) + pool[..., _P.PURCHASE_COST].sum(-1),
        ),
        _outcome(
            blocks,
            "steps",
            "drawn from accounts by the steps = paid out by the accounts",
            blocks.now("draw").sum(1),
            account[..., _A.PAID_OUT],
        ),
        _outcome(
            blocks,
            "step arithmetic",
            "due = paid + shortfall",
            blocks.now("step")[..., StepField.DUE],
            blocks.now("step")[..., (StepField.PAID, StepField.SHORTFALL)].sum(-1),
        ),
    ]


def _uses(blocks: _Blocks) -> Int64:
    """(T,) cash that left the deal for notes, fees and holders."""
    notes = blocks.now("note")[..., _NOTE_CASH].sum((-1, -2))
    paid: Int64 = notes + blocks.now("fee")[..., _F.PAID].sum(-1) + blocks.now("holder").sum((-1, -2))
    return paid


def _note_checks(blocks: _Blocks) -> list[CheckOutcome]:
    note, before = blocks.now("note"), blocks.earlier("note")
    fee = blocks.now("fee")
    return [
        _outcome(
            blocks,
            "note balances",
            "before + capitalized = principal + written down + balance",
            before[..., _N.BALANCE] + note[..., _N.CAPITALIZED],
            note[..., (_N.PRINCIPAL_PAID, _N.WRITE_DOWN, _N.BALANCE)].sum(-1),
        ),
        _outcome(
            blocks,
            "note interest",
            "owed before + accrued = paid + capitalized + owed after",
            before[..., (_N.INTEREST_SHORTFALL, _N.ACCRUED_NOT_DUE)].sum(-1) + note[..., _N.ACCRUED_INTEREST],
            note[..., (_N.INTEREST_PAID, _N.CAPITALIZED, _N.INTEREST_SHORTFALL, _N.ACCRUED_NOT_DUE)].sum(-1),
        ),
        _outcome(
            blocks,
            "fees",
            "owed before + accrued = paid + owed after",
            blocks.earlier("fee")[..., _F.SHORTFALL] + fee[..., _F.ACCRUED],
            fee[..., (_F.PAID, _F.SHORTFALL)].sum(-1),
        ),
    ]


def _balance_checks(blocks: _Blocks) -> list[CheckOutcome]:
    ledger = blocks.now("ledger")
    stocks = [
        blocks.now("note")[..., _N.BALANCE],
        blocks.now("account")[..., _A.BALANCE],
        blocks.now("pool")[..., (*_BUCKETS, _P.CLOSING_BALANCE)].reshape(blocks.result.periods, -1),
        blocks.now("pool")[..., _P.NON_PERFORMING_BALANCE],
    ]
    balances = np.concatenate(stocks, axis=1)
    return [
        _outcome(
            blocks,
            "ledgers",
            "before + debited = credited + balance",
            blocks.earlier("ledger")[..., _L.BALANCE] + ledger[..., _L.DEBITED],
            ledger[..., (_L.CREDITED, _L.BALANCE)].sum(-1),
        ),
        _outcome(blocks, "no negative balance", "balance >= 0", np.minimum(balances, 0), np.zeros_like(balances)),
    ]

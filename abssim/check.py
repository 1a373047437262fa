"""Conservation, on every run: equalities in whole minor units, not tolerances.

Each check compares two sides over all dates and rows of the trace; the largest difference must be zero. What must be
equal is said by the kinds of things (`abssim.kind`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from abssim.engine.state import block
from abssim.errors import CheckError, Problem
from abssim.kind.account import AccountField
from abssim.kind.base import Before, Identity, Kind, Term
from abssim.kind.pool import POOL
from abssim.kind.table import KINDS
from abssim.result import CheckOutcome, RunResult

Int64 = npt.NDArray[np.int64]


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
    """All conservation checks of a run: the equalities of every kind, and those of cash between them."""
    blocks = _Blocks(result)
    own = [_identity(blocks, kind, each) for kind in KINDS.values() for each in kind.identities]
    return (*own, *_sum_of_pools(blocks), *_cash_checks(blocks), _no_negative_balance(blocks))


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


def _identity(blocks: _Blocks, kind: Kind, identity: Identity) -> CheckOutcome:
    """An equality between fields of the things of a kind."""
    left, right = (_total(blocks, kind, terms) for terms in (identity.left, identity.right))
    return _outcome(blocks, identity.name, identity.meaning, left, right)


def _total(blocks: _Blocks, kind: Kind, terms: Sequence[Term]) -> Int64:
    """(T, rows) sum of fields, now or on the date before."""
    now, before = blocks.now(kind.name), blocks.earlier(kind.name)
    parts = [before[..., term.field] if isinstance(term, Before) else now[..., term] for term in terms]
    total: Int64 = np.sum(parts, axis=0, dtype=np.int64)
    return total


def _sum_of_pools(blocks: _Blocks) -> list[CheckOutcome]:
    pool = blocks.now("pool")
    if pool.shape[1] == 1:
        return []
    return [_outcome(blocks, "sum of pools", "all pools = sum of the pools", pool[:, 0], pool[:, 1:].sum(1))]


def _cash(blocks: _Blocks, fields: Callable[[Kind], Sequence[IntEnum]]) -> Int64:
    """(T,) sum over everything there is of certain fields of each kind; of pools their sum alone."""
    total = np.zeros(blocks.result.periods, dtype=np.int64)
    for kind in KINDS.values():
        flow = blocks.now(kind.name)
        total += (flow[:, :1] if kind is POOL else flow)[..., list(fields(kind))].sum((-1, -2))
    return total


def _cash_checks(blocks: _Blocks) -> list[CheckOutcome]:
    """What comes from outside reaches the accounts, and what leaves them reaches somebody."""
    account = blocks.now("account")
    paid_in = account[..., AccountField.PAID_IN]
    sources = [(kind, kind.drawable) for kind in KINDS.values() if kind.drawable]
    paid_out = np.concatenate([blocks.now(kind.name)[..., fields.drawn] for kind, fields in sources], axis=1)
    return [
        _outcome(
            blocks,
            "collections",
            "cash of the pool = cash collected by the accounts",
            _cash(blocks, lambda kind: kind.brings) - _cash(blocks, lambda kind: kind.withheld),
            account[..., AccountField.COLLECTED].sum(-1),
        ),
        _outcome(
            blocks,
            "sources and uses",
            f"paid out by accounts = {_takers()} + paid into accounts",
            paid_out.sum(-1),
            _cash(blocks, lambda kind: kind.takes) + paid_in.sum(-1),
        ),
        _outcome(
            blocks,
            "steps",
            "drawn from accounts by the steps = paid out by the accounts",
            blocks.now("draw").sum(1),
            paid_out,
        ),
    ]


def _takers() -> str:
    """Who is paid for good, in words."""
    return " + ".join("purchases" if kind is POOL else kind.plural for kind in KINDS.values() if kind.takes)


def _no_negative_balance(blocks: _Blocks) -> CheckOutcome:
    stocks = [blocks.now(kind.name)[..., list(kind.never_negative)] for kind in KINDS.values() if kind.never_negative]
    balances = np.concatenate([stock.reshape(blocks.result.periods, -1) for stock in stocks], axis=1)
    return _outcome(blocks, "no negative balance", "balance >= 0", np.minimum(balances, 0), np.zeros_like(balances))

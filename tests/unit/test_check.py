"""Forged results: every conservation check notices one unit that is not where it should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from abssim.check import check_run, require
from abssim.engine.state import block
from abssim.errors import CheckError
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.step import StepField
from abssim.result import RunResult
from tests.engine.small import TWO_POOLS, outcome

STEPS = [
    "{name: fee, rule: pay_due, source: cash, payees: [trustee]}",
    "{name: loss, rule: book, payees: [d], amount: 5}",
    "{name: interest, rule: pay_due, source: cash, payees: [A]}",
    "{name: rest, rule: pay_remainder, source: cash, payees: [seller]}",
]
FORGED = {
    ("pool", PoolField.DEFAULT): "pool roll-forward",
    ("pool", PoolField.OPENING_BALANCE): "pool continuity",
    ("pool", PoolField.LOSS): "non-performing roll-forward",
    ("pool", PoolField.DPD_1_30_BALANCE): "delinquency buckets",
    ("pool", PoolField.INTEREST): "collections",
    ("account", AccountField.INCOME): "accounts",
    ("note", NoteField.RESIDUAL_PAID): "sources and uses",
    ("draw", 0): "steps",
    ("step", StepField.SHORTFALL): "step arithmetic",
    ("note", NoteField.WRITE_DOWN): "note balances",
    ("note", NoteField.ACCRUED_INTEREST): "note interest",
    ("fee", FeeField.ACCRUED): "fees",
    ("ledger", LedgerField.DEBITED): "ledgers",
}


@pytest.fixture(scope="module")
def sound() -> RunResult:
    notes = "notes: {A: {balance: 1000, coupon_pct: 12}, B: {balance: 500}}"
    parts = ("ledgers: {d: {}}", "fees: {trustee: {amount: 2}}")
    return outcome(STEPS, ["{interest: 20, default: 10}", "{interest: 20}"], *parts, notes=notes)


def test_a_sound_result_passes(sound: RunResult) -> None:
    assert {check.name for check in sound.checks} >= set(FORGED.values())
    assert all(check.passed and check.worst == 0 and check.count > 0 for check in sound.checks)
    require(sound, sound.checks)


@pytest.mark.parametrize(("place", "name"), FORGED.items(), ids=FORGED.values())
def test_one_unit_is_noticed(place: tuple[str, int], name: str, sound: RunResult) -> None:
    forged = replace(sound, trace=sound.trace.copy())
    block(forged.trace, forged.layout, place[0])[1, 0, place[1]] += 1
    failed = {check.name: check for check in check_run(forged) if not check.passed}
    assert name in failed
    assert failed[name].worst == 1
    assert "2025-03-15" in failed[name].where
    with pytest.raises(CheckError) as caught:
        require(forged, check_run(forged))
    assert {problem.code for problem in caught.value.problems} == {"E550"}
    assert caught.value.exit_code == 3


def test_a_negative_balance_is_noticed(sound: RunResult) -> None:
    forged = replace(sound, trace=sound.trace.copy())
    block(forged.trace, forged.layout, "account")[:, 0, AccountField.BALANCE] = -1
    assert "no negative balance" in {check.name for check in check_run(forged) if not check.passed}


def test_sums_of_pools_are_checked() -> None:
    result = outcome([STEPS[3]], [], pools=TWO_POOLS)
    forged = replace(result, trace=result.trace.copy())
    block(forged.trace, forged.layout, "pool")[0, 1, PoolField.PENALTY] += 1
    assert "sum of pools" in {check.name for check in check_run(forged) if not check.passed}
    assert np.array_equal(result.pool_flow[:, 0], result.pool_flow[:, 1:].sum(axis=1))

"""Ledgers, schedules and holders that nobody names are told; those that a step or an expression names are not."""

from __future__ import annotations

from abssim.program.notice_entries import entry_notices
from tests.engine.small import LATER, REST, small

FLOWS = ["{interest: 10}"]
BOOKED = '{name: losses, rule: book, payees: [kept], amount: "schedule.plan"}'
SCHEDULES = "schedules: {plan: {1: 100}, idle: {1: 100}}"


def test_what_nobody_names_is_told() -> None:
    keep = '{name: keep, rule: carry, source: cash, when: "ledger.read.balance > 99"}'
    steps = [BOOKED, LATER, keep, "{name: none, rule: carry, source: cash}"]
    deal = small(steps, FLOWS, SCHEDULES, "ledgers: {kept: {}, read: {}, lost: {balance: 5}}").deal
    assert list(entry_notices(deal)) == [
        "schedules.idle: without effect, no step and no expression names it",
        "ledgers.lost: without effect, no step and no expression names it",
        "holders.seller: without effect, no step and no expression names it",
    ]


def test_what_a_step_pays_is_not() -> None:
    assert list(entry_notices(small([LATER, REST], FLOWS).deal)) == []

"""What falls due must be paid by some step; what cannot fall due need not."""

from __future__ import annotations

import pytest

from abssim.errors import DealError
from tests.engine.small import REST, small

STARTED = ", first_payment: 2025-02-15, started_periods: 3"
REPAID = "notes: {A: {balance: 1000, coupon_pct: 5, opening_balance: %s}, B: {balance: 500, opening_balance: 500}}"
STEP = "{name: redemption, rule: pay_down_to, source: cash, payees: [B], target: 0}"


def test_a_note_repaid_before_the_start_needs_no_step() -> None:
    small([STEP, REST], ["{interest: 5}"], notes=REPAID % 0, dates=STARTED, cut_off="2025-04-01", opening=500)
    with pytest.raises(DealError) as caught:
        small([STEP, REST], ["{interest: 5}"], notes=REPAID % 10, dates=STARTED, cut_off="2025-04-01", opening=500)
    assert [problem.message for problem in caught.value.problems] == [
        'no step pays interest of note "A"',
        'no step pays principal of note "A"',
    ]


def test_parts_of_notes_count_by_themselves() -> None:
    notes = "notes: {A: {balance: 1000, coupon_pct: 5}, B: {balance: 500}}"
    parts = ["{name: a, rule: pay_due, source: cash, payees: [A.interest]}"]
    parts += ["{name: b, rule: pay_down_to, source: cash, payees: [A.principal], target: 0}"]
    with pytest.raises(DealError, match='principal of note "B"'):
        small([*parts, REST], ["{interest: 5}"], notes=notes)
    small([*parts, "{name: c, rule: pay_remainder, source: cash, payees: [B]}"], ["{interest: 5}"], notes=notes)

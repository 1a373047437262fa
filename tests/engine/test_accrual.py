"""What notes accrue and accounts earn, each term of it alone, against the twin and by hand."""

from __future__ import annotations

import pytest

from abssim.kind.account import AccountField
from abssim.kind.note import NoteField
from tests.engine.small import REST, outcome

PAID = "{name: paid, rule: pay_in_full, source: cash, payees: [A]}"
"""Steps without expressions: the first of the deal's expressions is then a note's."""
FLOWS = ["{interest: 500}", "{interest: 500}", "{interest: 500, scheduled_principal: 1000}"]


@pytest.mark.parametrize(
    ("terms", "accrued"),
    [
        ("spread_pct: 0.6", [350, 650]),
        ("spread_pct: -0.6", [250, 550]),
        ("spread_pct: 0.6, cap_pct: 4.8", [350, 400]),
        ("spread_pct: -0.6, floor_pct: 3.6", [300, 550]),
        ("spread_pct: -9", [0, 0]),
    ],
)
def test_index_and_spread_within_cap_and_floor(terms: str, accrued: list[int]) -> None:
    """A month of 1000 at 3.6 and 7.2 %, in cents; below zero nothing accrues."""
    notes = f"notes: {{A: {{balance: 1000, floating: {{index: x, {terms}}}}}}}"
    index = "indexes: {x: {fixings_pct: {2025-01-15: 3.6, 2025-02-15: 7.2}}}"
    due = "{name: due, rule: pay_due, source: cash, payees: [A]}"
    late = '{name: late, rule: pay_in_full, source: cash, payees: [A], when: "period > 1"}'
    found = outcome([due, late, REST], FLOWS[1:], index, notes=notes, opening=1000)
    assert found.note_flow[:, 0, NoteField.ACCRUED_INTEREST].tolist() == accrued


def test_a_notional_below_zero_is_none() -> None:
    notes = 'notes: {A: {balance: 1000}, X: {coupon_pct: 12, notional: "period * 400 - 800"}}'
    due = "{name: due, rule: pay_due, source: cash, payees: [X]}"
    found = outcome([due, PAID, REST], FLOWS, notes=notes, opening=1000)
    assert found.note_flow[:, 1, NoteField.NOTIONAL].tolist() == [0, 0, 40000]
    assert found.note_flow[:, 1, NoteField.ACCRUED_INTEREST].tolist() == [0, 0, 400]


def test_what_capitalizes_is_added_to_the_balance() -> None:
    """12 % a year of 1000 on the first date; then it is due. No cash comes before the last date."""
    notes = 'notes: {A: {balance: 1000, coupon_pct: 12, capitalizes: "period < 2"}}'
    flows = ["{interest: 0}", "{interest: 0}", "{interest: 50, scheduled_principal: 1000}"]
    row = outcome([PAID, REST], flows, notes=notes, opening=1000).note_flow[:, 0]
    assert row[:, NoteField.CAPITALIZED].tolist() == [1000, 0, 0]
    assert row[:, NoteField.ACCRUED_INTEREST].tolist() == [1000, 1010, 1010]
    assert row[:, NoteField.INTEREST_PAID].tolist() == [0, 0, 2020]


def test_shortfalls_bear_interest_where_the_note_says_so() -> None:
    """1000 at 12 %: 10.00 unpaid bears 0.10 a month, and that again."""
    notes = "notes: {A: {balance: 1000, coupon_pct: 12, interest_on_interest: true}}"
    hold = "{name: hold, rule: carry, source: cash}"
    paid = '{name: paid, rule: pay_in_full, source: cash, payees: [A], when: "final"}'
    found = outcome([paid, hold], FLOWS, notes=notes, opening=1000, legal_final="2025-04-15")
    assert found.note_flow[:, 0, NoteField.ACCRUED_INTEREST].tolist() == [1000, 1010, 1020]


def test_each_account_earns_on_its_own_opening_balance() -> None:
    """A month of 1200 at 6 and 12 %; of what is reported instead, 3.25 and then nothing."""
    accounts = (
        "accounts: {cash: {collects: all}, low: {balance: 1200, reinvestment_pct: 6}, "
        "high: {balance: 1200, reinvestment_pct: 12}, told: {balance: 1200, income: [3.25, 0]}}"
    )
    hold = "{name: hold, rule: carry, source: [low, high, told]}"
    found = outcome([PAID, REST, hold], FLOWS, accounts, notes="notes: {A: {balance: 1000}}", opening=1000)
    income = found.account_flow[:, :, AccountField.INCOME]
    assert income.T.tolist() == [[0, 0, 0], [600, 603, 606], [1200, 1212, 1224], [325, 0, 0]]

"""Rules and modifiers one by one, each against the twin and against figures anybody can check."""

from __future__ import annotations

import pytest

from abssim.errors import EngineError
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.step import StepField
from abssim.result import RunResult
from tests.engine.small import LATER, REST, outcome

BEARING = "notes: {A: {balance: 1000, coupon_pct: 12}, B: {balance: 500, coupon_pct: 24}}"
KEPT2 = "{name: kept too, rule: carry, source: reserve}"
KEPT = "{name: kept, rule: carry, source: cash}"
TWO = "accounts: {cash: {collects: all}, reserve: {balance: 30, target: 50}}"


def note(result: RunResult, field: NoteField, date: int = 0) -> list[float]:
    return [value / 100 for value in result.note_flow[date, :, field].tolist()]


def step(result: RunResult, number: int = 0, date: int = 0) -> list[float]:
    return [value / 100 for value in result.step_flow[date, number].tolist()]


def test_pay_due_in_order_and_pro_rata() -> None:
    flows = ["{interest: 8}"]
    due = "{name: due, rule: pay_due, source: cash, payees: [A, B]%s}"
    assert note(outcome([due % "", REST], flows, notes=BEARING), NoteField.INTEREST_PAID) == [8, 0]
    shared = outcome([due % ", order: pro_rata", REST], flows, notes=BEARING)
    assert note(shared, NoteField.INTEREST_PAID) == [4, 4]
    assert step(shared) == [20, 8, 12]


def test_pay_in_full_is_interest_first() -> None:
    result = outcome(
        ["{name: all, rule: pay_in_full, source: cash, payees: [A]}", LATER, REST], ["{interest: 60}"], notes=BEARING
    )
    assert note(result, NoteField.INTEREST_PAID) == [10, 0]
    assert note(result, NoteField.PRINCIPAL_PAID) == [50, 0]


@pytest.mark.parametrize(("cap", "paid"), [(4, [4, 0, 0]), (18, [10, 8, 0]), (100, [10, 24.0, 66])])
def test_pay_in_full_is_interest_then_premium_then_principal(cap: int, paid: list[float]) -> None:
    """Called on date 1, 292 days before the premium ends: 1,000 x 3 % x 292 / 365 = 24; the interest is 10."""
    full = f"{{name: all, rule: pay_in_full, source: cash, payees: [A], cap: {cap}}}"
    premium = "{name: premium, rule: pay_due, source: cash, payees: [A.premium], when: period > 99}"
    call = "calls: {c: {when: period == 1, make_whole: {rate_pct: 3, until: 2025-12-04}}}"
    result = outcome([full, premium, LATER, REST], ["{interest: 1}"], call, notes=BEARING)
    fields = (NoteField.INTEREST_PAID, NoteField.PREMIUM_PAID, NoteField.PRINCIPAL_PAID)
    assert [note(result, field)[0] for field in fields] == paid


def test_pay_in_full_repays_a_note_with_a_payment_unit() -> None:
    """What repays a note is not rounded down: nothing is left behind for ever."""
    notes = "notes: {A: {balance: 1000, coupon_pct: 11.1, round_per_100: 0.01}, B: {balance: 500}}"
    steps = ["{name: all, rule: pay_in_full, source: cash, payees: [A]}", LATER, REST]
    result = outcome(steps, ["{scheduled_principal: 1500}"], notes=notes)
    assert note(result, NoteField.BALANCE) == [0, 500]
    assert note(result, NoteField.INTEREST_PAID) == [9.25, 0]


def test_support_pays_what_the_source_cannot() -> None:
    steps = [
        "{name: due, rule: pay_due, source: cash, payees: [A], support: reserve, books: {lent: from.reserve}}",
        LATER,
        REST,
    ]
    steps.append("{name: kept, rule: carry, source: reserve}")
    result = outcome(steps, ["{interest: 7}"], TWO, "ledgers: {lent: {}}", notes=BEARING)
    assert result.draw_flow[0, 0].tolist() == [700, 300]
    assert result.ledger_flow[0, 0, LedgerField.BALANCE] == 300
    assert result.account_flow[0, 1, AccountField.BALANCE] == 2700


def test_top_up_to_target_and_to_the_target_of_the_step() -> None:
    steps = ["{name: fill, rule: top_up, source: cash, payees: [reserve]}", REST]
    steps.append("{name: kept, rule: carry, source: reserve}")
    result = outcome(steps, ["{interest: 15}", "{interest: 15}"], TWO)
    assert [step(result, date=t) for t in (0, 1)] == [[20, 15, 5], [5, 5, 0]]
    steps[0] = '{name: fill, rule: top_up, source: cash, payees: [[reserve]], target: "31"}'
    result = outcome(steps, ["{interest: 15}"], TWO)
    assert step(result) == [1, 1, 0]
    assert result.account_flow[0, 1, AccountField.TARGET] == 3100


def test_cap_of_the_step_and_of_a_booking() -> None:
    steps = ["{name: due, rule: pay_due, source: cash, payees: [A], cap: 4}", LATER, REST]
    assert step(outcome(steps, ["{interest: 50}"], notes=BEARING)) == [10, 4, 6]
    steps = ["{name: loss, rule: book, payees: [d], amount: 90, cap: 40}", REST]
    result = outcome(steps, ["{interest: 1}"], "ledgers: {d: {}}")
    assert step(result) == [90, 40, 50]
    assert result.ledger_flow[0, 0, LedgerField.BALANCE] == 4000


def test_a_note_is_not_written_down_below_zero() -> None:
    steps = ["{name: loss, rule: book, payees: [B, A], amount: 1700}", REST]
    result = outcome(steps, ["{interest: 1}"])
    assert note(result, NoteField.WRITE_DOWN) == [1000, 500]
    assert step(result) == [1700, 1500, 200]


def test_what_a_step_left_unpaid_a_later_one_can_pay() -> None:
    steps = ["{name: first, rule: pay_due, source: cash, payees: [A], cap: 4}"]
    steps += ['{name: second, rule: pay_amount, source: cash, payees: [seller], amount: "step.first.shortfall"}']
    steps += [LATER, KEPT]
    assert step(outcome(steps, ["{interest: 50}"], notes=BEARING), 1) == [6, 6, 0]


def test_a_fee_is_paid_once_by_however_many_steps() -> None:
    first = "{name: first, rule: pay_due, source: cash, payees: [trustee], cap: 4}"
    steps = [
        first,
        first.replace("first", "second").replace("4", "5"),
        first.replace("first", "rest of it"),
        LATER,
        REST,
    ]
    result = outcome(steps, ["{interest: 60}"], "fees: {trustee: {amount: 10}}")
    assert [step(result, number)[:2] for number in range(3)] == [[10, 4], [6, 5], [1, 1]]


def test_when_skips_a_step() -> None:
    steps = ['{name: due, rule: pay_due, source: cash, payees: [A], when: "period == 2"}', LATER, KEPT]
    result = outcome(steps, ["{interest: 50}", "{interest: 50}"], notes=BEARING)
    assert [step(result, date=t) for t in (0, 1)] == [[0, 0, 0], [20, 20, 0]]


def test_negative_amounts_pay_nothing() -> None:
    steps = ['{name: pay, rule: pay_amount, source: cash, payees: [A], amount: "pool.default - 1000"}', LATER, KEPT]
    result = outcome(steps, ["{interest: 50}"])
    assert step(result) == [0, 0, 0]
    assert "scenario quiet: waterfalls.amortization[0].amount was negative 1 time, and taken as 0" in result.notices


def test_whatever_is_taken_otherwise_is_counted() -> None:
    """Fee, notional, coupon, target and cap, each below zero on the dates on which it is asked for."""
    notes = "notes: {A: {balance: 1000, floating: {index: euribor}}, B: {balance: 500, coupon_pct: 1, notional: low}}"
    result = outcome(
        ["{name: due, rule: pay_due, source: cash, payees: [A, B, tax], cap: low}", LATER, KEPT, KEPT2],
        ["{interest: 5}"] * 3,
        'definitions: {low: "1 - pool.balance", seldom: "if(period == 2, -1, 1)"}',
        "fees: {tax: {amount: seldom}}",
        "indexes: {euribor: {forward_pct: -0.5}}",
        "accounts: {cash: {collects: all}, reserve: {target: low, receives: seldom}}",
        notes=notes,
    )
    split = [notice.removeprefix("scenario quiet: ").split(" was negative ") for notice in result.notices]
    assert {each[0]: each[1] for each in split if len(each) == 2} == {
        "waterfalls.amortization[0].cap": "3 times, and taken as 0",
        "notes.A.rate": "3 times, and taken as 0",
        "notes.B.notional": "3 times, and taken as 0",
        "fees.tax": "1 time, and taken as 0",
        "accounts.reserve.target": "3 times, and taken as 0",
        "accounts.reserve.receives": "1 time, and taken as 0",
    }


def test_what_goes_beyond_what_can_be_told_apart_ends_the_path() -> None:
    """2^52 minor units: 45,035,996,273,704.96 dollars are told to the cent, a cent more ends the run."""
    flows = ["{interest: 30_000_000_000_000}", "{interest: 15_035_996_273_704.96}", "{interest: 0.01}"]
    kept = outcome([LATER, KEPT], flows[:2])
    assert kept.account_flow[1, 0, AccountField.BALANCE] == 2**52
    with pytest.raises(EngineError) as caught:
        outcome([LATER, KEPT], flows)
    assert caught.value.code == "E502"
    assert "2025-04-15 an amount is beyond 4,503,599,627,370,496 minor units" in str(caught.value)


def test_a_note_does_not_pay_its_issuer() -> None:
    """An index below zero and no floor: nothing accrues, and no cash comes out of nothing."""
    notes = "notes: {A: {balance: 1000, floating: {index: euribor}}, B: {balance: 500}}"
    steps = ["{name: due, rule: pay_due, source: cash, payees: [A]}", KEPT]
    result = outcome(steps, ["{interest: 5}"], "indexes: {euribor: {forward_pct: -0.5}}", notes=notes)
    assert note(result, NoteField.ACCRUED_INTEREST) == [0, 0]
    assert result.account_flow[0, 0, AccountField.BALANCE] == 500


@pytest.mark.parametrize("every", [1, 2, 3, 7, 12])
def test_a_fee_of_each_so_many_dates(every: int) -> None:
    flows = ["{interest: 5}"] * 14
    steps = ["{name: fee, rule: pay_due, source: cash, payees: [trustee]}", KEPT]
    result = outcome(steps, flows, f"fees: {{trustee: {{amount: 5, every: {every}}}}}")
    charged = [0 if t % every else 500 for t in range(1, 15)]
    assert result.fee_flow[:, 0, FeeField.ACCRUED].tolist() == charged


def test_amounts_near_the_largest() -> None:
    """10^15 minor units are shared to the unit."""
    big = "10_000_000_000_000"
    notes = "notes: {A: {balance: 9_999_999_999_999.99}, B: {balance: 3_333_333_333_333.33}, C: {balance: 0.01}}"
    steps = [
        "{name: pay, rule: pay_amount, source: cash, payees: [A, B, C], order: pro_rata, amount: 7_777_777_777_777.77}"
    ]
    result = outcome([*steps, REST], [f"{{scheduled_principal: {big}}}"], notes=notes, opening=1e13)
    assert result.step_flow[0, 0, StepField.PAID] == 777_777_777_777_777
    assert result.note_flow[0, :, NoteField.PRINCIPAL_PAID].sum() == 777_777_777_777_777


def test_a_large_pool_lives_on_though_its_opening_balances_add_up_to_more_than_any_amount_may_be() -> None:
    flows = ["{interest: 1}"] * 6
    repaid = '{name: later, rule: pay_in_full, source: cash, payees: [A], when: "period > 99"}'
    found = outcome([repaid, REST], flows, notes="notes: {A: {balance: 13_000_000_000_000}}", opening=13e12)
    assert found.periods >= 6

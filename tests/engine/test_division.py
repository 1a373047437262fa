"""Nothing over nothing is 0. Something over nothing is an error in an amount, and without bound in what decides."""

from __future__ import annotations

import math

import pytest

from abssim.errors import EXIT_BAD_INPUT, EngineError
from abssim.kind.account import AccountField
from abssim.kind.trigger import TriggerField
from abssim.projection.single import run
from abssim.result import RunResult
from tests.engine.naive_compare import compare
from tests.engine.small import LATER, NOTES, QUIET, small

KEPT = "{name: rest, rule: carry, source: cash}"
FLOWS = ["{interest: 5, default: 5}", "{interest: 7}"]
"""Nothing is prepaid, ever, and nothing defaults on the second date."""
OVER = "pool.interest / pool.prepayment"


def result(steps: list[str], *parts: str, flows: list[str] = FLOWS, notes: str = NOTES) -> RunResult:
    return compare(small([*steps, LATER, KEPT], flows, *parts, notes=notes), QUIET)


def pay(terms: str) -> str:
    return f"{{name: pay, rule: pay_amount, source: cash, payees: [A], amount: 1, {terms}}}"


ACCOUNTS = "accounts: {cash: {collects: all}, reserve: {%s}}"
TOP_UP = "{name: fill, rule: top_up, source: cash, payees: [reserve]}"
ASKED = f"{{name: pay, rule: pay_amount, source: cash, payees: [A], amount: '{OVER} * pool.interest'}}"
PLACES = {
    "waterfalls.amortization[0].amount": (ASKED, []),
    "waterfalls.amortization[0].cap": (pay(f'cap: "{OVER} * pool.interest"'), []),
    "waterfalls.amortization[0].caps.A": (pay(f'caps: {{A: "{OVER} * pool.interest"}}'), []),
    "waterfalls.amortization[0].target": (
        f'{{name: down, rule: pay_down_to, source: cash, payees: [A], target: "{OVER} * pool.interest"}}', []
    ),
    "accounts.reserve.target": (TOP_UP, [ACCOUNTS % f'target: "{OVER} * pool.interest"']),
}  # fmt: skip
"""Amounts."""
JUDGED = {
    "waterfalls.amortization[0].when": (pay(f'when: "{OVER} > 1"'), []),
    "triggers.low.when": (pay("cap: 1"), [f'triggers: {{low: {{when: "{OVER} < 1"}}}}']),
    "calls.c.when": (pay("cap: 1"), [f'calls: {{c: {{when: "{OVER} < 1"}}}}']),
    "fees.f.when": (
        "{name: fee, rule: pay_due, source: cash, payees: [f]}", [f'fees: {{f: {{amount: 1, when: "{OVER} < 1"}}}}']
    ),
    "definitions.d": (pay("cap: 1"), [f'definitions: {{d: "{OVER}"}}']),
    "notes.A.capitalizes": (pay("cap: 1"), []),
}  # fmt: skip
"""Conditions and definitions."""


@pytest.mark.parametrize("place", JUDGED)
def test_what_decides_by_a_division_by_nothing_is_told(place: str) -> None:
    step, parts = JUDGED[place]
    notes = NOTES.replace("balance: 1000", f'balance: 1000, coupon_pct: 1, capitalizes: "{OVER} > 1"')
    found = result([step], *parts, notes=notes if place == "notes.A.capitalizes" else NOTES)
    words = "had something divided by nothing 2 times, taken as without bound"
    assert f"scenario quiet: {place} {words}" in found.notices


def test_what_is_divided_by_nothing_is_without_bound() -> None:
    """5 and 7 over nothing are more than any number; less than none."""
    assert result([pay(f'when: "{OVER} > 99"')]).account_flow[:, 0, AccountField.PAID_OUT].tolist() == [100, 100]
    assert result([pay(f'when: "{OVER} < 99"')]).account_flow[:, 0, AccountField.PAID_OUT].tolist() == [0, 0]
    low = result([pay("cap: 1")], f'triggers: {{low: {{when: "{OVER} > 99"}}}}')
    assert low.trigger_flow[:, 0, TriggerField.BREACHED].tolist() == [1, 1]
    assert low.trigger_values[:, 0].tolist() == [[math.inf, 99.0]] * 2


@pytest.mark.parametrize("place", PLACES)
def test_an_amount_by_a_division_by_nothing_is_refused_with_its_place(place: str) -> None:
    step, parts = PLACES[place]
    with pytest.raises(EngineError) as caught:
        run(small([step, LATER, KEPT], FLOWS, *parts), QUIET)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, caught.value.exit_code) == ("E501", place, EXIT_BAD_INPUT)
    assert problem.where.startswith("deal.yaml:")
    assert problem.message == ("under scenario quiet, on 2025-02-15 this is no number: something is divided by nothing")
    assert problem.hint == "write if(x > 0, y / x, 0)"


def test_the_line_is_that_of_the_field() -> None:
    compiled = small([pay(f'cap: "{OVER} * pool.interest"'), LATER, KEPT], FLOWS)
    with pytest.raises(EngineError) as caught:
        run(compiled, QUIET)
    lines = compiled.deal.document.lines if compiled.deal.document else {}
    assert caught.value.problems[0].where == f"deal.yaml:{lines['waterfalls', 'amortization', 0, 'cap']}"


@pytest.mark.parametrize(
    ("condition", "paid"),
    [
        (f"if(pool.prepayment > 0, {OVER}, 2) > 1", 100),
        (f"if(pool.prepayment > 0, {OVER} > 1, 1 > 2)", 0),
        (f"pool.prepayment > 0 and {OVER} > 1", 0),
        (f"{OVER} > 1 and pool.prepayment > 0", 0),
        (f"pool.prepayment == 0 or {OVER} > 1", 100),
        (f"not (pool.prepayment == 0 or {OVER} > 1)", 0),
        ("pool.prepayment / pool.repurchase > 1", 0),
        ("pool.prepayment / pool.repurchase < 1", 100),
    ],
)
def test_what_is_not_asked_for_may_divide_by_nothing(condition: str, paid: int) -> None:
    """A choice takes one side, and what one condition decides does not ask for the other; nothing over nothing is 0."""
    found = result([pay(f'when: "{condition}"')])
    assert found.account_flow[:, 0, AccountField.PAID_OUT].tolist() == [paid, paid]
    assert not any("divided by nothing" in notice for notice in found.notices)


@pytest.mark.parametrize(
    "amount", [f"min(1, {OVER} * pool.interest)", f"max(1, {OVER} * pool.interest)", f"abs({OVER}) * 1 * pool.interest"]
)
def test_a_bound_does_not_hide_it(amount: str) -> None:
    with pytest.raises(EngineError, match="divided by nothing"):
        run(small([pay(f'cap: "{amount}"'), LATER, KEPT], FLOWS), QUIET)


def test_a_condition_of_a_regime_that_is_not_in_force_is_not_asked() -> None:
    other = ["enforcement:", *(f"    - {step}" for step in (pay(f'when: "{OVER} > 1"'), LATER, KEPT))]
    compiled = small([LATER, "\n  ".join([KEPT, *other])], FLOWS)
    assert list(compiled.deal.waterfalls) == ["amortization", "enforcement"]
    found = run(compiled, QUIET)
    assert found.account_flow[:, 0, AccountField.PAID_OUT].tolist() == [0, 0]
    assert not any("divided by nothing" in notice for notice in found.notices)


def test_ratios_of_the_languages_own_are_without_bound() -> None:
    """Of a pool that is gone and has loans in default, 5 of nothing are more than any share of it; an amount cannot be
    made of that."""
    flows = ["{interest: 1, default: 5, scheduled_principal: 1495}"]
    trigger = 'triggers: {bad: {when: "pool.npl_to_pool_ratio > 99"}}'
    found = result([], trigger, flows=flows)
    assert found.trigger_flow[0, 0, TriggerField.BREACHED] == 1
    for field in ("cap", "amount"):
        step = pay('cap: "pool.npl_to_pool_ratio * pool.interest"')
        step = step.replace("amount: 1, cap", "amount") if field == "amount" else step
        with pytest.raises(EngineError) as caught:
            run(small([step, LATER, KEPT], flows), QUIET)
        (problem,) = caught.value.problems
        assert (problem.code, problem.path) == ("E502", f"waterfalls.amortization[0].{field}")
        assert problem.message.endswith("is without bound: it reads a ratio of something to nothing")


def test_an_amount_that_is_only_too_large_is_told_as_that() -> None:
    step = '{name: loss, rule: book, payees: [d], amount: "pool.interest * 1_000_000_000 * 1_000_000_000"}'
    with pytest.raises(EngineError) as caught:
        run(small([step, LATER, KEPT], FLOWS, "ledgers: {d: {}}"), QUIET)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E502", "waterfalls.amortization[0].amount")
    assert problem.message.endswith("2025-02-15 this is beyond 10^18 minor units")


def test_a_window_over_a_guarded_ratio() -> None:
    """Interest over defaults is 5 / 5 on the first date, and kept out of the second: (1 + 0) / 2."""
    ratio = "if(pool.default > 0, pool.interest / pool.default, 0)"
    found = result([pay("cap: 1")], f'definitions: {{d: "average({ratio}, 2)"}}')
    assert found.definitions[:, 0].tolist() == [1.0, 0.5]
    found = result([pay("cap: 1")], 'definitions: {d: "average(pool.interest / pool.default, 2)"}')
    assert found.definitions[:, 0].tolist() == [1.0, math.inf]
    assert (
        "scenario quiet: definitions.d had something divided by nothing 1 time, taken as without bound" in found.notices
    )

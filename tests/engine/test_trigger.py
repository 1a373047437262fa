"""Triggers: persistence, cure, moment of the test, effects; calls: dates and what they end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField
from abssim.result import RunResult
from tests.engine.small import REST, TWO_POOLS, outcome

BREACHES = st.lists(st.booleans(), min_size=1, max_size=14)


def breached_on(breaches: list[bool], terms: str) -> RunResult:
    """A trigger that is breached on the given dates."""
    flows = [f"{{interest: {9 if breach else 1}}}" for breach in breaches]
    return outcome([REST], flows, f'triggers: {{g: {{when: "pool.interest > 5", {terms}}}}}')


def expected(breaches: list[bool], persistence: int, cure: int) -> list[int]:
    """Active, date by date: looks back over the whole past each time."""
    active, since, found = 0, 0, []
    for t in range(len(breaches)):
        wanted = persistence if not active else cure
        recent = breaches[max(since, t + 1 - wanted) : t + 1] if wanted else []
        if wanted and len(recent) == wanted and all(breach != bool(active) for breach in recent):
            active, since = 1 - active, t + 1
        found.append(active)
    return found


@given(BREACHES, st.integers(1, 3), st.integers(0, 3), st.sampled_from(["start", "end"]))
@settings(max_examples=25)
def test_persistence_and_cure(breaches: list[bool], persistence: int, cure: int, moment: str) -> None:
    cured = f", curable: true, cure_after: {cure}" if cure else ""
    result = breached_on(breaches, f"for: {persistence}, test: {moment}{cured}")
    assert result.trigger_flow[:, 0, TriggerField.ACTIVE].tolist() == expected(breaches, persistence, cure)
    assert result.trigger_flow[:, 0, TriggerField.BREACHED].tolist() == [int(breach) for breach in breaches]


def test_observed_value_and_threshold_are_kept() -> None:
    result = breached_on([True, False], "for: 1")
    assert result.trigger_values[:, 0].tolist() == [[900, 500], [100, 500]]


@pytest.mark.parametrize(("moment", "regimes"), [("start", [1, 2, 2, 1]), ("end", [1, 1, 2, 2])])
def test_effect_on_this_date_or_the_next(moment: str, regimes: list[int]) -> None:
    result = breached_on([False, True, True, False], f"test: {moment}, effect: early_amortization, curable: true")
    assert result.clock[:, ClockField.REGIME].tolist() == regimes


def test_the_most_severe_regime_is_in_force() -> None:
    triggers = (
        'triggers: {a: {when: "period >= 2", effect: enforcement}, b: {when: "period >= 1", effect: amortization}}'
    )
    result = outcome([REST], ["{interest: 1}"] * 3, triggers)
    assert result.clock[:, ClockField.REGIME].tolist() == [1, 3, 3]


def called(terms: str, *parts: Any) -> RunResult:
    steps = ["{name: redeem, rule: pay_down_to, source: cash, payees: [A, B], target: 0}", REST]
    flows = [f"{{scheduled_principal: {amount}}}" for amount in (300, 300, 300, 300)]
    return outcome(steps, flows, f"calls: {{c: {{{terms}}}}}", *parts)


def test_call_sells_the_pool_once() -> None:
    result = called('when: "pool.balance <= 900"')
    assert result.clock[:, ClockField.CALLED].tolist() == [0, 1]
    assert result.pool_flow[:, 0, PoolField.SALE_PROCEEDS].tolist() == [0, 90000]
    assert result.note_flow[1, :, NoteField.BALANCE].tolist() == [0, 0]


def test_call_not_before_its_date_and_only_on_its_dates() -> None:
    late = called('when: "pool.balance <= 900", from: 2025-03-16')
    assert late.clock[:, ClockField.CALLED].tolist() == [0, 0, 1]
    chosen = called('when: "pool.balance <= 1200", dates: [2025-04-20]')
    assert chosen.clock[:, ClockField.CALLED].tolist() == [0, 0, 0, 1]


def test_price_of_several_pools_is_shared_by_balance() -> None:
    result = outcome([REST], [], 'calls: {c: {when: "period == 1", price: "10"}}', pools=TWO_POOLS)
    assert result.pool_flow[0, :, PoolField.SALE_PROCEEDS].tolist() == [1000, 666, 334]
    assert result.pool_flow[0, :, PoolField.CLOSING_BALANCE].tolist() == [0, 0, 0]


def test_price_of_pools_that_are_repaid_goes_to_the_last() -> None:
    """Nothing is left to share by; what the call costs is paid all the same, once."""
    pools = (
        "pools: {p: {opening_balance: 2, collections: [{scheduled_principal: 2}]}, "
        "q: {opening_balance: 1, collections: [{scheduled_principal: 1}]}}"
    )
    result = outcome([REST], [], 'calls: {c: {when: "period == 1", price: "10"}}', pools=pools)
    assert result.pool_flow[0, :, PoolField.SALE_PROCEEDS].tolist() == [1000, 0, 1000]


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=8),
    st.integers(0, 200),
    st.integers(5, 95),
    st.sampled_from(["pool.balance", "pool.balance + 100", "notes.balance"]),
)
@settings(max_examples=30)
def test_no_residual_while_a_note_is_unpaid_after_a_sale(
    principal: list[int], oc: int, factor: int, price: str
) -> None:
    """A target that leaves overcollateralization is that of the pool as it is once it has been sold."""
    steps = [
        "{name: principal, rule: pay_down_to, source: cash, payees: [A, B], target: goal}",
        REST,
    ]
    left, flows = 1500, []
    for each in principal:
        flows.append(f"{{scheduled_principal: {min(each, left)}}}")
        left -= min(each, left)
    goal = f'definitions: {{goal: "max(0, pool.balance - {oc})"}}'
    call = f'calls: {{clean: {{when: "pool.factor <= {factor / 100}", price: "{price}"}}}}'
    result = outcome(steps, flows, goal, call)
    called = result.clock[:, ClockField.CALLED] == 1
    unpaid = result.note_flow[..., NoteField.BALANCE].sum(axis=1) > 0
    assert not (result.holder_paid.sum(axis=1)[called & unpaid] > 0).any()

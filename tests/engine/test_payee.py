"""Sharing: exact portions, random trees against the naive twin, and the units nobody may lose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.engine.layout import AccountField
from abssim.engine.payee import add_up, share
from abssim.engine.program import PAYEE, ClaimField, PayeeKind
from abssim.engine.rounding import portion
from tests.engine import naive_step
from tests.engine.small import REST, outcome

AMOUNTS = st.integers(0, 10**15)


@given(AMOUNTS, st.integers(1, 2**54), st.integers(0, 2**55))
@settings(max_examples=200)
def test_portion_is_exact(amount: int, weight: int, others: int) -> None:
    total = weight + others
    whole, remainder = portion(amount, weight, total)
    assert (whole, remainder) == divmod(amount * weight, total)


trees = st.recursive(st.just("leaf"), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=9)


def numbered(tree: Any, count: list[int]) -> Any:
    """The tree with a name of its own for every leaf."""
    if isinstance(tree, str):
        count.append(0)
        return f"n{len(count) - 1}"
    return tuple(numbered(each, count) for each in tree)


def flat(tree: Any, pro_rata: bool, rows: list[list[int]], leaf_rows: dict[str, int]) -> None:
    """The tree in preorder, as `PAYEE` rows."""
    place = len(rows)
    if isinstance(tree, str):
        leaf_rows[tree] = place
        rows.append([PayeeKind.HOLDER, 0, place + 1, 0, -1])
        return
    rows.append([PayeeKind.GROUP, -1, -1, int(pro_rata), -1])
    for child in tree:
        flat(child, not pro_rata, rows, leaf_rows)
    rows[place][2] = len(rows)


@given(trees, st.sampled_from(["sequential", "pro_rata"]), st.data())
@settings(max_examples=60)
def test_share_is_the_twin(tree: Any, order: str, data: st.DataObject) -> None:
    tree = numbered(["leaf"] if isinstance(tree, str) else tree, [])
    rows: list[list[int]] = []
    places: dict[str, int] = {}
    flat(tree, order == "pro_rata", rows, places)
    needs = {name: data.draw(st.sampled_from([0, 1, 7, 10**6, 10**14]) | AMOUNTS) for name in places}
    weights = {name: data.draw(st.sampled_from([1, 3, 3, 10**12]) | st.integers(1, 10**14)) for name in places}
    amount = data.draw(st.integers(0, sum(needs.values())))
    payee = np.array([tuple(row) for row in rows], dtype=PAYEE)
    claim = np.zeros((len(rows), len(ClaimField)), dtype=np.int64)
    for name, place in places.items():
        claim[place, :2] = needs[name], weights[name]
    for node in range(len(rows) - 1, -1, -1):
        if rows[node][0] == PayeeKind.GROUP:
            add_up(payee, claim, node, ClaimField.NEED)
            add_up(payee, claim, node, ClaimField.WEIGHT)
    share(payee, claim, 0, amount)
    expected = naive_step.share(tree, order, amount, needs, weights)
    assert {name: int(claim[place, ClaimField.GIVEN]) for name, place in places.items()} == expected
    assert sum(expected.values()) == amount
    assert all(expected[name] <= needs[name] for name in expected)


@pytest.mark.parametrize(
    ("amount", "needs", "weights", "expected"),
    [
        (100, [100, 100, 100], [1, 1, 1], [34, 33, 33]),  # the odd unit to the first of equals
        (2, [9, 9, 9], [1, 1, 1], [1, 1, 0]),
        (100, [10, 100, 100], [1, 1, 1], [10, 45, 45]),  # a small claim is filled, the others share its rest
        (100, [1, 40, 100], [5, 4, 1], [1, 40, 59]),  # filling one makes room that fills the next
        (7, [9, 9], [2, 5], [2, 5]),
        (10**15, [10**15] * 3, [1, 1, 1], [333333333333334, 333333333333333, 333333333333333]),
        (0, [5, 5], [1, 1], [0, 0]),
    ],
)
def test_pro_rata(amount: int, needs: list[int], weights: list[int], expected: list[int]) -> None:
    assert naive_step.pro_rata(amount, needs, weights) == expected


def test_a_list_in_a_list_takes_the_other_order() -> None:
    """Alone in its list too: `[[A, B]]` under the sequential order is A and B pro rata."""
    steps = ["{name: pay, rule: pay_amount, source: cash, payees: [[A, B]], amount: 300}", REST]
    result = outcome(steps, ["{scheduled_principal: 300}"])
    assert result.note_flow[0, :, 6].tolist() == [20000, 10000]


def test_a_ledger_below_zero_claims_nothing() -> None:
    steps = ["{name: cure, rule: pay_down_to, source: cash, payees: [low, high], into: store, target: 0}", REST]
    steps.append("{name: kept, rule: carry, source: store}")
    accounts = "accounts: {cash: {collects: all}, store: {}}"
    result = outcome(steps, ["{interest: 500}"], accounts, "ledgers: {low: {balance: -100}, high: {balance: 200}}")
    assert result.ledger_flow[0, :, 3].tolist() == [-10000, 0]
    assert result.account_flow[0, 1, AccountField.BALANCE] == 20000

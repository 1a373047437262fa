"""Sharing: exact portions, random trees against the naive twin, and the units nobody may lose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.engine.deal.lanes import make_lanes, start
from abssim.engine.program import GROUP, PAYEE
from abssim.engine.rounding import portion
from abssim.kind.account import AccountField
from abssim.kind.claim import Rule
from abssim.kind.note import NoteField
from abssim.kind.table import CLAIMS
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.payee import Step, Tree
from abssim.program.lower.plan import finish
from tests.engine import naive_step
from tests.engine.one_lane import nothing_offered, operate
from tests.engine.small import LATER, REST, outcome, small

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


NAMES = [f"n{i}" for i in range(9)]
NINE = small(
    [LATER.replace("A, B", ", ".join(NAMES)), REST],
    ["{interest: 1}"],
    notes="notes: {" + ", ".join(f"{n}: {{balance: 1}}" for n in NAMES) + "}",
)
LANES = 3
NO_RATES = np.zeros((0, 0))
PRINCIPAL = next(number for number, claim in enumerate(CLAIMS) if claim.part == "principal")


def flat(tree: Any, pro_rata: bool, rows: list[list[int]]) -> None:
    """The tree in preorder, as `PAYEE` rows: principal of notes."""
    place = len(rows)
    if isinstance(tree, str):
        rows.append([PRINCIPAL, NAMES.index(tree), place + 1, 0, -1, -1, 1, place])
        return
    rows.append([GROUP, -1, -1, int(pro_rata), -1, -1, 1, place])
    for child in tree:
        flat(child, not pro_rata, rows)
    rows[place][2] = len(rows)


class Shares:
    """The machine's sharing by a tree of notes: balances are what they need, opening balances what they weigh."""

    def __init__(self, tree: Any, order: str) -> None:
        rows: list[list[int]] = []
        flat(tree, order == "pro_rata", rows)
        program = NINE.program._replace(payee=np.array([tuple(row) for row in rows], dtype=PAYEE))
        asm = Assembler(program, NINE.history, NO_RATES)
        self.amount, first = asm.slot(), asm.layout["note"].start
        self.need = [asm.at(first + n, NoteField.BALANCE) for n in range(len(NAMES))]
        self.weight = [asm.at(first + n, NoteField.OPENING_BALANCE) for n in range(len(NAMES))]
        payees = Tree(asm, Step(0, Rule.PAY_AMOUNT, 0, len(rows), asm.one), {})
        payees.share(self.amount)
        self.given = {NAMES[rows[node][1]]: payees.given[node] for node in payees.leaves}
        self.machine = finish(asm, 0)
        self.lanes = make_lanes(self.machine, (1, 1), LANES)
        start(self.machine, self.lanes, nothing_offered(self.lanes))

    def share(self, amounts: list[int], needs: list[dict[str, int]], weights: dict[str, int]) -> list[dict[str, int]]:
        """What each gets of so much, lane by lane."""
        for w, amount in enumerate(amounts):
            self.lanes.slot[self.amount, w] = amount
            for name, weight in weights.items():
                self.lanes.slot[self.need[NAMES.index(name)], w] = needs[w][name]
                self.lanes.slot[self.weight[NAMES.index(name)], w] = weight
        operate(self.machine, self.lanes)
        return [{name: int(self.lanes.slot[slot, w]) for name, slot in self.given.items()} for w in range(LANES)]


@given(trees, st.sampled_from(["sequential", "pro_rata"]), st.data())
@settings(max_examples=60)
def test_share_is_the_twin(tree: Any, order: str, data: st.DataObject) -> None:
    """Lanes differ in what is shared and in what is needed, and know nothing of each other."""
    tree = numbered(["leaf"] if isinstance(tree, str) else tree, [])
    shares = Shares(tree, order)
    amounts = st.sampled_from([0, 1, 7, 10**6, 10**14]) | AMOUNTS
    needs = [{name: data.draw(amounts) for name in shares.given} for _ in range(LANES)]
    draws = st.sampled_from([1, 3, 3, 10**12]) | st.integers(1, 10**14)
    weights = {name: data.draw(draws) for name in shares.given}
    owed: list[naive_step.Owed] = [{} for _ in range(LANES)]
    for _ in range(3):  # steps of one date, each of what the one before left unpaid
        amount = [data.draw(st.integers(0, sum(own.values()))) for own in needs]
        found = shares.share(amount, needs, weights)
        for w in range(LANES):
            expected = naive_step.share(tree, order, amount[w], needs[w], weights, owed[w])
            assert found[w] == expected
            assert sum(expected.values()) == amount[w]
            assert all(0 <= expected[name] <= needs[w][name] for name in expected)
            needs[w] = {name: needs[w][name] - expected[name] for name in needs[w]}


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
    assert naive_step.pro_rata(amount, needs, weights)[0] == expected


@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.integers(1, 10**12), st.integers(1, 10**12))
@settings(max_examples=100)
def test_two_payees_are_rounded_once_a_date(steps: list[int], first: int, second: int) -> None:
    """Whatever the steps: together they give what one step of the whole amount would, to the unit."""
    needs, owed = {"a": 10**17, "b": 10**17}, {}
    paid = [naive_step.share(("a", "b"), "pro_rata", step, needs, {"a": first, "b": second}, owed) for step in steps]
    whole = naive_step.share(("a", "b"), "pro_rata", sum(steps), needs, {"a": first, "b": second})
    tie = 2 * sum(steps) * first % (first + second) == 0
    assert abs(sum(given["a"] for given in paid) - whole["a"]) <= int(tie)


# BMW Vehicle Owner Trust 2023-A, August 2024 (Form 10-D): principal of classes A-2a and A-2b.
OPENING = {"A": "153_856_214.99", "B": "80_272_807.82"}
PRINTED = [26_209_887_93, 13_674_724_14]
PARTS = {"one step": ["39_884_612.07"], "five": ["0.01", "0.01", "39_884_612.03", "0.01", "0.01"]}


def principal(parts: list[str], more: str = "", notes: dict[str, str] = OPENING) -> list[int]:
    """What A and B are paid on one date, minor units, by steps of so much each."""
    steps = [
        f"{{name: s{i}, rule: pay_amount, source: cash, payees: [[A, B]], amount: {amount}{more}}}"
        for i, amount in enumerate(parts)
    ]
    balances = ", ".join(f"{name}: {{balance: {balance}}}" for name, balance in notes.items())
    result = outcome(
        [*steps, REST], ["{scheduled_principal: 40_000_000}"], opening=40e6, notes=f"notes: {{{balances}}}"
    )
    paid: list[int] = result.note_flow[0, :, NoteField.PRINCIPAL_PAID].tolist()
    return paid


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_a_group_is_rounded_once_a_date(parts: list[str]) -> None:
    assert principal(parts) == PRINTED


def test_a_group_that_reads_the_other_way_round_is_the_same() -> None:
    """Three steps of one cent to equals: the third goes to the first of them, whichever way the step names them."""
    steps = [
        f"{{name: {n}, rule: pay_amount, source: cash, payees: [{who}], amount: 0.01}}" for n, who in NAMED.items()
    ]
    result = outcome([*steps, REST], ["{scheduled_principal: 1}"], notes="notes: {A: {balance: 5}, B: {balance: 5}}")
    assert result.note_flow[0, :, NoteField.PRINCIPAL_PAID].tolist() == [2, 1]


NAMED = {"s1": "[A, B]", "s2": "[B, A]", "s3": "[A.principal, B]"}


def test_what_is_written_down_has_no_part_in_what_is_paid() -> None:
    steps = ["{name: loss, rule: book, payees: [A, B], order: pro_rata, amount: 0.01}"]
    steps.append("{name: pay, rule: pay_amount, source: cash, payees: [[A, B]], amount: 0.01}")
    result = outcome([*steps, REST], ["{scheduled_principal: 1}"], notes="notes: {A: {balance: 5}, B: {balance: 5}}")
    assert result.note_flow[0, :, NoteField.PRINCIPAL_PAID].tolist() == [1, 0]
    assert result.note_flow[0, :, NoteField.WRITE_DOWN].tolist() == [1, 0]


def test_by_original_balance() -> None:
    """300.00 to a note of 100 of originally 900 and one of 500 of originally 600: 60 and 40 % of what A can take.

    A is owed 180 and takes its 100, B the rest; of 100.00 they take 60 and 40, by current balance 16.67 and 83.33.
    """
    mid_life = ", started_periods: 1, first_payment: 2025-01-15"
    for amount, by, paid in [(300, ORIGINAL, [10000, 20000]), (100, ORIGINAL, [6000, 4000]), (100, "", [1667, 8333])]:
        step = f"{{name: pay, rule: pay_amount, source: cash, payees: [[A, B]], amount: {amount}{by}}}"
        notes = "notes: {A: {balance: 900, opening_balance: 100}, B: {balance: 600, opening_balance: 500}}"
        result = outcome(
            [step, REST], ["{scheduled_principal: 600}"], notes=notes, dates=mid_life, closing="2024-12-15"
        )
        assert result.note_flow[0, :, NoteField.PRINCIPAL_PAID].tolist() == paid


ORIGINAL = ", pro_rata_by: original_balance"


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

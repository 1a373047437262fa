from __future__ import annotations

import numpy as np
import pytest

from abssim.engine.layout import Amortization
from abssim.errors import TapeError
from abssim.tape import replines_tape


def test_replines_of_an_auto_pool() -> None:
    """The five replines of a US auto pool: balance, rate, remaining term and age are all that is published."""
    tape = replines_tape(
        [
            {"balance": 24_151_090.50, "rate_pct": 3.591, "remaining_term": 10, "age": 30},
            {"balance": 1_000, "rate_pct": 5, "remaining_term": 60, "grade": "A", "days_past_due": 0},
        ],
        "USD",
    )
    assert tape.balance.tolist() == [2_415_109_050, 100_000]
    assert tape.rate.tolist() == [0.03591, 0.05]
    assert tape.original_term.tolist() == [40, 60] and tape.age.tolist() == [30, 0]
    assert tape.column("grade").tolist() == ["", "A"]
    assert tape.obligors == 2


def test_schedule_as_a_list() -> None:
    tape = replines_tape(
        [{"balance": 100, "rate": 0, "remaining_term": 3, "amortization": "custom", "schedule": [50, 30.5, 19.5]}],
        "USD",
    )
    assert tape.amortization.tolist() == [Amortization.CUSTOM]
    assert tape.schedules[tape.schedule[0]].tolist() == [5_000, 3_050, 1_950]


def test_yen_have_no_minor_unit() -> None:
    assert replines_tape([{"balance": 1_000, "rate": 0.01, "remaining_term": 12}], "JPY").balance.tolist() == [1_000]


def test_all_problems_at_once() -> None:
    with pytest.raises(TapeError) as caught:
        replines_tape([{"balance": -1, "rate_pct": 500, "remaining_term": 0.5}, {"balance": "x", "rate_pct": 1}], "USD")
    assert {(p.where, p.path, p.code) for p in caught.value.problems} == {
        ("replines row 1", "balance", "E213"), ("replines row 1", "rate_pct", "E219"),
        ("replines row 1", "remaining_term", "E217"), ("replines row 2", "balance", "E211"),
    }  # fmt: skip


def test_unknown_fields_and_rates_given_twice() -> None:
    with pytest.raises(TapeError) as caught:
        replines_tape(
            [{"balance": 1, "rate": 0.1, "term": 3}, {"balance": 1, "rate_pct": 10}], "USD", where="deal.yaml:9"
        )
    assert [problem.code for problem in caught.value.problems] == ["E228", "E247"]
    with pytest.raises(TapeError):
        replines_tape([], "USD")


@pytest.mark.parametrize("value", [True, [1], {"a": 1}, float("inf"), float("nan"), 10**400, "1e999"])
def test_hostile_balances(value: object) -> None:
    with pytest.raises(TapeError):
        replines_tape([{"balance": value, "rate": 0.1, "remaining_term": 12}], "USD")


def test_columns_of_a_repline_tape_are_whole() -> None:
    tape = replines_tape([{"balance": 1, "rate": 0.1, "remaining_term": 12}] * 3, "USD")
    assert all(len(np.atleast_1d(tape.codes(name))) == 3 for name in tape.names)


def test_original_balance_is_rounded_to_the_nearest_minor_unit() -> None:
    """100.01 x 7 / 3 = 233.3567, 100.00 x 7 / 3 = 233.3333."""
    row = {"remaining_term": 3, "original_term": 7, "amortization": "flat_fee", "fee_rate": 0.01}
    tape = replines_tape([{"balance": balance, **row} for balance in (100.01, 100.0)], "USD")
    assert tape.original_balance.tolist() == [23_336, 23_333]


def test_bounds_are_allowed_and_what_is_beyond_is_not() -> None:
    """A balloon of the whole balance, a fee of 20 % a month, an instalment of exactly the interest."""
    allowed = [
        {"balance": 100, "rate": 0.06, "remaining_term": 3, "amortization": "balloon", "balloon": 100},
        {"balance": 100, "remaining_term": 3, "amortization": "flat_fee", "fee_rate": 0.2},
        {"balance": 100, "rate": 0.06, "remaining_term": 3, "payment": 0.5},
    ]
    assert len(replines_tape(allowed, "USD")) == 3
    beyond = [{"balloon": 100.01}, {"fee_rate": 0.201}, {"payment": 0.49}]
    codes = []
    for row, change in zip(allowed, beyond, strict=True):
        with pytest.raises(TapeError) as caught:
            replines_tape([{**row, **change}], "USD")
        codes += [problem.code for problem in caught.value.problems]
    assert codes == ["E223", "E219", "E266"]


def test_two_balances_that_are_empty_lists_are_no_numbers() -> None:
    with pytest.raises(TapeError) as caught:
        replines_tape([{"balance": []}, {"balance": []}], "USD")
    assert caught.value.problems[0].code == "E211"


@pytest.mark.parametrize("schedule", ["150;-50", "-50;150", "50;-50;100"])
def test_a_custom_schedule_never_lends(schedule: str) -> None:
    """It adds up to the balance of 100, but a part of it is below zero."""
    row = {"balance": 100, "rate": 0, "remaining_term": 3, "amortization": "custom", "schedule": schedule}
    with pytest.raises(TapeError) as caught:
        replines_tape([row], "USD")
    assert caught.value.code == "E222"

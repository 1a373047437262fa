"""Two columns that say two things of one loan: nobody knows which is wrong, so it is told, with how many loans."""

from __future__ import annotations

from typing import Any

import pytest

from abssim.errors import TapeError
from abssim.tape.repline import replines_reading

BASE = {"balance": 100.0, "rate": 0.05, "remaining_term": 12}
GROWN = "above original_balance, by 10.00 in all"


def told(**columns: Any) -> tuple[str, ...]:
    return replines_reading([BASE | columns, BASE], "USD").notes


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"original_balance": 90.0}, GROWN),
        ({"original_balance": 90.0, "amortization": "interest_only"}, GROWN),
        ({"original_balance": 90.0, "amortization": "equal_principal"}, GROWN),
        ({"original_balance": 90.0, "amortization": "single_payment"}, GROWN),
        ({"original_balance": 90.0, "amortization": "custom", "schedule": "50;50"}, GROWN),
        ({"original_term": 10}, "remaining_term of 1 loan is longer than the original_term"),
        ({"original_term": 36, "age": 3}, "original_term of 1 loan differs from that by remaining_term and age"),
        ({"age": 1, "days_past_due": 63}, "days_past_due of 1 loan is longer than the loan's age"),
        ({"original_term": 14, "days_past_due": 94}, "days_past_due of 1 loan is longer than the loan's age"),
        ({"interest_only_term": 13}, "interest_only_term of 1 loan is longer than remaining_term"),
        ({"rate_schedule": "13:6"}, "rate_schedule of 1 loan has no effect: its first month comes after"),
        ({"rate_schedule": "2:4;12:5;13:6"}, "rate_schedule of 1 loan has no effect in months after the remaining"),
        ({"capitalized_term": 13}, "capitalized_term of 1 loan is longer than remaining_term"),
        ({"rate_index": "sofr", "months_to_reset": 12}, "the first reset comes after the remaining_term"),
        ({"rate_index": "sofr", "months_to_reset": 3, "rate_cap": 0.04}, "rate of 1 loan is above rate_cap"),
        ({"rate_index": "sofr", "months_to_reset": 3, "rate_floor": 0.06}, "rate of 1 loan is below rate_floor"),
    ],
)
def test_a_contradiction_is_told(columns: dict[str, Any], words: str) -> None:
    assert sum(words in note for note in told(**columns)) == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"original_balance": 100.0},
        {"original_balance": 90.0, "amortization": "minimum_payment", "minimum_payment_rate": 0.1},
        {"original_term": 12},
        {"age": 1, "days_past_due": 62},
        {"days_past_due": 200},
        {"interest_only_term": 12},
        {"rate_schedule": "2:4;12:6"},
        {"rate_index": "sofr", "months_to_reset": 11, "rate_cap": 0.05, "rate_floor": 0.05},
    ],
)
def test_what_agrees_is_not_told(columns: dict[str, Any]) -> None:
    assert told(**columns) == ()


def test_flat_instalments_never_owe_more_than_was_lent() -> None:
    with pytest.raises(TapeError) as caught:
        told(original_balance=90.0, amortization="flat_fee", fee_rate=0.01)
    assert caught.value.code == "E221"

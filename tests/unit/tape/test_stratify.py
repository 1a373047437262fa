from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.errors import TapeError
from abssim.tape import make_tape, stratify, synthesize
from abssim.tape.stratify import available


def test_by_hand() -> None:
    tape = make_tape(
        "USD", [100_00, 300_00, 600_00], rate=[0.04, 0.06, 0.10], remaining_term=[12, 13, 24], age=[0, 6, 12],
        score=[700, np.nan, 600], days_past_due=[0, 30, 95], grade=[1, 0, 1], labels={"grade": ("A", "B")},
    )  # fmt: skip
    by_grade = stratify(tape, "grade")
    assert [(row.label, row.loans, row.balance) for row in by_grade.rows] == [("B", 2, 70_000), ("A", 1, 30_000)]
    first, second = by_grade.rows
    assert first.share == pytest.approx(0.7)
    assert first.rate == pytest.approx((100 * 0.04 + 600 * 0.10) / 700)
    assert first.score == pytest.approx((100 * 700 + 600 * 600) / 700)
    assert np.isnan(second.score) and second.remaining_term == 13.0
    assert by_grade.total.score == pytest.approx((100 * 700 + 600 * 600) / 700)
    assert by_grade.total.age == pytest.approx((300 * 6 + 600 * 12) / 1000)
    assert [row.label for row in stratify(tape, "delinquency").rows] == ["current", "1 – 30", "91 +"]
    assert [row.label for row in stratify(tape, "term").rows] == ["7 – 12", "13 – 24"]
    assert [row.label for row in stratify(tape, "score").rows] == ["600 – 639", "680 – 719", "unknown"]
    assert [row.label for row in stratify(tape, "rate").rows] == ["4 to < 6", "6 to < 8", "10 to < 12"]
    bands = stratify(tape, "balance", [200, 600])
    assert [row.label for row in bands.rows] == ["< 200", "200 to < 600", "600 +"]


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=40),
    st.sampled_from(["balance", "rate", "term", "seasoning", "score", "grade", "amortization", "original_balance"]),
)
def test_rows_add_up_to_the_tape(balances: list[int], by: str) -> None:
    count = len(balances)
    base = synthesize("consumer", loans=count, seed=count)
    tape = make_tape(
        "USD", balances, rate=base.rate, remaining_term=base.remaining_term, age=base.age, score=base.score,
        grade=base.grade, labels={"grade": base.labels["grade"]},
    )  # fmt: skip
    strata = stratify(tape, by)
    assert sum(row.balance for row in strata.rows) == strata.total.balance == tape.total_balance == sum(balances)
    assert sum(row.loans for row in strata.rows) == strata.total.loans == sum(balance > 0 for balance in balances)
    if tape.total_balance:
        assert sum(row.share for row in strata.rows) == pytest.approx(1.0)


def test_a_million_large_balances_add_up_exactly() -> None:
    balance = np.full(1_000_000, 899_999_999, dtype=np.int64)
    strata = stratify(make_tape("USD", balance, age=np.arange(1_000_000) % 50), "age")
    assert sum(row.balance for row in strata.rows) == 899_999_999 * 1_000_000


def test_what_cannot_be_cut() -> None:
    tape = synthesize("auto", loans=10, seed=1)
    for by, bands, code in (("colour", None, "E230"), ("grade", [1], "E231"), ("rate", [2, 1], "E231"),
                            ("rate", [], "E231"), ("rate", [float("nan")], "E231")):  # fmt: skip
        with pytest.raises(TapeError) as caught:
            stratify(tape, by, bands)
        assert caught.value.code == code


def test_only_columns_that_tell_loans_apart_are_offered() -> None:
    tape = make_tape("USD", [1, 2], rate=0.1, remaining_term=[3, 4])
    assert available(tape) == ("balance", "remaining_term")


def test_merchants_come_by_falling_balance_and_add_up() -> None:
    tape = synthesize("baitiao", loans=3_000, seed=1)
    found = stratify(tape, "merchant")
    assert found.rows[0].label == "M0001" and 300 < len(found.rows) <= 500
    assert [row.balance for row in found.rows] == sorted((row.balance for row in found.rows), reverse=True)
    assert sum(row.balance for row in found.rows) == tape.total_balance
    assert sum(row.loans for row in found.rows) == 3_000

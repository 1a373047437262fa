from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.tape import LoanTape, concat, make_tape, synthesize
from abssim.tape.schema import CATEGORIES, COLUMNS, USES


def small() -> LoanTape:
    return make_tape(
        "USD", [100, 200, 300], rate=0.05, remaining_term=[10, 11, 12], age=2,
        obligor_key=[7, 7, 8], grade=[0, 1, 0], labels={"grade": ("A", "B"), "make": ("Ford", "Honda")},
        extra={"make": np.asarray([1, 0, 1], dtype=np.int32), "income": np.asarray([1.0, 2.0, np.nan])},
        schedules=(np.asarray([300], dtype=np.int64),), schedule=[-1, -1, 0],
    )  # fmt: skip


def test_neutral_values() -> None:
    tape = small()
    assert len(tape) == 3 and tape.total_balance == 600 and tape.obligors == 2
    assert tape.original_balance.tolist() == [100, 200, 300]
    assert tape.original_term.tolist() == [12, 13, 14]
    assert tape.loan_key.tolist() == [1, 2, 3]
    assert np.isnan(tape.score).all() and tape.payment.tolist() == [0, 0, 0]


def test_dtypes_are_what_kernels_expect() -> None:
    tape = small()
    for name in ("balance", "original_balance", "payment", "balloon", "row"):
        assert tape.codes(name).dtype == np.int64, name
    for name in ("original_term", "remaining_term", "age", "interest_only_term", "days_past_due", "schedule", "grade"):
        assert tape.codes(name).dtype == np.int32, name
    for name in ("rate", "fee_rate", "minimum_payment_rate", "score"):
        assert tape.codes(name).dtype == np.float64, name
    assert tape.amortization.dtype == np.int8 and tape.loan_key.dtype == tape.obligor_key.dtype == np.uint64
    assert all(tape.codes(name).flags.c_contiguous for name in tape.names)


def test_columns_in_words() -> None:
    tape = small()
    assert tape.column("grade").tolist() == ["A", "B", "A"]
    assert tape.column("make").tolist() == ["Honda", "Ford", "Honda"]
    assert tape.column("amortization").tolist() == ["level_pay"] * 3
    assert tape.column("loan_id").tolist() == ["1", "2", "3"]
    with pytest.raises(KeyError, match="did you mean"):
        tape.column("graed")


def test_take() -> None:
    tape = small().take(np.asarray([2, 0]))
    assert tape.balance.tolist() == [300, 100] and tape.row.tolist() == [3, 1]
    assert tape.column("make").tolist() == ["Honda", "Honda"]
    assert small().take(np.asarray([True, False, False])).balance.tolist() == [100]


@given(st.lists(st.integers(0, 199), max_size=50), st.lists(st.integers(0, 99), max_size=50))
def test_concat_of_parts_is_the_whole(first: list[int], second: list[int]) -> None:
    one, other = synthesize("baitiao", loans=200, seed=3), synthesize("consumer", loans=100, seed=4, currency="CNY")
    parts = [one.take(np.asarray(first, dtype=int)), other.take(np.asarray(second, dtype=int))]
    whole = concat(parts)
    assert whole.total_balance == parts[0].total_balance + parts[1].total_balance
    for name in ("balance", "rate", "grade", "region", "segment", "amortization", "loan_key"):
        expected = np.concatenate([part.column(name) for part in parts])
        assert whole.column(name).tolist() == expected.tolist(), name


def test_concat_moves_schedules() -> None:
    whole = concat([small(), small()])
    assert whole.schedule.tolist() == [-1, -1, 0, -1, -1, 1]
    assert len(whole.schedules) == 2
    assert whole.column("make").tolist() == small().column("make").tolist() * 2


def test_every_column_has_a_reader() -> None:
    assert set(USES) == {*COLUMNS, *CATEGORIES} and all(USES.values())

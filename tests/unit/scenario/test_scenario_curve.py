"""Vectors with ramp syntax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from abssim.scenario.curve import MAX_MONTHS, Curve, curve_values


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (6, [6]),
        ("6", [6]),
        ("5 for 3, 10 for 2, 15", [5, 5, 5, 10, 10, 15]),
        ("0 ramp 6 over 4", [0, 2, 4, 6]),
        ("1 RAMP 3 OVER 2, 7", [1, 3, 7]),
        ("5 ramp 9 over 1", [9]),
        ("1e1 , .5", [10, 0.5]),
        ([1, 2.5, 3], [1, 2.5, 3]),
    ],
)
def test_values(written: object, values: list[float]) -> None:
    assert list(curve_values(written)) == values


def test_the_psa_ramp() -> None:
    curve = Curve.model_validate("0.2 ramp 6 over 30")
    assert curve.at(np.asarray([1, 15, 30, 31, 999])) == pytest.approx([0.2, 3.0, 6.0, 6.0, 6.0])


def test_months_before_the_first_take_the_first() -> None:
    assert Curve.model_validate([3, 4]).at(np.asarray([-2, 0, 1, 2])).tolist() == [3, 3, 3, 4]


@pytest.mark.parametrize(
    "written", ["", "x", "5 for", "5 for 0", "5 ramp 6", "1,,2", "5 for 2000", [], [True], True, None, {}]
)
def test_what_is_no_curve(written: object) -> None:
    with pytest.raises(ValueError, match="E310"):
        curve_values(written)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        values = curve_values(text)
    except ValueError as refused:
        assert "E310" in str(refused)
    else:
        assert 1 <= len(values) <= MAX_MONTHS and np.isfinite(values).all()


@given(st.floats(0, 100), st.floats(0, 100), st.integers(2, 200))
def test_a_ramp_goes_in_equal_steps(first: float, last: float, months: int) -> None:
    values = np.asarray(curve_values(f"{first!r} ramp {last!r} over {months}"))
    assert len(values) == months and values[0] == first and values[-1] == last
    assert np.diff(values) == pytest.approx(np.full(months - 1, (last - first) / (months - 1)), abs=1e-9)


def test_curves_are_frozen_and_constant_is_seen() -> None:
    curve = Curve.model_validate("2 for 5, 2")
    assert curve.constant and not Curve.model_validate("1, 2").constant
    with pytest.raises(ValidationError):
        curve.values = (1.0,)  # type: ignore[misc]

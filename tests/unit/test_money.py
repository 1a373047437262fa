"""Minor units and the named roundings."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.engine import rounding
from abssim.money import minor_digits, minor_value, round_half_up, to_minor, to_units


@pytest.mark.parametrize(
    ("amount", "whole"),
    [(0.0, 0), (0.4999, 0), (0.5, 1), (1.5, 2), (2.5, 3), (-0.5, -1), (-0.49, 0), (-2.5, -3), (1e15 - 1, 10**15 - 1)],
)
def test_halves_go_away_from_zero(amount: float, whole: int) -> None:
    assert round_half_up(amount) == whole
    assert rounding.round_half_up(amount) == whole


@pytest.mark.parametrize(
    ("factors", "whole"), [((1.005, 100.0), 101), ((2.675, 100.0), 268), ((1015.0, 0.1, 10.0), 1015)]
)
def test_products_that_mean_a_half_are_halves(factors: tuple[float, ...], whole: int) -> None:
    """1.005 x 100 is 100.49999999999999 in binary: in decimals it is 100.5."""
    amount = 1.0
    for factor in factors:
        amount *= factor
    assert round_half_up(amount) == whole


@given(st.integers(-(2**60), 2**60))
def test_whole_numbers_stay(number: int) -> None:
    assert round_half_up(float(number)) == int(float(number))


@given(st.integers(-(10**13), 10**13), st.integers(0, 999))
def test_as_decimals_round(whole: int, thousandths: int) -> None:
    exact = Decimal(whole) + Decimal(thousandths) / 1000
    assert round_half_up(float(exact)) == int(exact.to_integral_value(rounding=ROUND_HALF_UP)) or abs(whole) > 10**12


def test_minor_units() -> None:
    assert to_minor(1234.565, "USD") == 123457
    assert to_minor("0.1", "JPY") == 0
    assert to_minor(1.2345, "KWD") == 1235
    assert minor_digits("JPY") == 0
    assert to_units(123457, "USD") == 1234.57


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD"]))
def test_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_units(minor, currency), currency) == minor


def test_factors_of_money_keep_their_fractions() -> None:
    assert [minor_value(250.5, "JPY"), minor_value(1_410_579_421.74, "USD")] == [250.5, 141_057_942_174.0]

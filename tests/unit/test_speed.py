"""Speeds: published points and there-and-back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim import speed


@pytest.mark.parametrize(("cpr", "smm"), [(0.10, 0.00874), (0.30, 0.02929), (0.50, 0.05613)])
def test_smm_of_cpr(cpr: float, smm: float) -> None:
    """Against the formula worked by hand."""
    assert speed.monthly(cpr) == pytest.approx(smm, abs=5e-6)


@pytest.mark.parametrize(("month", "smm"), [(1, 0.01500), (6, 0.01622), (12, 0.01796)])
def test_smm_of_abs(month: int, smm: float) -> None:
    """ABS speed 1.5 %."""
    assert float(speed.smm_of_abs(0.015, month)) == pytest.approx(smm, abs=5e-6)


def test_an_abs_speed_uses_up_all_loans() -> None:
    alive = 1.0
    for month in range(1, 51):
        alive *= 1.0 - float(speed.smm_of_abs(0.02, month))
    assert alive == pytest.approx(0.0, abs=1e-12)
    assert speed.smm_of_abs(0.02, np.asarray([51, 80])).tolist() == [1.0, 1.0]
    assert speed.smm_of_abs(0.0, np.asarray([1, 99])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("month", "cpr"), [(1, 0.002), (15, 0.03), (30, 0.06), (200, 0.06)])
def test_psa_ramp(month: int, cpr: float) -> None:
    assert float(speed.cpr_of_psa(1.0, month)) == pytest.approx(cpr)
    assert float(speed.cpr_of_psa(2.0, month)) == pytest.approx(2 * cpr)


@pytest.mark.parametrize(
    ("month", "cdr"),
    [(1, 0.0002), (30, 0.006), (60, 0.006), (61, 0.005905), (90, 0.00315), (120, 0.0003), (300, 0.0003)],
)
def test_sda_curve(month: int, cdr: float) -> None:
    assert float(speed.cdr_of_sda(1.0, month)) == pytest.approx(cdr)


@given(st.floats(0.0, 0.99), st.integers(1, 60))
def test_there_and_back(rate: float, month: int) -> None:
    assert speed.annual(speed.monthly(rate)) == pytest.approx(rate, abs=1e-12)
    absolute = rate / (1.0 + rate * (month - 1.0))
    assert float(speed.smm_of_abs(absolute, month)) == pytest.approx(rate, rel=1e-9, abs=1e-12)


def test_arrays() -> None:
    assert speed.monthly(np.asarray([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert speed.annual(np.asarray([0.0, 1.0])).tolist() == [0.0, 1.0]

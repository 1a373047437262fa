"""Whole units by month: cumulative figures rounded down, nothing lost, every identity an equality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.kind.pool import PoolField
from tests.engine import naive_collateral, naive_step
from tests.engine.naive_compare import rows_of
from tests.engine.one_lane import by_date, in_whole_units, opened, rounded
from tests.engine.test_purchase import LEAVES, random_profile

P = PoolField


@given(st.integers(0, 999), st.integers(1, 15), st.integers(1, 10**14))
@settings(max_examples=40)
def test_row_is_the_twin(seed: int, months: int, face: int) -> None:
    profile = random_profile(seed, months) * float(face)
    own, known = opened(face), naive_step.blank(P)
    opening, npl = face, 0
    for total, given_row in zip(profile[1:], rows_of(profile[1:]), strict=True):
        found = rows_of(rounded(total, own)[None])[0]
        assert found == naive_step.vintage_row(given_row, known, opening, npl)
        opening, npl = found["closing_balance"], found["non_performing_balance"]
    assert opening == npl == 0


@given(st.integers(0, 999), st.integers(1, 24), st.sampled_from([1, 2, 3, 6]), st.integers(1, 10**13))
@settings(max_examples=30)
def test_months_add_up(seed: int, months: int, length: int, face: int) -> None:
    """However many months a date collects: the pool ends at zero and every identity holds to the unit."""
    profile = random_profile(seed, months) * float(face)
    monthly = profile[1:].copy()
    flows = [field for field in P if P.OPENING_BALANCE < field < P.CURRENT_BALANCE]
    monthly[:, flows] = np.diff(profile[:, flows], axis=0)
    periods = -(-months // length)
    ends = np.minimum(np.arange(1, periods + 1) * length, months)
    flow = by_date(in_whole_units(monthly, face), ends.tolist())
    assert (flow >= 0).all()
    assert flow[:, LEAVES].sum() == face
    assert flow[-1, P.CLOSING_BALANCE] == flow[-1, P.NON_PERFORMING_BALANCE] == 0
    closing = face - np.cumsum(flow[:, LEAVES].sum(axis=1))
    np.testing.assert_array_equal(flow[:, P.CLOSING_BALANCE], closing)
    buckets = flow[:, [P.CURRENT_BALANCE, P.DPD_1_30_BALANCE, P.DPD_31_60_BALANCE, P.DPD_61_90_BALANCE]].sum(axis=1)
    np.testing.assert_array_equal(buckets, closing)
    for field in (P.INTEREST, P.DEFAULT, P.RECOVERY):  # never ahead of the expectation, hardly behind
        expected = profile[ends, field]
        behind = expected - np.cumsum(flow[:, field])
        assert (behind >= -1e-2).all()
        assert (behind <= 2.01 + 1e-12 * face).all()


def set_off(interest: list[float], principal: list[float], opening: int) -> np.ndarray:
    """Rows of a pool in which nobody leaves; also those of the twin."""
    monthly = np.zeros((len(interest), len(P)))
    monthly[:, P.INTEREST], monthly[:, P.SCHEDULED_PRINCIPAL] = interest, principal
    monthly[:, P.CLOSING_BALANCE] = monthly[:, P.CURRENT_BALANCE] = opening - np.cumsum(principal)
    flow = in_whole_units(monthly, opening)
    twin = naive_collateral.round_months(monthly, opening, 0)
    for row, other in zip(flow, twin, strict=True):
        assert {name: int(row[P[name]]) for name in other} == other
    own, known = opened(opening), naive_step.blank(P)
    before, total = opening, np.zeros(len(P))
    for each in monthly:
        total = np.where(np.arange(len(P)) < P.CURRENT_BALANCE, total + each, each)
        row = rounded(total, own)
        assert rows_of(row[None])[0] == naive_step.vintage_row(rows_of(total[None])[0], known, before, 0)
        before = int(row[P.CLOSING_BALANCE])
    return flow


def test_interest_that_is_added_to_balances_is_not_paid() -> None:
    """1 000 at 12.083 with an instalment of 5.764: 6.319 are added, and in the end the whole balance is paid."""
    flow = set_off([12.083, 12.159, 12.0], [-6.319, -6.395, 1012.714], 1_000)
    assert flow[:, P.INTEREST].tolist() == [5, 6, 12] and flow[:, P.CAPITALIZED_INTEREST].tolist() == [7, 6, 0]
    assert flow[:, P.SCHEDULED_PRINCIPAL].tolist() == [0, 0, 1_013]
    assert flow[:, P.CLOSING_BALANCE].tolist() == [1_007, 1_013, 0]


def test_negative_interest_is_set_off_against_principal() -> None:
    flow = set_off([-10.0, -5.0, -4.0], [0.0, 400.0, 600.0], 1_000)
    assert not flow[:, P.INTEREST].any()
    assert flow[:, P.DILUTION].tolist() == [0, 15, 4] and flow[:, P.SCHEDULED_PRINCIPAL].tolist() == [0, 385, 596]


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-60, 400)), min_size=1, max_size=9), st.integers(500, 10**6))
def test_whatever_is_set_off_adds_up(months: list[tuple[float, float]], opening: int) -> None:
    interest, principal = [own[0] for own in months], [max(own[1], -max(0.0, own[0])) for own in months]
    principal.append(opening - sum(principal))
    flow = set_off([*interest, 0.0], principal, opening)
    assert (flow >= 0).all()
    gone = flow[:, [P.SCHEDULED_PRINCIPAL, P.DILUTION, P.CLOSING_BALANCE]].sum(axis=1)
    come = flow[:, P.OPENING_BALANCE] + flow[:, P.CAPITALIZED_INTEREST]
    np.testing.assert_array_equal(come, gone)
    if min(interest) >= 0.0 and flow[-1, P.CLOSING_BALANCE] == 0:
        assert abs(flow[:, [P.INTEREST, P.SCHEDULED_PRINCIPAL]].sum() - opening - sum(interest)) <= 2


@pytest.mark.parametrize(
    ("total", "units"),
    [
        (0.1 + 0.2 + 0.7 - 1e-7, 1),
        (1.0 - 2e-6, 0),
        (29.999999999999996, 30),
        (9e13 - 0.05, 90_000_000_000_000),
        (9e13 - 0.5, 89_999_999_999_999),
    ],
)
def test_a_sum_that_ends_just_below_a_whole_number_counts_as_it(total: float, units: int) -> None:
    figures = np.zeros(len(P))
    figures[P.FEE] = total
    assert rounded(figures, opened(0))[P.FEE] == units

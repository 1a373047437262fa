"""Whole units by period: cumulative figures rounded down, nothing lost, every identity an equality."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.engine.layout import PoolField
from abssim.engine.period import round_row, round_to_periods
from tests.engine import naive_step
from tests.engine.naive_compare import rows_of
from tests.engine.test_purchase import LEAVES, random_profile

P = PoolField


@given(st.integers(0, 999), st.integers(1, 15), st.integers(1, 10**14))
@settings(max_examples=40)
def test_row_is_the_twin(seed: int, months: int, face: int) -> None:
    profile = random_profile(seed, months) * float(face)
    booked, known = np.zeros(len(P), dtype=np.int64), naive_step.blank(P)
    opening, npl = face, 0
    for total, given_row in zip(profile[1:], rows_of(profile[1:]), strict=True):
        row = np.zeros(len(P), dtype=np.int64)
        round_row(total, booked, opening, npl, row)
        found = rows_of(row[None])[0]
        assert found == naive_step.vintage_row(given_row, known, opening, npl)
        opening, npl = found["closing_balance"], found["non_performing_balance"]
    assert opening == npl == 0


@given(st.integers(0, 999), st.integers(1, 24), st.sampled_from([1, 2, 3, 6]), st.integers(1, 10**13))
@settings(max_examples=30)
def test_periods_add_up(seed: int, months: int, length: int, face: int) -> None:
    """Whatever the length of a period: the pool ends at zero and every identity holds to the unit."""
    profile = random_profile(seed, months) * float(face)
    monthly = profile[1:].copy()
    flows = [field for field in P if P.OPENING_BALANCE < field < P.CURRENT_BALANCE]
    monthly[:, flows] = np.diff(profile[:, flows], axis=0)
    periods = -(-months // length)
    flow = np.zeros((periods, len(P)), dtype=np.int64)
    round_to_periods(monthly, np.arange(months) // length, face, 0, flow)
    assert (flow >= 0).all()
    assert flow[:, LEAVES].sum() == face
    assert flow[-1, P.CLOSING_BALANCE] == flow[-1, P.NON_PERFORMING_BALANCE] == 0
    closing = face - np.cumsum(flow[:, LEAVES].sum(axis=1))
    np.testing.assert_array_equal(flow[:, P.CLOSING_BALANCE], closing)
    buckets = flow[:, [P.CURRENT_BALANCE, P.DPD_1_30_BALANCE, P.DPD_31_60_BALANCE, P.DPD_61_90_BALANCE]].sum(axis=1)
    np.testing.assert_array_equal(buckets, closing)
    for field in (P.INTEREST, P.DEFAULT, P.RECOVERY):  # never ahead of the expectation, hardly behind
        expected = profile[np.minimum(np.arange(1, periods + 1) * length, months), field]
        behind = expected - np.cumsum(flow[:, field])
        assert (behind >= -1e-2).all()
        assert (behind <= 2.01 + 1e-12 * face).all()

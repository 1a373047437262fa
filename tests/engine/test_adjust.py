"""The one rule by which dials and policies multiply moves: rows by hand, the naive twin, and what never changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.collateral.hazard import Clock, Dials, Hazards, roll_transitions
from abssim.engine.credit.adjust import Adjustment, adjust_row, adjust_rows, replace_prepayment, unadjusted
from abssim.engine.credit.expected import LoanState
from abssim.scenario.roll import RollRates
from tests.engine.naive_odds import adjusted as naive
from tests.engine.test_odds import BASE

NOTHING = (0.0,) * 9
rows = st.lists(st.one_of(st.just(0.0), st.floats(0.001, 1.0)), min_size=9, max_size=9).filter(lambda row: sum(row) > 0)
multiple = st.one_of(st.just(1.0), st.floats(0.0, 20.0))
states = st.integers(0, 3)


def adjusted(
    row: Sequence[float], i: int, leave: float = 1.0, cure: float = 1.0, prepay: float = 1.0, added: object = NOTHING
) -> np.ndarray:
    found = np.asarray(row, dtype=np.float64)
    adjust_row(found, i, np.asarray([leave, cure, prepay]), np.asarray(added, dtype=np.float64))
    return found


def whole(written: Sequence[float]) -> list[float]:
    """The row, adding up to 1."""
    return [float(each) for each in np.asarray(written) / np.sum(written)]


@given(rows, states, multiple, multiple, multiple)
def test_adjusted_rows_are_those_of_the_twin(
    written: list[float], i: int, leave: float, cure: float, prepay: float
) -> None:
    row = whole(written)
    found = adjusted(row, i, leave, cure, prepay)
    assert found == pytest.approx(naive(row, i, (leave, cure, prepay), NOTHING), abs=1e-12)
    assert found.min() >= 0.0 and found.sum() == pytest.approx(1.0, abs=1e-12)
    fixed = slice(LoanState.REPURCHASED, LoanState.DILUTED + 1)
    assert found[fixed].tolist() == row[fixed]
    assert adjusted(row, i).tolist() == row


points = st.one_of(st.just(0.0), st.floats(-0.3, 0.3))


@given(rows, states, st.floats(0.0, 1.0), st.lists(points, min_size=9, max_size=9))
def test_added_probabilities_are_those_of_the_twin(written: list[float], i: int, less: float, by: list[float]) -> None:
    row = whole([each + 0.001 for each in written])
    found = adjusted(row, i, less, less, less, by)
    assert found == pytest.approx(naive(row, i, (less, less, less), by), abs=1e-12)
    assert found.min() >= 0.0 and found.sum() == pytest.approx(1.0, abs=1e-12)


def test_what_is_not_multiplied_gives_way() -> None:
    """From current what stays; from arrears what stays and what rolls on, in proportion."""
    current = adjusted([0.90, 0.05, 0.0, 0.0, 0.01, 0.02, 0.01, 0.01, 0.0], 0, 2.0, 9.0)
    assert current == pytest.approx([0.84, 0.10, 0.0, 0.0, 0.02, 0.02, 0.01, 0.01, 0.0], abs=1e-15)
    late = adjusted([0.30, 0.10, 0.20, 0.30, 0.0, 0.10, 0.0, 0.0, 0.0], 2, 9.0, 1.5)
    assert late == pytest.approx([0.45, 0.15, 0.12, 0.18, 0.0, 0.10, 0.0, 0.0, 0.0], abs=1e-15)


def test_prepayment_comes_first_and_all_else_gives_way_to_it() -> None:
    """Room .98; .02 becomes .03, so the rest is .95/.96 of what it was; then the moves double."""
    row = [0.90, 0.05, 0.0, 0.0, 0.01, 0.02, 0.01, 0.01, 0.0]
    moves = [0.05 * 0.95 / 0.96 * 2.0, 0.01 * 0.95 / 0.96 * 2.0]
    found = adjusted(row, 0, 2.0, 1.0, 1.5)
    assert found == pytest.approx([0.95 - sum(moves), moves[0], 0.0, 0.0, moves[1], 0.03, 0.01, 0.01, 0.0], abs=1e-15)


SATURATED = [0.5, 0.3, 0.0, 0.0, 0.1, 0.1, 0.0, 0.0, 0.0]
"""From current: .5 stay, .3 are 1-30 days late, .1 default, .1 prepay."""


def test_saturated_moves_leave_prepayment_as_it_is() -> None:
    """Three times .3 and .1 is 1.2, of which there is room for .9: .675 and .225; nobody stays."""
    assert adjusted(SATURATED, 0, 3.0) == pytest.approx([0, 0.675, 0, 0, 0.225, 0.1, 0, 0, 0], abs=1e-15)
    # prepayment of .7 leaves .3 to .9: .1667, .1 and .0333, of which twelvefold moves take all
    assert adjusted(SATURATED, 0, 12.0, 1.0, 7.0) == pytest.approx([0, 0.225, 0, 0, 0.075, 0.7, 0, 0, 0], abs=1e-15)
    # nothing but prepayment where it fills the room that repurchase and dilution leave
    row = [0.4, 0.1, 0.0, 0.0, 0.0, 0.3, 0.1, 0.1, 0.0]
    assert adjusted(row, 0, 5.0, 1.0, 10.0) == pytest.approx([0, 0, 0, 0, 0, 0.8, 0.1, 0.1, 0], abs=1e-15)


def test_without_a_rest_the_state_itself_takes_what_is_left() -> None:
    assert adjusted([1.0, *NOTHING[1:]], 1, 1.0, 0.6) == pytest.approx([0.6, 0.4, 0, 0, 0, 0, 0, 0, 0], abs=1e-15)
    prepaid = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert adjusted(prepaid, 2, prepay=0.25) == pytest.approx([0, 0, 0.75, 0, 0, 0.25, 0, 0, 0], abs=1e-15)


@pytest.mark.parametrize("state", range(4))
def test_two_adjustments_are_one_of_their_product(state: int) -> None:
    row = [0.30, 0.10, 0.20, 0.30, 0.05, 0.05, 0.0, 0.0, 0.0]
    twice = adjusted(adjusted(row, state, 0.5, 1.2, 1.5), state, 0.8, 0.9, 0.7)
    assert twice == pytest.approx(adjusted(row, state, 0.4, 1.08, 1.05), abs=1e-15)


def dialled(matrix: object, dials: tuple[float, float, float], smm: float | None = None) -> np.ndarray:
    """(4, 9) roll rates under the dials of a scenario: default, prepayment, cure."""
    clock = Clock(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64), 1, 0)
    hazards = Hazards(np.full((1, 1), smm or 0.0), *(np.zeros((1, 1)) for _ in range(3)))
    given_dials = Dials(*(np.full(1, dial) for dial in dials))
    return roll_transitions(RollRates.model_validate(matrix), clock, hazards, given_dials, smm is not None)[0, 0]


def test_dials_and_policies_multiply_a_saturated_row_alike() -> None:
    matrix = {"current": {"dpd_1_30": 30, "default": 10, "prepaid": 10}, "dpd_1_30": {"current": 70, "prepaid": 20}}
    found = dialled(matrix, (3.0, 1.0, 1.0))
    assert found[0] == pytest.approx(adjusted(SATURATED, 0, 3.0), abs=1e-15)
    assert found[0, LoanState.PREPAID] == 0.1
    # .2 of prepayment becomes .3: .7/.8 of the rest; cures of .6125 twice have room for .7
    both = dialled(matrix, (1.0, 1.5, 2.0))[1]
    assert both == pytest.approx([0.7, 0, 0, 0, 0, 0.3, 0, 0, 0], abs=1e-15)
    rolled, adjustment = dialled(matrix, (1.0, 1.0, 1.0))[None, None], unadjusted(1, 1)
    adjustment.multiple[...] = 3.0, 2.0, 1.5
    adjust_rows(rolled, adjustment)
    assert rolled[0, 0].tolist() == dialled(matrix, (3.0, 1.5, 2.0)).tolist()


def test_a_speed_replaces_the_prepayment_from_current_and_takes_no_dial_again() -> None:
    found = dialled("base", (2.0, 5.0, 1.0), 0.05)
    moves = 2.0 * 0.02 * 0.95 / 0.99
    assert found[0] == pytest.approx([0.95 - moves, moves, 0, 0, 0, 0.05, 0, 0, 0], abs=1e-15)
    assert found[1, LoanState.PREPAID] == pytest.approx(0.10)
    row = np.asarray([[BASE]])
    replace_prepayment(row, np.full((1, 1), 1.0))
    assert row[0, 0, 0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0] and row[0, 0, 1].tolist() == list(BASE[1])


def later(adjustment: Adjustment) -> tuple[float, float]:
    """Share of those current at first that has defaulted after twelve months, and that ever does."""
    matrix = np.asarray([[BASE]])
    adjust_rows(matrix, adjustment)
    chain = np.eye(9)
    chain[:4] = matrix[0, 0]
    once = np.linalg.matrix_power(chain, 12)[0, LoanState.DEFAULT]
    return float(once), float(np.linalg.matrix_power(chain, 4096)[0, LoanState.DEFAULT])


def test_effects_of_entry_and_cure_do_not_add() -> None:
    """Entry x .8; ten points more from 1-30 days to current, taken from 31-60 days; both, by powers of the matrix."""
    entry, cure, both = (unadjusted(1, 1) for _ in range(3))
    for each in (entry, both):
        each.multiple[..., 0] = 0.8
    for each in (cure, both):
        each.added[:, :, 1, [0, 2]] = 0.1, -0.1
    assert later(unadjusted(1, 1)) == pytest.approx((0.0303539963, 0.2667894666), abs=1e-9)
    assert later(entry) == pytest.approx((0.0244438848, 0.2270493279), abs=1e-9)
    assert later(cure) == pytest.approx((0.0181606111, 0.1776281806), abs=1e-9)
    assert later(both) == pytest.approx((0.0146097855, 0.1484674496), abs=1e-9)

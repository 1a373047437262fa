"""First-loss multiples on losses that are known functions of the multiple."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.result import RunResult
from abssim.study.breakeven import GRID, RunAt, break_even
from tests.unit.measure.handmade import handmade_result


def run_with(loss_of_b: Callable[[float], int], short_of_b: Callable[[float], int] = lambda k: 0) -> RunAt:
    def run_at(multiple: float) -> RunResult:
        result = handmade_result()
        result.note_flow[-1, 1, NoteField.BALANCE] = loss_of_b(multiple)
        result.note_flow[:, 1, NoteField.INTEREST_SHORTFALL] = 0
        result.note_flow[2, 1, NoteField.INTEREST_SHORTFALL] = short_of_b(multiple)
        result.pool_cumulative[:, 0, PoolField.DEFAULT] = int(2_000 * multiple)
        result.pool_cumulative[:, 0, PoolField.RECOVERY] = 0
        return result

    return run_at


def test_bisection_finds_the_multiple_to_a_thousandth() -> None:
    a, b = break_even(run_with(lambda k: max(0, round(1_000 * (k - 2.345)))), ("A", "B"))
    assert (a.principal.multiple, a.principal.monotone, a.principal.highest) == (None, True, GRID[-1])
    assert b.principal.multiple == pytest.approx(2.3455, abs=1e-3)
    assert b.principal.monotone
    assert b.principal.cumulative_net_loss_ratio == pytest.approx(0.02 * 2.3455, abs=1e-4)
    assert b.principal.coverage == pytest.approx(2.3455, abs=2e-3)


def test_interest_paid_late_has_a_multiple_of_its_own() -> None:
    run_at = run_with(lambda k: 100 * (k > 4.5), lambda k: 25 * (k > 1.25))
    a, b = break_even(run_at, ("A", "B"))
    assert a.interest is not None and a.interest.multiple is None
    assert b.interest is not None and b.interest.multiple == pytest.approx(1.25, abs=1e-3)
    assert b.principal.multiple == pytest.approx(4.5, abs=1e-3)


def test_a_note_that_is_due_no_interest_cannot_miss_any() -> None:
    def run_at(multiple: float) -> RunResult:
        result = run_with(lambda k: 0)(multiple)
        result.note_flow[:, 1, NoteField.INTEREST_DUE] = 0
        return result

    assert break_even(run_at, ("A", "B"))[1].interest is None


def test_a_loss_that_vanishes_again_is_flagged() -> None:
    _, b = break_even(run_with(lambda k: 100 if 1.8 < k < 4.0 or k > 9.0 else 0), ("A", "B"))
    assert b.principal.multiple == pytest.approx(1.8, abs=1e-3)
    assert not b.principal.monotone


def test_a_loss_without_default_breaks_even_at_zero() -> None:
    _, b = break_even(run_with(lambda k: 1), ("A", "B"))
    assert (b.principal.multiple, b.principal.monotone) == (0.0, True)


def test_no_answer_where_the_dial_moves_nothing() -> None:
    assert break_even(lambda k: handmade_result(), ("A", "B")) == ()


def test_each_multiple_runs_once() -> None:
    seen: list[float] = []
    run_at = run_with(lambda k: max(0, round(1_000 * (k - 1.2))))

    def counted(multiple: float) -> RunResult:
        seen.append(multiple)
        return run_at(multiple)

    break_even(counted, ("A", "B"))
    assert len(seen) == len(set(seen)) <= len(GRID) + 10

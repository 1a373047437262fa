"""Errors carry all their problems, a code, a place and a hint."""

from __future__ import annotations

import pytest

from abssim.errors import (
    EXIT_BAD_INPUT,
    EXIT_CHECK_FAILED,
    EXIT_FAILED,
    AbssimError,
    CheckError,
    CompileError,
    DealError,
    EngineError,
    Problem,
    ScenarioError,
    TapeError,
    did_you_mean,
)


def test_problem_in_one_line() -> None:
    problem = Problem(
        "E112", "deal.yaml:37", "waterfalls.amortization[7].payees[0]", 'no note "C"', 'did you mean "C1"?'
    )
    shown = 'deal.yaml:37  waterfalls.amortization[7].payees[0]  E112  no note "C"; did you mean "C1"?'
    assert str(problem) == shown
    assert str(Problem("E100", "", "", "empty")) == "  E100  empty"


def test_an_error_lists_all_problems() -> None:
    problems = [Problem("E101", "a:1", "", "first"), Problem("E102", "a:2", "", "second")]
    error = DealError(iter(problems))
    assert error.problems == tuple(problems)
    assert error.code == "E101"
    assert str(error).splitlines() == [str(problem) for problem in problems]
    assert DealError(problems[0]).problems == (problems[0],)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (DealError, EXIT_BAD_INPUT),
        (TapeError, EXIT_BAD_INPUT),
        (ScenarioError, EXIT_BAD_INPUT),
        (CompileError, EXIT_BAD_INPUT),
        (EngineError, EXIT_FAILED),
        (CheckError, EXIT_CHECK_FAILED),
    ],
)
def test_exit_codes(kind: type[AbssimError], code: int) -> None:
    assert kind(Problem("E1", "", "", "")).exit_code == code


def test_did_you_mean() -> None:
    assert did_you_mean("balanc", ["balance", "factor"]) == 'did you mean "balance"?'
    assert did_you_mean("zzz", ["b", "a", "a"]) == "known: a, b"
    assert did_you_mean("zzz", [f"n{i:02}" for i in range(20)]).endswith("n11, and 8 more")
    assert did_you_mean("zzz", []) == ""


def test_did_you_mean_tells_another_unit() -> None:
    assert did_you_mean("spread_bps", ["spread_pct", "x"]) == 'did you mean "spread_pct"? It is in percent'
    assert did_you_mean("spread_pct", ["spread_bps"]) == 'did you mean "spread_bps"? It is in basis points'
    assert did_you_mean("severity_pct", ["severity", "x"]) == 'did you mean "severity"? It is not in percent'


def test_did_you_mean_is_not_led_by_a_common_ending() -> None:
    """A net loss is no default rate, however much of the two names is `_pct`."""
    assert did_you_mean("cnl_pct", ["cdr_pct", "timing"]) == "known: cdr_pct, timing"
    assert did_you_mean("smm_pct", ["mdr_pct", "timing"]) == "known: mdr_pct, timing"
    assert did_you_mean("cdr", ["cdr_pct", "timing"]) == 'did you mean "cdr_pct"?'
    assert did_you_mean("cumulative_los_pct", ["cumulative_loss_pct"]) == 'did you mean "cumulative_loss_pct"?'

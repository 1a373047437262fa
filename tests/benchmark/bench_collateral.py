"""Expected cash flows from tape to months: ns per loan-month at 1e4, 1e5 and 1e6 loans, against a kernel that only
reads the tape and adds up each loan's contractual schedule."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape
from abssim.tape.synthesize import synthesize
from tests.benchmark.job import contractual, floor_columns, level_pay_tape, spent

SCENARIO = Scenario.model_validate(
    {
        "name": "benchmark",
        "reason": "roll rates by grade, ABS speed by age, recovery by a lag curve",
        "assumptions": [
            {
                "default": {"roll_rates": "base"},
                "prepayment": {"abs_pct": 1.5},
                "recovery": {"rate_pct": 15, "curve_pct": [25, 20, 18, 15, 12, 10]},
            },
            {"where": {"grade": ["3", "4"]}, "default": {"roll_rates": "stress"}},
        ],
    }
)


def baitiao_tape(loans: int) -> LoanTape:
    """Free instalments, flat fees and single payments of one to twenty-four months."""
    return synthesize("baitiao", loans=loans, seed=1, balance=loans * 800_00)


TAPES = {"level pay": level_pay_tape, "baitiao": baitiao_tape}


def expected(tape: LoanTape, threads: int = 2) -> Any:
    """All that a first projection takes, from the columns of a tape."""
    return Collateral(tape, threads=threads).project(SCENARIO)


def added_up(tape: LoanTape) -> Any:
    """The yardstick, on one thread."""
    total = np.zeros((3, int(tape.remaining_term.max()) + 1), dtype=np.int64)
    contractual(floor_columns(tape), total)
    return total


@pytest.mark.parametrize("loans", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("kind", TAPES)
def test_expected_cash_flows(benchmark: Any, kind: str, loans: int) -> None:
    if loans > 10_000 and not benchmark.enabled:
        pytest.skip("measured with --benchmark-enable")
    tape = TAPES[kind](loans)
    flows = benchmark(expected, tape)
    principal = flows[:, PoolField.SCHEDULED_PRINCIPAL : PoolField.DEFAULT + 1].sum()
    assert principal == pytest.approx(tape.total_balance, rel=1e-12)
    if benchmark.enabled:
        engine, least = spent(expected, tape), spent(added_up, tape)
        months = int(tape.remaining_term.sum())
        benchmark.extra_info["wall seconds on two threads"] = engine.wall
        benchmark.extra_info["ns of CPU per loan-month"] = engine.cpu / months * 1e9
        benchmark.extra_info["ns of CPU per loan"] = engine.cpu / loans * 1e9
        benchmark.extra_info["ratio of CPU to the contractual schedules"] = engine.cpu / least.cpu
        if kind == "level pay":
            benchmark.extra_info["limit: ratio of CPU to the contractual schedules"] = 4.0


@pytest.mark.parametrize("kind", TAPES)
def test_the_yardstick_adds_up_the_same_schedules(kind: str) -> None:
    tape = TAPES[kind](2_000)
    tape = tape.take(np.flatnonzero(tape.days_past_due == 0))
    total = added_up(tape)[:, 1:].astype(np.float64)
    nothing = Scenario.model_validate({"name": "contracts", "reason": "nobody defaults or prepays", "assumptions": []})
    flows = Collateral(tape).project(nothing)[: total.shape[1]]
    for row, field in enumerate((PoolField.CLOSING_BALANCE, PoolField.INTEREST, PoolField.FEE)):
        assert flows[:, field] == pytest.approx(total[row], rel=1e-12)


def test_cost_grows_in_proportion_to_loans(benchmark: Any) -> None:
    sizes = (20_000, 200_000) if benchmark.enabled else (200, 2_000)
    few, many = (spent(expected, level_pay_tape(loans)).cpu for loans in sizes)
    benchmark.pedantic(expected, (level_pay_tape(sizes[0]),), rounds=1)
    name = "CPU of ten times the loans / ten times the CPU"
    benchmark.extra_info.update({name: many / 10 / few, f"limit: {name}": 1.5})


def test_memory_of_a_million_loans(benchmark: Any) -> None:
    tape = level_pay_tape(1_000_000)
    tracemalloc.start()
    benchmark.pedantic(expected, (tape,), rounds=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 1e9
    benchmark.extra_info.update({"peak MB over the tape": peak / 1e6})


def test_another_dial_costs_no_loan(benchmark: Any) -> None:
    """As much for many loans as for few."""
    sizes = (20_000, 400_000) if benchmark.enabled else (200, 2_000)
    pools = [Collateral(level_pay_tape(loans)) for loans in sizes]
    few, many = (spent(pool.project, SCENARIO, None, 2.0, rounds=9).cpu for pool in pools)
    benchmark.pedantic(pools[0].project, (SCENARIO, None, 2.0), rounds=1)
    benchmark.extra_info.update({"ms": 1e3 * few, "CPU of many loans / of few": many / few})
    benchmark.extra_info["limit: CPU of many loans / of few"] = 1.5

"""Expected cash flows per loan-month: tape to monthly flows, at 1e4, 1e5 and 1e6 loans of 36 months.

`pytest tests/benchmark --benchmark-enable` measures; without it each runs once as an ordinary test. `extra_info` gives
ns per loan-month, and the ratio to a kernel that only reads the tape and adds up each loan's contractual schedule.
"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np
import pytest

from abssim.engine.amortization import aggregate_contracts
from abssim.engine.layout import ContractField, PoolField
from abssim.program.collateral import Collateral
from abssim.program.contract import PoolSettings, contracts_of
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape

TERM = 36
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


def level_pay_tape(loans: int) -> LoanTape:
    rng = np.random.default_rng(7)
    return make_tape(
        "USD",
        rng.integers(1_000_00, 30_000_00, loans),
        rate=rng.uniform(0.01, 0.20, loans),
        remaining_term=TERM,
        age=rng.integers(0, 24, loans),
        days_past_due=rng.choice([0, 0, 0, 0, 0, 0, 0, 0, 10, 45], loans),
        grade=rng.integers(0, 4, loans),
        labels={"grade": ("1", "2", "3", "4")},
    )


def contractual(tape: LoanTape) -> int:
    """The yardstick: each loan's schedule, added up, by one thread."""
    table = np.zeros((1, len(ContractField), TERM + 1), dtype=np.int64)
    group = np.zeros(len(tape), dtype=np.int64)
    aggregate_contracts(contracts_of(tape, PoolSettings()), group, 0, len(tape), table)
    return int(table[0, ContractField.BALANCE, 0])


def expected(tape: LoanTape) -> np.ndarray:
    return Collateral(tape, threads=2).project(SCENARIO)


def seconds(function: Any, *arguments: Any) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("loans", [10_000, 100_000, 1_000_000])
def test_expected_cash_flows(benchmark: Any, loans: int) -> None:
    tape = level_pay_tape(loans)
    flows = benchmark(expected, tape)
    principal = flows[:, PoolField.SCHEDULED_PRINCIPAL : PoolField.DEFAULT + 1].sum()
    assert principal == pytest.approx(tape.total_balance, rel=1e-12)
    if benchmark.enabled:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        benchmark.extra_info["ns per loan-month"] = round(benchmark.stats["min"] / loans / TERM * 1e9, 1)
        benchmark.extra_info["ratio to contractual"] = round(benchmark.stats["min"] / seconds(contractual, tape), 2)
        benchmark.extra_info["peak MB of the process"] = round(peak)


def test_at_most_four_times_the_contractual_schedules() -> None:
    tape = level_pay_tape(100_000)
    expected(tape), contractual(tape)
    assert seconds(expected, tape) <= 4.0 * seconds(contractual, tape)


def test_another_scenario_costs_no_loan(benchmark: Any) -> None:
    pool = Collateral(level_pay_tape(100_000))
    pool.project(SCENARIO)
    start = time.perf_counter()
    benchmark(pool.project, SCENARIO, None, 2.0)
    assert benchmark.enabled or time.perf_counter() - start < 1.0

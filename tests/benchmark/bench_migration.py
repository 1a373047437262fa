"""Loan-by-loan simulation on the reference workload: ns per loan and path, and its ratio to two yardsticks in one run.

100 000 loans of 6, 12 and 24 months in 8 segments, 1 % monthly prepayment, 0.5 % roll to 1-30 days on average, a
factor of each path, 24 months. The yardstick y is a block of Philox4x32-10 (`tests.benchmark.job.yardstick`); the twin
draws every obligor and order every month. `pytest tests/benchmark --benchmark-enable` measures at full size.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths
from abssim.collateral.population import PoolSimulation
from abssim.engine.credit.random import philox
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape
from tests.benchmark.job import block_seconds, yardstick

MONTHS, SEED = 24, 5
ROWS = {
    "dpd_1_30": {"current": 60, "dpd_31_60": 25, "prepaid": 2},
    "dpd_31_60": {"current": 18, "dpd_1_30": 7, "dpd_61_90": 65},
    "dpd_61_90": {"current": 7, "dpd_1_30": 2, "dpd_31_60": 3, "default": 82},
}


def reference_tape(loans: int, kind: Amortization) -> LoanTape:
    rng = np.random.default_rng(1)
    flat = kind == Amortization.FLAT_FEE
    return make_tape(
        "CNY", rng.integers(200_00, 2_000_00, loans), remaining_term=rng.choice([6, 12, 24], loans),
        amortization=int(kind), fee_rate=0.005 if flat else 0.0, rate=0.0 if flat else 0.12,
        grade=rng.integers(0, 8, loans), labels={"grade": tuple("12345678")},
    )  # fmt: skip


def reference_scenario() -> Scenario:
    rules: list[dict[str, Any]] = [
        {"recovery": {"rate_pct": 15, "curve_pct": [25, 20, 18, 15, 12, 10]}, "penalty_pct_per_day": 0.05}
    ]
    for grade in range(8):
        rows = {"current": {"dpd_1_30": 0.15 + 0.1 * grade, "prepaid": 1}, **ROWS}
        rules.append({"where": {"grade": str(grade + 1)}, "default": {"roll_rates": rows}})
    factor = {"correlation_pct": 4, "persistence": 0.9}
    return Scenario.model_validate({"name": "r", "reason": "r", "assumptions": rules, "factor": factor})


def fastest(function: Callable[[int], Any], loans: int, rounds: int) -> float:
    """ns per loan and path, the best of some groups of four paths."""
    function(0)
    times = []
    for group in range(1, rounds + 1):
        start = time.process_time()
        function(group)
        times.append(time.process_time() - start)
    return min(times) / loans / 4 * 1e9


def draw(sim: PoolSimulation, scenario: Scenario, by_month: bool = False) -> Callable[[int], np.ndarray]:
    project = sim.lanes_by_month if by_month else sim.lanes
    assert scenario.factor is not None
    factor = scenario.factor
    return lambda group: project(SEED, group, factor_paths(factor, SEED, 4 * group, 4 * group + 4, MONTHS))


@pytest.mark.parametrize("kind", [Amortization.FLAT_FEE, Amortization.LEVEL_PAY], ids=["flat fee", "level pay"])
def test_reference_workload(benchmark: Any, kind: Amortization) -> None:
    loans = 100_000
    tape, scenario = reference_tape(loans, kind), reference_scenario()
    sim = PoolSimulation(Collateral(tape), scenario, MONTHS)
    flows = benchmark(draw(sim, scenario), 3)
    principal = flows[:, 1:, F.SCHEDULED_PRINCIPAL : F.DEFAULT + 1].sum(axis=(1, 2))
    assert np.array_equal(principal + flows[:, -1, F.CLOSING_BALANCE], np.full(4, tape.total_balance))
    if benchmark.enabled:
        events = fastest(draw(sim, scenario), loans, 5)
        block = 1e9 * block_seconds()
        monthly = fastest(draw(sim, scenario, by_month=True), loans, 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures = {"ns per loan-path": events, "ns of y": block, "y per loan-path": events / block}
        figures |= {"month by month": monthly, "faster by": monthly / events, "peak MB of the process": peak}
        benchmark.extra_info.update({name: round(value, 1) for name, value in figures.items()})
        benchmark.extra_info["limit: y per loan-path"] = 24.0


def test_near_linear_in_loans(benchmark: Any) -> None:
    scenario, cost = reference_scenario(), []
    for loans in (25_000, 100_000) if benchmark.enabled else (250, 1_000):
        sim = PoolSimulation(Collateral(reference_tape(loans, Amortization.FLAT_FEE)), scenario, MONTHS)
        cost.append(fastest(draw(sim, scenario), loans, 5))
    benchmark.pedantic(draw(sim, scenario), (1,), rounds=1)
    benchmark.extra_info.update({"ns a loan of many / of few": cost[1] / cost[0]})
    benchmark.extra_info["limit: ns a loan of many / of few"] = 1.5


def test_a_block_of_the_yardstick_is_philox() -> None:
    """All blocks are computed: no two words of the first are equal, where it would stop."""
    words = [philox(*map(np.uint64, (counter, 0, 0, 0, 7, 0))) for counter in range(50)]
    assert int(yardstick(50)) == sum(int(a ^ b ^ c ^ d) for a, b, c, d in words)
    assert yardstick(1_000_000) > yardstick(999_999)

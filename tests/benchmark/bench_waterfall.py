"""The deal kernel: paths a second and ns per waterfall step, 24 periods, 4 notes, about 25 expressions.

`pytest tests/benchmark --benchmark-enable` measures; without it each runs once as an ordinary test. `extra_info` gives
µs per path, ns per step and paths per second on one core, and the cost of a date without any step.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import parse_deal
from abssim.engine._jit import kernel
from abssim.engine.layout import PathStatus
from abssim.engine.path import run_path
from abssim.engine.program import NOT_YET
from abssim.engine.state import block
from abssim.kind.note import NoteField
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection import prepare
from abssim.scenario.scenario import Scenario

PERIODS, PATHS = 24, 500
SCENARIO = Scenario.model_validate(
    {"name": "benchmark", "reason": "defaults and prepayments", "assumptions": [{"default": {"cdr_pct": 6}}]}
)
DEAL = """
name: benchmark
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2027-01-15}
pools: {p: {replines: [{balance: 100_000_000, rate_pct: 11, remaining_term: 30}]}}
notes:
  A: {balance: 60_000_000, coupon_pct: 4}
  B: {balance: 20_000_000, coupon_pct: 5}
  C: {balance: 10_000_000, coupon_pct: 7}
  Z: {balance: 5_000_000, coupon_pct: 9, capitalizes: "note.A.balance > 0"}
holders: [seller]
accounts:
  income: {collects: [interest, fees, penalty, recovery]}
  principal: {collects: [scheduled_principal, prepayment, repurchase, sale]}
  reserve: {balance: 1_000_000, target: "max(500_000, 0.01 * notes.balance)"}
ledgers: {pdl: {}, lent: {}}
fees:
  servicing: {rate_pct: 1, of: "opening.pool.balance"}
  trustee: {amount: 5_000}
definitions:
  enhancement: "1 - note.A.balance / max(1, pool.balance)"
  stepped_down: "period > 12 and enhancement > 0.5 and not trigger.losses"
  principal_due: "max(0, notes.balance - pool.balance)"
waterfalls:
  amortization:
    - {name: losses, rule: book, payees: [pdl], amount: "pool.default"}
    - {name: senior fees, rule: pay_due, source: income, payees: [servicing, trustee], order: pro_rata, cap: 900_000,
        support: reserve}
    - {name: A interest, rule: pay_due, source: income, payees: [A], support: [principal, reserve],
        books: {lent: from.principal}}
    - {name: B interest, rule: pay_due, source: income, payees: [B], support: reserve}
    - {name: C interest, rule: pay_due, source: income, payees: [C], when: "pdl.balance < 0.1 * pool.initial_balance"}
    - {name: cure, rule: pay_down_to, source: income, payees: [pdl], into: principal, target: 0}
    - {name: return, rule: pay_down_to, source: income, payees: [lent], into: principal, target: 0}
    - {name: reserve, rule: top_up, source: income, payees: [reserve]}
    - {name: surplus, rule: pay_remainder, source: income, payees: [seller]}
    - {name: sequential, rule: pay_amount, source: principal, payees: [A, B, C], amount: "principal_due",
        when: "not stepped_down"}
    - {name: shared, rule: pay_amount, source: principal, payees: [A, [B, C]], order: pro_rata,
        amount: "principal_due", when: "stepped_down"}
    - {name: turbo, rule: pay_down_to, source: principal, payees: [A, B, C, Z], target: "0.98 * pool.balance"}
    - {name: release, rule: pay_amount, source: reserve, payees: [seller],
        amount: "max(0, reserve.balance - reserve.target)"}
    - {name: rest, rule: pay_remainder, source: principal, payees: [seller]}
    - {name: kept, rule: carry, source: reserve}
triggers:
  losses: {when: "pool.cumulative_net_loss_ratio > 0.08"}
  slow: {when: "pool.payment_rate.3m < 0.02", for: 2, curable: true, cure_after: 2}
calls:
  clean_up: {when: "pool.factor < 0.05"}
"""


@kernel
def run_many(program, path, purchases, state, flow, paths):
    """Run the same path again and again; returns the sum of what the first note was paid."""
    total = 0
    for _ in range(paths):
        path.flow[:] = flow
        path.memory.marks[1:] = NOT_YET
        run_path(program, path, purchases, state)
        total += path.memory.trace[0, program.layout.note, NoteField.PRINCIPAL_PAID]
    return total


def arguments(compiled: CompiledDeal, steps: bool) -> tuple[Any, ...]:
    """What `run_many` takes for a deal, with its waterfall or with none."""
    program = prepare.cut(compiled, PERIODS, "exercised")
    if not steps:
        program = program._replace(waterfall=np.zeros_like(program.waterfall))
    flow = prepare.expected_flows(compiled, SCENARIO, PERIODS, 1.0)
    path = prepare.path_arrays(compiled, program, flow.copy(), prepare.index_rates(compiled, SCENARIO, PERIODS))
    purchases = prepare.expected_purchases(compiled, SCENARIO, PERIODS, 1.0)
    return program, path, purchases, np.zeros_like(program.code.initial), flow


def seconds_a_path(given: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    run_many(*given, PATHS)
    return (time.perf_counter() - start) / PATHS


def test_deal_kernel(benchmark: Any) -> None:
    """Cost of a path, and of one step: what the waterfall adds to a date, shared by its steps."""
    compiled = compile_deal(parse_deal(DEAL))
    given, bare = arguments(compiled, True), arguments(compiled, False)
    paths = PATHS if benchmark.enabled else 1
    run_many(*given, 1)
    benchmark(run_many, *given, paths)
    path = given[1]
    assert path.status[0] == PathStatus.OK
    notes = block(path.memory.trace.reshape(PERIODS, -1), given[0].layout, "note")
    assert 0 <= notes[-1, 0, NoteField.BALANCE] < notes[0, 0, NoteField.OPENING_BALANCE]
    if benchmark.enabled:
        own, empty = min(seconds_a_path(given) for _ in range(5)), min(seconds_a_path(bare) for _ in range(5))
        steps = len(given[0].step) * PERIODS
        benchmark.extra_info["expressions"] = len(given[0].code.expression)
        benchmark.extra_info["microseconds_per_path"] = own * 1e6
        benchmark.extra_info["paths_per_second_per_core"] = 1.0 / own
        benchmark.extra_info["nanoseconds_per_step"] = (own - empty) / steps * 1e9
        benchmark.extra_info["microseconds_per_date_without_steps"] = empty / PERIODS * 1e6


def test_cost_grows_with_the_paths() -> None:
    given = arguments(compile_deal(parse_deal(DEAL)), True)
    assert run_many(*given, 4) == 4 * run_many(*given, 1)


@pytest.mark.parametrize("paths", [1, 3])
def test_scratch_is_left_clean(paths: int) -> None:
    """A path after another is the same path."""
    given = arguments(compile_deal(parse_deal(DEAL)), True)
    run_many(*given, paths)
    last = given[1].memory.trace.copy()
    run_many(*given, 1)
    np.testing.assert_array_equal(last, given[1].memory.trace)

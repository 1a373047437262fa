"""One path of a deal under a scenario: `run`."""

from __future__ import annotations

import numpy as np

from abssim.engine.path import run_path
from abssim.program.compile import CompiledDeal
from abssim.projection.outcome import detailed, require_ok
from abssim.projection.prepare import (
    Calls,
    cut,
    expected_flows,
    expected_purchases,
    horizon,
    index_rates,
    path_arrays,
    require_mapped,
)
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario


def run(
    compiled: CompiledDeal, scenario: Scenario, *, calls: Calls = "exercised", default_multiple: float = 1.0
) -> RunResult:
    """Project a deal under a scenario: one path, every date, step and account kept.

    `calls="never"` projects to maturity; `default_multiple` scales the scenario's defaults (break-even searches).
    Raises CompileError if deal and scenario do not fit, EngineError if a path cannot go on, CheckError if a
    conservation check fails.
    """
    periods = horizon(compiled, scenario)
    program = cut(compiled, periods, calls)
    flow = expected_flows(compiled, scenario, periods, default_multiple)
    purchases = expected_purchases(compiled, scenario, periods, default_multiple)
    require_mapped(compiled, program, flow, purchases.profile)
    path = path_arrays(compiled, program, flow, index_rates(compiled, scenario, periods))
    run_path(program, path, purchases, np.zeros_like(program.code.initial))
    require_ok(compiled, scenario, path)
    return detailed(compiled, scenario, program, path)

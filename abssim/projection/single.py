"""One path of a deal under a scenario: `run`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from abssim.engine.path import run_path
from abssim.engine.program import PathArrays
from abssim.part import recording
from abssim.program.compile import CompiledDeal
from abssim.program.notice import notices
from abssim.program.policy import posted_cash, require_policies
from abssim.projection.assemble import detailed
from abssim.projection.prepare import (
    Calls,
    cut,
    expected_flows,
    expected_purchases,
    horizon,
    index_rates,
    path_arrays,
    require_mapped,
    with_indexes,
)
from abssim.projection.react import settled_path
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario


def run(
    compiled: CompiledDeal, scenario: Scenario, *, calls: Calls = "exercised", default_multiple: float = 1.0
) -> RunResult:
    """Project a deal under a scenario: one path, every date, step and account kept.

    `calls="never"` projects to maturity; `default_multiple` scales the scenario's defaults (break-even searches).
    Policies that wait for a trigger fire by what the path shows, and the path is projected anew (`projection.react`).
    Raises CompileError if deal and scenario do not fit, EngineError if a path cannot go on, CheckError if a
    conservation check fails.
    """
    with recording(compiled.reads):
        result = _run(compiled, scenario, calls, default_multiple)
    return (
        result if default_multiple != 1.0 else replace(result, notices=(*notices(compiled, scenario), *result.notices))
    )


def _run(compiled: CompiledDeal, scenario: Scenario, calls: Calls, default_multiple: float) -> RunResult:
    require_policies(compiled, scenario)
    periods = horizon(compiled, scenario)
    program = with_indexes(cut(compiled, periods, calls), compiled, scenario)
    rates = index_rates(compiled, scenario, periods)

    def project(first: np.ndarray) -> PathArrays:
        flow = expected_flows(compiled, scenario, periods, default_multiple, first)
        purchases = expected_purchases(compiled, scenario, periods, default_multiple, first)
        require_mapped(compiled, program, flow, purchases.profile)
        posted = posted_cash(compiled.deal, scenario, compiled.dates.month[:periods], first)
        path = path_arrays(compiled, program, flow, rates, posted)
        run_path(program, path, purchases, np.zeros_like(program.code.initial))
        return path

    path, first = settled_path(compiled, scenario, program, project)
    return detailed(compiled, scenario, program, path, first)

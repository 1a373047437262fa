"""One path of a deal under a scenario: `run`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from abssim.engine.deal.block import Batch
from abssim.part import recording
from abssim.program.compile import CompiledDeal
from abssim.program.notice import notices
from abssim.program.policy import posted_cash, require_policies
from abssim.projection.assemble import detailed
from abssim.projection.machine import DealMachine, Path
from abssim.projection.prepare import Calls, expected_flows, expected_purchases, require_mapped
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
    ready = DealMachine.of(compiled, scenario, calls)

    def project(first: np.ndarray) -> Path:
        return ready.path(expected(compiled, scenario, ready, default_multiple, first))

    path, first = settled_path(compiled, scenario, project)
    return detailed(compiled, scenario, ready, path, first)


def expected(
    compiled: CompiledDeal, scenario: Scenario, ready: DealMachine, multiple: float, first: np.ndarray
) -> Batch:
    """The path of expected collateral, under policies in effect from month `first` (Q,) on."""
    flow = expected_flows(compiled, scenario, ready.periods, multiple, first)
    bought = expected_purchases(compiled, scenario, ready.periods, multiple, first)
    posted = posted_cash(compiled.deal, scenario, compiled.dates.month[: ready.periods], first)
    batch = Batch(flow[None], bought.profile[None, ..., None], posted[None], bought.price)
    require_mapped(compiled, ready.program, batch)
    return batch

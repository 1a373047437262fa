"""One path of a deal under a scenario: `run`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np

from abssim.engine.deal.block import Batch
from abssim.engine.month import FALLS, SHOWN
from abssim.part import recording
from abssim.policy.effect import Effects
from abssim.program.compile import CompiledDeal
from abssim.program.notice import notices
from abssim.program.notice_run import run_notices
from abssim.program.policy import posted_cash, reactions, require_policies
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
    Policies that react act by what the path shows, and the path is projected anew (`abssim.policy.react`).
    Raises CompileError if deal and scenario do not fit, EngineError if a path cannot go on, CheckError if a
    conservation check fails.
    """
    result = project(compiled, scenario, calls, default_multiple)
    if default_multiple != 1.0:
        return result
    told = notices(compiled, scenario)
    return replace(result, notices=(*told, *run_notices(compiled, scenario, result, told), *result.notices))


def project(
    compiled: CompiledDeal,
    scenario: Scenario,
    calls: Calls = "exercised",
    default_multiple: float = 1.0,
    recorded: bool = True,
) -> RunResult:
    """As `run`, for searches and grids: nothing is said of what had no effect, nor noted unless it is `recorded`."""
    with recording(compiled.reads) if recorded else nullcontext():
        require_policies(compiled, scenario)
        ready = DealMachine.of(compiled, scenario, calls)

        def path_under(effects: Effects) -> Path:
            return ready.path(expected(compiled, scenario, ready, default_multiple, effects))

        path, effects = settled_path(compiled, scenario, reactions(compiled, scenario, ready.periods), path_under)
        return detailed(compiled, scenario, ready, path, effects)


def expected(
    compiled: CompiledDeal, scenario: Scenario, ready: DealMachine, multiple: float, effects: Effects
) -> Batch:
    """The path of expected collateral, under what policies do (B = 1)."""
    flow = expected_flows(compiled, scenario, ready.periods, multiple, effects)
    bought = expected_purchases(compiled, scenario, ready.periods, multiple, effects)
    posted = posted_cash(compiled.deal, effects, 0, compiled.dates.month[: ready.periods])
    profile = np.ascontiguousarray(np.swapaxes(bought.profile, 1, 2))[None, ..., None]
    last = np.full(profile.shape[:2], profile.shape[3] - 1)
    shown = np.where(bought.profile.any(axis=(0, 1)), SHOWN | FALLS, 0)
    batch = Batch(flow[None], profile, last, shown, posted[None], bought.price)
    require_mapped(compiled, ready.program, batch)
    return batch

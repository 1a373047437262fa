"""One path in detail, projected until the policies that react to it are settled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from abssim.policy.effect import Effects
from abssim.policy.react import Observed, Reactions
from abssim.program.compile import CompiledDeal
from abssim.projection.assemble import require_ok
from abssim.projection.machine import Path
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


def settled_path(
    compiled: CompiledDeal, scenario: Scenario, reactions: Reactions, project: Callable[[Effects], Path]
) -> tuple[Path, Effects]:
    """One path in detail, and what policies do on it (B = 1).

    `project(effects)` projects it under what policies do. Raises EngineError if the path cannot go on, ScenarioError if
    policies do not settle.
    """
    path: Path | None = None

    def run(_: Int64, effects: Effects) -> Observed:
        nonlocal path
        path = project(effects)
        require_ok(compiled, scenario, path)
        return Observed(path.active[None], path.series[None], np.ones(1, dtype=np.bool_))

    effects = reactions.settle(1, run)
    assert path is not None
    return path, effects

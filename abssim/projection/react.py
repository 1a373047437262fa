"""Policies that react: what a path shows lets them fire, and the path is replayed from its own random numbers.

A policy that waits for a trigger fires on the first date the trigger is active, and acts in months after those that
date has collected. So a replay with the changed odds shows the same up to that date: cause stays before effect.
Whatever comes out later may let others fire, each once, in the order of their dates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.policy.effect import NEVER, by_calendar, first_month
from abssim.policy.policy import Policy
from abssim.program.compile import CompiledDeal
from abssim.projection.assemble import require_ok
from abssim.projection.machine import Path
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


class Shown(NamedTuple):
    """What `B` paths have shown."""

    active: Int64
    """(B, G) row of the date on which each trigger first is active, -1 if it never is."""
    sound: npt.NDArray[np.bool_]
    """(B,) whether the path went to its end and passed its checks; nothing is replayed of one that did not."""


class Reactions(NamedTuple):
    """The policies of a scenario on a deal."""

    policies: Sequence[Policy]
    triggers: Sequence[str]
    """Names of the deal's triggers, in order."""
    month: Sequence[int]
    """Month from the cut-off that each payment date collects last."""

    def settle(self, paths: int, run: Callable[[Int64, Int64], Shown]) -> Int64:
        """(P, Q) first month in effect of each policy: all paths are run, then those again on which policies fire.

        `run(rows, first)` projects the paths `rows` (B,) under policies in effect from month `first` (B, Q) on.
        """
        first = np.tile(by_calendar(self.policies), (paths, 1))
        rows = np.arange(paths)
        while len(rows) > 0:
            shown = run(rows, first[rows])
            fired = [ok and self._fire(active, first[b]) for b, active, ok in zip(rows, *shown, strict=True)]
            rows = rows[np.asarray(fired, dtype=bool)]
        return first

    def _fire(self, active: Int64, first: Int64) -> bool:
        """Let the policies with the earliest date fire: fills `first` (Q,); False if nothing is left to fire."""
        row = [-1 if each.when is None else int(active[self.triggers.index(each.when)]) for each in self.policies]
        waiting = [q for q in range(len(row)) if row[q] >= 0 and first[q] == NEVER]
        for q in waiting:
            if row[q] == min(row[other] for other in waiting):
                first[q] = first_month(self.policies[q], self.month[row[q]])
        return len(waiting) > 0


def reactions(compiled: CompiledDeal, scenario: Scenario) -> Reactions:
    """The policies of a scenario on a deal."""
    return Reactions([*scenario.policies.values()], [*compiled.deal.triggers], compiled.dates.month)


def settled_path(compiled: CompiledDeal, scenario: Scenario, project: Callable[[Int64], Path]) -> tuple[Path, Int64]:
    """One path in detail, and the first month in effect (Q,) of each policy on it.

    `project(first)` projects it under policies in effect from month `first` (Q,) on. Raises EngineError if the path
    cannot go on.
    """
    path: Path | None = None

    def run(_: Int64, first: Int64) -> Shown:
        nonlocal path
        path = project(first[0])
        require_ok(compiled, scenario, path)
        return Shown(path.active[None], np.ones(1, dtype=np.bool_))

    first = reactions(compiled, scenario).settle(1, run)[0]
    assert path is not None
    return path, first

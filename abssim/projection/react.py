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

from abssim.engine.summary import Outcome
from abssim.kind.trigger import TriggerField
from abssim.policy.effect import NEVER, by_calendar, first_month
from abssim.policy.policy import Policy
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


class Reactions(NamedTuple):
    """The policies of a scenario on a deal."""

    policies: Sequence[Policy]
    triggers: Sequence[str]
    """Names of the deal's triggers, in order."""
    month: Sequence[int]
    """Month from the cut-off that each payment date collects last."""

    @property
    def first(self) -> Int64:
        """(Q,) first month in effect before a path has shown anything: what the calendar decides."""
        return by_calendar(self.policies)

    def fire(self, active: Int64, first: Int64) -> bool:
        """Let the policies with the earliest date fire: fills `first` (Q,); False if nothing is left to fire.

        `active` (G,) is the row of the date on which each trigger first is active, -1 if it never is.
        """
        row = [-1 if each.when is None else int(active[self.triggers.index(each.when)]) for each in self.policies]
        waiting = [q for q in range(len(row)) if row[q] >= 0 and first[q] == NEVER]
        for q in waiting:
            if row[q] == min(row[other] for other in waiting):
                first[q] = first_month(self.policies[q], self.month[row[q]])
        return len(waiting) > 0

    def settle(self, outcome: Outcome, run: Callable[[Int64], None]) -> None:
        """Run all paths of a block, then those again on which policies fire, until none does.

        `run` fills the rows of `outcome` it is given, under the policies `outcome.policy` has for them.
        """
        outcome.policy[:] = self.first
        rows = np.arange(len(outcome.policy))
        while len(rows) > 0:
            run(rows)
            sound = rows[~outcome.status[rows][:, (0, 3)].any(axis=1)]
            rows = np.asarray([b for b in sound if self.fire(outcome.trigger[b], outcome.policy[b])], dtype=np.int64)


def reactions(compiled: CompiledDeal, scenario: Scenario) -> Reactions:
    """The policies of a scenario on a deal."""
    return Reactions([*scenario.policies.values()], [*compiled.deal.triggers], compiled.dates.month)


def first_active(flow: Int64) -> Int64:
    """(G,) row of the first date on which each trigger of `flow` (T, G, TriggerField) is active, -1 without."""
    active = flow[..., TriggerField.ACTIVE] > 0
    return np.where(active.any(axis=0), active.argmax(axis=0), -1)

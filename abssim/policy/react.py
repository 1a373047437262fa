"""Policies that react: what a path shows decides what they do, and the path is replayed from its own random numbers.

What a policy does in a month follows from what the path has shown by the end of the month before. So a replay shows
the same up to the first month in which something else is done: cause stays before effect, every replay settles at
least one date more, and no path is replayed more often than it has dates. A path that is not settled by then has a
policy that answers the same past in different ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, ScenarioError
from abssim.policy.effect import Effects, Record, Rows, by_calendar, effect_of
from abssim.policy.hooks import PolicyHooks, reacts

Int64 = npt.NDArray[np.int64]


class Observed(NamedTuple):
    """What `B` paths have shown."""

    active: Int64
    """(B, G) row of the date on which each trigger first is active, -1 if it never is."""
    series: npt.NDArray[np.floating]
    """(B, Fan, T)"""
    sound: npt.NDArray[np.bool_]
    """(B,) whether the path went to its end and passed its checks; nothing is replayed of one that did not."""


@dataclass(frozen=True)
class Reactions:
    """The policies of a run, and what of the deal they can see and touch."""

    policies: tuple[PolicyHooks, ...]
    """In the order of their names."""
    triggers: tuple[str, ...]
    accounts: tuple[str, ...]
    months: tuple[int, ...]
    """(T,) month from the cut-off that each payment date collects last."""

    @cached_property
    def calendar(self) -> Effects:
        """What they do on a path (B = 1) before it has shown anything."""
        return by_calendar(self.policies, self.months[-1], self.accounts)

    @property
    def react(self) -> bool:
        """True if some policy goes by what a path shows."""
        return any(reacts(policy) for policy in self.policies)

    def settle(self, paths: int, run: Callable[[Int64, Effects], Observed]) -> Effects:
        """What policies do on each of so many paths: all are run, then those again on which they do something else.

        `run(rows, effects)` projects the paths `rows` (B,) under what policies do on them. Raises ScenarioError if they
        do not settle.
        """
        effects = taken(self.calendar, np.zeros(paths, dtype=np.int64))
        rows = np.arange(paths)
        for _ in range(len(self.months) + 2):
            shown = run(rows, taken(effects, rows))
            rows, ok = rows[shown.sound], shown.sound
            if not self.react or len(rows) == 0:
                return effects
            before, after = taken(effects, rows), self._answers(shown.active[ok], shown.series[ok])
            changed = np.zeros(len(rows), dtype=np.bool_)
            for mine, theirs in zip(before, after, strict=True):
                changed |= mine.differs(theirs, len(rows))
            rows = rows[changed]
            effects = tuple(own.put(rows, new.taken(changed)) for own, new in zip(effects, after, strict=True))
            if len(rows) == 0:
                return effects
        raise self._unsettled()

    def _answers(self, active: Int64, series: npt.NDArray[np.floating]) -> Effects:
        """What policies do on paths that have shown this."""
        record = Record(np.asarray(self.months), series, active, self.triggers)
        again = taken(self.calendar, np.zeros(len(active), dtype=np.int64))
        return tuple(
            effect_of(policy, record, self.months[-1], self.accounts) if reacts(policy) else same
            for policy, same in zip(self.policies, again, strict=True)
        )

    def _unsettled(self) -> ScenarioError:
        names = ", ".join(policy.name for policy in self.policies if reacts(policy))
        text = f"a path is not settled after {len(self.months) + 2} replays, which is more than it has dates"
        hint = "what a hook answers must follow from what it is shown: no random numbers, nothing kept between calls"
        return ScenarioError(Problem("E343", f"policies {names}", "", text, hint))


def taken(effects: Effects, rows: Rows) -> Effects:
    """What policies do on the paths `rows`."""
    return tuple(effect.taken(rows) for effect in effects)

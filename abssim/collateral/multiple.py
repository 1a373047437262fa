"""Policies on the loans that are held: adjusted moves of a plan, by segment of loans and month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.transition import GroupTerms
from abssim.engine.credit.adjust import Adjustment, adjust_rows
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.policy.effect import Effects, adjustment_of, by_calendar
from abssim.policy.hooks import uses
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


class Segments(NamedTuple):
    """Loans cut by which policies select them."""

    member: Int64
    """(G,) segment of each group of loans."""
    rows: Int64
    """(S, Q) 1 where a policy selects a segment."""


def steered(
    plan: GroupTerms, scenario: Scenario, segments: Segments, start: int, effects: Effects | None
) -> GroupTerms:
    """The plan under policies: a row of transitions for each profile and segment.

    `effects` (B = 1) what they do, by the calendar if None; `start` as in `make_plan`.
    """
    if not any(uses(policy, "moves") for policy in scenario.acting):
        return plan
    count = len(segments.rows)
    kept, profile = np.unique(plan.groups.profile * count + segments.member, return_inverse=True)
    transition = plan.transition[kept // count]
    own = segment_adjustment(scenario, segments.rows, effects, 0, start, transition.shape[1])
    adjust_rows(transition, Adjustment(*(part[kept % count] for part in own)))
    groups = plan.groups._replace(profile=profile.astype(np.int64))
    terms = RestructuringTerms(*(each[kept // count] for each in plan.terms))
    return plan._replace(groups=groups, transition=transition, terms=terms)


def segment_adjustment(
    scenario: Scenario, rows: Int64, effects: Effects | None, b: int, start: int, months: int
) -> Adjustment:
    """(S, M) what policies do on path `b` to moves of each segment in the `months` after month `start`."""
    if effects is None:
        effects = by_calendar(scenario.acting, max(0, start + months))
    return adjustment_of(effects, b, rows, start, months)

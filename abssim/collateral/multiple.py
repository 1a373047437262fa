"""Policies on the loans that are held: multiples of a plan's monthly moves, by segment of loans and month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.transition import GroupTerms
from abssim.engine.credit.adjust import adjust_rows, unadjusted
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.policy.effect import by_calendar, multiples
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


class Segments(NamedTuple):
    """Loans cut by which policies select them."""

    member: Int64
    """(G,) segment of each group of loans."""
    rows: Int64
    """(S, Q) 1 where a policy selects a segment."""


def steered(plan: GroupTerms, scenario: Scenario, segments: Segments, start: int, first: Int64 | None) -> GroupTerms:
    """The plan under the policies in effect: a row of transitions for each profile and segment.

    `first` (Q,) first month in effect of each policy, the calendar's if None; `start` as in `make_plan`.
    """
    if not any(policy.steers for policy in scenario.policies.values()):
        return plan
    count = len(segments.rows)
    kept, profile = np.unique(plan.groups.profile * count + segments.member, return_inverse=True)
    transition = plan.transition[kept // count]
    multiple = segment_multiples(scenario, segments.rows, first, start, transition.shape[1])
    adjustment = unadjusted(*transition.shape[:2])
    adjustment.multiple[...] = multiple[kept % count][:, :, None]
    adjust_rows(transition, adjustment)
    groups = plan.groups._replace(profile=profile.astype(np.int64))
    terms = RestructuringTerms(*(each[kept // count] for each in plan.terms))
    return plan._replace(groups=groups, transition=transition, terms=terms)


def segment_multiples(scenario: Scenario, rows: Int64, first: Int64 | None, start: int, months: int) -> Float64:
    """(S, M, Move) multiples by segment in the `months` after month `start`."""
    policies = [*scenario.policies.values()]
    since = by_calendar(policies) if first is None else first
    return multiples(policies, since, rows, start + np.arange(1, months + 1))

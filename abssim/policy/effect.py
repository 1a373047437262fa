"""What policies change once it is known from when on they act: factors, multiplied with one another.

`first` `(Q,)` is the first month in effect of each policy, counted from the cut-off, `NEVER` where it does not act.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from abssim.kind.move import Move
from abssim.policy.policy import Policy

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

NEVER = -1


def first_month(policy: Policy, decided: int) -> int:
    """First month in effect of a policy that is decided at the end of month `decided`."""
    return decided + policy.lag_months + 1


def by_calendar(policies: Sequence[Policy]) -> Int64:
    """(Q,) first month in effect where the calendar decides; policies that wait for a trigger do not act yet."""
    first = [first_month(policy, policy.month or 0) for policy in policies]
    return np.asarray([NEVER if policy.month is None else first[q] for q, policy in enumerate(policies)], np.int64)


def in_effect(policy: Policy, first: int, month: Int64) -> npt.NDArray[np.bool_]:
    """In which of the months `month` (M,) a policy is in effect."""
    since = np.asarray(month) - first
    return np.asarray((first != NEVER) & (since >= 0) & (since < (policy.months or np.inf)))


def multiples(policies: Sequence[Policy], first: Int64, selected: Int64, month: Int64) -> Float64:
    """(R, M, Move) product of the multiples in effect in months `month` (M,); `selected` (R, Q) 1 where they hold."""
    product = np.ones((len(selected), len(month), len(Move)))
    for q, policy in enumerate(policies):
        if policy.steers:
            own = (policy.default_multiple, policy.cure_multiple, policy.prepay_multiple)
            acting = (selected[:, q] == 1)[:, None] & in_effect(policy, int(first[q]), month)[None, :]
            product *= np.where(acting[..., None], own, 1.0)
    return product


def filtering(policies: Sequence[Policy], first: Int64, month: int) -> tuple[int, ...]:
    """Numbers of the policies that keep loans back from what is bought at the end of a month."""
    at = np.asarray([month])
    return tuple(q for q, policy in enumerate(policies) if policy.filters and in_effect(policy, int(first[q]), at)[0])

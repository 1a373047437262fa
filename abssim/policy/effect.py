"""What policies do on the paths of a block, month by month: the answers of their hooks, kept as arrays.

Month 0 stands for the cut-off and all before it, where nothing is done; after the last month asked about holds what
held in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.credit.adjust import Adjustment, unadjusted
from abssim.engine.credit.expected import PERFORMING, STATES
from abssim.engine.layout import Fan
from abssim.kind.move import Move
from abssim.policy import answer
from abssim.policy.hooks import NEVER, Moves, PolicyHooks, Seen, reacts, uses

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64] | npt.NDArray[np.bool_]
"""Numbers of paths, or which they are."""


class Record(NamedTuple):
    """What `B` paths have shown by payment date, to their ends."""

    months: Int64
    """(T,) month from the cut-off that each payment date collects last."""
    series: npt.NDArray[np.floating]
    """(B, Fan, T)"""
    active: Int64
    """(B, G) row of the date on which each trigger first is active, -1 if it never is."""
    triggers: tuple[str, ...]

    def until(self, month: int) -> Seen:
        """What has been seen by the end of a month, and nothing later."""
        dates = int(np.searchsorted(self.months, month, side="right"))
        known = (self.active >= 0) & (self.active < dates)
        first = np.where(known, self.months[np.where(known, self.active, 0)] if dates else NEVER, NEVER)
        parts = self.months[:dates].copy(), self.series[..., :dates].astype(np.float64), first
        for part in parts:
            part.setflags(write=False)
        return Seen(month, len(self.active), *parts, self.triggers)


def nothing_shown(paths: int) -> Record:
    """The record of paths that have not been run."""
    no_dates, none = np.zeros(0, dtype=np.int64), np.zeros((paths, 0), dtype=np.int64)
    return Record(no_dates, np.zeros((paths, len(Fan), 0)), none, ())


class Effect(NamedTuple):
    """What one policy does on `B` paths in months `0 .. M`; None where it does not use the hook."""

    offer: Float64 | None
    """(B, M + 1) share of its loans that is offered."""
    multiple: Float64 | None
    """(B, M + 1, 4, Move)"""
    added: Float64 | None
    """(B, M + 1, 4, 9)"""
    cash: Float64 | None
    """(B, M + 1, A) currency units."""

    def taken(self, rows: Rows) -> Effect:
        """The same of the paths `rows`, in their order."""
        return Effect(*(None if part is None else part[rows] for part in self))

    def put(self, rows: Int64, other: Effect) -> Effect:
        """These paths, those in `rows` as the paths of `other` are."""
        return Effect(*(_put(mine, rows, theirs, self) for mine, theirs in zip(self, other, strict=True)))

    def differs(self, other: Effect, paths: int) -> npt.NDArray[np.bool_]:
        """(B,) whether a path of `other` is treated in another way."""
        found = np.zeros(paths, dtype=np.bool_)
        for mine, theirs in zip(self, other, strict=True):
            if mine is not None or theirs is not None:
                apart = np.not_equal(0.0 if mine is None else mine, 0.0 if theirs is None else theirs)
                found |= apart.reshape(paths, -1).any(axis=1)
        return found

    @property
    def acts(self) -> npt.NDArray[np.bool_] | None:
        """(B, M + 1) whether it does anything in a month; None where no hook is used."""
        neutral = (1.0, 1.0, 0.0, 0.0)
        parts = [part != without for part, without in zip(self, neutral, strict=True) if part is not None]
        found = [part.reshape(*part.shape[:2], -1).any(axis=2) for part in parts]
        return np.any(found, axis=0) if found else None


def _put(mine: Float64 | None, rows: Int64, theirs: Float64 | None, whole: Effect) -> Float64 | None:
    """Of what is added there may be nothing on some paths."""
    if mine is None and theirs is None:
        return None
    if mine is None:
        assert theirs is not None and whole.multiple is not None
        mine = np.zeros((len(whole.multiple), *theirs.shape[1:]))
    found = mine.copy()
    found[rows] = 0.0 if theirs is None else theirs
    return found


Effects = tuple[Effect, ...]
"""One of each policy, in the order of their names."""


def effect_of(policy: PolicyHooks, record: Record, months: int, accounts: Sequence[str] | None = None) -> Effect:
    """What a policy does in months `1 .. months` on paths that show `record`; without `accounts` cash is left out."""
    found = idle(policy, len(record.active), months, accounts)
    for month in range(1, months + 1):
        seen = record.until(month - 1)
        if found.offer is not None:
            found.offer[:, month] = answer.offer(policy, seen)
        if found.multiple is not None:
            found = _moving(found, month, answer.moves(policy, seen))
        if found.cash is not None and accounts is not None:
            for account, amount in answer.cash(policy, seen, accounts).items():
                found.cash[:, month, accounts.index(account)] = amount
    return found


def _moving(effect: Effect, month: int, moves: Moves) -> Effect:
    """The effect with these moves in a month; room for added probabilities is made when there are some."""
    assert effect.multiple is not None
    effect.multiple[:, month] = moves.multiple
    if moves.added is None:
        return effect
    added = effect.added
    if added is None:
        added = np.zeros((*effect.multiple.shape[:2], PERFORMING, STATES))
    added[:, month] = moves.added
    return effect._replace(added=added)


def idle(policy: PolicyHooks, paths: int, months: int, accounts: Sequence[str] | None = None) -> Effect:
    """A policy that does nothing yet."""
    here = (paths, months + 1)
    return Effect(
        np.ones(here) if uses(policy, "offer") else None,
        np.ones((*here, PERFORMING, len(Move))) if uses(policy, "moves") else None,
        None,
        np.zeros((*here, len(accounts))) if accounts is not None and uses(policy, "cash") else None,
    )


def by_calendar(policies: Sequence[PolicyHooks], months: int, accounts: Sequence[str] | None = None) -> Effects:
    """What policies do on a path (B = 1) that has shown nothing: those that react do nothing yet."""
    return tuple(
        (idle(policy, 1, months, accounts) if reacts(policy) else effect_of(policy, nothing_shown(1), months, accounts))
        for policy in policies
    )


def first_months(effects: Effects, paths: int) -> Int64:
    """(B, Q) first month in which each policy does anything, `NEVER` if it never does."""
    found = np.full((paths, len(effects)), NEVER, dtype=np.int64)
    for q, effect in enumerate(effects):
        acts = effect.acts
        if acts is not None:
            found[:, q] = np.where(acts.any(axis=1), acts.argmax(axis=1), NEVER)
    return found


def adjustment_of(effects: Effects, b: int, selected: Int64, start: int, months: int) -> Adjustment:
    """What all policies together do to moves on path `b` in the `months` after month `start`: (S, M) rows.

    `selected` (S, Q) is 1 where a policy is about a segment of loans. Multiples are multiplied, probabilities added.
    """
    found: Adjustment = unadjusted(len(selected), months)
    for q, effect in enumerate(effects):
        if effect.multiple is not None:
            mine = selected[:, q] == 1
            month = np.clip(start + np.arange(1, months + 1), 0, effect.multiple.shape[1] - 1)
            found.multiple[mine] *= effect.multiple[b, month]
            if effect.added is not None:
                found.added[mine] += effect.added[b, month]
    return found


Offered = tuple[tuple[int, float], ...]
"""Numbers of the policies that keep loans back, each with the share that is still offered."""


def keeping_back(effects: Effects, b: int, month: int) -> Offered:
    """Which policies keep loans back from what is bought on path `b` at the end of a month."""
    shares = [
        1.0 if each.offer is None else float(each.offer[b, min(month, each.offer.shape[1] - 1)]) for each in effects
    ]
    return tuple((q, share) for q, share in enumerate(shares) if share != 1.0)

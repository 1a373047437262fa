"""What a policy is: a name, a version, the loans it is about, and hooks that say what it does in a month.

A hook is asked once for each month what holds in it, and is shown what the paths of a block have shown up to the end
of the month before: a rule watches month ends, and acts from the next month on. What it answers for a path must follow
from what that path has shown and from nothing else, so that blocks, threads and replays change no bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from abssim.condition import Condition
from abssim.engine.credit.expected import PERFORMING, STATES
from abssim.engine.layout import Fan
from abssim.kind.move import Move

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

HOOKS = ("offer", "moves", "cash")
STATED = "__hooks__"
"""Where the policy of a document says which hooks it uses: no name that an attribute of the user's own would have."""
NEVER = -1
_CONDITIONS: TypeAdapter[dict[str, Condition]] = TypeAdapter(dict[str, Condition])


class Moves(NamedTuple):
    """What a policy does to the monthly moves of the obligors that are held (`abssim.engine.credit.adjust`)."""

    multiple: Float64
    """(B, 4, Move) multiples by missed instalments."""
    added: Float64 | None = None
    """(B, 4, 9) probabilities added, by missed instalments and LoanState moved to; negative ones are taken away."""


@dataclass(frozen=True)
class Seen:
    """What the `B` paths of a block have shown by the end of a month; the arrays cannot be written to."""

    month: int
    """Months from the cut-off that have ended; the hooks are asked about the next one."""
    paths: int
    """B"""
    months: Int64
    """(t,) the month that each payment date so far has collected last; none before the first."""
    _series: Float64
    _active: Int64
    _triggers: tuple[str, ...]

    @cached_property
    def series(self) -> Mapping[str, Float64]:
        """(B, t) ratios by payment date, each of `Fan`: `net_loss_ratio`, `pool_factor`, `dpd_30_plus_ratio`."""
        return {field.name.lower(): self._series[:, field] for field in Fan}

    @cached_property
    def first_active(self) -> Mapping[str, Int64]:
        """(B,) by trigger: the month collected last by the first date on which it was active, `NEVER` if none was."""
        return {name: self._active[:, g] for g, name in enumerate(self._triggers)}

    def moves(self, added: bool = False) -> Moves:
        """Moves that change nothing, to be filled; with room for added probabilities if there are any."""
        multiple = np.ones((self.paths, PERFORMING, len(Move)))
        return Moves(multiple, np.zeros((self.paths, PERFORMING, STATES)) if added else None)


class PolicyHooks(Protocol):
    """A policy: one of a document, or any object with these attributes. Whoever inherits has hooks that do nothing.

    It must be possible to pickle it: blocks of paths are run by workers.
    """

    name: str
    """Its name; multiples are taken in the order of names."""
    version: str
    """Changed whenever its answers change: results say by which policies they were made."""
    where: Mapping[str, Any] = MappingProxyType({})
    """Loans it is about, as in documents: `{"grade": ["2", "3"]}`. Held ones for the moves, offered ones for the offer;
    all if it is empty."""
    reacts: bool = True
    """False for one that goes by the calendar alone: its hooks are asked once, and shown nothing but the month."""

    def offer(self, seen: Seen) -> Float64:
        """(B,) share, from 0 to 1, of the loans of the replenishment that is offered at the end of the next month."""
        return np.ones(seen.paths)

    def moves(self, seen: Seen) -> Moves:
        """Multiples of the moves in the next month, and probabilities added to them."""
        return seen.moves()

    def cash(self, seen: Seen) -> Mapping[str, Float64]:
        """(B,) currency units by account, on the date that collects the next month: positive ones are paid in,
        negative ones taken out, at most what is there."""
        return {}


def uses(policy: PolicyHooks, hook: str) -> bool:
    """False where a policy leaves a hook as it inherits it, in its class and on the object, or a document has none."""
    own: frozenset[str] | None = getattr(policy, STATED, None)
    if own is not None:
        return hook in own
    if hook in getattr(policy, "__dict__", {}):
        return True
    return getattr(type(policy), hook, None) is not getattr(PolicyHooks, hook)


def conditions(policy: PolicyHooks) -> dict[str, Condition]:
    """Loans a policy is about."""
    return _CONDITIONS.validate_python(getattr(policy, "where", {}))


def reacts(policy: PolicyHooks) -> bool:
    """True unless a policy says that it goes by the calendar alone."""
    return bool(getattr(policy, "reacts", True))


def steering(policy: PolicyHooks) -> dict[str, Condition] | None:
    """Loans whose moves a policy changes; None if it changes none."""
    return conditions(policy) if uses(policy, "moves") else None

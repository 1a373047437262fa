"""The policy of a document as one of the protocol: its rule in hooks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from abssim.policy.hooks import NEVER, STATED, Float64, Moves, PolicyHooks, Seen
from abssim.policy.policy import Policy


class Stated(PolicyHooks):
    """A policy that a document states, under its name there."""

    version = "document"

    def __init__(self, name: str, written: Policy) -> None:
        self.name, self.written = name, written
        self.where = written.where
        self.reacts = written.when is not None
        using = {"moves": written.steers, "offer": written.filters, "cash": written.cash is not None}
        setattr(self, STATED, frozenset(hook for hook, does in using.items() if does))

    def offer(self, seen: Seen) -> Float64:
        """(B,) share of its loans that is offered."""
        return np.where(self._in_effect(seen), self.written.offer_pct / 100.0, 1.0)

    def moves(self, seen: Seen) -> Moves:
        """Its multiples while it is in effect."""
        own, found = self.written, seen.moves()
        factors = (own.default_multiple, own.cure_multiple, own.prepay_multiple)
        found.multiple[self._in_effect(seen)] = factors
        return found

    def cash(self, seen: Seen) -> Mapping[str, Float64]:
        """Its amount in the first month in effect."""
        if self.written.cash is None:
            return {}
        begins = self._since(seen) == 0
        return {self.written.cash.account: np.where(begins, self.written.cash.amount, 0.0)}

    def _in_effect(self, seen: Seen) -> npt.NDArray[np.bool_]:
        """(B,) whether it acts in the month that follows."""
        since = self._since(seen)
        return np.asarray((since >= 0) & (since < (self.written.months or np.inf)))

    def _since(self, seen: Seen) -> npt.NDArray[np.int64]:
        """(B,) whole months that it has acted when the next one begins; below 0 before."""
        own = self.written
        decided = np.full(seen.paths, own.month or 0) if own.when is None else seen.first_active[own.when]
        acting = seen.month - decided - own.lag_months
        return np.where(decided == NEVER, NEVER, acting)

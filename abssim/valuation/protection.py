"""Protected notional of a tranche of a pool, date by date, in whole minor units.

The tranche takes the pool's losses between attachment and detachment. How its notional falls as the pool repays is the
contract's choice: `sequential` lets the senior part above the tranche be repaid first, `pro_rata` lets the tranche and
the cushion below it shrink with the pool; while the pool is `replenishing` nothing does. A recovery (a loss below zero)
is reimbursed in the order opposite to losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from abssim.errors import Problem
from abssim.valuation.fault import known, refuse, same_length, within

RULES = ("sequential", "pro_rata", "replenishing")


@dataclass(frozen=True)
class Tranche:
    """What is protected, in minor units of the pool at the start."""

    pool: int
    attachment: int
    detachment: int

    def __post_init__(self) -> None:
        refuse(
            within("pool", self.pool, 0),
            within("attachment", self.attachment, 0, self.detachment),
            within("detachment", self.detachment, 0, self.pool),
        )


class ProtectedDate(NamedTuple):
    """One date, in minor units."""

    claim: int
    """Due for the loss of the date; below zero what the buyer gives back."""
    amortized: int
    """Reduction of the notional by principal."""
    notional: int
    """Protected after the date."""
    cushion: int
    """Losses the tranche would not feel."""
    paid_to_date: int
    """Claims less what was given back; with notional and all amortization always the original notional."""
    amortized_to_date: int


def protected_notional(
    tranche: Tranche,
    losses: Sequence[int],
    principal: Sequence[int],
    rule: str | Sequence[str] = "sequential",
    absorbed: Sequence[int] | None = None,
) -> list[ProtectedDate]:
    """The tranche on every date.

    `losses` of the dates (net of recoveries, if the contract says so), `principal`: all that leaves the pool otherwise,
    with net losses the recoveries on assets already claimed too. `rule` for all dates or by date, where a trigger
    switches it. `absorbed`: what synthetic excess spread takes of each date's loss before the cushion, at most; what is
    not used is lost.

    Replenishing: principal buys new assets and reduces nothing. Sequential: loss first; principal beyond the senior
    part reduces the notional, `Amort = clip(principal to date - senior, 0, notional)`. Pro rata: principal first;
    cushion and notional each shrink to `amount x (pool before - principal) / pool before`, rounded down.

    >>> dates = protected_notional(Tranche(100, 2, 8), losses=[1, 3], principal=[90, 4])
    >>> [(date.claim, date.amortized, date.notional) for date in dates]
    [(0, 0, 6), (2, 2, 2)]
    """
    rules = [rule] * len(losses) if isinstance(rule, str) else list(rule)
    absorbs = [0] * len(losses) if absorbed is None else list(absorbed)
    refuse(
        same_length("losses", len(losses), "principal", len(principal)),
        same_length("losses", len(losses), "rule", len(rules)),
        same_length("losses", len(losses), "absorbed", len(absorbs)),
        *(known("rule", each, RULES) for each in dict.fromkeys(rules)),
        _overdrawn(tranche.pool, losses, principal, rules),
    )
    book = _Book(tranche)
    return [
        book.date(rules[k], losses[k] - max(0, min(absorbs[k], losses[k])), losses[k], principal[k])
        for k in range(len(losses))
    ]


class _Book:
    """What is left of each part of the pool."""

    def __init__(self, tranche: Tranche) -> None:
        self.pool, self.cushion = tranche.pool, tranche.attachment
        self.notional = tranche.detachment - tranche.attachment
        self.senior = tranche.pool - tranche.detachment
        self.beyond = self.paid = self.amortized = 0
        """Losses above the tranche, claims less what was given back, notional amortized; all to date."""

    def date(self, rule: str, felt: int, loss: int, principal: int) -> ProtectedDate:
        """One date: `felt` is the loss less what excess spread took."""
        if rule == "pro_rata":
            amortized = self._shrink(principal)
            claim = self._lose(felt)
        else:
            principal = 0 if rule == "replenishing" else principal
            claim = self._lose(felt)
            amortized = self._repay(principal)
        self.pool -= principal + loss
        self.paid += claim
        self.amortized += amortized
        return ProtectedDate(claim, amortized, self.notional, self.cushion, self.paid, self.amortized)

    def _lose(self, loss: int) -> int:
        """Claim for a loss; below zero for a recovery."""
        if loss < 0:
            return -self._recover(-loss)
        reached = max(loss - self.cushion, 0)
        self.cushion = max(self.cushion - loss, 0)
        claim = min(reached, self.notional)
        self.notional -= claim
        self.beyond += reached - claim
        return claim

    def _recover(self, amount: int) -> int:
        """What the buyer gives back: what lies above the tranche is made whole first, the cushion last."""
        above = min(amount, self.beyond)
        self.beyond -= above
        back = min(amount - above, self.paid)
        self.notional += back
        self.cushion += amount - above - back
        return back

    def _repay(self, principal: int) -> int:
        """Amortization by principal after the senior part."""
        amortized = min(max(principal - self.senior, 0), self.notional)
        self.senior = max(self.senior - principal, 0)
        self.notional -= amortized
        return amortized

    def _shrink(self, principal: int) -> int:
        """Amortization by the pool's share of principal; the senior part takes the rest."""
        kept, before = self.pool - principal, max(self.pool, 1)
        cushion, notional = self.cushion * kept // before, self.notional * kept // before
        amortized = self.notional - notional
        self.senior = max(self.senior - (principal - (self.cushion - cushion) - amortized), 0)
        self.cushion, self.notional = cushion, notional
        return amortized


def _overdrawn(pool: int, losses: Sequence[int], principal: Sequence[int], rules: Sequence[str]) -> Problem | None:
    """E600 where more leaves the pool than is in it, or principal flows in."""
    left = pool
    for place, (loss, repaid, rule) in enumerate(zip(losses, principal, rules, strict=False)):
        left -= loss + (0 if rule == "replenishing" else repaid)
        if left < 0 or repaid < 0:
            text = "is below zero" if repaid < 0 else f"takes {-left} more than is left of the pool with the loss"
            return Problem("E600", "", f"principal[{place}]", text)
    return None

"""A trust with series in plain Python, class by class as an indenture tells it: the twin of what documents are written
out into. Whole minor units; each class and the transferor bear reductions of their own, junior first, and are
reimbursed senior first."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor


def rounded(value: float) -> int:
    """Half up."""
    return floor(value + 0.5)


@dataclass
class NaiveSeries:
    """A series with classes A and B; its transferor subordinates what A requires and B does not give."""

    balance: dict[str, int]
    share: float
    first: int
    periods: int
    whole: bool
    """The numerator is fixed for the whole series, not for A alone."""
    accumulated: int = 0
    reduced: dict[str, float] = field(default_factory=lambda: {"A": 0, "B": 0})
    fixed_amount: float = 0.0
    held: float = 0.0
    """What the transferor still subordinates: a stock of its own."""

    def __post_init__(self) -> None:
        self.held = self.required()

    def required(self) -> float:
        """What the transferor must subordinate."""
        return max(0.0, (self.balance["A"] - self.accumulated) * self.share / (1.0 - self.share) - self.balance["B"])

    def worth(self, layer: str) -> float:
        """Nominal liquidation amount of a class (only A accumulates), or what the transferor still subordinates."""
        if layer == "held":
            return self.held
        return self.balance[layer] - (self.accumulated if layer == "A" else 0) - self.reduced[layer]

    def outstanding(self) -> float:
        """Reductions not reimbursed."""
        return sum(self.reduced.values()) + self.required() - self.held

    def collateral(self) -> float:
        """Collateral amount."""
        return self.worth("A") + self.worth("B") + self.worth("held")

    def principal_numerator(self, period: int) -> float:
        """Fixed from the first deposit on, as long as it is worth anything."""
        fixed, floating = ("AB", "") if self.whole else ("A", "B")
        worth = sum(self.worth(layer) for layer in fixed)
        if period <= self.first:
            self.fixed_amount = worth
        left = self.fixed_amount if worth > 0 else 0.0
        return left + sum(self.worth(layer) for layer in floating) + self.held

    def reduce(self, amount: float) -> None:
        """Charge off, or reallocate principal: the most junior layer first."""
        for layer in ("held", "B", "A"):
            borne = min(amount, self.worth(layer))
            if layer == "held":
                self.held -= borne
            else:
                self.reduced[layer] += borne
            amount -= borne

    def reimburse(self, amount: float) -> None:
        """The most senior layer first."""
        for layer in ("A", "B"):
            given = min(amount, self.reduced[layer])
            self.reduced[layer] -= given
            amount -= given
        self.held += amount

    def pay(self, period: int, charges: int, principal: int, defaults: int, due: dict[str, int]) -> dict[str, int]:
        """One date: what is paid to whom."""
        self.reduce(min(defaults, rounded(self.collateral())))
        paid = {"A interest": min(charges, due["A"])}
        charges -= paid["A interest"]
        paid["B interest"] = min(charges, due["B"])
        charges -= paid["B interest"]
        below = rounded(self.worth("B") + self.worth("held"))
        paid["reallocated"] = min(due["A"] - paid["A interest"], principal, below)
        self.reduce(paid["reallocated"])
        principal -= paid["reallocated"]
        paid["covered"] = min(charges, rounded(self.outstanding()))
        self.reimburse(paid["covered"])
        principal += paid["covered"]
        required = self.required()
        done = min(1.0, max(0, period - self.first + 1) / self.periods)
        paid["deposit"] = min(
            principal, max(0, rounded(self.balance["A"] * done) - self.accumulated), rounded(self.worth("A"))
        )
        self.accumulated += paid["deposit"]
        self.release(required)
        if period >= self.first + self.periods - 1:
            paid["repaid"] = min(self.accumulated, self.balance["A"])
            self.balance["A"] -= paid["repaid"]
            self.accumulated -= paid["repaid"]
        return paid

    def release(self, before: float) -> None:
        """What the transferor holds stays as its duty falls, at most what is required; the books round to a unit."""
        after, missing = self.required(), before - self.held
        forgiven = missing - (after - min(self.held, after))
        borne = sum(self.reduced.values()) + missing - rounded(round(forgiven, 6))
        self.held, self.reduced = after, {"A": 0, "B": 0}
        self.reduce(borne)

"""What the value of protection depends on besides the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace

from abssim.errors import Problem
from abssim.valuation.curve import CreditCurve, DiscountCurve
from abssim.valuation.fault import refuse, within


@dataclass(frozen=True)
class Market:
    """Curves and recovery on one day, the valuation day: both curves start on it."""

    discount: DiscountCurve
    credit: CreditCurve
    recovery: float
    """Share of the notional that is recovered at default, decimal."""

    def __post_init__(self) -> None:
        starts = (self.discount.start, self.credit.start)
        apart = f"starts on {starts[1]}, the discount curve on {starts[0]}"
        refuse(
            None if starts[0] == starts[1] else Problem("E603", "", "credit", apart, "start both on the valuation day"),
            within("recovery", self.recovery, 0.0, 1.0),
        )

    def with_rates_up(self, shift: float) -> Market:
        """All zero rates moved, hazards as they are."""
        return replace(self, discount=self.discount.shifted(shift))

    def with_hazards_up(self, shift: float) -> Market:
        """All hazards moved."""
        return replace(self, credit=self.credit.shifted(shift))

    def with_recovery_up(self, shift: float) -> Market:
        """Recovery moved, hazards as they are."""
        return replace(self, recovery=self.recovery + shift)

"""Fees and taxes."""

from __future__ import annotations

from abssim.deal.base import Amount, Condition, Flag, Part, Positive, Rate, Sum


class Fee(Part):
    """A fee or tax: a rate of something, or an amount. What is not paid stays due."""

    rate_pct: Rate | None = None
    """Percent a year of `of` (of the flow itself where `annual` is false)."""
    of: Sum | None = None
    """What the rate is charged on: `opening.pool.balance`, `pool.interest`."""
    annual: Flag = True
    """The rate is a year's: it counts for the months since the last charge / 12, those of the pool it is charged on
    where that has a cut-off of its own."""
    amount: Sum | None = None
    """Amount per payment date instead of a rate."""
    every: Positive = 1
    """Charged on each so many-th payment date of the deal's life."""
    when: Condition | None = None
    """Charged only on dates where this holds."""
    opening_shortfall: Amount = 0
    """Unpaid at a start in mid-life."""

"""Conditions that change what happens: triggers and calls."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from abssim.deal.base import Condition, Count, Flag, Part, Positive, Rate, Sum
from abssim.deal.dates import Date


class Trigger(Part):
    """A test on every payment date. Once fired it stays so, unless it is curable."""

    when: Condition
    """Condition of the breach: `pool.npl_to_issue_ratio > 0.05`."""
    effect: Literal["amortization", "early_amortization", "enforcement", "stop_purchases"] | None = None
    """Regime it asks for, or the end of purchases. Without effect it is only readable as `trigger.NAME`."""
    test: Literal["start", "end"] = "start"
    """Tested before the waterfall of the date (and effective on it), or after it (effective on the next)."""
    periods: Positive = Field(default=1, alias="for")
    """Breached on so many dates in a row before it fires."""
    curable: Flag = False
    """It is lifted when the condition no longer holds."""
    cure_after: Positive = 1
    """Dates in a row without breach that lift a curable trigger."""
    fired: Flag = False
    """Already fired at a start in mid-life."""
    count: Count = 0
    """Breaches in a row at a start in mid-life."""


class MakeWhole(Part):
    """Premium on an early call, simplified: rate x balance x years left, not the present value of the payments lost."""

    rate_pct: Rate
    """Percent a year of the note's balance, for the time left until `until`."""
    until: Date
    """No premium from here on; at the latest the last payment date."""


class Call(Part):
    """The right to sell the pool and repay the notes. The price arrives as collection `sale`."""

    when: Condition
    """Condition, tested before the waterfall: `pool.factor <= 0.10`."""
    price: Sum = "pool.balance"
    """What the buyer pays for the pool."""
    first: Date | None = Field(default=None, alias="from")
    """Not before this date."""
    dates: tuple[Date, ...] = ()
    """Only on the first payment date on or after each of these; default: on any."""
    make_whole: MakeWhole | None = None
    """Premium due to the notes (`NAME.premium` as payee of a `pay_due` step)."""

"""The document of a policy: when it acts, on which loans, and which of the three hooks it uses."""

from __future__ import annotations

from pydantic import Field, model_validator

from abssim.condition import Condition, require_values
from abssim.part import NumericPart
from abssim.validation import fault

_MOST = 1e6
"""Largest multiple."""


class Cash(NumericPart):
    """Cash that comes from outside the deal, or leaves it past the waterfall."""

    account: str
    """Account of the deal."""
    amount: float = Field(ge=-1e12, le=1e12)
    """Currency units: positive is paid in, negative taken out, at most what is there."""


class Policy(NumericPart):
    """What the originator does from some month on: by the calendar, or because of what a path has shown."""

    month: int | None = Field(default=None, ge=0, le=1200)
    """Decided at the end of this month of the projection; 0 is the cut-off."""
    when: str | None = None
    """Decided on the first payment date on which this trigger of the deal is active."""
    lag_months: int = Field(default=0, ge=0, le=1200)
    """Months between decision and effect; with 0 the next month is the first in effect."""
    months: int | None = Field(default=None, ge=1, le=1200)
    """How many months it is in effect; to the end if left out."""
    where: dict[str, Condition] = Field(default_factory=dict)
    """Loans it is about, as in the rules of assumptions: held ones for the multiples, replenishment for the offer."""
    default_multiple: float = Field(default=1.0, ge=0.0, le=_MOST)
    """Multiple of the moves from current to 1-30 days past due and to default."""
    cure_multiple: float = Field(default=1.0, ge=0.0, le=_MOST)
    """Multiple of the moves to fewer missed instalments."""
    prepay_multiple: float = Field(default=1.0, ge=0.0, le=_MOST)
    """Multiple of prepayment."""
    offer_pct: float = Field(default=100.0, ge=0.0, le=100.0)
    """Percent of these loans of the replenishment still offered to the pool; what is held stays."""
    cash: Cash | None = None
    """Posted once, on the first payment date that collects a month in effect."""

    @model_validator(mode="after")
    def _check(self) -> Policy:
        if (self.month is None) == (self.when is None):
            raise fault("E336", "one of month and when is needed", "month: 6, or when: a trigger of the deal")
        require_values(self.where)
        return self

    @property
    def steers(self) -> bool:
        """True if it multiplies moves of the loans that are held."""
        return (self.default_multiple, self.cure_multiple, self.prepay_multiple) != (1.0, 1.0, 1.0)

    @property
    def filters(self) -> bool:
        """True if it keeps loans of the replenishment back."""
        return self.offer_pct < 100.0

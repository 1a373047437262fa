"""Assumptions about the behavior of loans: prepayment, default, recovery and what else moves a balance."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abssim.condition import Condition, require_values
from abssim.errors import did_you_mean
from abssim.fault import fault
from abssim.scenario.curve import MAX_MULTIPLE, Curve
from abssim.scenario.roll import RollRates

By = Literal["month", "age"]
AdvanceKind = Literal["none", "principal", "principal_and_interest"]

TIMINGS = {"base": (25.0, 35.0, 25.0, 15.0), "front": (45.0, 30.0, 15.0, 10.0), "back": (10.0, 20.0, 30.0, 40.0)}
"""Percent of defaults by quarter of life, for consumer pools of 12-24 months (DOMAIN 4.2)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    def _exactly_one(self, names: tuple[str, ...]) -> str:
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            what = "several of them are given" if given else "none of them is given"
            raise fault("E312", f"one of {', '.join(names)} is needed: {what}")
        return given[0]


class Prepayment(_Part):
    """One speed. SMM and CPR go by the rule's clock (`by`); PSA and ABS by the loan's age."""

    smm_pct: Curve | None = None
    """Single monthly mortality, percent of the balance after scheduled principal."""
    cpr_pct: Curve | None = None
    """Conditional prepayment rate a year: SMM = 1 - (1 - CPR)^(1/12)."""
    psa_pct: Curve | None = None
    """Percent of the PSA ramp (0.2 % CPR a month up to 6 % in month 30 of the loan's age)."""
    abs_pct: Curve | None = None
    """Absolute prepayment speed: percent of the original loans a month, from origination."""

    @model_validator(mode="after")
    def _check(self) -> Prepayment:
        name = self.kind
        high = 100.0 if name in ("smm_pct", "cpr_pct", "abs_pct") else MAX_MULTIPLE
        self.curve.within(0.0, high, name)
        return self

    @property
    def kind(self) -> str:
        """Name of the speed that is given."""
        return self._exactly_one(("smm_pct", "cpr_pct", "psa_pct", "abs_pct"))

    @property
    def curve(self) -> Curve:
        """Its values."""
        found: Curve = getattr(self, self.kind)
        return found


class Default(_Part):
    """One way in which loans default."""

    mdr_pct: Curve | None = None
    """Monthly default rate, percent of the performing balance at the start of the month."""
    cdr_pct: Curve | None = None
    """Conditional default rate a year: MDR = 1 - (1 - CDR)^(1/12)."""
    sda_pct: Curve | None = None
    """Percent of the SDA curve, by the loan's age."""
    cumulative_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Defaults over the life of the pool, percent of its performing balance at the cut-off (or when it is bought)."""
    cumulative_loss_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Net losses over the life of the pool: the same after division by the severity."""
    timing: Literal["base", "front", "back"] | tuple[float, ...] | None = None
    """When cumulative defaults come: percents of equal parts of the life, or `base`, `front`, `back` (quarters)."""
    life_months: int | None = Field(default=None, ge=1, le=1200)
    """Months over which cumulative defaults come; the longest remaining term if it is left out."""
    roll_rates: RollRates | None = None
    """Roll-rate matrices: delinquency by bucket, default after 90 days."""

    @model_validator(mode="before")
    @classmethod
    def _timing(cls, written: Any) -> Any:
        timing = written.get("timing") if isinstance(written, dict) else None
        if isinstance(timing, str) and timing not in TIMINGS:
            raise fault("E316", f'no timing "{timing}"', did_you_mean(timing, TIMINGS))
        return written

    @model_validator(mode="after")
    def _check(self) -> Default:
        name = self.kind
        if name in ("mdr_pct", "cdr_pct", "sda_pct"):
            self.curve.within(0.0, MAX_MULTIPLE if name == "sda_pct" else 100.0, name)
        if not self.is_cumulative and (self.timing is not None or self.life_months is not None):
            raise fault("E316", f"{name} has no timing", "give cumulative_pct instead")
        if any(share < 0.0 for share in self.shares) or abs(sum(self.shares) - 100.0) > 1e-6:
            raise fault("E316", f"the timing adds up to {sum(self.shares):g} %, not 100 %")
        return self

    @property
    def kind(self) -> str:
        """Name of the field that is given."""
        names = ("mdr_pct", "cdr_pct", "sda_pct", "cumulative_pct", "cumulative_loss_pct", "roll_rates")
        return self._exactly_one(names)

    @property
    def curve(self) -> Curve:
        """Values of a rate by month."""
        found: Curve = getattr(self, self.kind)
        return found

    @property
    def is_cumulative(self) -> bool:
        """True if defaults are an amount over the life of the pool."""
        return self.kind.startswith("cumulative")

    @property
    def shares(self) -> tuple[float, ...]:
        """Percent of cumulative defaults in equal parts of the life."""
        timing = self.timing or "base"
        return TIMINGS[timing] if isinstance(timing, str) else timing


class Recovery(_Part):
    """What comes back of a defaulted balance (EAD), when, and at what cost."""

    rate_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Percent of EAD recovered."""
    severity_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Percent of EAD lost: 100 - rate."""
    lag_months: int | None = Field(default=None, ge=0, le=240)
    """Everything comes so many months after default; 0 if neither lag nor curve is given."""
    curve_pct: Curve | None = None
    """Percent of the recovery in month 1, 2, ... after default; adds up to 100."""
    commission_pct: float = Field(default=0.0, ge=0.0, le=100.0)
    """Percent of the cash recovered that the collector keeps."""
    cost_pct: float = Field(default=0.0, ge=0.0, le=100.0)
    """Cost in percent of EAD, withheld from recoveries as they come, at most what comes."""

    @model_validator(mode="after")
    def _check(self) -> Recovery:
        if (self.rate_pct is None) == (self.severity_pct is None):
            raise fault("E313", "one of rate_pct and severity_pct is needed")
        if self.lag_months is not None and self.curve_pct is not None:
            raise fault("E313", "lag_months and curve_pct exclude each other")
        if self.curve_pct is not None:
            self.curve_pct.within(0.0, 100.0, "curve_pct")
            if abs(sum(self.curve_pct.values) - 100.0) > 1e-6:
                raise fault("E313", f"curve_pct adds up to {sum(self.curve_pct.values):g} %, not 100 %")
        return self

    @property
    def rate(self) -> float:
        """Share of EAD recovered, decimal."""
        return (self.rate_pct if self.rate_pct is not None else 100.0 - (self.severity_pct or 0.0)) / 100.0

    @property
    def lag_shares(self) -> tuple[float, ...]:
        """Share of the recovery by months since default, from 0."""
        if self.curve_pct is not None:
            return (0.0, *(value / 100.0 for value in self.curve_pct.values))
        return (*(0.0,) * (self.lag_months or 0), 1.0)


class Rule(_Part):
    """Assumptions for the loans that `where` selects; a later rule overrides an earlier one in what it gives."""

    where: dict[str, Condition] = Field(default_factory=dict)
    """Conditions on columns of the tape: a value, a list of values, or `{min, max}`. All loans if left out."""
    by: By = "month"
    """Clock of this rule's curves: month of the projection, or age of the loan (month 1 is its first payment)."""
    prepayment: Prepayment | None = None
    """Voluntary prepayment."""
    default: Default | None = None
    """Default."""
    recovery: Recovery | None = None
    """Recovery after default."""
    dilution_pct: Curve | None = None
    """Percent of the balance a month cancelled by returns and discounts: no cash."""
    repurchase_pct: Curve | None = None
    """Percent of the balance a month bought back by the originator at par."""
    penalty_pct_per_day: float | None = Field(default=None, ge=0.0, le=1.0)
    """Penalty on overdue instalments for each day (30 a month) they are late, paid with them."""
    correlation_pct: float | None = Field(default=None, ge=0.0, lt=100.0)
    """Correlation of these loans with the scenario's factor, in place of the factor's own."""
    advances: AdvanceKind | None = None
    """What the servicer advances on defaulted loans until liquidation (BMA)."""

    @model_validator(mode="after")
    def _check(self) -> Rule:
        require_values(self.where)
        for name in ("dilution_pct", "repurchase_pct"):
            curve = getattr(self, name)
            if curve is not None:
                curve.within(0.0, 100.0, name)
        curved = self.recovery is not None and self.recovery.curve_pct is not None
        rolls = self.default is not None and self.default.roll_rates is not None
        if self.advances not in (None, "none") and (curved or rolls):
            raise fault("E319", "advances need default rates and one lag", "give lag_months, and rates by month")
        return self

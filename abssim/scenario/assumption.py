"""Assumptions about the behavior of loans: prepayment, default, recovery and what else moves a balance."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from abssim.condition import Condition, require_values
from abssim.errors import did_you_mean
from abssim.scenario.curve import MAX_MULTIPLE, Curve
from abssim.scenario.part import ScenarioPart
from abssim.scenario.recovery import Recovery
from abssim.scenario.roll import RollRates
from abssim.validation import fault

By = Literal["month", "age"]
AdvanceKind = Literal["none", "principal", "principal_and_interest"]

TIMINGS = {"base": (25.0, 35.0, 25.0, 15.0), "front": (45.0, 30.0, 15.0, 10.0), "back": (10.0, 20.0, 30.0, 40.0)}
"""Percent of defaults by quarter of life, for consumer pools of 12-24 months."""
FIRST_DEFAULT_MONTH = 4
"""Month of a loan's life before which no lifetime PD lets it default: one missed due date and 90 days."""


class Prepayment(ScenarioPart):
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
        return self.exactly_one(("smm_pct", "cpr_pct", "psa_pct", "abs_pct"))

    @property
    def curve(self) -> Curve:
        """Its values."""
        curve: Curve = getattr(self, self.kind)
        return curve


class Restructuring(ScenarioPart):
    """What `restructured` of the roll rates means: an obligor's plan is extended, at most once.

    It pays nothing in that month, nor in those of the extension; then it is current with all that it owes, and every
    order's schedule goes on where it stopped. Its orders prepay meanwhile.
    """

    extension_months: int = Field(ge=0, le=120)
    """Months after that of the restructuring in which no instalment is due. Schedules end 4 months later, and these:
    three instalments were missed, and one falls in the month itself."""
    redefault_multiple: float = Field(ge=0.0, le=MAX_MULTIPLE)
    """Multiple of the cumulative hazard of leaving "current" from then on: h' = 1 - (1 - h)^multiple a month. Who would
    be restructured again defaults instead."""


class Default(ScenarioPart):
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
    lifetime_pd_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Percent of loans that default over their life, counted from origination, if none prepays. Nobody defaults before
    month 4 of the loan's life, wherever it is bought: one missed due date and 90 days."""
    timing: Literal["base", "front", "back"] | tuple[float, ...] | None = None
    """When cumulative defaults or those of a lifetime PD come: percents of equal parts of the life, or `base`, `front`,
    `back` (quarters)."""
    life_months: int | None = Field(default=None, ge=1, le=1200)
    """Months over which they come. Cumulative defaults: from the cut-off, the longest remaining term if it is left out.
    Lifetime PD: from origination, the loan's own original term if it is left out; the parts are those of months 4 on.
    """
    roll_rates: RollRates | None = None
    """Roll-rate matrices: delinquency by bucket, default after 90 days, or restructuring before it."""
    restructuring: Restructuring | None = None
    """Terms of a restructuring, where the roll rates have some restructured."""

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
        timed = self.is_cumulative or name == "lifetime_pd_pct"
        if not timed and (self.timing is not None or self.life_months is not None):
            raise fault("E316", f"{name} has no timing", "give cumulative_pct or lifetime_pd_pct instead")
        if name == "lifetime_pd_pct" and (self.life_months or FIRST_DEFAULT_MONTH) < FIRST_DEFAULT_MONTH:
            raise fault("E316", f"no loan defaults before month {FIRST_DEFAULT_MONTH} of its life", "give roll_rates")
        if any(share < 0.0 for share in self.shares) or abs(sum(self.shares) - 100.0) > 1e-6:
            raise fault("E316", f"the timing adds up to {sum(self.shares):g} %, not 100 %")
        restructured = self.roll_rates is not None and any(self.roll_rates.restructured)
        if restructured != (self.restructuring is not None):
            what = "roll rates restructure, but no terms are given" if restructured else "nobody is restructured"
            raise fault("E321", what, "dpd_61_90: {restructured: 20}, and restructuring: {extension_months: 3, ...}")
        return self

    @property
    def kind(self) -> str:
        """Name of the field that is given."""
        rates, amounts = ("mdr_pct", "cdr_pct", "sda_pct"), ("cumulative_pct", "cumulative_loss_pct")
        return self.exactly_one((*rates, *amounts, "lifetime_pd_pct", "roll_rates"))

    @property
    def curve(self) -> Curve:
        """Values of a rate by month."""
        curve: Curve = getattr(self, self.kind)
        return curve

    @property
    def is_cumulative(self) -> bool:
        """True if defaults are an amount over the life of the pool."""
        return self.kind.startswith("cumulative")

    @property
    def shares(self) -> tuple[float, ...]:
        """Percent of cumulative or lifetime defaults in equal parts of the life."""
        timing = self.timing or "base"
        return TIMINGS[timing] if isinstance(timing, str) else timing


class Rule(ScenarioPart):
    """Assumptions for the loans that `where` selects; a later rule overrides an earlier one in what it gives."""

    where: dict[str, Condition] = Field(default_factory=dict)
    """Conditions on columns of the tape: a value, a list of values, or `{min, max}` of numbers or dates (vintages:
    `origination_month: {min: 2026-01-01, max: 2026-06-30}`). All loans if left out."""
    by: By = "month"
    """Clock of this rule's curves: month of the projection, or age of the loan (month 1 is its first payment)."""
    prepayment: Prepayment | None = None
    """Voluntary prepayment."""
    default: Default | None = None
    """Default."""
    recovery: Recovery | None = None
    """Recovery after default."""
    cure_multiple: float | None = Field(default=None, ge=0.0, le=MAX_MULTIPLE)
    """Multiple of the roll rates from arrears to a better bucket: what collection in stages adds.
    What stays or worsens gives way in proportion; prepayment is not multiplied."""
    dilution_pct: Curve | None = None
    """Percent of the balance a month cancelled by returns and discounts: no cash."""
    repurchase_pct: Curve | None = None
    """Percent of the balance a month bought back by the originator at par."""
    penalty_pct_per_day: float | None = Field(default=None, ge=0.0, le=1.0)
    """Penalty on overdue instalments for each day (30 a month) they are late, paid with them."""
    correlation_pct: float | dict[str, float] | None = None
    """Correlation of these loans with the scenario's factor (the first of several), in place of the factor's own; or
    by factor, such as `{economy: 3, property: -2}`: a negative share is a negative loading, factors left out load 0.
    """
    advances: AdvanceKind | None = None
    """What the servicer advances on defaulted loans until liquidation (BMA)."""

    @model_validator(mode="after")
    def _check(self) -> Rule:
        require_values(self.where)
        for name in ("dilution_pct", "repurchase_pct"):
            curve = getattr(self, name)
            if curve is not None:
                curve.within(0.0, 100.0, name)
        spread = self.recovery is not None and not self.recovery.one_lag
        own = self.correlation_pct
        shares = own.values() if isinstance(own, dict) else (own or 0.0,)
        if (not isinstance(own, dict) and min(shares) < 0.0) or sum(map(abs, shares)) >= 100.0:
            raise fault("E311", "correlation_pct must be from 0 to below 100, shares by factor added up without sign")
        rolls = self.default is not None and self.default.roll_rates is not None
        if self.advances not in (None, "none") and (spread or rolls):
            raise fault("E319", "advances need default rates and one lag", "give lag_months, and rates by month")
        return self

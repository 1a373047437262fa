"""Assumptions about defaulted balances: collection by channel, its cost, and bulk sale of what is left."""

from __future__ import annotations

from pydantic import Field, model_validator

from abssim.scenario.curve import Curve
from abssim.scenario.part import ScenarioPart
from abssim.validation import fault


class Collection(ScenarioPart):
    """What a collector brings in of the balance placed with it, when, and at what cost."""

    rate_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Percent of the balance placed (without channels: of EAD) recovered."""
    severity_pct: float | None = Field(default=None, ge=0.0, le=100.0)
    """Percent of it lost: 100 - rate."""
    lag_months: int | None = Field(default=None, ge=0, le=240)
    """Everything comes so many months after default; 0 if neither lag nor curve is given."""
    curve_pct: Curve | None = None
    """Percent of the recovery in month 1, 2, ... after default; adds up to 100."""
    commission_pct: float = Field(default=0.0, ge=0.0, le=100.0)
    """Percent of the cash recovered that the collector keeps."""
    cost_pct: float = Field(default=0.0, ge=0.0, le=100.0)
    """Cost in percent of the balance placed, withheld from recoveries as they come, at most what comes."""

    def check(self) -> None:
        """Raise a fault unless rate and timing are each given once."""
        if (self.rate_pct is None) == (self.severity_pct is None):
            raise fault("E313", "one of rate_pct and severity_pct is needed")
        if self.lag_months is not None and self.curve_pct is not None:
            raise fault("E313", "lag_months and curve_pct exclude each other")
        if self.curve_pct is not None:
            self.curve_pct.within(0.0, 100.0, "curve_pct")
            if abs(sum(self.curve_pct.values) - 100.0) > 1e-6:
                raise fault("E313", f"curve_pct adds up to {sum(self.curve_pct.values):g} %, not 100 %")

    @property
    def collected(self) -> float:
        """Share of the balance placed that is recovered if nothing is sold, decimal."""
        return (self.rate_pct if self.rate_pct is not None else 100.0 - (self.severity_pct or 0.0)) / 100.0

    @property
    def lag_shares(self) -> tuple[float, ...]:
        """Share of the recovery by months since default, from 0."""
        if self.curve_pct is not None:
            return (0.0, *(value / 100.0 for value in self.curve_pct.values))
        return (*(0.0,) * (self.lag_months or 0), 1.0)


class Channel(Collection):
    """A collection channel: in-house, an agency, legal action."""

    share_pct: float = Field(gt=0.0, le=100.0)
    """Percent of EAD placed with it."""
    from_month: int = Field(default=1, ge=1, le=240)
    """Month after default in which it begins: month 1 of its curve; a lag counts from the month before."""

    @model_validator(mode="after")
    def _check(self) -> Channel:
        self.check()
        return self

    @property
    def lag_shares(self) -> tuple[float, ...]:
        """Share of the recovery by months since default, from 0."""
        return (*(0.0,) * (self.from_month - 1), *super().lag_shares)


class Sale(ScenarioPart):
    """Bulk sale of non-performing loans."""

    month: int = Field(ge=0, le=240)
    """Months after default; what is collected by then is the pool's, nothing after."""
    price_pct: float = Field(ge=0.0, le=100.0)
    """Percent of the unpaid balance paid for it; like collections it takes the multiple of recovery stress and factor.
    """


class Recovery(Collection):
    """What comes back of a defaulted balance (EAD): collected in one way, or by channel, until the rest is sold."""

    channels: dict[str, Channel] = Field(default_factory=dict)
    """Collection channels by name, in place of the fields of one collector."""
    sale: Sale | None = None
    """Bulk sale of what is unpaid; the loss is booked with it."""

    @model_validator(mode="after")
    def _check(self) -> Recovery:
        if not self.channels:
            self.check()
            return self
        both = sorted(self.model_fields_set & Collection.model_fields.keys())
        if both:
            raise fault("E313", f"channels and {both[0]} exclude each other", "give it channel by channel")
        placed = sum(channel.share_pct for channel in self.channels.values())
        if placed > 100.0 + 1e-6:
            raise fault("E313", f"the channels' share_pct add up to {placed:g} %, more than 100 %")
        return self

    @property
    def ways(self) -> tuple[tuple[float, Collection], ...]:
        """Share of EAD placed with each collector, and the collector."""
        if not self.channels:
            return ((1.0, self),)
        return tuple((channel.share_pct / 100.0, channel) for channel in self.channels.values())

    @property
    def one_lag(self) -> bool:
        """True if all comes from one collector at one time."""
        return self.curve_pct is None and not self.channels and self.sale is None

    @property
    def last(self) -> int:
        """Months from default to the last cash, when the rest is given up."""
        return self.sale.month if self.sale is not None else max(len(way.lag_shares) for _, way in self.ways) - 1

    @property
    def rate(self) -> float:
        """Share of EAD recovered, decimal, before cost and stress, the price of a sale included."""
        if self.sale is None:
            return sum(share * way.collected for share, way in self.ways)
        until = self.sale.month + 1
        cash = sum(share * way.collected * sum(way.lag_shares[:until]) for share, way in self.ways)
        return cash + (1.0 - cash) * self.sale.price_pct / 100.0

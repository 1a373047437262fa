"""Systematic factors: what moves all obligors of a path together."""

from __future__ import annotations

from pydantic import Field, model_validator

from abssim.part import NumericPart
from abssim.scenario.curve import Curve


class Factor(NumericPart):
    """One factor by month, AR(1), standard normal in the long run; high is good."""

    correlation_pct: float = Field(default=0.0, ge=0.0, lt=100.0)
    """Share of an obligor's monthly credit quality that the factor explains (rho); 0: obligors are independent.
    With several factors the shares add up; a rule's own `correlation_pct` replaces those of all of them."""
    persistence: float = Field(default=0.9, ge=0.0, lt=1.0)
    """Correlation of the factor with itself a month before; 0: every month is new."""
    mean: Curve = Curve(values=(0.0,))
    """Mean of the factor in standard deviations by month: a scenario's shape, such as `-2.33 for 12, 0`."""
    recovery_sensitivity: float = Field(default=0.0, ge=0.0, le=10.0)
    """Recoveries of a month are multiplied by `1 + sum of sensitivity x factor`, between 0 and what is owed."""
    degrees: int | None = Field(default=None, ge=3, le=100)
    """Degrees of freedom of a t-copula: in bad months all obligors are nearer to default together. None: Gaussian.
    Of several factors only the first may have it: the spread is common to all."""
    recentre: bool = True
    """Shift the odds so that the mean lifetime default of a persistent factor, by balance, is that of the assumptions.
    Of several factors the first one says it for all."""

    @model_validator(mode="after")
    def _check(self) -> Factor:
        self.mean.within(-100.0, 100.0, "mean")
        return self

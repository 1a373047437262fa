"""What ties obligors together beside the systematic factor: frailty, ring fraud, contagion.

Each acts within clusters: the obligors whose largest order has the same value in a column of the tape. A loan without
a value belongs to no cluster and is left alone. Only simulations draw them; expected cash flows are without.
"""

from __future__ import annotations

from pydantic import Field

from abssim.part import NumericPart


class Cluster(NumericPart):
    """Obligors that share what happens to them."""

    by: str = Field(min_length=1)
    """Column of the tape whose values are the clusters, such as merchant or region."""


class Frailty(Cluster):
    """A hidden quality of each cluster: one gamma variable of mean 1 a path multiplies the cumulative hazard of leaving
    "current" (for arrears or default) of all its members, in the pools and in every vintage."""

    variance: float = Field(ge=0.0, le=1e4)
    """Variance of the gamma variable; few defaults of a cluster are negative binomial, Var = mean + variance x mean^2.
    Frail clusters run out of obligors first, so the mean cumulative default is below that without frailty."""


class Fraud(Cluster):
    """Ring fraud: a cluster on a path is a ring or it is not, in the pools and in every vintage. No member of a ring
    pays or prepays again from the first month it is held; it defaults once 91 days past due (month 4 if current)."""

    probability_pct: float = Field(ge=0.0, le=100.0)
    """Probability that a cluster is a ring."""


class Contagion(Cluster):
    """Defaults that bring on defaults: the cumulative hazard of leaving "current" in a month is multiplied by
    `1 + strength x (obligors of the cluster that defaulted in the months before) / (its obligors at the start)`.

    Defaults act within one pool or one month's purchases. The process dies out while strength x monthly hazard x months
    is below 1. Such a scenario is simulated month by month, several times slower."""

    strength: float = Field(ge=0.0)
    """What a default of every member in these months would add to the multiple."""
    months: int = Field(ge=1, le=1200)
    """For how many months a default acts on others, from the month after it."""
    cap: float = Field(ge=1.0, le=1e12)
    """The multiple is never more than this."""

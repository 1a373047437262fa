"""The large homogeneous pool of one normal factor: default rate, losses and tranches in closed form.

A name defaults with probability `p` if its latent value `sqrt(rho) M + sqrt(1 - rho) e` is low; with many names the
default rate of a pool is the conditional probability `p(M)`. O. Vasicek (2002), "The distribution of loan portfolio
value". Losses are shares of the pool: `lgd` times the default rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from abssim.errors import Problem
from abssim.valuation.fault import refuse, within
from abssim.valuation.normal import both_below, cdf, quantile


@dataclass(frozen=True)
class LargePool:
    """Probability of default until the horizon, asset correlation, loss given default.

    >>> pool = LargePool(0.03, 0.08)
    >>> round(pool.loss_quantile(0.99), 6), round(pool.tranche_loss(0.05, 0.10), 7)
    (0.101179, 0.0504591)
    """

    probability: float
    correlation: float
    lgd: float = 1.0

    def __post_init__(self) -> None:
        refuse(
            within("probability", self.probability, 0.0, 1.0),
            within("correlation", self.correlation, 0.0, 1.0 - 1e-12),
            within("lgd", self.lgd, 0.0, 1.0),
        )

    def default_rate(self, factor: Any) -> Any:
        """`Phi((Phi^-1(p) - sqrt(rho) m) / sqrt(1 - rho))`, element by element; high factors are good."""
        rho = self.correlation
        return cdf((quantile(self.probability) - math.sqrt(rho) * factor) / math.sqrt(1.0 - rho))

    def loss(self, factor: Any) -> Any:
        """Loss given the factor."""
        return self.lgd * self.default_rate(factor)

    def factor_of(self, loss: float) -> float:
        """The factor at which a loss happens; infinite for losses that cannot happen."""
        rho, rate = self.correlation, loss / self.lgd if self.lgd else math.inf
        if not 0.0 < rate < 1.0:
            return math.inf if rate <= 0.0 else -math.inf
        if rho == 0.0:
            return math.inf if rate < self.probability else -math.inf
        away = float(quantile(self.probability)) - math.sqrt(1.0 - rho) * float(quantile(rate))
        return away / math.sqrt(rho)

    def loss_cdf(self, loss: float) -> float:
        """P(loss <= `loss`)."""
        return 1.0 if loss >= self.lgd else float(cdf(-self.factor_of(loss)))

    def loss_quantile(self, level: float) -> float:
        """Loss that is not exceeded with probability `level`: value at risk."""
        return float(self.loss(-quantile(level)))

    def deviation(self) -> float:
        """Standard deviation of the loss: `Phi2(Phi^-1(p), Phi^-1(p); rho) - p^2` is the variance of the rate."""
        bound = float(quantile(self.probability))
        return self.lgd * math.sqrt(max(0.0, both_below(bound, bound, self.correlation) - self.probability**2))

    def expected_shortfall(self, level: float) -> float:
        """Mean loss over the worst `1 - level`: `Phi2(Phi^-1(p), -Phi^-1(level); sqrt(rho)) / (1 - level)`."""
        refuse(within("level", level, 0.0, 1.0 - 1e-15))
        bounds = float(quantile(self.probability)), -float(quantile(level))
        return self.lgd * both_below(*bounds, math.sqrt(self.correlation)) / (1.0 - level)

    def stop_loss(self, retention: float) -> float:
        """Mean loss beyond a retention: `Phi2(Phi^-1(p), -Phi^-1(k); -sqrt(1 - rho))` with `k` a default rate."""
        if self.lgd == 0.0 or retention >= self.lgd:
            return 0.0
        if retention <= 0.0:
            return self.lgd * self.probability - retention
        bounds = float(quantile(self.probability)), -float(quantile(retention / self.lgd))
        return self.lgd * both_below(*bounds, -math.sqrt(1.0 - self.correlation))

    def tranche_loss(self, attachment: float, detachment: float) -> float:
        """Mean loss of a tranche as a share of its size."""
        refuse(tranche_fault(attachment, detachment))
        return (self.stop_loss(attachment) - self.stop_loss(detachment)) / (detachment - attachment)


def tranche_fault(attachment: float, detachment: float) -> Problem | None:
    """E600 unless 0 <= attachment < detachment <= 1."""
    if 0.0 <= attachment < detachment <= 1.0:
        return None
    text = f"must lie above the attachment {attachment:g} and both from 0 to 1, not {detachment:g}"
    return Problem("E600", "", "detachment", text)

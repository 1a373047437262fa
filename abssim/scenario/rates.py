"""Interest rates of a scenario: a forward for each index, and shocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from abssim.scenario.curve import Curve
from abssim.scenario.fault import fault


class Rates(BaseModel):
    """Future rates of one index (or of `all`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    forward_pct: dict[date, float] | Curve | None = None
    """Percent a year: a number, a curve by month from the cut-off, or values by date, each holding from its date on."""
    shock_bps: float | None = Field(default=None, ge=-10_000.0, le=10_000.0)
    """Added to the forward, of the deal if the scenario has none."""

    @model_validator(mode="after")
    def _check(self) -> Rates:
        if isinstance(self.forward_pct, dict) and not self.forward_pct:
            raise fault("E310", "forward_pct lists no dates")
        return self


def forward_rates(
    forward: dict[date, float] | Curve, shock_bps: float, dates: Sequence[date], cut_off: date
) -> npt.NDArray[np.float64]:
    """Rate, decimal a year, on each of `dates`; before the first date of a list its first value holds."""
    if isinstance(forward, Curve):
        months = [(d.year - cut_off.year) * 12 + d.month - cut_off.month for d in dates]
        percent = forward.at(np.asarray(months, dtype=np.int64))
    else:
        steps = sorted(forward)
        index = [max(0, sum(step <= d for step in steps) - 1) for d in dates]
        percent = np.asarray([forward[steps[i]] for i in index], dtype=np.float64)
    return percent / 100.0 + shock_bps / 10_000.0

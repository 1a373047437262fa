"""Interest rates of a scenario: a forward for each index, and shocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field, Strict, model_validator

from abssim.dates import months_between
from abssim.day import Day, Distinct
from abssim.part import NumericPart
from abssim.scenario.curve import Curve
from abssim.validation import fault


class Rates(NumericPart):
    """Future rates of one index (or of `all`)."""

    forward_pct: Annotated[dict[Day, Annotated[float, Strict()]], Distinct] | Curve | None = None
    """Percent a year: a number, a curve by month, or values by date, each holding from its date on. Month 1 is that of
    the cut-off, or the one after a cut-off on the last day of a month; an accrual takes the month it starts in."""
    shock_bps: float | None = Field(default=None, ge=-10_000.0, le=10_000.0)
    """Added to the forward, of the deal if the scenario has none."""

    @model_validator(mode="after")
    def _check(self) -> Rates:
        if isinstance(self.forward_pct, dict) and not self.forward_pct:
            raise fault("E310", "forward_pct lists no dates")
        if self.forward_pct is not None:
            forward = self.forward_pct
            curve = forward if isinstance(forward, Curve) else Curve(values=tuple(forward.values()))
            curve.within(-100.0, 1000.0, "forward_pct")
        return self


def forward_rates(
    forward: dict[date, float] | Curve, shock_bps: float, dates: Sequence[date], cut_off: date
) -> npt.NDArray[np.float64]:
    """Rate, decimal a year, on each of `dates`; before the first date of a list its first value holds.

    Month 1 of a curve is the calendar month of the day after the cut-off, the first month of the projection.
    """
    if isinstance(forward, Curve):
        first = cut_off + timedelta(days=1)
        months = [months_between(first, d) + 1 for d in dates]
        percent = forward.at(np.asarray(months, dtype=np.int64))
    else:
        steps = sorted(forward)
        index = [max(0, sum(step <= d for step in steps) - 1) for d in dates]
        percent = np.asarray([forward[steps[i]] for i in index], dtype=np.float64)
    return percent / 100.0 + shock_bps / 10_000.0

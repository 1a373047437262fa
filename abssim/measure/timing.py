"""The time axis of every measure: years from the start of the run to each payment date."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from abssim.dates import year_fraction
from abssim.result import Origin, RunResult

Float64 = npt.NDArray[np.float64]
Basis = Literal["30/360", "act/365"]

DEFAULT_BASIS: Basis = "30/360"


def start_date(result: Origin) -> date:
    """Day from which lives are counted and prices paid: closing, or the last payment date before a mid-life start."""
    return result.dates.previous_unadjusted or result.dates.closing


def years(result: RunResult, basis: Basis = DEFAULT_BASIS, start: date | None = None) -> Float64:
    """(T,) years from `start` (default: the start date) to each payment date, the first one being a stub; 0 to those
    before it.

    `30/360` counts to the scheduled dates, as offering documents compute lives; `act/365` counts calendar days to
    the adjusted dates on which cash moves.
    """
    dates = result.dates.unadjusted if basis == "30/360" else result.dates.payment
    first = start_date(result) if start is None else start
    return np.array([max(0.0, year_fraction(first, day, basis)) for day in dates])

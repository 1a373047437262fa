"""Rates of a deal's indexes: fixings, and beyond the last one the forward of the scenario or of the deal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from abssim.deal.deal import Deal
from abssim.errors import CompileError
from abssim.scenario.scenario import Scenario

_MONTH = timedelta(days=31)


def rates_on(deal: Deal, scenario: Scenario, name: str, days: Sequence[date]) -> np.ndarray:
    """Rate of an index set on each of `days`, in order: its fixing, or beyond the last one its forward.

    Rates are set days ahead: a fixing after the day before in the list holds for the next one. Raises CompileError
    (E411) where there are fixings, but none so early.
    """
    index = deal.indexes[name]
    fixed = sorted(index.fixings_pct)
    before = [days[0] - (days[1] - days[0] if len(days) > 1 else _MONTH), *days]
    past = [day for day, last in zip(days, before, strict=False) if fixed and fixed[-1] > last]
    if past and past[0] < fixed[0]:
        text = f"{name} has no fixing on or before {past[0]}, where a rate is set"
        raise CompileError(deal.problem("E411", ("indexes", name, "fixings_pct"), text, "add the fixing of that day"))
    known = [index.fixings_pct[fixed[bisect_right(fixed, day) - 1]] / 100.0 for day in past]
    ahead = list(days[len(past) :])
    if not ahead:
        return np.asarray(known)
    forward = index.fixings_pct[fixed[-1]] if index.forward_pct is None and fixed else index.forward_pct
    return np.concatenate([known, scenario.index_rates(name, ahead, deal.dates.cut_off, forward)])

"""Fixings and forwards of indexes whose days do not meet those on which the deal sets rates: they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from abssim.dates import PeriodDates, months_after
from abssim.deal.deal import Deal
from abssim.scenario.scenario import Scenario

_LONGEST = 12
"""Months that a fixing holds where rates are set once a year."""


def rate_notices(deal: Deal, scenario: Scenario, dates: PeriodDates) -> Iterator[str]:
    """Fixings that stand for more than a year, and days of forwards that no accrual comes to."""
    first = dates.previous_unadjusted or dates.closing
    for name in deal.indexes:
        for day, until in _held(deal, scenario, name, dates.payment[0]):
            if until > first and months_after(day, _LONGEST) < until:
                yield f"indexes.{name}: there is no fixing from {day} to {until}, so that of {day} holds"
    for name, rates in scenario.rates.items():
        days = sorted(rates.forward_pct) if isinstance(rates.forward_pct, dict) else []
        idle = [*[day for day in days if day <= first][:-1], *(day for day in days if day >= dates.payment[-1])]
        if idle and deal.indexes:
            listed = ", ".join(str(day) for day in idle)
            yield (
                f"scenario {scenario.name}: what rates.{name}.forward_pct says for {listed} has no effect: rates are "
                f"set from {first} to {dates.payment[-1]}"
            )


def _held(deal: Deal, scenario: Scenario, name: str, paid: date) -> Iterator[tuple[date, date]]:
    """Days between which a fixing holds; the last one to the first payment date, where it is the forward too."""
    index = deal.indexes[name]
    fixed = sorted(index.fixings_pct)
    yield from pairwise(fixed)
    forward = [scenario.rates[each].forward_pct for each in (name, "all") if each in scenario.rates]
    if fixed and index.forward_pct is None and all(each is None for each in forward):
        yield fixed[-1], paid

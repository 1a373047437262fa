"""Rates of floating notes: on which days they are set, and what comes of it for an accrual period."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from abssim.business import adjust, business_days_before, business_days_of
from abssim.collateral.index import rates_on
from abssim.dates import PeriodDates, accrual_periods, month_day
from abssim.deal.deal import Deal
from abssim.deal.note import Floating, Note
from abssim.program.accrual import note_periods
from abssim.scenario.scenario import Scenario


class RateSettings(NamedTuple):
    """What makes the rate of one accrual period."""

    days: list[date]
    """Days whose fixings count."""
    weights: list[int]
    """Calendar days for which each of them holds."""


def note_rates(deal: Deal, dates: PeriodDates, scenario: Scenario, periods: int) -> np.ndarray:
    """(T, N) rate of each note's index for the accrual period of each date, 0 where the note has none."""
    rates = np.zeros((periods, len(deal.notes)))
    for n, note in enumerate(deal.notes.values()):
        if note.floating is not None:
            settings = list(_settings(deal, dates, note, note.floating))[:periods]
            rates[:, n] = _combined(deal, scenario, note, note.floating, settings)
    return rates


def observed_rates(deal: Deal, dates: PeriodDates, scenario: Scenario, name: str) -> np.ndarray:
    """(T,) rate of an index for the accrual period that ends on each scheduled date, as of its first day."""
    return rates_on(deal, scenario, name, [start for start, _ in accrual_periods(dates, False)])


def _settings(deal: Deal, dates: PeriodDates, note: Note, floating: Floating) -> Iterator[RateSettings]:
    """Of each accrual period."""
    spans = note_periods(note, dates)
    if floating.setting != "in_advance":
        yield from (_in_arrears(deal.dates.calendar, floating, start, end) for start, end in spans)
        return
    resets = _resets(deal, dates, note, floating, spans)
    for start, end in spans:
        days = [resets[bisect_right(resets, start) - 1], *(day for day in resets if start < day < end)]
        weights = [(last - first).days for first, last in pairwise([start, *days[1:], end])]
        yield RateSettings([_before(deal, floating, day) for day in days], weights)


def _resets(
    deal: Deal, dates: PeriodDates, note: Note, floating: Floating, spans: list[tuple[date, date]]
) -> list[date]:
    """Days from which on a rate holds: starts of accrual periods, or every so many months, and the first day of all."""
    if floating.reset_months is None:
        return [start for start, _ in spans]
    born, last = note.dated_date or deal.dates.closing, spans[-1][1]
    anchor, day = floating.first_reset, floating.first_reset.day if floating.first_reset else deal.dates.payment_day
    if anchor is None:
        months = (1 - dates.number[0]) * deal.dates.months_per_period
        anchor = month_day(dates.regular_start, months, day)
    delay = timedelta(days=0 if floating.first_reset else note.payment_delay_days)
    days, k = [born], 0
    while (reset := month_day(anchor, k * floating.reset_months, day) - delay) < last:
        moved = adjust(reset, deal.dates.calendar, deal.dates.roll) if note.accrual == "adjusted" else reset
        days += [moved] if moved > born else []
        k += 1
    return days


def _before(deal: Deal, floating: Floating, day: date) -> date:
    """The day whose fixing holds from `day` on."""
    return business_days_before(day, floating.lookback_days, deal.dates.calendar) if floating.lookback_days else day


def _in_arrears(calendar: str, floating: Floating, start: date, end: date) -> RateSettings:
    """Every business day of the period, or of the one observed in its place, with the calendar days it stands for.

    A look-back takes the fixing of some business days earlier and keeps the weights of the interest period; with an
    observation shift, those of the period so many business days earlier count. The days of a lock-out take the fixing
    of the last day before them. (ARRC, "A user's guide to SOFR", 2021; ISDA 2021 definitions, section 7.)
    """
    back = floating.lookback_days
    if floating.observation_shift:
        start, end = (business_days_before(day, back, calendar) for day in (start, end))
        back = 0
    days = business_days_of(start, end, calendar)
    weights = [(last - first).days for first, last in pairwise([*days, end])]
    kept = max(1, len(days) - floating.lockout_days)
    days = [*days[:kept], *([days[kept - 1]] * (len(days) - kept))]
    return RateSettings([business_days_before(day, back, calendar) for day in days], weights)


def _combined(
    deal: Deal, scenario: Scenario, note: Note, floating: Floating, settings: Sequence[RateSettings]
) -> np.ndarray:
    """(T,) rate of each period: the average by days of what was set, or what compounding it day by day comes to."""
    days = sorted({day for setting in settings for day in setting.days})
    known = dict(zip(days, rates_on(deal, scenario, floating.index, days).tolist(), strict=True))
    year = 360.0 if note.day_count.endswith("360") else 365.0
    rate = np.zeros(len(settings))
    for t, setting in enumerate(settings):
        rates, weights = np.array([known[day] for day in setting.days]), np.array(setting.weights)
        if floating.setting == "compounded":
            rate[t] = (np.prod(1.0 + rates * weights / year) - 1.0) * year / weights.sum()
        else:
            rate[t] = rates[0] if len(rates) == 1 else rates @ weights / weights.sum()
    return rate

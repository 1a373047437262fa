"""Whether the months that payment dates and pools collect are those that their dates say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abssim.dates import (
    collected_months,
    collection_end,
    months_after,
    months_earlier,
    payment_date,
    scheduled_dates,
    whole_months,
)
from abssim.deal.deal import Deal
from abssim.errors import Problem
from abssim.node import DocumentPath

_APART = 11
"""Months by which dates may lie apart on purpose: a year is a slip of the pen."""


def check_collected(deal: Deal) -> Iterator[Problem]:
    """The months that payment dates collect are those that have ended by them."""
    scheduled = dict(scheduled_dates(deal.dates))
    yield from list(_collected(deal, scheduled)) or _ended(deal, scheduled)


def _collected(deal: Deal, scheduled: dict[int, date]) -> Iterator[Problem]:
    """The months that end between the cut-off and the first payment date of the run are those it collects."""
    dates, number, months = deal.dates, deal.dates.started_periods + 1, collected_months(deal.dates)
    day = scheduled[number]
    days = (day, payment_date(dates, number, day))
    ended = [whole_months(dates.cut_off, end) - dates.payment_lag_months for end in days]
    if months in ended:
        return
    field = "first_period_months" if dates.first_period_months and not dates.started_periods else "months_per_period"
    says = f"payment date {number} on {day} collects {months} by {field}"
    if ended[0] < months:
        text = f"{says}, but the last of them from cut_off {dates.cut_off} ends on {collection_end(dates)}"
    else:
        text = f"{says}, but {ended[0]} have ended since cut_off {dates.cut_off}"
    lag = f" (and payment_lag_months: {dates.payment_lag_months} besides)" if dates.payment_lag_months else ""
    yield deal.problem("E175", ("dates", "cut_off"), text + lag, _reconciled(deal, scheduled, ended[0]))


def _ended(deal: Deal, scheduled: dict[int, date]) -> Iterator[Problem]:
    """The first later date that pays a month which has not ended: one before a cut-off's day in a longer month."""
    dates, months = deal.dates, collected_months(deal.dates)
    for number, day in list(scheduled.items())[dates.started_periods + 1 :]:
        months += dates.months_per_period
        due = max(day, payment_date(dates, number, day))
        if whole_months(dates.cut_off, due) - dates.payment_lag_months < months:
            end = months_after(dates.cut_off, months)
            text = f"payment date {number} on {day} comes before {end}, on which the months that it collects have ended"
            yield deal.problem("E175", ("dates", "cut_off"), text, "correct cut_off or payment_day")
            return


def check_pool_months(deal: Deal) -> Iterator[Problem]:
    """A pool of its own cut-off has collected something by the first payment date, and began not long before the
    deal's."""
    end, months = collection_end(deal.dates), collected_months(deal.dates)
    for name, pool in deal.pools.items():
        if pool.cut_off is None:
            continue
        path: DocumentPath = ("pools", name, "cut_off")
        earlier = months_earlier(deal.dates, pool.cut_off)
        if earlier + months < 1:
            text = f"no month from {pool.cut_off} ends in the first collection period, which ends on {end}"
            yield deal.problem("E178", path, text, "correct it or dates.cut_off")
        elif earlier > _APART:
            text = f"{pool.cut_off} lies {earlier} months before the deal's cut_off {deal.dates.cut_off}"
            yield deal.problem("E178", path, text, "correct one of them")


def _reconciled(deal: Deal, scheduled: dict[int, date], ended: int) -> str:
    """What would make the dates agree."""
    dates = deal.dates
    if dates.started_periods:
        wanted = collected_months(dates) + dates.payment_lag_months
        fits = [number - 1 for number, day in scheduled.items() if whole_months(dates.cut_off, day) == wanted]
        also = f"; started_periods: {fits[0]} would fit" if fits else ""
        return f"correct cut_off, first_payment or started_periods{also}"
    named = "closing or payment_day" if dates.first_payment is None else "first_payment"
    also = f"; or write first_period_months: {ended}" if 0 < ended <= _APART else ""
    more = ended - collected_months(dates)
    if also and more > 0:
        also += f", or payment_lag_months: {dates.payment_lag_months + more} if every period is paid so late"
    return f"correct cut_off or {named}{also}"

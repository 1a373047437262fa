"""What a servicer's reports must agree in: dates with those of the deal, discounted balances with one another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from abssim.dates import collected_months, months_after, timeline
from abssim.deal.dates import Dates
from abssim.deal.deal import Deal
from abssim.deal.pool import CollectionPeriod, Pool
from abssim.errors import Problem
from abssim.node import DocumentPath
from abssim.word import counted

Rows = tuple[CollectionPeriod, ...]


def check_reports(deal: Deal, pool: Pool, rows: Rows, path: DocumentPath) -> Iterator[Problem]:
    """Reports of other dates than the deal's, and discounted balances that are not those of a whole life."""
    yield from _dates(deal, rows, (*path, "collections"))
    yield from _discounted(deal, pool, rows, path)


def check_lengths(deal: Deal) -> Iterator[Problem]:
    """Pools that end on different dates: after its last report a pool would stand still beside the others."""
    lengths = {name: len(pool.collections) for name, pool in deal.pools.items() if pool.collections}
    longest = max(lengths, key=lambda name: lengths[name], default="")
    projected = next((name for name, pool in deal.pools.items() if pool.collections is None), "")
    for name, length in lengths.items():
        path = ("pools", name, "collections")
        if projected:
            text = f'ends with report {length}, while pool "{projected}" is projected'
            yield deal.problem("E143", path, text, "give figures, or loans, for every pool")
        elif length < lengths[longest]:
            text = f'ends with report {length}, pool "{longest}" with report {lengths[longest]}'
            yield deal.problem("E143", path, text, "give every pool as many reports; rows of a pool that is gone are 0")


def _discounted(deal: Deal, pool: Pool, rows: Rows, path: DocumentPath) -> Iterator[Problem]:
    """A discounted balance at the start and in every report, or none at all; never above the balance itself."""
    given = [row.adjusted_balance is not None for row in rows]
    opening = pool.opening_adjusted_balance
    if not any(given) and opening is None:
        return
    if opening is None:
        text = "the reports give adjusted_balance, but what it was before the first of them is not said"
        yield deal.problem("E142", (*path, "collections"), text, "add opening_adjusted_balance to the pool")
    elif pool.opening_balance is not None and opening > pool.opening_balance:
        text = f"{opening:,.2f} is more than opening_balance {pool.opening_balance:,.2f}"
        yield deal.problem("E142", (*path, "opening_adjusted_balance"), text, "a discounted balance is the smaller one")
    if not all(given):
        text = "a report without adjusted_balance, which others give"
        yield deal.problem("E142", (*path, "collections", given.index(False)), text, "give it in every report")
    for index, row in enumerate(rows):
        adjusted, closing = row.adjusted_balance, row.closing_balance
        if adjusted is not None and closing is not None and adjusted > closing:
            text = f"{adjusted:,.2f} is more than closing_balance {closing:,.2f}"
            hint = "a discounted balance is the smaller one"
            yield deal.problem("E142", (*path, "collections", index, "adjusted_balance"), text, hint)


def _dates(deal: Deal, rows: Rows, path: DocumentPath) -> Iterator[Problem]:
    """The first report of a pool whose month or payment date is another than the deal's dates give it."""
    dates = timeline(deal.dates)
    wrong: list[tuple[int, str, str]] = []
    for index, (row, number, day) in enumerate(zip(rows, dates.number, dates.payment, strict=False)):
        month = last_month(deal.dates, index)
        if row.month is not None and row.month != month:
            wrong.append(
                (index, "month", f"report {index + 1} is of {row.month}, but payment date {number} pays {month}")
            )
        if row.payment_date is not None and row.payment_date != day:
            text = f"report {index + 1} was paid on {row.payment_date}, but payment date {number} is {day}"
            wrong.append((index, "payment_date", text))
    if wrong:
        index, field, text = wrong[0]
        others = len({each[0] for each in wrong}) - 1
        more = f", and so with {counted(others, 'other')}" if others else ""
        hint = "correct dates.cut_off, first_payment or the calendar; no report may be missing or given twice"
        yield deal.problem("E137", (*path, index, field), text + more, hint)


def last_month(dates: Dates, index: int) -> str:
    """Last month of the collection period of a report, `2025-08`."""
    ends = months_after(dates.cut_off, collected_months(dates) + index * dates.months_per_period)
    return f"{ends - timedelta(days=1):%Y-%m}"

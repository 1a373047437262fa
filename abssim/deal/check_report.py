"""A servicer's reports against the deal's dates: each must be of the period its place among the reports says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from abssim.dates import collected_months, month_day, timeline
from abssim.deal.dates import Dates
from abssim.deal.deal import Deal
from abssim.deal.pool import CollectionPeriod
from abssim.errors import Problem
from abssim.node import DocumentPath


def check_reports(deal: Deal, rows: tuple[CollectionPeriod, ...], path: DocumentPath) -> Iterator[Problem]:
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
        more = f", and so with {others} other{'s' if others > 1 else ''}" if others else ""
        hint = "correct dates.cut_off, first_payment or the calendar; no report may be missing or given twice"
        yield deal.problem("E137", (*path, index, field), text + more, hint)


def last_month(dates: Dates, index: int) -> str:
    """Last month of the collection period of a report, `2025-08`."""
    ends = month_day(dates.cut_off, collected_months(dates) + index * dates.months_per_period, dates.cut_off.day)
    return f"{ends - timedelta(days=1):%Y-%m}"

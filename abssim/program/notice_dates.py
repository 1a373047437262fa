"""Cut-offs that leave days of collections to a later payment date than may be meant: they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from abssim.dates import PeriodDates, collected_months, collection_end, days_uncollected, ends_month
from abssim.deal.deal import Deal
from abssim.word import counted

_ONE_DAY = timedelta(days=1)


def cut_off_notices(deal: Deal, dates: PeriodDates) -> Iterator[str]:
    """A line for a cut-off in mid-month, which no dates confirm, and for every pool whose months end on other days
    than the deal's.

    Credit runs on whole months from the cut-off: an odd first period to the end of a calendar month cannot be said.
    """
    day, paid, end = deal.dates.cut_off, dates.payment[0], collection_end(deal.dates)
    if day.day != 1 and not ends_month(day) and deal.dates.first_period_months is None:
        left = max(0, (paid - end).days)
        yield (
            f"dates.cut_off {day} is in mid-month, and collections count in whole months from it: the payment of "
            f"{paid} has those to {end - _ONE_DAY}, and the next one those of the {counted(left, 'day')} between; "
            f"write first_period_months: {collected_months(deal.dates)} if it is so"
        )
    for name, pool in deal.pools.items():
        late = 0 if pool.cut_off is None else days_uncollected(deal.dates, pool.cut_off)
        if late:
            yield (
                f"pools.{name}.cut_off {pool.cut_off} is no whole number of months from the deal's {day}: the payment "
                f"of {paid} has its collections to {end - timedelta(days=late + 1)}, those of the "
                f"{counted(late, 'day')} to {end - _ONE_DAY} come with the next one"
            )

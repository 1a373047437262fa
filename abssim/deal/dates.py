"""When things happen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from abssim.day import Day
from abssim.deal.base import Count, Part, Positive

Date = Day
CalendarName = Literal["none", "weekends", "US", "CN", "TARGET", "UK"]


class Dates(Part):
    """Dates of the deal. A deal started in mid-life keeps its own closing and first payment date."""

    cut_off: Date
    """The tape's balances are as of the start of this day; collections from it on belong to the notes. Collection
    periods are whole months from it: from the 15th to the 14th after a cut-off on the 15th, calendar months after a
    cut-off on the first or the last day of a month."""
    closing: Date
    """Interest accrues from here."""
    first_payment: Date | None = None
    """First payment date of the deal's life: a `payment_day`, as the calendar moves it. Default: the first one after
    the first collection period. Required when `started_periods` is given."""
    payment_day: Annotated[int, Strict(), Field(ge=1, le=31)]
    """Day of the month of the unadjusted payment date; the last of the month where the month is shorter."""
    months_per_period: Literal[1, 2, 3, 6, 12] = 1
    """Months between payment dates, and of each collection period."""
    first_period_months: Positive | None = None
    """Months of the first collection period: 2 where the first date pays two months of collections and fees.
    Default: `months_per_period`. As many must end from the cut-off to the first payment date."""
    payment_lag_months: Count = 0
    """Whole months that pass after a collection period before its payment date: 0 where January is paid in February,
    1 where it is paid in March."""
    calendar: CalendarName = "none"
    """Business days by which payment dates move."""
    roll: Literal["none", "following", "modified_following", "preceding"] = "following"
    """Where a payment date moves that is no business day."""
    legal_final: Date
    """Last date of the projection, as scheduled or as moved; notes may have earlier ones."""
    revolving_periods: Count = 0
    """The first so many payment dates of the deal's life are the revolving period."""
    started_periods: Count = 0
    """Payment dates already passed at the cut-off (a start in mid-life)."""

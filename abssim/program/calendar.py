"""Days and fractions of the year that expressions read, date by date."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

from abssim.dates import PeriodDates, accrual_periods, months_after, year_fraction
from abssim.deal.deal import Deal
from abssim.deal.observable import Slot
from abssim.program.accrual import note_fractions

_ONE_DAY = timedelta(days=1)


def calendar_row(deal: Deal, dates: PeriodDates, slot: Slot) -> list[float]:
    """(T,) values of an observable of the block `calendar`."""
    if slot.field == "note":
        return [float(each) for each in note_fractions(deal, deal.notes[slot.item], dates)]
    if slot.field == "year_fraction":
        final = deal.dates.legal_final
        periods = accrual_periods(dates, False)
        regular = [dates.regular_start, *(start for start, _ in periods[1:])]
        spans = zip(periods, regular, strict=True)
        return [year_fraction(start, end, slot.item, first, final) for (start, end), first in spans]
    if slot.field == "period_days":
        return [float((end - start).days) for start, end in accrual_periods(dates, True)]
    return [_days(slot.field, *each) for each in _collection_periods(dates)]


def _days(field: str, start: date, end: date, paid: date) -> float:
    """Of a collection period from `start` to before `end`, after a payment on `paid`."""
    if field == "collection_days":
        return float((end - start).days)
    if field == "days_before_payment":
        return float(max(0, (min(paid, end) - start).days))
    return 366.0 if isleap((end - _ONE_DAY).year) else 365.0


def _collection_periods(dates: PeriodDates) -> list[tuple[date, date, date]]:
    """First day, day after the last, and the payment date before (or closing) of each collection period."""
    ends = [months_after(dates.cut_off, months) for months in dates.month]
    paid = [dates.previous_payment or dates.closing, *dates.payment[:-1]]
    return list(zip([dates.cut_off, *ends[:-1]], ends, paid, strict=True))

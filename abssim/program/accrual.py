"""Accrual periods of notes: their days, their fractions of a year, and the coupon or spread that holds in them."""

from __future__ import annotations

from datetime import date, timedelta

from abssim.dates import PeriodDates, accrual_periods, year_fraction
from abssim.deal.deal import Deal
from abssim.deal.note import Note


def note_periods(note: Note, dates: PeriodDates) -> list[tuple[date, date]]:
    """First day and end of each accrual period."""
    return accrual_periods(dates, note.accrual == "adjusted", note.dated_date, note.payment_delay_days)


def note_fractions(deal: Deal, note: Note, dates: PeriodDates) -> list[float]:
    """(T,) share of a year of each accrual period.

    `act/act-icma` takes a first period as a share of the regular one that ends with it; the end of the last February is
    the note's legal final.
    """
    periods, maturity = note_periods(note, dates), note.legal_final or deal.dates.legal_final
    regular = [dates.regular_start - timedelta(days=note.payment_delay_days), *(start for start, _ in periods[1:])]
    return [
        year_fraction(start, end, note.day_count, reference, maturity)
        for (start, end), reference in zip(periods, regular, strict=True)
    ]


def fixed_rates(note: Note, dates: PeriodDates) -> list[float]:
    """(T,) coupon, or spread of a floating note, of each accrual period, percent.

    A step-up may name a payment date as scheduled or as moved: the period that begins with it bears the new rate.
    """
    delay = note.payment_delay_days
    starts = [
        max(scheduled, moved)
        for (scheduled, _), (moved, _) in zip(
            accrual_periods(dates, False, note.dated_date, delay),
            accrual_periods(dates, True, note.dated_date, delay),
            strict=True,
        )
    ]
    return [_rate(note, start) for start in starts]


def _rate(note: Note, start: date) -> float:
    reached = [day for day in sorted(note.step_up) if day <= start]
    if reached:
        return note.step_up[reached[-1]]
    return note.floating.spread_pct if note.floating else note.coupon_pct or 0.0

"""The days from and to which notes accrue interest."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.business import business_days_of
from abssim.dates import accrual_periods, month_day, timeline
from abssim.deal.deal import Deal
from abssim.errors import Problem
from abssim.word import counted


def check_accrual(deal: Deal) -> Iterator[Problem]:
    """The first accrual period of each note begins before it ends, and the last not before its coupon steps up."""
    dates = timeline(deal.dates)
    for name, note in deal.notes.items():
        if note.dated_date is not None and deal.dates.started_periods:
            continue
        both = [accrual_periods(dates, moved, note.dated_date, note.payment_delay_days) for moved in (False, True)]
        last = max(periods[-1][0] for periods in both)
        for day in (day for day in note.step_up if day > last):
            text = f"no accrual period begins on or after it, the last does on {last}"
            yield deal.problem("E177", ("notes", name, "step_up", day), text, "correct it, or dates.legal_final")
        start, end = both[note.accrual == "adjusted"][0]
        if start >= end:
            field = "dated_date" if note.dated_date else "payment_delay_days" if note.payment_delay_days else "accrual"
            text = f"the first accrual period ends on {end}, before it begins on {start}"
            hint = "give the dated_date from which interest accrues, or correct payment_delay_days"
            yield deal.problem("E179", ("notes", name, field), text, hint)


def check_dated(deal: Deal) -> Iterator[Problem]:
    """Interest that is sold with a note is at most that since its last interest date, or since the cut-off."""
    dates = deal.dates
    for name, note in deal.notes.items():
        months = dates.months_per_period * max(note.pays.values(), default=1)
        earliest = min(dates.cut_off, month_day(dates.closing, -months, dates.closing.day))
        if note.dated_date is not None and dates.started_periods:
            text = "has passed: a deal that has started accrues from its last payment date"
            yield deal.problem("E179", ("notes", name, "dated_date"), text, "leave it out")
        elif note.dated_date is not None and note.dated_date < earliest:
            period = f"an interest period ({counted(months, 'month')})"
            text = f"{note.dated_date} lies more than {period} before closing {dates.closing}, and before the cut_off"
            hint = f"correct it: {earliest} is the earliest"
            yield deal.problem("E179", ("notes", name, "dated_date"), text, hint)


def check_step_ups(deal: Deal) -> Iterator[Problem]:
    """A coupon, or a step of it, that another step has replaced before the first accrual period of a note begins."""
    if deal.dates.started_periods:
        return
    dates = timeline(deal.dates)
    for name, note in deal.notes.items():
        start = accrual_periods(dates, False, note.dated_date)[0][0]
        passed = sorted(day for day in note.step_up if day <= start)
        before = note.coupon_pct is not None or (note.floating is not None and note.floating.spread_pct != 0)
        if len(passed) > 1 or (passed and before):
            text = f"had passed on {start}, from which interest accrues, so what it replaces never holds"
            yield deal.problem("E144", ("notes", name, "step_up", passed[-1]), text, "correct it, or keep one of them")


def check_lockouts(deal: Deal) -> Iterator[Problem]:
    """A lock-out is shorter than the accrual periods, the first left out, which may be an odd one."""
    dates = timeline(deal.dates)
    for name, note in deal.notes.items():
        if note.floating is None or not note.floating.lockout_days:
            continue
        periods = accrual_periods(dates, note.accrual == "adjusted", note.dated_date, note.payment_delay_days)
        regular = periods[1:] or periods
        days, start = min((len(business_days_of(*period, deal.dates.calendar)), period[0]) for period in regular)
        if note.floating.lockout_days >= days:
            text = f"{counted(note.floating.lockout_days, 'day')}, of {counted(days, 'business day')} from {start}"
            path = ("notes", name, "floating", "lockout_days")
            yield deal.problem("E183", path, text, "a lock-out is the last few days of a period: correct it")

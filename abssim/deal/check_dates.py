"""What must hold of the dates of a deal: whatever says the same thing twice must say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import get_args

from abssim.business import adjust
from abssim.dates import (
    accrual_periods,
    month_day,
    scheduled_dates,
    timeline,
    whole_months,
)
from abssim.deal.check_days import check_days
from abssim.deal.check_months import check_months
from abssim.deal.dates import CalendarName, Dates
from abssim.deal.deal import Deal
from abssim.deal.note import Note
from abssim.deal.pool import ToDate
from abssim.errors import Problem
from abssim.node import DocumentPath

_NEAR = 10
"""Days by which holidays may move a first payment date."""


def check_dates(deal: Deal) -> Iterator[Problem]:
    """All problems of the dates."""
    found = [*_order(deal)]
    scheduled = dict(scheduled_dates(deal.dates))
    if not found and deal.dates.first_payment is not None:
        found += _first_payment(deal, scheduled, deal.dates.first_payment)
    yield from found
    if not found and scheduled:
        yield from check_months(deal, scheduled)
        yield from _started(deal)
        yield from _accrual(deal)
        yield from check_days(deal, scheduled)


def _order(deal: Deal) -> Iterator[Problem]:
    dates = deal.dates
    ordered: list[tuple[str, date | None]] = [("closing", dates.closing), ("first_payment", dates.first_payment)]
    ordered.append(("legal_final", dates.legal_final))
    known = [(name, day) for name, day in ordered if day is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second <= first:
            text = f"{later} {second} is not after {earlier} {first}"
            yield deal.problem("E140", ("dates", later), text, "put the dates in order")
    if dates.closing < dates.cut_off and not dates.started_periods:
        text = f"closing {dates.closing} is before cut_off {dates.cut_off}, so interest would accrue before collections"
        yield deal.problem("E140", ("dates", "closing"), text, "put the dates in order, or give started_periods")
    if dates.legal_final <= dates.cut_off:
        text = f"legal_final {dates.legal_final} is not after cut_off {dates.cut_off}"
        yield deal.problem("E140", ("dates", "legal_final"), text, "put the dates in order")
    if dates.started_periods and dates.first_payment is None:
        text = "a deal that has started needs its first payment date"
        yield deal.problem("E141", ("dates", "started_periods"), text, "add dates.first_payment")
    if not dates.started_periods:
        yield from _mid_life_only(deal)
    for name, note in deal.notes.items():
        if note.legal_final and not dates.closing < note.legal_final <= dates.legal_final:
            text = f"{note.legal_final} does not lie between closing and the deal's legal_final {dates.legal_final}"
            hint = "the deal's legal final is the last of all"
            yield deal.problem("E140", ("notes", name, "legal_final"), text, hint)


def _mid_life_only(deal: Deal) -> Iterator[Problem]:
    """What only makes sense for a deal that has started."""
    given: list[DocumentPath] = [("history",)] if deal.history else []
    given += [("notes", name, "opening_balance") for name, n in deal.notes.items() if n.opening_balance is not None]
    given += [("notes", name, "opening_shortfall") for name, note in deal.notes.items() if note.opening_shortfall]
    given += [("pools", name, "to_date") for name, pool in deal.pools.items() if pool.to_date != ToDate()]
    given += [("triggers", name, "fired") for name, trigger in deal.triggers.items() if trigger.fired]
    given += [("triggers", name, "count") for name, trigger in deal.triggers.items() if trigger.count]
    for path in given:
        yield deal.problem("E141", path, "is for a start in mid-life", "say dates.started_periods, or leave it out")


def _first_payment(deal: Deal, scheduled: dict[int, date], given: date) -> Iterator[Problem]:
    """The first payment date must be the payment day, as the calendar moves it; the run starts after those passed."""
    dates = deal.dates
    if len(scheduled) <= dates.started_periods:
        text = f"none of the {len(scheduled)} payment dates before legal_final is left"
        yield deal.problem("E140", ("dates", "legal_final"), text, "correct started_periods or legal_final")
        return
    day = scheduled[1]
    moved = adjust(day, dates.calendar, dates.roll)
    if abs((day - given).days) > _NEAR:
        text = f"{given} is not near day {dates.payment_day} of a month"
        yield deal.problem("E140", ("dates", "first_payment"), text, "correct it or payment_day")
    elif given != moved:
        text = f"{given:%A} {given} is not where calendar {dates.calendar} and roll {dates.roll} move {day}"
        hint = f"write {moved}; or correct payment_day or calendar{_giving(dates, day, given)}"
        yield deal.problem("E176", ("dates", "first_payment"), text, hint)


def _giving(dates: Dates, day: date, given: date) -> str:
    """The calendars that move a scheduled day to the date given."""
    roll = "following" if dates.roll == "none" else dates.roll
    found = [name for name in get_args(CalendarName) if adjust(day, name, roll) == given]
    return f": roll {roll} in {' or '.join(found)} gives {given}" if found else ""


def _started(deal: Deal) -> Iterator[Problem]:
    """What is said of the dates before a start in mid-life fits their number."""
    dates = deal.dates
    if dates.started_periods and dates.first_payment is not None:
        first = (dates.first_period_months or dates.months_per_period) + dates.payment_lag_months
        passed = whole_months(dates.closing, dates.first_payment)
        if passed > first:
            text = f"{passed} months lie between closing {dates.closing} and first_payment {dates.first_payment}"
            hint = f"correct one of them; or write first_period_months: {passed - dates.payment_lag_months}"
            yield deal.problem("E175", ("dates", "closing"), text, hint)
    for name, trigger in deal.triggers.items():
        if trigger.count > dates.started_periods > 0:
            text = f"{trigger.count} breaches in a row, of {dates.started_periods} dates by started_periods"
            yield deal.problem("E177", ("triggers", name, "count"), text, "correct one of them")
    for name, values in deal.history.items():
        if len(values) > dates.started_periods > 0:
            text = f"tells of {len(values)} dates, of which started_periods has {dates.started_periods}"
            yield deal.problem("E177", ("history", name), text, "leave the oldest out, or correct started_periods")


def _accrual(deal: Deal) -> Iterator[Problem]:
    """The first accrual period of each note begins before it ends, and the last not before its coupon steps up."""
    dates = timeline(deal.dates)
    for name, note in deal.notes.items():
        if note.dated_date is not None and deal.dates.started_periods:
            text = "has passed: a deal that has started accrues from its last payment date"
            yield deal.problem("E179", ("notes", name, "dated_date"), text, "leave it out")
            continue
        both = [accrual_periods(dates, moved, note.dated_date, note.payment_delay_days) for moved in (False, True)]
        last = max(periods[-1][0] for periods in both)
        for day in (day for day in note.step_up if day > last):
            text = f"no accrual period begins on or after it, the last does on {last}"
            yield deal.problem("E177", ("notes", name, "step_up", day), text, "correct it, or dates.legal_final")
        yield from _dated(deal, note, ("notes", name, "dated_date"))
        start, end = both[note.accrual == "adjusted"][0]
        if start >= end:
            field = "dated_date" if note.dated_date else "payment_delay_days" if note.payment_delay_days else "accrual"
            text = f"the first accrual period ends on {end}, before it begins on {start}"
            hint = "give the dated_date from which interest accrues, or correct payment_delay_days"
            yield deal.problem("E179", ("notes", name, field), text, hint)


def _dated(deal: Deal, note: Note, path: DocumentPath) -> Iterator[Problem]:
    """Interest that is sold with a note is at most that since its last interest date, or since the cut-off."""
    dates = deal.dates
    months = dates.months_per_period * max(note.pays.values(), default=1)
    earliest = min(dates.cut_off, month_day(dates.closing, -months, dates.closing.day))
    if note.dated_date is not None and note.dated_date < earliest:
        period = f"an interest period ({months} month{'s' if months > 1 else ''})"
        text = f"{note.dated_date} lies more than {period} before closing {dates.closing}, and before the cut_off"
        yield deal.problem("E179", path, text, f"correct it: {earliest} is the earliest")

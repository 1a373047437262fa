"""What must hold of the dates of a deal: whatever says the same thing twice must say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import get_args

from abssim.business import adjust
from abssim.dates import scheduled_dates
from abssim.deal.check_accrual import check_accrual, check_dated, check_lockouts, check_step_ups
from abssim.deal.check_calls import check_call_days, check_calls, check_premiums
from abssim.deal.check_days import check_beyond, check_finals
from abssim.deal.check_months import check_collected, check_pool_months
from abssim.deal.check_started import check_passed, check_started
from abssim.deal.dates import CalendarName, Dates
from abssim.deal.deal import Deal
from abssim.deal.pool import ToDate
from abssim.errors import Problem
from abssim.node import DocumentPath

Doubt = tuple[Problem, set[str]]
"""What is wrong, and the fields of `dates` of which one is."""
_NEAR = 10
"""Days by which holidays may move a first payment date."""
_ALL = frozenset({"cut_off", "closing", "first_payment", "legal_final", "started_periods"})
"""Fields that make the payment dates."""
_MORE: tuple[tuple[frozenset[str], Callable[[Deal], Iterator[Problem]]], ...] = (
    (_ALL, check_collected),
    (frozenset({"cut_off"}), check_pool_months),
    (frozenset({"closing", "first_payment"}), check_passed),
    (frozenset({"started_periods"}), check_started),
    (frozenset(), check_dated),
    (_ALL, check_accrual),
    (_ALL, check_beyond),
    (_ALL, check_finals),
    (_ALL, check_step_ups),
    (_ALL, check_lockouts),
    (frozenset({"closing"}), check_call_days),
    (frozenset(), check_premiums),
    (_ALL, check_calls),
)
"""Further checks, and the fields of `dates` that they measure by."""


def check_dates(deal: Deal) -> Iterator[Problem]:
    """All problems of the dates; of those that read a date in doubt none, for they may only be a consequence."""
    yield from _finals(deal)
    if not deal.dates.started_periods:
        yield from _mid_life_only(deal)
    doubted = set() if any(scheduled_dates(deal.dates)) else {"legal_final"}
    for problem, fields in [*_order(deal)] or _first_payment(deal):
        yield problem
        doubted |= fields
    moved = _as_moved(deal)
    for reads, check_more in _MORE:
        if not doubted & reads:
            yield from check_more(moved)


def _as_moved(deal: Deal) -> Deal:
    """The deal with its first payment date where the calendar has it: what else is wrong is told with that."""
    dates = deal.dates
    day = dict(scheduled_dates(dates)).get(1)
    if day is None or dates.first_payment is None:
        return deal
    first = adjust(day, dates.calendar, dates.roll)
    return deal.model_copy(update={"dates": dates.model_copy(update={"first_payment": first})})


def _order(deal: Deal) -> Iterator[Doubt]:
    """Dates that do not follow each other, with the fields of which one is wrong."""
    dates = deal.dates
    ordered: list[tuple[str, date | None]] = [("closing", dates.closing), ("first_payment", dates.first_payment)]
    ordered.append(("legal_final", dates.legal_final))
    known = [(name, day) for name, day in ordered if day is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second <= first:
            text = f"{later} {second} is not after {earlier} {first}"
            yield deal.problem("E140", ("dates", later), text, "put the dates in order"), {earlier, later}
    if dates.closing < dates.cut_off and not dates.started_periods:
        text = f"closing {dates.closing} is before cut_off {dates.cut_off}, so interest would accrue before collections"
        hint = "put the dates in order, or give started_periods"
        yield deal.problem("E140", ("dates", "closing"), text, hint), {"closing", "cut_off"}
    if dates.legal_final <= dates.cut_off:
        text = f"legal_final {dates.legal_final} is not after cut_off {dates.cut_off}"
        hint = "put the dates in order"
        yield deal.problem("E140", ("dates", "legal_final"), text, hint), {"legal_final", "cut_off"}
    if dates.started_periods and dates.first_payment is None:
        text = "a deal that has started needs its first payment date"
        yield deal.problem("E141", ("dates", "started_periods"), text, "add dates.first_payment"), {"first_payment"}


def _finals(deal: Deal) -> Iterator[Problem]:
    """A note's legal final lies within the deal's life."""
    for name, note in deal.notes.items():
        if note.legal_final and not deal.dates.closing < note.legal_final <= deal.dates.legal_final:
            text = (
                f"{note.legal_final} does not lie between closing and the deal's legal_final {deal.dates.legal_final}"
            )
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


def _first_payment(deal: Deal) -> Iterator[Doubt]:
    """The first payment date must be the payment day, as the calendar moves it; the run starts after those passed."""
    dates = deal.dates
    scheduled, given = dict(scheduled_dates(dates)), dates.first_payment
    if given is None:
        return
    if len(scheduled) <= dates.started_periods:
        text = f"none of the {len(scheduled)} payment dates before legal_final is left"
        hint = "correct started_periods or legal_final"
        yield deal.problem("E140", ("dates", "legal_final"), text, hint), {"started_periods", "legal_final"}
        return
    day = scheduled[1]
    moved = adjust(day, dates.calendar, dates.roll)
    if abs((day - given).days) > _NEAR:
        text = f"{given} is not near day {dates.payment_day} of a month"
        yield deal.problem("E140", ("dates", "first_payment"), text, "correct it or payment_day"), {"first_payment"}
    elif given != moved:
        text = f"{given:%A} {given} is not where calendar {dates.calendar} and roll {dates.roll} move {day}"
        hint = f"write {moved}; or correct payment_day or calendar{_giving(dates, day, given)}"
        yield deal.problem("E176", ("dates", "first_payment"), text, hint), set()


def _giving(dates: Dates, day: date, given: date) -> str:
    """The calendars that move a scheduled day to the date given."""
    roll = "following" if dates.roll == "none" else dates.roll
    names = [name for name in get_args(CalendarName) if adjust(day, name, roll) == given]
    return f": roll {roll} in {' or '.join(names)} gives {given}" if names else ""

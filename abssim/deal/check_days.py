"""Days and numbers of dates that a deal names: none beyond its dates, none that had passed when it began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abssim.dates import LONGEST, PeriodDates, accrual_periods, timeline
from abssim.deal.deal import Deal
from abssim.deal.trigger import Call
from abssim.errors import Problem
from abssim.node import DocumentPath


def check_days(deal: Deal, scheduled: dict[int, date]) -> Iterator[Problem]:
    """All problems of named days and numbers; `scheduled`: unadjusted payment dates by number."""
    yield from _beyond(deal, scheduled)
    yield from _passed(deal)
    yield from _finals(deal)
    dates = timeline(deal.dates)
    for name, call in deal.calls.items():
        yield from _call(deal, call, dates, ("calls", name))
    if not deal.dates.started_periods:
        yield from _step_ups(deal, dates)


def _beyond(deal: Deal, scheduled: dict[int, date]) -> Iterator[Problem]:
    """What is said for dates that the deal does not reach."""
    number, last = max(scheduled.items())
    left = number - deal.dates.started_periods
    hint = "correct it, or dates.legal_final"
    if number == LONGEST:
        text = f"{deal.dates.legal_final} lies beyond {number} payment dates, the most there can be"
        yield deal.problem("E177", ("dates", "legal_final"), text, "correct it, or months_per_period")
    for path, count in _counts(deal):
        if count > number:
            yield deal.problem("E177", path, f"{count} dates, but the last payment date is number {number}", hint)
    lists = [(("accounts", name, "income"), account.income) for name, account in deal.accounts.items()]
    lists += [(("pools", name, "collections"), pool.collections or ()) for name, pool in deal.pools.items()]  # type: ignore[misc]
    for path, rows in lists:
        if len(rows) > left:
            text = f"{len(rows)} periods are given, but {left} payment dates are left up to legal_final"
            yield deal.problem("E177", path, text, hint)
    for path, day in _days(deal):
        if day > max(last, deal.dates.legal_final):
            text = f"{day} lies beyond the last payment date, {last}"
            yield deal.problem("E177", path, text, hint)


def _days(deal: Deal) -> Iterator[tuple[DocumentPath, date]]:
    """Days from which on something holds."""
    for name, note in deal.notes.items():
        if note.floating is not None and note.floating.first_reset is not None:
            yield ("notes", name, "floating", "first_reset"), note.floating.first_reset
    for name, call in deal.calls.items():
        if call.first is not None:
            yield ("calls", name, "from"), call.first
        if call.make_whole is not None:
            yield ("calls", name, "make_whole", "until"), call.make_whole.until
        yield from ((("calls", name, "dates", i), day) for i, day in enumerate(call.dates))


def _counts(deal: Deal) -> Iterator[tuple[DocumentPath, int]]:
    """Numbers of payment dates until, or after which, something happens for the first time."""
    yield ("dates", "revolving_periods"), deal.dates.revolving_periods
    for name, fee in deal.fees.items():
        yield ("fees", name, "every"), fee.every
    for name, note in deal.notes.items():
        yield from ((("notes", name, "pays", regime), every) for regime, every in note.pays.items())
    for name, trigger in deal.triggers.items():
        yield ("triggers", name, "for"), trigger.periods
        yield ("triggers", name, "cure_after"), trigger.cure_after


def _passed(deal: Deal) -> Iterator[Problem]:
    """Days of calls that had passed when the deal closed."""
    for path, day in _days(deal):
        if path[0] == "calls" and day < deal.dates.closing:
            text = f"{day} had passed at closing, {deal.dates.closing}"
            yield deal.problem("E144", path, text, "correct the year, or leave it out")


def _finals(deal: Deal) -> Iterator[Problem]:
    """A note that is outstanding must be repaid by a day that has not passed before its first payment."""
    first = timeline(deal.dates).unadjusted[0]
    for name, note in deal.notes.items():
        outstanding = note.balance if note.opening_balance is None else note.opening_balance
        if note.legal_final is not None and note.legal_final < first and outstanding:
            text = f"{note.legal_final} comes before the first payment date, {first}, and the note is outstanding"
            yield deal.problem("E140", ("notes", name, "legal_final"), text, "correct it, or dates.first_payment")


def _call(deal: Deal, call: Call, dates: PeriodDates, path: DocumentPath) -> Iterator[Problem]:
    """Days of a call on which its first day does not let it be exercised, and a premium that ends before."""
    if call.first is None:
        return
    days = [max(scheduled, moved) for scheduled, moved in zip(dates.unadjusted, dates.payment, strict=True)]
    for i, wanted in enumerate(call.dates):
        paid = next((day for day in days if day >= wanted), wanted)
        if paid < call.first:
            text = f"the payment date of {wanted} comes before {call.first}, from which the call can be exercised"
            yield deal.problem("E145", (*path, "dates", i), text, "correct it or from")
    if call.make_whole is not None and call.make_whole.until <= call.first:
        text = f"no premium from {call.make_whole.until} on, but the call cannot be exercised before {call.first}"
        yield deal.problem("E145", (*path, "make_whole", "until"), text, "correct it or from, or leave make_whole out")


def _step_ups(deal: Deal, dates: PeriodDates) -> Iterator[Problem]:
    """A coupon, or a step of it, that another step has replaced before the first accrual period of a note begins."""
    for name, note in deal.notes.items():
        start = accrual_periods(dates, False, note.dated_date)[0][0]
        passed = sorted(day for day in note.step_up if day <= start)
        before = note.coupon_pct is not None or (note.floating is not None and note.floating.spread_pct != 0)
        if len(passed) > 1 or (passed and before):
            text = f"had passed on {start}, from which interest accrues, so what it replaces never holds"
            yield deal.problem("E144", ("notes", name, "step_up", passed[-1]), text, "correct it, or keep one of them")

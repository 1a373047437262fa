"""Days and numbers of dates that a deal names: none beyond its dates, no legal final before they begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abssim.dates import LONGEST, scheduled_dates, timeline
from abssim.deal.deal import Deal
from abssim.errors import Problem
from abssim.node import DocumentPath
from abssim.word import counted


def check_beyond(deal: Deal) -> Iterator[Problem]:
    """What is said for dates that the deal does not reach."""
    number, last = max(scheduled_dates(deal.dates))
    left = number - deal.dates.started_periods
    hint = "correct it, or dates.legal_final"
    if number == LONGEST:
        text = f"{deal.dates.legal_final} lies beyond {number} payment dates, the most there can be"
        yield deal.problem("E177", ("dates", "legal_final"), text, "correct it, or months_per_period")
    for path, count in _counts(deal):
        if count > number:
            yield deal.problem(
                "E177", path, f"{counted(count, 'date')}, but the last payment date is number {number}", hint
            )
    lists = [(("accounts", name, "income"), account.income) for name, account in deal.accounts.items()]
    lists += [(("pools", name, "collections"), pool.collections or ()) for name, pool in deal.pools.items()]  # type: ignore[misc]
    for path, rows in lists:
        if len(rows) > left:
            text = f"{counted(len(rows), 'period')} given, but {counted(left, 'payment date')} left up to legal_final"
            yield deal.problem("E177", path, text, hint)
    for path, day in named_days(deal):
        if day > max(last, deal.dates.legal_final):
            text = f"{day} lies beyond the last payment date, {last}"
            yield deal.problem("E177", path, text, hint)


def named_days(deal: Deal) -> Iterator[tuple[DocumentPath, date]]:
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


def check_finals(deal: Deal) -> Iterator[Problem]:
    """A note that is outstanding must be repaid by a day that has not passed before its first payment."""
    first = timeline(deal.dates).unadjusted[0]
    for name, note in deal.notes.items():
        outstanding = note.balance if note.opening_balance is None else note.opening_balance
        if note.legal_final is not None and deal.dates.closing < note.legal_final < first and outstanding:
            text = f"{note.legal_final} comes before the first payment date, {first}, and the note is outstanding"
            yield deal.problem("E140", ("notes", name, "legal_final"), text, "correct it, or dates.first_payment")

"""What a deal that has started says of the dates before."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.dates import whole_months
from abssim.deal.deal import Deal
from abssim.errors import Problem
from abssim.word import counted


def check_passed(deal: Deal) -> Iterator[Problem]:
    """Closing and first payment of a deal that has started are no more than its first period apart."""
    dates = deal.dates
    if dates.started_periods and dates.first_payment is not None:
        first = (dates.first_period_months or dates.months_per_period) + dates.payment_lag_months
        passed = whole_months(dates.closing, dates.first_payment)
        if passed > first:
            text = f"{passed} months lie between closing {dates.closing} and first_payment {dates.first_payment}"
            hint = f"correct one of them; or write first_period_months: {passed - dates.payment_lag_months}"
            yield deal.problem("E175", ("dates", "closing"), text, hint)


def check_started(deal: Deal) -> Iterator[Problem]:
    """What is said of the dates before a start in mid-life fits their number."""
    dates = deal.dates
    for name, trigger in deal.triggers.items():
        if trigger.count > dates.started_periods > 0:
            breaches = counted(trigger.count, "breach", "breaches")
            text = f"{breaches} in a row, of {counted(dates.started_periods, 'date')} by started_periods"
            yield deal.problem("E177", ("triggers", name, "count"), text, "correct one of them")
    yield from _balances(deal)
    for name, values in deal.history.items():
        if len(values) > dates.started_periods > 0:
            text = f"tells of {counted(len(values), 'date')}, of which started_periods has {dates.started_periods}"
            yield deal.problem("E177", ("history", name), text, "leave the oldest out, or correct started_periods")


def _balances(deal: Deal) -> Iterator[Problem]:
    """Balances at a start in mid-life, of notes that only fall, and running sums of pools that contain each other."""
    for name, note in deal.notes.items():
        if note.opening_balance is not None and note.opening_balance > note.balance and note.capitalizes is None:
            text = f"{note.opening_balance:,.2f} are more than the initial balance, {note.balance:,.2f}"
            hint = "correct one of them; a note that adds interest to its balance says capitalizes"
            yield deal.problem("E149", ("notes", name, "opening_balance"), text, hint)
    for name, pool in deal.pools.items():
        out = pool.to_date.recovery + pool.to_date.loss
        if out > pool.to_date.default:
            text = f"recovery and loss of {out:,.2f} come out of defaults of {pool.to_date.default:,.2f}"
            hint = "correct one of them; default has all that defaulted since the deal began"
            yield deal.problem("E149", ("pools", name, "to_date"), text, hint)

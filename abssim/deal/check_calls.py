"""Days of calls: none that had passed at closing, none that exclude each other or say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abssim.dates import timeline
from abssim.deal.check_days import named_days
from abssim.deal.deal import Deal
from abssim.errors import Problem


def check_call_days(deal: Deal) -> Iterator[Problem]:
    """Days of calls that had passed when the deal closed."""
    for path, day in named_days(deal):
        if path[0] == "calls" and day < deal.dates.closing:
            text = f"{day} had passed at closing, {deal.dates.closing}"
            yield deal.problem("E144", path, text, "correct the year, or leave it out")


def check_premiums(deal: Deal) -> Iterator[Problem]:
    """A premium that ends before the call can be exercised."""
    for name, call in deal.calls.items():
        if call.first is not None and call.make_whole is not None and call.make_whole.until <= call.first:
            text = f"no premium from {call.make_whole.until} on, but the call cannot be exercised before {call.first}"
            hint = "correct it or from, or leave make_whole out"
            yield deal.problem("E145", ("calls", name, "make_whole", "until"), text, hint)


def check_calls(deal: Deal) -> Iterator[Problem]:
    """Days of a call on which its first day does not let it be exercised, and two that come to one payment date.

    One that had passed at closing or before a start in mid-life is told as that.
    """
    dates = timeline(deal.dates)
    started = max(dates.previous_unadjusted or date.min, dates.previous_payment or date.min)
    last = [max(scheduled, moved) for scheduled, moved in zip(dates.unadjusted, dates.payment, strict=True)]
    for name, call in deal.calls.items():
        comes: dict[date, date] = {}
        for i, wanted in enumerate(call.dates):
            if wanted < deal.dates.closing or wanted <= started:
                continue
            paid = next((day for day in last if day >= wanted), wanted)
            path = ("calls", name, "dates", i)
            if call.first is not None and paid < call.first:
                text = f"the payment date of {wanted} comes before {call.first}, from which the call can be exercised"
                yield deal.problem("E145", path, text, "correct it or from")
            if paid in comes:
                text = f"{wanted} comes to the payment date of {comes[paid]}, {paid}"
                yield deal.problem("E146", path, text, "correct one of them, or leave it out")
            comes.setdefault(paid, wanted)

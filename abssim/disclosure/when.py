"""Which date a report is of, and as which files it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from abssim.errors import AbssimError, DisclosureError, Problem
from abssim.result import RunResult
from abssim.template.field import Template


def require_date(template: Template, scenario: bool, period: int | None, as_of: date | None) -> None:
    """Loans are known at the cut-off only; other reports need a payment date. Codes: E007, E807."""
    if period is not None and as_of is not None:
        raise AbssimError(Problem("E007", "--as-of", "", "--period says which date is meant", "leave one out"))
    if not template.loan_level and period is None and as_of is None:
        text = "say which payment date the report is of"
        hint = "payment dates are numbered from 1; or give the day: --as-of"
        raise AbssimError(Problem("E007", "--period", "", text, hint))
    if template.loan_level and scenario:
        text = "loans are reported as the tape has them, under no scenario"
        raise AbssimError(Problem("E007", "--scenario", "", text, "leave it out"))
    if template.loan_level and period:
        raise no_loans(template, "--period", f"payment date {period}")


def no_loans(template: Template, option: str, day: str) -> DisclosureError:
    """The error of a loan-level report of another day than the cut-off."""
    hint = "leave it out, and give a tape of that day"
    return DisclosureError(
        Problem("E807", template.name, option, f"no loan is known on {day}, only at the cut-off", hint)
    )


def require_forms(template: Template, forms: Sequence[str]) -> None:
    """A template that is no message has no XML. Codes: E815."""
    if other := [form for form in forms if form not in template.forms]:
        hint = f"it is written as {' and '.join(template.forms)}"
        raise DisclosureError([Problem("E815", template.name, "--as", f"it is no {form}", hint) for form in other])


def payment_row(result: RunResult, period: int | None, as_of: date | None) -> int:
    """Row of a payment date, by its number or its day. Codes: E808."""
    numbers, days = result.dates.number[: result.periods], result.dates.payment[: result.periods]
    if period is not None and period not in numbers:
        text, hint = f"the run has no payment date {period}", f"it has {numbers[0]} to {numbers[-1]}"
        raise DisclosureError(Problem("E808", result.deal_name, "--period", text, hint))
    if period is not None:
        return numbers.index(period)
    if as_of not in days:
        near = [day for day in days if as_of is None or abs((day - as_of).days) < 45]
        hint = f"near it are {', '.join(map(str, near))}" if near else f"they are {days[0]} to {days[-1]}"
        raise DisclosureError(Problem("E808", result.deal_name, "--as-of", f"{as_of} is no payment date", hint))
    return days.index(as_of)

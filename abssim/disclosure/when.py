"""Which date a report is of, and as which files it is written."""

from __future__ import annotations

from collections.abc import Sequence

from abssim.errors import AbssimError, DisclosureError, Problem
from abssim.result import RunResult
from abssim.template.field import Template


def require_date(template: Template, scenario: bool, period: int | None) -> None:
    """Loans are known at the cut-off only; other reports need a payment date. Codes: E007, E807."""
    if not template.loan_level and period is None:
        text = "say which payment date the report is of"
        raise AbssimError(Problem("E007", "--period", "", text, "payment dates are numbered from 1"))
    if template.loan_level and scenario:
        text = "loans are reported as the tape has them, under no scenario"
        raise AbssimError(Problem("E007", "--scenario", "", text, "leave it out"))
    if template.loan_level and period:
        text = f"no loan is known on payment date {period}, only at the cut-off"
        raise DisclosureError(
            Problem("E807", template.name, "--period", text, "leave it out, and give a tape of that day")
        )


def require_forms(template: Template, forms: Sequence[str]) -> None:
    """A template that is no message has no XML. Codes: E815."""
    if other := [form for form in forms if form not in template.forms]:
        hint = f"it is written as {' and '.join(template.forms)}"
        raise DisclosureError([Problem("E815", template.name, "--as", f"it is no {form}", hint) for form in other])


def payment_row(result: RunResult, period: int) -> int:
    """Row of a payment date. Codes: E808."""
    numbers = result.dates.number[: result.periods]
    if period not in numbers:
        text = f"the run has no payment date {period}"
        raise DisclosureError(
            Problem("E808", result.deal_name, "--period", text, f"it has {numbers[0]} to {numbers[-1]}")
        )
    return numbers.index(period)

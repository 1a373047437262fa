"""Sentences that several tables have below them."""

from __future__ import annotations

from collections.abc import Iterable

from abssim.measure.timing import start_date
from abssim.result import NoteTerms, Origin, RunResult
from abssim.table.number import day

LATE = " Balance open at the legal final is a loss, even if it is paid later."
"""Below losses of notes some of which are paid after it."""


def start_words(result: Origin) -> str:
    """The day from which lives are counted, in words."""
    if result.dates.previous_unadjusted is None:
        return "closing"
    return f"{day(start_date(result))}, the last payment date before the run"


def residual_words(notes: Iterable[NoteTerms], what: str = "Principal loss") -> str:
    """What the loss of residual classes is, if there are any: a sentence behind others."""
    names = [terms.name for terms in notes if terms.kind == "residual"]
    return f" {what} of {', '.join(names)}: balance not repaid less residual cash received." if names else ""


def late_words(result: RunResult) -> str:
    """Notes that are paid after their legal final, if there are any: sentences behind others."""
    late = [(terms, result.late(i)) for i, terms in enumerate(result.notes_terms)]
    return "".join(f" {each.words(terms, result.currency)}." for terms, each in late if each.paid)

"""Notes by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from abssim.deal.deal import Deal
from abssim.errors import AbssimError, Problem, did_you_mean


def require_notes(deal: Deal, names: Sequence[str]) -> None:
    """Refuse names of notes that the deal does not have, or that are named twice, all at once. Codes: E006."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    problems = [Problem("E006", name, "--note", "is named twice", "name each once") for name in twice]
    wrong = [name for name in names if name not in deal.notes]
    problems += [Problem("E006", name, "--note", "no such note", did_you_mean(name, deal.notes)) for name in wrong]
    if problems:
        raise AbssimError(problems)

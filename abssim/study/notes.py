"""Notes by name."""

from __future__ import annotations

from collections.abc import Sequence

from abssim.deal.deal import Deal
from abssim.errors import AbssimError, Problem, did_you_mean


def require_notes(deal: Deal, names: Sequence[str]) -> None:
    """Refuse names of notes that the deal does not have, all at once. Codes: E006."""
    wrong = [name for name in names if name not in deal.notes]
    if wrong:
        raise AbssimError(
            [Problem("E006", name, "--note", "no such note", did_you_mean(name, deal.notes)) for name in wrong]
        )

"""Identifiers that must stay apart."""

from __future__ import annotations

import numpy as np

from abssim.errors import DisclosureError, Problem
from abssim.tape.schema import LoanTape
from abssim.template.field import Template


def require_distinct(template: Template, tape: LoanTape, where: str) -> None:
    """Loan ids must differ in capitals too, which is how some templates write them. DisclosureError E810."""
    if not any(field.source == "loan.id" and field.format == "ALPHANUM" for field in template.fields):
        return
    ids, counts = np.unique(np.char.upper(tape.loan_id), return_counts=True)
    if (counts > 1).any():
        text = f"{int((counts > 1).sum()):,} loan ids differ only by small letters: {ids[counts > 1][0].decode()}"
        raise DisclosureError(Problem("E810", where, "loan_id", text, "give other ids: the report has capitals only"))

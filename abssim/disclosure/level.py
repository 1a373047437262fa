"""Thresholds and values of triggers as reports write them."""

from __future__ import annotations

import math

from abssim.disclosure.loan_view import amount_text, plain_text
from abssim.measure.trigger import TriggerMeasure


def level_text(measure: TriggerMeasure, value: float, digits: int) -> str:
    """Currency units, percentage points or a plain number; nothing where the condition compares none."""
    if not math.isfinite(value):
        return ""
    if measure.terms.is_amount:
        return amount_text(round(value), digits)
    return plain_text(round(100.0 * value if measure.is_ratio else value, 5))

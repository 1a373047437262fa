"""A tape's check and its stratifications as JSON documents; what is not known is null."""

from __future__ import annotations

from typing import Any

from abssim.money import to_units
from abssim.report.number import known
from abssim.tape.check import check_tape
from abssim.tape.read import TapeReading
from abssim.tape.stratify import Strata


def check_document(reading: TapeReading) -> dict[str, Any]:
    """What a tape holds: figures by their names, what was said while it was read, and its bad rows."""
    currency = reading.tape.currency
    values = {
        row.key: to_units(row.value, currency) if row.kind == "amount" else _known(row.value)
        for row in check_tape(reading)
    }
    problems = [
        {"code": fault.code, "column": fault.column, "reason": fault.reason, "rows": fault.rows.tolist()}
        for fault in reading.problems
    ]
    about = {"tape": reading.source, "format": reading.format, "currency": currency}
    return {**about, **values, "notes": list(reading.remarks), "problems": problems}


def strata_document(strata: Strata, currency: str) -> dict[str, Any]:
    """A stratification: bands or words, and the total."""
    rows = [
        {
            "label": row.label,
            "loans": row.loans,
            "balance": to_units(row.balance, currency),
            "share_pct": _known(100.0 * row.share),
            "rate_pct": _known(100.0 * row.rate),
            "remaining_term": _known(row.remaining_term),
            "age": _known(row.age),
            "score": _known(row.score),
        }
        for row in (*strata.rows, strata.total)
    ]
    return {"by": strata.by, "rows": rows[:-1], "total": rows[-1]}


def _known(value: float) -> float | None:
    """To six digits; a count stays whole."""
    return value if isinstance(value, int) else known(value, decimals=6)

"""Roll-rate matrices: where an obligor goes in a month, by the number of instalments it has missed.

The named sets are hand-set so that the 12-month cumulative default of a cohort that starts
current lands near published levels of Chinese consumer receivables (prime 1.20 %, base 3.04 %, stress 7.29 %).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from abssim.errors import did_you_mean
from abssim.validation import fault

FROM = ("current", "dpd_1_30", "dpd_31_60", "dpd_61_90")
TO = (*FROM, "default", "prepaid")
"""States in the order of `engine.credit.expected.LoanState`."""
RESTRUCTURED = "restructured"
"""Where the last row may go beside them: the obligor's plan is extended."""

Rows = tuple[tuple[float, ...], ...]


def _named(c_m1: float, m1: tuple[float, float], m2: tuple[float, float], m3: tuple[float, float]) -> dict[str, Any]:
    return {
        "current": {"dpd_1_30": c_m1, "prepaid": 1.0},
        "dpd_1_30": {"current": m1[0], "dpd_31_60": m1[1], "prepaid": 2.0},
        "dpd_31_60": {"current": m2[0], "dpd_1_30": 7.0, "dpd_61_90": m2[1]},
        "dpd_61_90": {"current": m3[0], "dpd_1_30": 2.0, "dpd_31_60": 3.0, "default": m3[1]},
    }


NAMED: Mapping[str, dict[str, Any]] = {
    "prime": _named(1.2, (70.0, 17.0), (18.0, 62.0), (7.0, 80.0)),
    "base": _named(2.0, (60.0, 25.0), (18.0, 65.0), (7.0, 82.0)),
    "stress": _named(3.5, (50.0, 33.0), (18.0, 72.0), (7.0, 86.0)),
}
"""Percent a month; what a row leaves open stays where it is."""


class RollRates(BaseModel):
    """Monthly transition matrices by seasoning.

    Written as a name (`base`), as rows of percent (`current: {dpd_1_30: 2, prepaid: 1}`; what is left stays), or by
    the loan's age: `from_age: {0: prime, 7: base}`. The row `dpd_61_90` may also go to `restructured`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    ages: tuple[int, ...]
    """Age in months from which each matrix applies; the first is 0."""
    matrices: tuple[Rows, ...]
    """(4, 6) probabilities of each matrix, rows `FROM`, columns `TO`."""
    restructured: tuple[float, ...]
    """Probability by matrix that who is 61-90 days past due is restructured; that row adds up to 1 with it."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, written: Any) -> Any:
        if isinstance(written, RollRates):
            return written
        if isinstance(written, Mapping) and "from_age" in written:
            return cls._bands(written)
        return {"ages": (0,), "matrices": (matrix_rows(written),), "restructured": (restructured_share(written),)}

    @staticmethod
    def _bands(written: Mapping[Any, Any]) -> dict[str, Any]:
        bands = written["from_age"]
        if set(written) != {"from_age"} or not isinstance(bands, Mapping):
            raise fault("E315", "from_age stands alone and lists matrices by age", "from_age: {0: prime, 7: base}")
        if not all(isinstance(age, int) and age >= 0 for age in bands) or 0 not in bands:
            raise fault("E315", "the bands are ages in months, the first 0", "from_age: {0: prime, 7: base}")
        ages = tuple(sorted(bands))
        shares = tuple(restructured_share(bands[age]) for age in ages)
        return {"ages": ages, "matrices": tuple(matrix_rows(bands[age]) for age in ages), "restructured": shares}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        name: dict[str, Any] = {"type": "string", "enum": list(NAMED)}
        rows = {state: (*TO, RESTRUCTURED) if state == FROM[-1] else TO for state in FROM}
        numbers = {state: {target: {"type": "number"} for target in targets} for state, targets in rows.items()}
        states = {state: {"type": "object", "properties": own} for state, own in numbers.items()}
        matrix = {"type": "object", "properties": states}
        bands = {"type": "object", "properties": {"from_age": {"type": "object"}}}
        return {"title": "RollRates", "description": cls.__doc__, "anyOf": [name, matrix, bands]}


def matrix_rows(written: Any) -> Rows:
    """(4, 6) probabilities of a matrix as written; what is restructured is missing from the last row."""
    if isinstance(written, str):
        if written not in NAMED:
            raise fault("E315", f'no roll-rate matrix "{written}"', did_you_mean(written, NAMED))
        written = NAMED[written]
    if not isinstance(written, Mapping):
        raise fault("E314", "a matrix is a name or rows of percent", "current: {dpd_1_30: 2, prepaid: 1}")
    for state in written:
        if state not in FROM:
            raise fault("E314", f'no state "{state}" to come from', did_you_mean(str(state), FROM))
    return tuple(_row(i, state, written.get(state, {})) for i, state in enumerate(FROM))


def restructured_share(written: Any) -> float:
    """Probability of being restructured, of a matrix that `matrix_rows` reads."""
    matrix = NAMED.get(written, {}) if isinstance(written, str) else written
    return float(matrix.get(FROM[-1], {}).get(RESTRUCTURED, 0.0)) / 100.0


def _row(i: int, state: str, written: Any) -> tuple[float, ...]:
    if not isinstance(written, Mapping):
        raise fault("E314", f"row {state} must be a mapping of states to percent")
    targets = (*TO, RESTRUCTURED)
    row = [0.0] * len(targets)
    for target, percent in written.items():
        if target == RESTRUCTURED and state != FROM[-1]:
            raise fault(
                "E314", f"row {state}: only who is 61-90 days past due is restructured", f"write it in {FROM[-1]}"
            )
        if target not in targets:
            raise fault("E314", f'row {state}: no state "{target}"', did_you_mean(str(target), targets))
        if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0.0 <= percent <= 100.0:
            raise fault("E314", f"row {state}: {target} must be a percentage, not {percent}")
        k = targets.index(target)
        if i + 1 < k < len(FROM):
            raise fault("E314", f"row {state}: {target} is more than one missed instalment away")
        row[k] = float(percent) / 100.0
    left = 1.0 - sum(row)
    if left < -1e-9 or (left > 1e-9 and state in written and row[i] > 0.0):
        raise fault("E314", f"row {state} adds up to {100.0 * (1.0 - left):g} %", "leave out what stays where it is")
    row[i] += max(0.0, left)
    return tuple(row[: len(TO)])

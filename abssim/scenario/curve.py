"""Vectors by month as the commercial systems write them: `0.2 ramp 6 over 30`, `5 for 12, 10 for 6, 15`.

Parts are separated by commas and follow each other; the last value holds for ever.

    6                    6 for ever
    5 for 12, 15         5 in months 1 to 12, 15 after
    0.2 ramp 6 over 30   0.2 in month 1, 6 in month 30, in equal steps; 6 after
    0 for 3, 1 ramp 5 over 9, 2
    [5, 10, 15]          a list: month by month
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, model_validator

from abssim.validation import fault

MAX_MONTHS = 1200
MAX_MULTIPLE = 1e6
"""Largest multiple of a rate, or percent of a standard curve."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PART = re.compile(rf"^({_NUMBER})(?:\s+ramp\s+({_NUMBER})\s+over\s+(\d+)|\s+for\s+(\d+))?$", re.IGNORECASE)
_HINT = 'write "5 for 12, 10 for 6, 15" or "0.2 ramp 6 over 30"'


class Curve(BaseModel):
    """Values by month; the last one holds for ever."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "title": "Curve",
            "description": 'A number, a list by month, or text: "5 for 12, 10 for 6, 15", "0.2 ramp 6 over 30".',
        },
    )

    values: tuple[float, ...]
    """Value of month 1, 2, ...; the last holds."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, written: Any) -> Any:
        if isinstance(written, Curve) or (isinstance(written, dict) and isinstance(written.get("values"), tuple)):
            return written
        return {"values": curve_values(written)}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        kinds = [{"type": "number"}, {"type": "string"}, {"type": "array", "items": {"type": "number"}}]
        return {"anyOf": kinds, **cls.model_config["json_schema_extra"]}  # type: ignore[dict-item]

    @property
    def constant(self) -> bool:
        """True if every month has the same value."""
        return len(set(self.values)) == 1

    def at(self, month: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Values in `month` (1 is the first; months before it take the first value)."""
        index = np.clip(np.asarray(month, dtype=np.int64) - 1, 0, len(self.values) - 1)
        return np.asarray(self.values)[index]

    def within(self, low: float, high: float, name: str) -> None:
        """Raise a fault unless every value lies in `[low, high]`."""
        for value in self.values:
            if not low <= value <= high:
                raise fault("E311", f"{name} must be between {low:g} and {high:g}, not {value:g}")


def curve_values(written: Any) -> tuple[float, ...]:
    """The values by month of a curve as written."""
    if isinstance(written, bool) or not isinstance(written, int | float | str | list | tuple):
        raise fault("E310", f"a curve is a number, a list or text, not {type(written).__name__}", _HINT)
    if isinstance(written, int | float):
        return (_finite(written),)
    if isinstance(written, list | tuple):
        if not written or len(written) > MAX_MONTHS or any(isinstance(value, bool | str) for value in written):
            raise fault("E310", f"a list of 1 to {MAX_MONTHS} numbers is needed", _HINT)
        return tuple(_finite(value) for value in written)
    values: list[float] = []
    for part in written.split(","):
        values += _part_values(part.strip())
        if len(values) > MAX_MONTHS:
            raise fault("E310", f"the curve is longer than {MAX_MONTHS} months")
    return tuple(values)


def _part_values(part: str) -> list[float]:
    match = _PART.match(part)
    if match is None:
        raise fault("E310", f'"{part[:40]}" is no part of a curve', _HINT)
    start, end, over, repeat = match.groups()
    months = int(over or repeat or 1)
    if not 1 <= months <= MAX_MONTHS:
        raise fault("E310", f'"{part[:40]}": 1 to {MAX_MONTHS} months are possible', _HINT)
    if end is None:
        return [_finite(start)] * months
    first, last = _finite(start), _finite(end)
    steps = max(1, months - 1)
    return [first + (last - first) * n / steps for n in range(months - 1)] + [last]


def _finite(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise fault("E310", f'"{value}" is not a number', _HINT) from None
    if not math.isfinite(number):
        raise fault("E310", f'"{value}" is not a finite number', _HINT)
    return number

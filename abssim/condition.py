"""Conditions on the columns of a tape: which loans a rule of a document is about."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, model_validator

from abssim.fault import fault


class Band(BaseModel):
    """Numbers from `min` to `max`, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    min: float | None = None
    """Smallest value that is meant."""
    max: float | None = None
    """Largest value that is meant."""

    @model_validator(mode="after")
    def _check(self) -> Band:
        if self.min is None and self.max is None:
            raise fault("E320", "a band needs min or max")
        return self


Value = str | int | float
Condition = Band | Value | tuple[Value, ...]


def require_values(where: Mapping[str, Condition]) -> None:
    """Raise a fault where a condition lists nothing."""
    for column, condition in where.items():
        if condition == ():
            raise fault("E320", f"where.{column} lists no values")

"""Conditions on the columns of a tape: which loans a rule of a document is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Strict, model_validator

from abssim.day import Day
from abssim.part import Part
from abssim.validation import fault


class Band(Part):
    """Numbers or dates from `min` to `max`, both included; a column of months goes by the months of the dates."""

    min: Annotated[float, Strict()] | Day | None = None
    """Smallest value that is meant."""
    max: Annotated[float, Strict()] | Day | None = None
    """Largest value that is meant."""

    @model_validator(mode="after")
    def _check(self) -> Band:
        if self.min is None and self.max is None:
            raise fault("E320", "a band needs min or max")
        if None not in (self.min, self.max) and isinstance(self.min, date) != isinstance(self.max, date):
            raise fault("E320", "a band goes from a number to a number, or from a date to a date")
        return self

    @property
    def dated(self) -> bool:
        """True if the band is one of dates."""
        return isinstance(self.max if self.min is None else self.min, date)


Value = str | int | float | Day
Condition = Band | Value | tuple[Value, ...]


def require_values(where: Mapping[str, Condition]) -> None:
    """Raise a fault where a condition lists nothing."""
    for column, condition in where.items():
        if condition == ():
            raise fault("E320", f"where.{column} lists no values")


def describe(where: Mapping[str, Condition]) -> str:
    """Conditions in words: `grade A, score 600 to 699`."""
    return ", ".join(f"{column} {_described(condition)}" for column, condition in where.items())


def _described(condition: Condition) -> str:
    if isinstance(condition, Band):
        low = "" if condition.min is None else f"from {condition.min} "
        return f"{low}to {condition.max}" if condition.max is not None else low.rstrip()
    return " or ".join(map(str, condition)) if isinstance(condition, tuple) else str(condition)

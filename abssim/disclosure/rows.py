"""Rows of a report on their way from what knows them to what writes them: texts by field, some thousands at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

Rows = Mapping[str, Sequence[str]]
"""Cells by code, of as many rows each; an empty one is left out."""
Once = Mapping[str, str]
"""Values by code of what stands in a report once."""
CHUNK = 10_000
"""Rows at a time."""


class Writer(AbstractContextManager["Writer"], Protocol):
    """Writes a report to a file: first what stands in it once, then rows in the order of the template's sections."""

    def __enter__(self) -> Self: ...
    def once(self, values: Once) -> None:
        """Write what stands in the report once."""

    def rows(self, section: str, rows: Rows) -> None:
        """Write some rows of a section."""

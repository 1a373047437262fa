"""What stands in a report once, from what is known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from abssim.template.field import Field


@dataclass(frozen=True)
class OneRow:
    """A single row of a section, values by source; `label` is how problems call it."""

    values: Mapping[str, str]
    label: str = ""
    count: int = 1

    def name(self, row: int) -> str:
        """How problems call it."""
        return self.label

    def given(self, field: Field) -> None:
        """No input goes by codes."""

    def known(self, field: Field) -> str | None:
        """The value of the field's source."""
        return self.values.get(field.source)

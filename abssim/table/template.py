"""Regulators' templates as a table, with what a deal does not yet say for them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from abssim.table.grid import grid, stack
from abssim.template.field import Field, Template

Missing = Sequence[tuple[Field, str]]


def template_tables(listed: Sequence[tuple[Template, Missing]]) -> RenderableType:
    """A row a template, and the fields that have no value."""
    rows = [
        (each.name, each.title, each.version, str(len(each.fields)), str(len(missing)) if missing else "–")
        for each, missing in listed
    ]
    bases = "\n".join(f"{each.name}: {each.legal_basis}" for each, _ in listed)
    heads = ["Template", "Report", "Version", "Fields", "Missing"]
    return stack([grid("Templates", heads, rows, words=3, wrap=(1,), caption=bases), *_gaps(listed)])


def _gaps(listed: Sequence[tuple[Template, Missing]]) -> list[RenderableType]:
    rows = [(each.name, field.code, field.name, hint) for each, missing in listed for field, hint in missing]
    heads = ["Template", "Field", "Name", "What to do"]
    return [grid("Missing for this deal", heads, rows, words=4, wrap=(2, 3))] if rows else []

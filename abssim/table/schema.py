"""The reference of deal documents: fields and observables, out of their own descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from abssim.table.grid import grid, stack


def schema_tables(schema: Mapping[str, Any]) -> RenderableType:
    """A table for each part of the document, from its JSON schema."""
    parts = [(schema.get("title", "Deal"), schema), *schema.get("$defs", {}).items()]
    tables = [_part(name, part) for name, part in parts if part.get("properties")]
    bare = [(name, part) for name, part in parts if not part.get("properties") and "description" in part]
    plain = [(name, "text", _prose(part)) for name, part in bare]
    return stack([*tables, *([name_table("Written as", plain)] if plain else [])])


def name_table(title: str, rows: Sequence[tuple[str, str, str]]) -> RenderableType:
    """Names with their kind and meaning."""
    return grid(title, ["Name", "Kind", "Meaning"], rows, words=2, wrap=(2,))


def _part(name: str, part: Mapping[str, Any]) -> RenderableType:
    needed = part.get("required", ())
    rows = [
        (field, " | ".join(dict.fromkeys(_kinds(spec))), _default(field in needed, spec), _prose(spec))
        for field, spec in part["properties"].items()
    ]
    return grid(name, ["Field", "Kind", "Default", "Meaning"], rows, words=3, wrap=(1, 3), caption=_prose(part))


def _prose(described: Mapping[str, Any]) -> str:
    """A description without the line breaks of the code it stands in."""
    return " ".join(described.get("description", "").split())


def _kinds(spec: Mapping[str, Any]) -> Iterator[str]:
    """Words for what a field takes."""
    if "$ref" in spec:
        yield str(spec["$ref"]).rsplit("/", 1)[-1]
    elif "enum" in spec:
        yield from (str(value) for value in spec["enum"])
    elif "const" in spec:
        yield str(spec["const"])
    elif "anyOf" in spec:
        for choice in spec["anyOf"]:
            yield from _kinds(choice)
    elif spec.get("type") == "array":
        items = spec.get("items") or {}
        yield f"list of {' | '.join(dict.fromkeys(_kinds(items))) or 'values'}"
    elif spec.get("type") == "object" and "additionalProperties" in spec:
        values = spec["additionalProperties"]
        yield f"name: {' | '.join(dict.fromkeys(_kinds(values))) if isinstance(values, Mapping) else 'value'}"
    elif spec.get("format") == "date":
        yield "date"
    else:
        words = {"integer": "whole number", "string": "text", "null": "nothing", "boolean": "true | false"}
        yield words.get(str(spec.get("type", "value")), str(spec.get("type", "value")))


def _default(needed: bool, spec: Mapping[str, Any]) -> str:
    if needed:
        return "required"
    default = spec.get("default")
    if default in (None, {}, [], ""):
        return ""
    if isinstance(default, Mapping | list):
        return "see its fields"
    return str(default).lower() if isinstance(default, bool) else str(default)

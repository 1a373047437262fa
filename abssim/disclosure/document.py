"""What `abssim disclose --json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from abssim.disclosure.disclose import Disclosed
from abssim.template.field import Field, Template


def listing_document(listed: Sequence[tuple[Template, Sequence[tuple[Field, str]]]]) -> list[dict[str, Any]]:
    """Templates, and what is missing for a deal."""
    return [
        {
            **_words(template),
            "fields": len(template.fields),
            "missing": [{"code": field.code, "name": field.name, "hint": hint} for field, hint in missing],
        }
        for template, missing in listed
    ]


def disclosed_document(done: Disclosed) -> dict[str, Any]:
    """What was written, and which no-data codes stand in it."""
    used = [(code, no_data, count) for each in done.findings for (code, no_data), count in sorted(each.used.items())]
    return {
        **_words(done.template),
        "files": list(done.files),
        "no_data": [{"code": code, "no_data": no_data, "rows": count} for code, no_data, count in used],
        "left_out": sorted({code for each in done.findings for code in each.omitted}),
    }


def _words(template: Template) -> dict[str, str]:
    return {
        "template": template.name,
        "title": template.title,
        "regime": template.regime,
        "version": template.version,
        "legal_basis": template.legal_basis,
    }

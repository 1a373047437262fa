"""Values set by path, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType

from abssim.setting import shown
from abssim.table.grid import listing


def setting_facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A row for what was set, if anything was."""
    return [("Set", ", ".join(shown(settings)))] if settings else []


def setting_parts(settings: Mapping[str, Any]) -> list[RenderableType]:
    """As a part of its own."""
    return [listing(setting_facts(settings))] if settings else []

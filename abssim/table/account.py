"""Accounts, ledgers and whatever else has a balance by date."""

from __future__ import annotations

from enum import IntEnum

from rich.console import RenderableType

from abssim.kind.base import Kind
from abssim.kind.note import NOTE
from abssim.kind.pool import POOL
from abssim.kind.table import KINDS
from abssim.result import Int64, RunResult
from abssim.table.grid import abbreviate, grid, stack
from abssim.table.number import day, fit


def account_tables(result: RunResult, everything: bool = False) -> RenderableType:
    """A table for each, kind by kind; columns that stay zero are left out."""
    return stack(
        _table(result, f"{kind.name.capitalize()} {name}", kind, result.flow(kind.name)[:, i], everything)
        for kind in KINDS.values()
        if kind not in (POOL, NOTE) and "balance" in kind.words()
        for i, name in enumerate(result.names[kind.name])
    )


def _table(result: RunResult, title: str, kind: Kind, flow: Int64, everything: bool) -> RenderableType:
    if not flow.any():
        return f"{title}: unused."
    shown = [f for f in kind.fields if flow[:, f].any() or f.name in ("OPENING_BALANCE", "BALANCE")]
    scale = fit(int(abs(flow).max()), result.currency, 84 // len(shown) - 2)
    rows = [
        [str(result.dates.number[t]), day(result.dates.payment[t]), *(scale.text(int(flow[t, f])) for f in shown)]
        for t in range(result.periods)
    ]
    columns = ["#", "Date", *(_heading(field) for field in shown)]
    return grid(f"{title}, {scale.unit}", columns, abbreviate(rows, everything), words=2)


def _heading(field: IntEnum) -> str:
    words = {"OPENING_BALANCE": "Opening", "BALANCE": "Closing"}
    return words.get(field.name, field.name.capitalize().replace("_", " "))

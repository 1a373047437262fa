"""Where the cash of a run came from and who was paid."""

from __future__ import annotations

from rich.console import RenderableType

from abssim.amount import NOTHING
from abssim.measure.cash import cash_rows
from abssim.result import RunResult
from abssim.table.grid import grid
from abssim.table.number import fit


def cash_table(run: RunResult) -> RenderableType:
    """Every source and every payee of cash, and their sums, which are the same."""
    found = cash_rows(run)
    scale = fit(max(max(row.received, row.paid) for row in found), run.currency, 18)
    rows = [
        [
            row.name[:1].upper() + row.name[1:],
            scale.text(row.received) if row.received else "",
            scale.text(row.paid) if row.paid or not row.received else "",
            "" if row.unpaid is None else scale.text(row.unpaid) if row.unpaid else NOTHING,
        ]
        for row in found
    ]
    sums = (sum(row.received for row in found), sum(row.paid for row in found))
    columns = ["", "Received", "Paid", "Due and unpaid\nat the end"]
    caption = "Of a note: interest, premium, principal and residual; due and unpaid is its interest."
    return grid(
        f"Cash over the run, {scale.unit}", columns, [*rows, ["Total", *map(scale.text, sums)]], caption=caption
    )

"""Conservation checks of a run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from abssim.engine.layout import AccountField, NoteField, PoolField
from abssim.result import RunResult
from abssim.table.grid import grid
from abssim.table.number import exact


def check_table(result: RunResult) -> RenderableType:
    """Every check: what must be equal, how often it was tested, the largest difference."""
    money = exact(result.currency)
    rows = [
        [
            check.name,
            check.meaning + (f" (worst: {check.where})" if check.where else ""),
            "passed" if check.passed else "FAILED",
            f"{check.count:,}",
            money.text(check.worst),
        ]
        for check in result.checks
    ]
    columns = ["Check", "Must hold", "Result", "Tested", f"Largest\ndifference, {money.unit}"]
    table = grid("Checks", columns, rows, words=3, wrap=(1,))
    left = cash_left(result)
    if not left:
        return table
    kept = ", ".join(f"{name} {money.text(amount)}" for name, amount in left)
    return Group(table, Text(f"Left in accounts when all is repaid, {money.unit}: {kept}. No step pays it out."))


def cash_left(result: RunResult) -> list[tuple[str, int]]:
    """Accounts with cash after the last date of a deal whose pool and notes are all gone, in minor units."""
    outstanding = result.note_flow[-1, :, NoteField.BALANCE].any() or result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE]
    if outstanding:
        return []
    balances = result.account_flow[-1, :, AccountField.BALANCE]
    return [(name, int(amount)) for name, amount in zip(result.names.accounts, balances, strict=True) if amount]

"""Conservation checks of a run."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from abssim.amount import exact
from abssim.kind.account import AccountField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.result import RunResult
from abssim.table.grid import grid


def check_table(result: RunResult, everything: bool = False) -> RenderableType:
    """A line if all checks pass; with `everything`, or if one fails, what must be equal, how often it was tested, the
    largest difference."""
    table = _table(result) if everything or not all(check.passed for check in result.checks) else _line(result)
    left, money = cash_left(result), exact(result.currency)
    if not left:
        return table
    kept = ", ".join(f"{name} {money.text(amount)}" for name, amount in left)
    return Group(table, Text(f"Left in accounts when all is repaid, {money.unit}: {kept}. No step pays it out."))


def _line(result: RunResult) -> RenderableType:
    count = sum(check.count for check in result.checks)
    return Text(f"Checks: all {len(result.checks)} passed, {count:,} equalities to the cent. --all lists them.")


def _table(result: RunResult) -> RenderableType:
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
    return grid("Checks", columns, rows, words=3, wrap=(1,))


def cash_left(result: RunResult) -> list[tuple[str, int]]:
    """Accounts with cash after the last date of a deal whose pool and notes are all gone, in minor units."""
    outstanding = result.note_flow[-1, :, NoteField.BALANCE].any() or result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE]
    if outstanding:
        return []
    balances = result.account_flow[-1, :, AccountField.BALANCE]
    return [(name, int(amount)) for name, amount in zip(result.names["account"], balances, strict=True) if amount]

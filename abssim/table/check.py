"""Conservation checks of a run."""

from __future__ import annotations

from rich.console import RenderableType

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
    return grid("Checks", columns, rows, words=3, wrap=(1,))

"""Simulations under several scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.console import RenderableType

from abssim.amount import NOTHING
from abssim.measure.comparison import Compared, Comparison, compare
from abssim.measure.estimate import Estimate
from abssim.result import Simulation
from abssim.table.distribution import estimate
from abssim.table.grid import grid, stack
from abssim.table.number import estimated

PER_TABLE = 2
"""Scenarios beside the first that fit in a width of 100."""
_NAME = 11
"""Characters of a scenario's name in a line of its heading."""


def comparison_tables(sims: Sequence[Simulation]) -> RenderableType:
    """The tables of simulations beside each other."""
    return tables_of(compare(sims))


def tables_of(comparison: Comparison) -> RenderableType:
    """Pool, notes and triggers: one row per figure; of each scenario the figure, of the others the difference too."""
    others = range(1, len(comparison.scenarios))
    if not others:
        return _table(comparison, [0])
    return stack(_table(comparison, [0, *others[i : i + PER_TABLE]]) for i in range(0, len(others), PER_TABLE))


def _table(comparison: Comparison, chosen: Sequence[int]) -> RenderableType:
    rows = [["Pool net loss, %", *_cells(comparison.net_loss, chosen, 3)]]
    for note in comparison.notes:
        rows += [
            [f"Note {note.name}"],
            ["  Expected loss, %", *_cells(note.expected_loss, chosen, 3)],
            ["  P(loss), %", *_cells(note.loss_probability, chosen, 2)],
            ["  VaR 99, %", *_cells(note.value_at_risk, chosen, 2)],
            ["  WAL, years", *_cells(note.life, chosen, 3, 1.0)],
        ]
    rows += [["Triggers: ever, %"]] if comparison.triggers else []
    rows += [[f"  {name}", *_cells(fired, chosen, 2)] for name, fired in comparison.triggers.items()]
    columns = ["", *(cell for s in chosen for cell in _heads(comparison.scenarios[s], s == chosen[0]))]
    caption = (
        f"Δ: difference to {comparison.scenarios[0]}, path by path on the same random numbers; ± standard error of "
        "what stands before it. Δ of a life: paths on which the note is settled under both."
    )
    return grid("Scenarios side by side", columns, rows, caption=caption)


def _heads(name: str, first: bool) -> list[str]:
    lines = "\n".join(wrap(name, _NAME))
    return [lines, "±"] if first else [lines, "±", "Δ", "±"]


def _cells(compared: Compared, chosen: Sequence[int], decimals: int, factor: float = 100.0) -> list[str]:
    cells: list[str] = []
    for s in chosen:
        cells += _pair(compared.values[s], decimals, factor)
        if s != chosen[0]:
            cells += _pair(compared.differences[s], decimals, factor) if compared.differences else (NOTHING, "")
    return cells


def _pair(figure: Estimate, decimals: int, factor: float) -> tuple[str, str]:
    """A figure, or the bound on it, and its error."""
    if figure.at_most is not None:
        return estimate(figure, decimals), ""
    return estimated(factor * figure.value, factor * figure.error, decimals)

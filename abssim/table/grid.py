"""One look for every table: words to the left, numbers to the right, a rule under the header, a caption below.

Tables are laid out for a width of 100, whatever the terminal: a figure is never cut short to fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

WIDTH = 100
HEAD, TAIL = 6, 3
"""Rows kept at each end of a long table."""
_NARROWEST = 16


def grid(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: int = 1,
    caption: str = "",
    wrap: Sequence[int] = (),
) -> RenderableType:
    """A table whose first `words` columns hold words and the others numbers; columns in `wrap` hold words and may
    break lines."""
    cells = [[printable(cell) for cell in (*row, *[""] * (len(columns) - len(row)))] for row in (columns, *rows)]
    widths = [max(_width(cell) for cell in column) for column in zip(*cells, strict=True)]
    gap = 2 if wrap or sum(widths) + 2 * len(widths) - 2 <= WIDTH else 1
    _squeeze(widths, wrap, gap)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0), header_style="bold")
    for i, column in enumerate(cells[0]):
        justify: Literal["left", "right"] = "left" if i < words or i in wrap else "right"
        table.add_column(Text(column), justify=justify, width=widths[i], no_wrap=i not in wrap, overflow="fold")
    for row in cells[1:]:
        table.add_row(*(Text(cell) for cell in row))
    table.width = sum(widths) + gap * (len(widths) - 1)
    below = [Text(printable(caption), style="dim")] if caption else []
    return Group(Text(printable(title), style="bold"), table, *below)


def stack(parts: Iterable[RenderableType]) -> Group:
    """Renderables under one another with a blank line between."""
    spaced = [item for part in parts for item in (part, "")]
    return Group(*spaced[:-1])


def listing(rows: Sequence[Sequence[str]]) -> Table:
    """Words in columns without a header; the last column may break lines."""
    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def printable(words: str) -> str:
    """Text without control characters."""
    return "".join(c for c in words if c.isprintable() or c == "\n")


def abbreviate(rows: Sequence[Sequence[str]], everything: bool) -> list[Sequence[str]]:
    """The first and last rows of a long table, with a line for those between."""
    if everything or len(rows) <= HEAD + TAIL + 1:
        return list(rows)
    gap = ["⋮", f"{len(rows) - HEAD - TAIL} more", *[""] * (len(rows[0]) - 2)]
    return [*rows[:HEAD], gap, *rows[-TAIL:]]


def _width(cell: str) -> int:
    return max(cell_len(line) for line in cell.split("\n"))


def _squeeze(widths: list[int], wrap: Sequence[int], gap: int) -> None:
    """Narrow the widest breakable column until the table fits."""
    while wrap and sum(widths) + gap * (len(widths) - 1) > WIDTH:
        widest = max(wrap, key=lambda i: widths[i])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1

"""One look for every table: words to the left, numbers to the right, a rule under the header, a caption below.

A figure is never cut short to fit: where a terminal is too narrow for a table, the table folds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from abssim.guard import in_lines

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
    cells = [[in_lines(cell) for cell in (*row, *[""] * (len(columns) - len(row)))] for row in (columns, *rows)]
    return _Grid(in_lines(title), cells, words, tuple(wrap), in_lines(caption))


@dataclass(frozen=True)
class _Grid:
    """A table that folds where the terminal is narrower than it: the columns of words are repeated, the others go on
    below."""

    title: str
    cells: list[list[str]]
    words: int
    wrap: tuple[int, ...]
    caption: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.title, style="bold")
        for i, chosen in enumerate(self._folds(options.max_width)):
            yield from ([""] if i else [])
            yield self._table(chosen, options.max_width)
        if self.caption:
            yield Text(self.caption, style="dim")

    def _folds(self, limit: int) -> list[list[int]]:
        """Columns of each table one below the other, each within `limit` if a single column is."""
        count = len(self.cells[0])
        lead = list(range(min(self.words, count)))
        folds = [[*lead]]
        for column in range(len(lead), count):
            if len(folds[-1]) > len(lead) and self._least([*folds[-1], column]) > limit:
                folds.append([*lead])
            folds[-1].append(column)
        return folds

    def _least(self, chosen: Sequence[int]) -> int:
        """Width of some columns with the narrowest gap, those that may break lines as narrow as they get."""
        widths = [min(self._widths([i])[0], _NARROWEST) if i in self.wrap else self._widths([i])[0] for i in chosen]
        return sum(widths) + (2 if self.wrap else 1) * (len(widths) - 1)

    def _widths(self, chosen: Sequence[int]) -> list[int]:
        return [max(_width(row[i]) for row in self.cells) for i in chosen]

    def _table(self, chosen: Sequence[int], limit: int) -> Table:
        widths, wrap = self._widths(chosen), [chosen.index(i) for i in self.wrap if i in chosen]
        gap = 2 if wrap or sum(widths) + 2 * len(widths) - 2 <= limit else 1
        _squeeze(widths, wrap, gap, limit)
        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0), header_style="bold"
        )
        for i, column in enumerate(chosen):
            justify: Literal["left", "right"] = "left" if column < self.words or column in self.wrap else "right"
            head = Text(self.cells[0][column])
            table.add_column(head, justify=justify, width=widths[i], no_wrap=column not in self.wrap, overflow="fold")
        for row in self.cells[1:]:
            table.add_row(*(Text(row[column]) for column in chosen))
        table.width = sum(widths) + gap * (len(widths) - 1)
        return table


def stack(parts: Iterable[RenderableType]) -> Group:
    """Renderables under one another with a blank line between."""
    spaced = [item for part in parts for item in (part, "")]
    return Group(*spaced[:-1])


def listing(rows: Sequence[Sequence[str]]) -> Table:
    """Words in columns without a header; the last column may break lines."""
    table = Table.grid(padding=(0, 2))
    for _ in range(max(map(len, rows), default=0)):
        table.add_column(overflow="fold")  # cut short, a line with wide characters would lose a letter
    for row in rows:
        table.add_row(*(Text(in_lines(cell)) for cell in row))
    return table


def abbreviate(rows: Sequence[Sequence[str]], everything: bool) -> list[Sequence[str]]:
    """The first and last rows of a long table, with a line for those between."""
    if everything or len(rows) <= HEAD + TAIL + 1:
        return list(rows)
    gap = ["⋮", f"{len(rows) - HEAD - TAIL} more", *[""] * (len(rows[0]) - 2)]
    return [*rows[:HEAD], gap, *rows[-TAIL:]]


def _width(cell: str) -> int:
    return max(cell_len(line) for line in cell.split("\n"))


def _squeeze(widths: list[int], wrap: Sequence[int], gap: int, limit: int) -> None:
    """Narrow the widest breakable column until the table fits."""
    while wrap and sum(widths) + gap * (len(widths) - 1) > limit:
        widest = max(wrap, key=lambda i: widths[i])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1

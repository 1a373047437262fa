"""Tables in workbooks (.xlsx), through calamine: every cell becomes the text a text file would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.reading import Reading, as_text
from abssim.tape.coded import coded_cells, has_codes
from abssim.tape.extent import check_extent
from abssim.tape.footer import cells_of, footer_of
from abssim.tape.layout import LOOKED_AT, check_header
from abssim.tape.say import say
from abssim.tape.table import Table

if TYPE_CHECKING:
    import python_calamine

KINDS = (".xlsx", ".xlsm")


class SheetFile:
    """One sheet of a workbook. Codes: E241, E244, E250, E251, E257, E258 where it is none."""

    def __init__(self, path: Path, how: Reading) -> None:
        self.where = path.name
        self.notes: list[str] = []
        rows = self._rows(path, how.sheet)
        kept = [
            (line, row) for line, row in enumerate(rows, 1) if line > how.skip and any(cell.strip() for cell in row)
        ]
        if not kept:
            raise TapeError(Problem("E241", self.where, "", "the sheet is empty"))
        line, header = kept[0]
        check_header(header, self.where, kept[1 : LOOKED_AT + 1], line)
        self.names = [name.strip() for name in header]
        kept = kept[1 : len(kept) - how.skip_end] if how.skip_end else kept[1:]
        left_out, sparse = footer_of([row for _, row in kept[-LOOKED_AT:]])
        self._kept = kept[: len(kept) - left_out]
        self.totals = cells_of(self.names, [row for _, row in kept[len(self._kept) :]])
        self.sparse = cells_of(self.names, [row for _, row in self._kept[len(self._kept) - sparse :]])

    def _rows(self, path: Path, sheet: str | None) -> list[list[str]]:
        """The cells of the sheet as text, from its first row on."""
        from python_calamine import CalamineError, load_workbook

        check_extent(path)
        try:
            book = load_workbook(str(path))
            name = self._chosen(book, sheet)
            grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except (CalamineError, OSError, ValueError) as error:
            said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise TapeError(Problem("E244", self.where, "", f"not a workbook that can be read: {said}")) from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # what calamine did not foresee
                raise
            raise TapeError(Problem("E244", self.where, "", "not a workbook that can be read")) from None
        rows = [[_cell(value) for value in row] for row in grid]
        self._show_codes(path, name, rows)
        return rows

    def _show_codes(self, path: Path, sheet: str, rows: list[list[str]]) -> None:
        """Leading zeros that the formats of numbers add."""
        if not has_codes(path):
            return
        try:
            for cell in list(coded_cells(path, sheet)):
                rows[cell.row][cell.column] = cell.text
        except Exception:  # whatever openpyxl does not understand, calamine has read
            self.notes.append("the formats of numbers cannot be read: codes such as 02134 lose their leading zeros")

    def _chosen(self, book: python_calamine.CalamineWorkbook, sheet: str | None) -> str:
        names = book.sheet_names
        if not names or (sheet is not None and sheet not in names):
            text = f'the workbook has no sheet "{sheet or ""}"'
            raise TapeError(Problem("E257", self.where, "", text, did_you_mean(sheet or "", names)))
        if sheet is None and len(names) > 1:
            others = ", ".join(names[1:])
            self.notes.append(f'sheet "{names[0]}" is read; for another ({others}) {say("sheet=NAME")}')
        return sheet or names[0]

    def read(self, columns: Sequence[str]) -> Table:
        """The named columns of every row."""
        import pyarrow as pa

        places = {name: self.names.index(name) for name in columns}
        data = {name: pa.array([row[place] for _, row in self._kept], pa.string()) for name, place in places.items()}
        return Table(pa.table(data), np.arange(1, len(self._kept) + 1, dtype=np.int64))

    def lines(self, rows: Sequence[int]) -> Mapping[int, int]:
        """Rows of the sheet in which some rows of the table stand."""
        return {row: self._kept[row - 1][0] for row in rows if row <= len(self._kept)}


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else as_text(value)

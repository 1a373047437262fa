"""Reports as tables: CSV files and workbooks, a table for each part of the template, headed by the fields' codes.

Views for people and for systems without XML; regulators take the message. Texts that a spreadsheet would run as a
formula have an apostrophe before them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from abssim.disclosure.rows import Once, Rows
from abssim.errors import DisclosureError, Problem
from abssim.guard import harmless
from abssim.template.field import Field, Template

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TEXTS = ("ALPHANUM", "STRING")
_SHEET_ROWS = 1_048_576
_HEADINGS = ("code", "field", "value")


class _Tables:
    """What both kinds of view have in common: which tables there are, and which rows they have."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.values: Once = {}

    def columns(self, section: str) -> tuple[Field, ...]:
        """Fields of a table; what stands once leads every loan's row."""
        first = [s for s, record in self.template.sections.items() if not record] if section == "loan" else []
        return tuple(field for each in (*first, section) for field in self.template.of(each))

    @property
    def sections(self) -> Iterator[str]:
        """Those that are tables of their own."""
        loans = self.template.loan_level
        return (name for name, record in self.template.sections.items() if record or not loans)

    def listed(self, section: str) -> Iterator[tuple[str, str, str]]:
        """(code, name, value) of what stands once."""
        return ((field.code, field.name, self.values.get(field.code, "")) for field in self.template.of(section))

    def lines(self, section: str, rows: Rows) -> Iterator[Sequence[str]]:
        """The rows of a table, cells in the order of its fields."""
        count = max((len(cells) for cells in rows.values()), default=0)
        fields = self.columns(section)
        cells = (rows[f.code] if f.code in rows else (self.values.get(f.code, ""),) * count for f in fields)
        return zip(*cells, strict=True)


class CsvWriter:
    """A CSV file for each table, UTF-8 with a byte order mark so that spreadsheets read it."""

    def __init__(self, template: Template, folder: Path, stem: str) -> None:
        self._tables, self._folder, self._stem = _Tables(template), folder, stem
        self._files = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Open the files and write their headings."""
        sections = list(self._tables.sections)
        for section in sections:
            name = self._stem if len(sections) == 1 else f"{self._stem}-{section}"
            stream = (self._folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="")
            self._writers[section] = csv.writer(self._files.enter_context(stream), lineterminator="\n")
            record = self._tables.template.sections[section]
            self._writers[section].writerow(
                [field.code for field in self._tables.columns(section)] if record else _HEADINGS
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the files."""
        self._files.close()

    def once(self, values: Once) -> None:
        """Write what stands once, a line a field."""
        self._tables.values = values
        for section in self._writers:
            if not self._tables.template.sections[section]:
                self._writers[section].writerows([_safe(cell) for cell in row] for row in self._tables.listed(section))

    def rows(self, section: str, rows: Rows) -> None:
        """Write some rows."""
        write, fields = self._writers[section].writerow, self._tables.columns(section)
        texts = [place for place, field in enumerate(fields) if field.format in _TEXTS]
        for line in self._tables.lines(section, rows):
            cells = list(line)
            for place in texts:
                cells[place] = harmless(cells[place])
            write(cells)


class WorkbookWriter:
    """A workbook with a sheet for each table, written row by row."""

    def __init__(self, template: Template, path: Path) -> None:
        self._tables, self._path = _Tables(template), path
        self._next: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Open the workbook and write the headings: codes, and below them names."""
        import xlsxwriter

        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._path, options)
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for section in self._tables.sections:
            record = self._tables.template.sections[section]
            page, fields = self._book.add_worksheet(section), self._tables.columns(section)
            heads = [[field.code for field in fields], [field.name for field in fields]] if record else [_HEADINGS]
            page.freeze_panes(len(heads), 1 if record else 2)
            page.set_column(0, len(heads[0]) - 1, 18 if record else 40)
            for i, head in enumerate(heads):
                page.write_row(i, 0, head, self._bold)
            self._next[section] = len(heads)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write the file."""
        self._book.close()

    def once(self, values: Once) -> None:
        """Write what stands once, a line a field."""
        self._tables.values = values
        for section in self._next:
            if not self._tables.template.sections[section]:
                fields = self._tables.template.of(section)
                for field, (code, name, value) in zip(fields, self._tables.listed(section), strict=True):
                    self._write(section, [code, name, value], [False, False, field.format not in _TEXTS])

    def rows(self, section: str, rows: Rows) -> None:
        """Write some rows; E809 where a sheet is full."""
        numbers = [field.format in ("MONETARY", "NUMERIC", "PERCENTAGE", "DECIMAL", "INTEGER")
                   for field in self._tables.columns(section)]  # fmt: skip
        for line in self._tables.lines(section, rows):
            self._write(section, line, numbers)

    def _write(self, section: str, cells: Sequence[str], numbers: Sequence[bool]) -> None:
        page, i = self._book.get_worksheet_by_name(section), self._next[section]
        if i >= _SHEET_ROWS:
            text = f"a sheet holds {_SHEET_ROWS:,} rows, and there are more"
            raise DisclosureError(Problem("E809", self._path.name, section, text, "leave out --as xlsx"))
        for j, (cell, number) in enumerate(zip(cells, numbers, strict=True)):
            if number and len(cell) < 16 and _NUMBER.fullmatch(cell):
                page.write_number(i, j, float(cell))
            elif cell:
                page.write_string(i, j, harmless(cell))
        self._next[section] = i + 1


def _safe(cell: str) -> str:
    return cell if _NUMBER.fullmatch(cell) else harmless(cell)

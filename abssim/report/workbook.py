"""A plain workbook: one sheet per view, frozen header, number formats, no formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from abssim.file import replacing
from abssim.money import minor_digits
from abssim.report.sheet import Column, Content, Sheet, Value, sheets
from abssim.study.study import Study

_WIDTHS: dict[Content, int] = {"text": 12, "date": 11, "count": 8, "money": 17, "percent": 11, "number": 12}
_WIDEST = 48


def write_workbook(studies: Sequence[Study], path: Path) -> None:
    """Write the sheets of all scenarios to an .xlsx file."""
    write_sheets(sheets(studies), studies[0].run.currency, path)


def write_sheets(pages: Sequence[Sheet], currency: str, path: Path) -> None:
    """Write sheets to an .xlsx file."""
    import xlsxwriter

    with replacing(path) as temporary, _system_errors():
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(temporary, options) as book:
            formats = _formats(book, currency)
            for sheet in pages:
                _write(book.add_worksheet(sheet.name), sheet, formats)


@contextmanager
def _system_errors() -> Iterator[None]:
    """XlsxWriter wraps what the system refused."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except FileCreateError as error:
        raise error.args[0] from None


def _formats(book: Any, currency: str) -> dict[str, Any]:
    digits = minor_digits(currency)
    money = "#,##0" + ("." + "0" * digits if digits else "")
    patterns = {"date": "yyyy-mm-dd", "count": "#,##0", "money": money, "percent": "0.00", "number": "#,##0.0000"}
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in patterns.items()}
    formats["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats["text"] = book.add_format({"num_format": "@"})
    return formats


def _write(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page.freeze_panes(1, _frozen(sheet.columns))
    for j, column in enumerate(sheet.columns):
        page.set_column(j, j, _width(sheet, j))
        page.write_string(0, j, column.name[:1].upper() + column.name[1:], formats["head"])
    for i, row in enumerate(sheet.rows, start=1):
        for j, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, i, j, value, formats[column.kind])
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _cell(page: Any, i: int, j: int, value: Value, style: Any) -> None:
    if isinstance(value, str):
        page.write_string(i, j, value, style)
    elif isinstance(value, date):
        page.write_datetime(i, j, value, style)
    elif value is not None:
        page.write_number(i, j, value, style)


def _frozen(columns: Sequence[Column]) -> int:
    """The leading columns that say what a row is."""
    return next((j for j, column in enumerate(columns) if column.kind in ("money", "percent", "number")), 0)


def _width(sheet: Sheet, j: int) -> int:
    column = sheet.columns[j]
    if column.kind != "text":
        return _WIDTHS[column.kind]
    longest = max((len(str(row[j])) for row in sheet.rows), default=0)
    return min(max(_WIDTHS["text"], longest + 2), _WIDEST)

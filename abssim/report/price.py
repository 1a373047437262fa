"""A price-yield table as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from abssim.measure.yieldtable import YieldTable, known, quote_document
from abssim.report.cashflow import write_sheet
from abssim.report.sheet import Column, Row, Sheet
from abssim.report.workbook import write_sheets

_COLUMNS = (
    *(Column("note", "text"), Column("scenario", "text"), Column("to", "text")),
    *(Column("settlement", "date"), Column("given", "text")),
    *(Column("price", "number"), Column("accrued", "number"), Column("dirty price", "number")),
    *(Column("yield pct", "number"), Column("discount margin bps", "number")),
    *(Column("modified duration", "number"), Column("convexity", "number"), Column("wal", "number")),
    *(Column("first principal", "date"), Column("last principal", "date")),
)


def write_yield_table(table: YieldTable, path: Path) -> None:
    """A row per note, scenario, end and quote, as CSV or as a workbook."""
    sheet = Sheet("Prices", _COLUMNS, tuple(_rows(table)))
    if path.suffix.lower() == ".csv":
        write_sheet(sheet, path)
    else:
        write_sheets([sheet], table.currency, path)


def _rows(table: YieldTable) -> Iterator[Row]:
    for terms, cases in table.notes:
        for case in cases:
            note = case.measure
            for quote in case.quotes:
                figures = quote_document(quote).values()
                days = (note.principal_first, note.principal_last)
                yield (terms.name, case.scenario, case.end, table.settlement, *figures, known(case.wal), *days)

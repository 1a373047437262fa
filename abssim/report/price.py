"""A price-yield table as a JSON document, and as a file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from abssim.measure.price import Quote
from abssim.measure.yieldtable import Case, YieldTable
from abssim.money import minor_digits
from abssim.report.cashflow import write_sheet
from abssim.report.number import known
from abssim.report.setting import settings_part
from abssim.report.sheet import Column, Row, Sheet
from abssim.report.workbook import write_sheets
from abssim.result import NoteTerms

_COLUMNS = (
    *(Column("note", "text"), Column("scenario", "text"), Column("to", "text")),
    *(Column("settlement", "date"), Column("given", "text")),
    *(Column("price", "number"), Column("accrued", "number"), Column("dirty price", "number")),
    *(Column("yield pct", "number"), Column("discount margin bps", "number")),
    *(Column("modified duration", "number"), Column("convexity", "number"), Column("wal", "number")),
    *(Column("first principal", "date"), Column("last principal", "date")),
)


def yield_document(table: YieldTable) -> dict[str, Any]:
    """The table as JSON: a case per note, scenario and end; what is not known is null."""
    cases = [_case_document(table, terms, case) for terms, own in table.notes for case in own]
    return {
        "deal": table.deal,
        "currency": table.currency,
        **settings_part(table.settings),
        "settlement": table.settlement.isoformat(),
        "convention": table.convention,
        "cases": cases,
    }


def _case_document(table: YieldTable, terms: NoteTerms, case: Case) -> dict[str, Any]:
    note, unit = case.measure, 10.0 ** minor_digits(table.currency)
    lost = note.principal_loss / note.opening_balance if note.opening_balance else math.nan
    return {
        "note": note.name,
        "coupon": terms.coupon,
        "face": case.face / unit,
        "accrued": _known(case.accrued),
        "scenario": case.scenario,
        "to": case.end,
        "wal": _known(case.wal),
        "window": list(note.window) if note.window else None,
        "first_principal": note.principal_first.isoformat() if note.principal_first else None,
        "last_principal": note.principal_last.isoformat() if note.principal_last else None,
        "principal_loss": note.principal_loss / unit,
        "principal_loss_pct": _known(lost, 100.0),
        "pool_net_loss_pct": _known(case.pool_loss_ratio, 100.0),
        "quotes": [quote_document(quote) for quote in case.quotes],
    }


def quote_document(quote: Quote) -> dict[str, float | str | None]:
    """A quote in percent and basis points; prices are clean but for the one that is called dirty."""
    return {
        "given": quote.given,
        "price": _known(quote.price),
        "accrued": _known(quote.accrued),
        "dirty_price": _known(quote.dirty_price),
        "yield_pct": _known(quote.yield_rate, 100.0),
        "discount_margin_bps": _known(quote.margin, 1e4),
        "modified_duration": _known(quote.modified_duration),
        "convexity": _known(quote.convexity),
    }


def _known(value: float, factor: float = 1.0) -> float | None:
    return known(value, factor, decimals=8)


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
                yield (terms.name, case.scenario, case.end, table.settlement, *figures, _known(case.wal), *days)

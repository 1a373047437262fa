"""`abssim price`: prices, yields and discount margins of notes by scenario."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import Deal, Json, Notes, Scenarios, TableOut, To
from abssim.errors import AbssimError, Problem

if TYPE_CHECKING:
    from abssim.measure.price import Given
    from abssim.measure.yieldtable import YieldTable


class Compounding(StrEnum):
    """How a yield is quoted."""

    monthly = "monthly"
    bond_equivalent = "bond_equivalent"
    isma = "isma"


GIVEN: dict[str, Given] = {"--price": "price", "--yield-pct": "yield", "--dm-bps": "margin"}
"""What each option gives."""


class QuoteOptions(NamedTuple):
    """What is given, and how it is quoted."""

    prices: Annotated[str | None, typer.Option("--price", metavar="LIST", help="Prices per 100: 99.5,100,100.5.")] = (
        None
    )
    yield_pct: Annotated[
        str | None, typer.Option("--yield-pct", metavar="LIST", help="Yields in percent: 4.8,5,5.2.")
    ] = None
    dm_bps: Annotated[
        str | None,
        typer.Option("--dm-bps", metavar="LIST", help="Discount margins of floating notes in basis points."),
    ] = None
    settle: Annotated[
        str | None,
        typer.Option("--settle", metavar="DATE", help="Settlement day; default: closing, or a mid-life start."),
    ] = None
    convention: Annotated[Compounding, typer.Option("--convention", help="How yields are compounded.")] = (
        Compounding.bond_equivalent
    )

    def asked(self) -> dict[Given, list[float]]:
        """Figures by kind."""
        return parse_quotes({"--price": self.prices, "--yield-pct": self.yield_pct, "--dm-bps": self.dm_bps})


@grouped
def price(
    deal: Deal,
    scenario: Scenarios = None,
    note: Notes = None,
    *,
    quotes: QuoteOptions,
    to: To = None,
    tapes: TapeOptions,
    sets: SetOptions,
    json: Json = False,
    out: TableOut = None,
) -> None:
    """Price, yield and discount margin of notes, with life, duration, convexity and window, by scenario.

    Rows are what is given: prices, yields and margins, each kind with the others by it (prices around par, if nothing
    is given); columns are scenarios, to call and to maturity. Prices are clean: --settle names the day they are paid,
    from which lives and yields count and until which interest has accrued.
    """
    from abssim.cli.output import clashes, output_problems, require
    from abssim.cli.terminal import compiling
    from abssim.study import price as study
    from abssim.study.scenarios import choose_scenarios

    asked, day = quotes.asked(), parse_day(quotes.settle)
    require(output_problems("--out", out, [".csv", ".xlsx"]), clashes([("--out", out)], tapes.files.values()))
    dials, end = sets.dials, None if to is None else to.value
    compiled = open_compiled(deal, tapes, settings=dials.deal)
    options: Any = {"notes": note, "settlement": day, "convention": quotes.convention.value, "end": end}
    with compiling():
        scenarios = choose_scenarios(compiled, scenario or (), dials.scenario)
        table = study.price(compiled, scenarios, asked=asked, **options)
    _show(table, json, out)


def _show(table: YieldTable, json: bool, out: Path | None) -> None:
    """The tables, or the document, and the file."""
    from abssim.cli.terminal import show, show_json, tell
    from abssim.report.price import write_yield_table, yield_document
    from abssim.table.price import yield_tables

    if json:
        show_json(yield_document(table))
    else:
        show(yield_tables(table))
    if out is not None:
        write_yield_table(table, out)
        tell(f"wrote {out}")


def parse_quotes(options: dict[str, str | None]) -> dict[Given, list[float]]:
    """Figures given by kind: prices per 100, else decimal a year; all lists that cannot be read are told."""
    asked: dict[Given, list[float]] = {}
    problems = []
    for option, text in options.items():
        if text is not None:
            asked[GIVEN[option]], problem = _values(option, text)
            problems += problem
    if problems:
        raise AbssimError(problems)
    return asked


def _values(option: str, text: str) -> tuple[list[float], list[Problem]]:
    from abssim.study.price import BOUNDS

    bounds = BOUNDS[GIVEN[option]]
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        return [], [Problem("E008", text, option, "not a list of numbers", f"write {option} 99.5,100,100.5")]
    if not all(bounds.hold(value) for value in values):
        return [], [Problem("E008", text, option, f"a number is not from {bounds.low:g} to {bounds.high:g}")]
    return [value / bounds.unit for value in dict.fromkeys(values)], []


def parse_day(text: str | None) -> date | None:
    """The settlement day."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "write --settle 2026-03-02"
        raise AbssimError(Problem("E016", text, "--settle", "not a date (YYYY-MM-DD)", hint)) from None

"""`abssim price`: prices, yields and discount margins of notes by scenario."""

from __future__ import annotations

import math
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.cli.option import BadRow, Deal, Json, Map, OnBadRow, Read, Scenarios, Tape, To
from abssim.errors import AbssimError, Problem, did_you_mean

if TYPE_CHECKING:
    from abssim.deal.deal import Deal as DealDocument
    from abssim.measure.price import Asked, Given
    from abssim.program.compile import CompiledDeal
    from abssim.result import RunResult
    from abssim.scenario.scenario import Scenario


class Compounding(StrEnum):
    """How a yield is quoted."""

    monthly = "monthly"
    bond_equivalent = "bond_equivalent"
    isma = "isma"


Note = Annotated[list[str] | None, typer.Option("--note", help="Only this note. May be repeated.")]
Price = Annotated[str | None, typer.Option("--price", metavar="LIST", help="Prices per 100: 99.5,100,100.5.")]
YieldPct = Annotated[str | None, typer.Option("--yield-pct", metavar="LIST", help="Yields in percent: 4.8,5,5.2.")]
MarginBps = Annotated[
    str | None, typer.Option("--dm-bps", metavar="LIST", help="Discount margins of floating notes in basis points.")
]
Settle = Annotated[
    str | None,
    typer.Option("--settle", metavar="DATE", help="Settlement day; default: closing, or a mid-life start."),
]
Convention = Annotated[Compounding, typer.Option("--convention", help="How yields are compounded.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write the table: .csv or .xlsx.")]

DEFAULT_PRICES = [98.0, 99.0, 99.5, 100.0, 100.5, 101.0, 102.0]


class _Kind(NamedTuple):
    """What an option gives, units in one, and its bounds."""

    given: Given
    unit: float
    low: float
    high: float


_KINDS = {
    "--price": _Kind("price", 1.0, 0.0001, 100_000.0),
    "--yield-pct": _Kind("yield", 100.0, -99.0, 10_000.0),
    "--dm-bps": _Kind("margin", 10_000.0, -9_000.0, 100_000.0),
}


def price(
    deal: Deal,
    scenario: Scenarios = None,
    note: Note = None,
    prices: Price = None,
    yield_pct: YieldPct = None,
    dm_bps: MarginBps = None,
    settle: Settle = None,
    to: To = None,
    convention: Convention = Compounding.bond_equivalent,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    read: Read = None,
    mapping: Map = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Price, yield and discount margin of notes, with life, duration, convexity and window, by scenario.

    Rows are what is given: prices, yields and margins, each kind with the others by it (prices around par, if nothing
    is given); columns are scenarios, to call and to maturity. Prices are clean: --settle names the day they are paid,
    from which lives and yields count and until which interest has accrued.
    """
    from abssim.cli.open import TapeChoice, compile_with_tape, open_deal, open_scenarios, tell_call, tell_notices
    from abssim.cli.output import clashes, output_problems, require, tape_files
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.measure.yieldtable import yield_document, yield_table

    asked = parse_quotes({"--price": prices, "--yield-pct": yield_pct, "--dm-bps": dm_bps})
    day = parse_day(settle)
    require(output_problems("--out", out, [".csv", ".xlsx"]), clashes([("--out", out)], tape_files(tape).values()))
    document = open_deal(deal)
    notes = choose_notes(document, note, asked)
    compiled = compile_with_tape(document, TapeChoice(tape, on_bad_row, read, mapping))
    scenarios = open_scenarios(compiled, scenario)
    with compiling():
        to_call, to_maturity = zip(*(_ends(compiled, each) for each in scenarios), strict=True)
    tell_notices(to_call)
    for called in to_call:
        tell_call(called)
    prices_or: Asked = asked or {"price": DEFAULT_PRICES}
    table = yield_table(to_call, to_maturity, notes, prices_or, convention.value, day, par_only=not asked)
    if to is not None:
        table = table.to(to.value)
    if json:
        show_json(yield_document(table))
    else:
        from abssim.table.price import yield_tables

        show(yield_tables(table))
    if out is not None:
        from abssim.report.price import write_yield_table

        write_yield_table(table, out)
        tell(f"wrote {out}")


def parse_quotes(options: dict[str, str | None]) -> dict[Given, list[float]]:
    """Figures given by kind: prices per 100, else decimal a year; all lists that cannot be read are told."""
    asked: dict[Given, list[float]] = {}
    problems = []
    for option, text in options.items():
        if text is not None:
            given, unit = _KINDS[option].given, _KINDS[option].unit
            values, problem = _values(option, text)
            problems += problem
            asked[given] = [value / unit for value in values]
    if problems:
        raise AbssimError(problems)
    return asked


def _values(option: str, text: str) -> tuple[list[float], list[Problem]]:
    low, high = _KINDS[option].low, _KINDS[option].high
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        return [], [Problem("E008", text, option, "not a list of numbers", f"write {option} 99.5,100,100.5")]
    if not all(math.isfinite(value) and low <= value <= high for value in values):
        return [], [Problem("E008", text, option, f"a number is not from {low:g} to {high:g}")]
    return list(dict.fromkeys(values)), []


def parse_day(text: str | None) -> date | None:
    """The settlement day."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "write --settle 2026-03-02"
        raise AbssimError(Problem("E016", text, "--settle", "not a date (YYYY-MM-DD)", hint)) from None


def choose_notes(deal: DealDocument, wanted: list[str] | None, asked: Asked) -> list[str]:
    """The notes asked for, or all that can be priced so: a discount margin needs an index."""
    wrong = [name for name in wanted or () if name not in deal.notes]
    if wrong:
        raise AbssimError(
            [Problem("E006", name, "--note", "no such note", did_you_mean(name, deal.notes)) for name in wrong]
        )
    floating = [name for name, note in deal.notes.items() if note.floating is not None]
    only_margins = list(asked) == ["margin"]
    names = wanted or [name for name in deal.notes if not only_margins or name in floating]
    fixed = [name for name in names if name not in floating]
    if "margin" in asked and ((only_margins and fixed) or len(fixed) == len(names)):
        known = f"floating notes: {', '.join(floating)}" if floating else "give --price or --yield-pct"
        places = fixed if wanted else [deal.name]
        raise AbssimError([Problem("E009", name, "--dm-bps", "no note with an index", known) for name in places])
    return names


def _ends(compiled: CompiledDeal, scenario: Scenario) -> tuple[RunResult, RunResult]:
    """The scenario's runs with calls exercised and never; the same one if none is."""
    from abssim.kind.clock import ClockField
    from abssim.projection.single import run

    result = run(compiled, scenario)
    called = result.clock[:, ClockField.CALLED].any()
    return result, run(compiled, scenario, calls="never") if called else result

"""`abssim price`: prices, yields and discount margins of notes by scenario."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.cli.option import BadRow, Deal, Json, Map, OnBadRow, Read, Scenarios, Tape
from abssim.errors import AbssimError, Problem, did_you_mean

if TYPE_CHECKING:
    from abssim.deal.deal import Deal as DealDocument
    from abssim.measure.price import Given
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
Convention = Annotated[Compounding, typer.Option("--convention", help="How yields are compounded.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write the table: .csv or .xlsx.")]

DEFAULT_PRICES = "98,99,99.5,100,100.5,101,102"
_KINDS: dict[str, tuple[Given, float, float, float]] = {
    "--price": ("price", 1.0, 0.0001, 100_000.0),
    "--yield-pct": ("yield", 100.0, -99.0, 10_000.0),
    "--dm-bps": ("margin", 10_000.0, -9_000.0, 100_000.0),
}
"""What an option gives, units in one, and its bounds."""


def price(
    deal: Deal,
    scenario: Scenarios = None,
    note: Note = None,
    prices: Price = None,
    yield_pct: YieldPct = None,
    dm_bps: MarginBps = None,
    convention: Convention = Compounding.bond_equivalent,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    read: Read = None,
    mapping: Map = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Price, yield and discount margin of notes, with life, duration, convexity and window, by scenario.

    Rows are what is given (prices, if nothing is); columns are scenarios, to call and to maturity.
    """
    from abssim.cli.open import TapeChoice, compile_with_tape, open_deal, open_scenarios, tell_unmet
    from abssim.cli.output import clashes, output_problems, require
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.measure.yieldtable import yield_document, yield_table

    given, values = parse_quotes({"--price": prices, "--yield-pct": yield_pct, "--dm-bps": dm_bps})
    require(output_problems("--out", out, [".csv", ".xlsx"]), clashes([("--out", out)], [tape]))
    document = open_deal(deal)
    notes = choose_notes(document, note, given)
    compiled = compile_with_tape(document, TapeChoice(tape, on_bad_row, read, mapping))
    scenarios = open_scenarios(compiled, scenario)
    with compiling():
        to_call, to_maturity = zip(*(_ends(compiled, each) for each in scenarios), strict=True)
    for each in scenarios:
        tell_unmet(compiled, each)
    table = yield_table(to_call, to_maturity, notes, given, values, convention.value)
    if json:
        show_json(yield_document(table))
    else:
        from abssim.table.price import yield_tables

        show(yield_tables(table))
    if out is not None:
        from abssim.report.price import write_yield_table

        write_yield_table(table, out)
        tell(f"wrote {out}")


def parse_quotes(options: dict[str, str | None]) -> tuple[Given, list[float]]:
    """The one kind of figure given, and its values: prices per 100, else decimal a year."""
    used = [option for option, text in options.items() if text is not None]
    if len(used) > 1:
        raise AbssimError(Problem("E007", used[1], "", f"{used[0]} is given already", "give one of them"))
    option = used[0] if used else "--price"
    text = options[option] if used else DEFAULT_PRICES
    given, unit, low, high = _KINDS[option]
    try:
        values = [float(value) for value in (text or "").split(",")]
    except ValueError:
        raise AbssimError(
            Problem("E008", text or "", option, "not a list of numbers", f"write {option} 99.5,100,100.5")
        ) from None
    if not all(math.isfinite(value) and low <= value <= high for value in values):
        raise AbssimError(Problem("E008", text or "", option, f"a number is not from {low:g} to {high:g}"))
    return given, [value / unit for value in dict.fromkeys(values)]


def choose_notes(deal: DealDocument, wanted: list[str] | None, given: Given) -> list[str]:
    """The notes asked for, or all that can be priced so: a discount margin needs an index."""
    wrong = [name for name in wanted or () if name not in deal.notes]
    if wrong:
        raise AbssimError(
            [Problem("E006", name, "--note", "no such note", did_you_mean(name, deal.notes)) for name in wrong]
        )
    floating = [name for name, note in deal.notes.items() if note.floating is not None]
    names = wanted or [name for name in deal.notes if given != "margin" or name in floating]
    fixed = [name for name in names if given == "margin" and name not in floating]
    if fixed or not names:
        known = f"floating notes: {', '.join(floating)}" if floating else "give --price or --yield-pct"
        places = fixed or [deal.name]
        raise AbssimError([Problem("E009", name, "--dm-bps", "no note with an index", known) for name in places])
    return names


def _ends(compiled: CompiledDeal, scenario: Scenario) -> tuple[RunResult, RunResult]:
    """The scenario's runs with calls exercised and never; the same one if none is."""
    from abssim.engine.layout import ClockField
    from abssim.projection.single import run

    result = run(compiled, scenario)
    called = result.clock[:, ClockField.CALLED].any()
    return result, run(compiled, scenario, calls="never") if called else result

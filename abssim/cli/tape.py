"""`abssim tape`: check, stratify, synthesize and convert loan tapes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.cli.app import App
from abssim.cli.group import grouped
from abssim.cli.option import BadRow, Json, Map, OnBadRow, Read

if TYPE_CHECKING:
    from abssim.tape.read import TapeReading

ENDINGS = (".csv", ".parquet")

tape_app = App(help="Check, stratify, synthesize and convert loan tapes.", no_args_is_help=True)

Tape = Annotated[Path, typer.Argument(metavar="FILE", help="Loan tape: CSV (also .gz), workbook or Parquet.")]
Columns = Annotated[Path | None, typer.Option("--columns", metavar="FILE", help="YAML file of such names.")]
Default = Annotated[
    list[str] | None,
    typer.Option("--default", metavar="NAME=VALUE", help="Value where the file has none. May be repeated."),
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="ISO code of the amounts; default: the file's currency column, or USD.")
]
CutOff = Annotated[
    str | None, typer.Option("--cut-off", metavar="DATE", help="Cut-off date: dates tell ages and terms from it.")
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help=".csv or .parquet file to write.")]


class ReadOptions(NamedTuple):
    """How a tape is read."""

    mapping: Map = None
    read: Read = None
    columns: Columns = None
    default: Default = None
    currency: Currency = None
    on_bad_row: BadRow = OnBadRow.fail
    cut_off: CutOff = None

    def apply(self, tape: Path) -> TapeReading:
        """The tape; what was left out of it is told on standard error."""
        from abssim.cli.terminal import tell
        from abssim.tape.option import parse_date, reading_settings
        from abssim.tape.read import read_tape

        reading = read_tape(
            tape,
            currency=self.currency,
            on_bad_row=self.on_bad_row.value,
            cut_off=parse_date(self.cut_off) if self.cut_off else None,
            **reading_settings(self.read or (), self.mapping or (), self.columns, self.default or ()),
        )
        for problem in reading.listed():
            tell(str(problem))
        return reading


@tape_app.command()
@grouped
def check(
    tape: Tape,
    *,
    how: ReadOptions,
    json: Json = False,
) -> None:
    """Read a tape, report every bad row, say what the tape holds and whether its figures agree."""
    _summarize(how.apply(tape), json)


@tape_app.command()
@grouped
def strat(
    tape: Tape,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMN", help="What to cut by; all usual columns without it. May be repeated."),
    ] = None,
    bands: Annotated[
        str | None, typer.Option("--bands", metavar="0,5000,…", help="Lower edges of the bands, with one --by.")
    ] = None,
    *,
    how: ReadOptions,
    json: Json = False,
) -> None:
    """Cut the pool into bands of balance, rate, term, age, score, delinquency, or by grade, region, segment."""
    from abssim.cli.terminal import tell
    from abssim.tape.option import parse_bands
    from abssim.tape.stratify import available, stratify

    edges = parse_bands(bands, by or ()) if bands else None
    reading = how.apply(tape)
    currency = reading.tape.currency
    tables = [stratify(reading.tape, name, edges) for name in by or available(reading.tape)]
    for note in reading.notes:
        tell(f"{reading.source}: {note}")
    if json:
        from abssim.cli.terminal import show_json
        from abssim.report.tape import strata_document

        show_json({"currency": currency, "strata": [strata_document(table, currency) for table in tables]})
        return
    from abssim.cli.terminal import show
    from abssim.table.tape import strata_tables

    show(strata_tables(tables, currency, everything=bool(by)))


@tape_app.command()
def synthesize(
    out: Out,
    recipe: Annotated[str, typer.Option("--recipe", help="baitiao, auto or consumer.")] = "baitiao",
    loans: Annotated[int, typer.Option("--loans", help="Number of contracts.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same tape.")] = 1,
    balance: Annotated[
        str | None, typer.Option("--balance", metavar="AMOUNT", help="Total in currency units, hit exactly.")
    ] = None,
    json: Json = False,
) -> None:
    """Draw a synthetic tape and write it."""
    from abssim.cli.output import output_problems, require
    from abssim.tape.option import parse_amount
    from abssim.tape.read import TapeReading
    from abssim.tape.recipe import find_recipe
    from abssim.tape.synthesize import synthesize as draw
    from abssim.tape.write import write_tape

    require(output_problems("--out", out, ENDINGS))
    chosen = find_recipe(recipe)
    target = parse_amount(balance, chosen.currency) if balance else None
    tape = draw(chosen, loans=loans, seed=seed, balance=target)
    write_tape(tape, out)
    note = f"{chosen.name} recipe, seed {seed}, written to {out}"
    _summarize(TapeReading.of(tape, out.name, (note,)), json)


@tape_app.command()
@grouped
def convert(
    tape: Tape,
    out: Out,
    *,
    how: ReadOptions,
    json: Json = False,
) -> None:
    """Write a tape under abssim's own column names, as CSV or Parquet."""
    from abssim.cli.output import clashes, output_problems, require
    from abssim.tape.write import write_tape

    require(output_problems("--out", out, ENDINGS), clashes([("--out", out)], [tape]))
    reading = how.apply(tape)
    write_tape(reading.tape, out)
    _summarize(reading, json)


def _summarize(reading: TapeReading, json: bool) -> None:
    """What the tape holds, as tables or JSON."""
    from abssim.cli.terminal import show, show_json

    if json:
        from abssim.report.tape import check_document

        show_json(check_document(reading))
        return
    from abssim.table.tape import tape_tables

    show(tape_tables(reading))

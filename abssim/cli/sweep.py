"""`abssim sweep`: a deal under every combination of settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.bound import MOST_THREADS
from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.group import grouped
from abssim.cli.open import TapeOptions, open_compiled
from abssim.cli.option import All, Deal, EndKind, Json, Notes, SyntheticLoans, To
from abssim.errors import AbssimError, Problem

if TYPE_CHECKING:
    from abssim.study.sweep import Sweep

Axes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=LIST",
        help="Values of a path: default_multiple=1,2,3 or notes.A.coupon_pct=4:6:0.5 (first:last:step); one value "
        "holds for all cells. May be repeated: all combinations are run, the last path varies fastest.",
    ),
]
One = Annotated[
    str | None, typer.Option("--scenario", "-s", help="A file, a name in scenarios/, or `deal`: the deal's own.")
]
Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure",
        "-m",
        help="wal, yield, loss, pool_loss, break_even, coverage, trigger (first date it is active). May be repeated; "
        "default: wal and loss. A break-even runs each cell some forty times.",
    ),
]
Price = Annotated[float | None, typer.Option("--price", help="Clean price per 100 of `yield`; default: 100.")]
Threads = Annotated[
    int, typer.Option("--threads", min=0, max=MOST_THREADS, help="Threads; 0 takes all cores. They pay on large pools.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write a row per cell: .csv, .parquet; or .json.")
]


@grouped
def sweep(
    deal: Deal,
    settings: Axes = None,
    measure: Measures = None,
    note: Notes = None,
    scenario: One = None,
    price: Price = None,
    to: To = None,
    *,
    tapes: TapeOptions,
    synthetic_loans: SyntheticLoans = None,
    threads: Threads = 1,
    everything: All = False,
    json: Json = False,
    out: Out = None,
    chart: Charts = None,
) -> None:
    """Run a deal under every combination of values: lives, yields, losses, break-evens, triggers in one table each.

    Cells in which the note loses principal, or a trigger is active, are marked. Each figure is the one that a run with
    the same --set shows. --chart draws heat maps.
    """
    from abssim.cli.output import clashes, output_problems, require
    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, tell
    from abssim.report.sweep import ENDINGS
    from abssim.setting import parse_lists
    from abssim.study import sweep as study

    named = [("--out", out), *(("--chart", each) for each in chart or ())]
    clash = clashes(named, tapes.files.values())
    require(chart_problems(chart), output_problems("--out", out, ENDINGS), clash)
    axes = parse_lists(settings or ())
    if not axes:
        tell("no --set: there is one cell, which shows what a run shows")
    _require_used(price, measure)
    measures = measure or study.DEFAULT_MEASURES
    compiled = open_compiled(deal, tapes, synthetic_loans)
    progress = Progress("cells")
    with compiling(), progress.bar(study.cells_of(axes)):
        grid = study.sweep(
            compiled,
            axes,
            scenario=scenario,
            measures=measures,
            notes=note,
            price=100.0 if price is None else price,
            end=(to or EndKind.call).value,
            threads=threads,
            progress=progress,
            told=tell,
        )
    _show(grid, everything, json)
    _write(grid, out, chart)


def _require_used(price: float | None, measures: list[str] | None) -> None:
    """A price is of use to yields alone."""
    if price is not None and "yield" not in (measures or ()):
        raise AbssimError(Problem("E007", "--price", "", "no yield is asked for", "add --measure yield"))


def _show(sweep: Sweep, everything: bool, json: bool) -> None:
    """The tables, or the document."""
    from abssim.cli.terminal import show, show_json

    if json:
        from abssim.report.sweep import sweep_document

        show_json(sweep_document(sweep))
    else:
        from abssim.table.sweep import sweep_tables

        show(sweep_tables(sweep, everything))


def _write(sweep: Sweep, out: Path | None, chart: list[Path] | None) -> None:
    """The file of cells, and heat maps."""
    if out is not None:
        from abssim.cli.terminal import tell
        from abssim.report.sweep import write_sweep

        write_sweep(sweep, out)
        tell(f"wrote {out}")
    if chart:
        from abssim.report.chart_sweep import sweep_page

        draw(chart, sweep_page(sweep))

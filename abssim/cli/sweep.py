"""`abssim sweep`: a deal under every combination of settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.bound import MOST_THREADS
from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.group import grouped
from abssim.cli.open import TapeOptions, open_compiled
from abssim.cli.option import All, Deal, EndKind, Json, Notes, OneScenario, Price, SyntheticLoans, To
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
Threads = Annotated[
    int, typer.Option("--threads", min=0, max=MOST_THREADS, help="Threads; 0 takes all cores. They pay on large pools.")
]


class CellOptions(NamedTuple):
    """What is shown of each cell."""

    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            "-m",
            help="wal, yield, loss, pool_loss, break_even, coverage, trigger (first date it is active). May be "
            "repeated; default: wal and loss. A break-even runs each cell some forty times.",
        ),
    ] = None
    note: Notes = None
    price: Price = None
    to: To = None

    def require_used(self) -> None:
        """A price is of use to yields alone."""
        if self.price is not None and "yield" not in (self.measure or ()):
            raise AbssimError(Problem("E007", "--price", "", "no yield is asked for", "add --measure yield"))


class SweepFiles(NamedTuple):
    """What is written."""

    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a row per cell: .csv, .parquet; or .json.")
    ] = None
    chart: Charts = None

    def require(self, inputs: Iterable[Path]) -> None:
        """What cannot be written is refused."""
        from abssim.cli.output import clashes, output_problems, require
        from abssim.report.sweep import ENDINGS

        named = [("--out", self.out), *(("--chart", each) for each in self.chart or ())]
        require(chart_problems(self.chart), output_problems("--out", self.out, ENDINGS), clashes(named, inputs))

    def write(self, sweep: Sweep) -> None:
        """The file of cells, and heat maps."""
        if self.out is not None:
            from abssim.cli.terminal import tell
            from abssim.report.sweep import write_sweep

            write_sweep(sweep, self.out)
            tell(f"wrote {self.out}")
        if self.chart:
            from abssim.report.chart_sweep import sweep_page

            draw(self.chart, sweep_page(sweep))


@grouped
def sweep(
    deal: Deal,
    settings: Axes = None,
    *,
    cells: CellOptions,
    scenario: OneScenario = None,
    tapes: TapeOptions,
    synthetic_loans: SyntheticLoans = None,
    threads: Threads = 1,
    everything: All = False,
    json: Json = False,
    files: SweepFiles,
) -> None:
    """Run a deal under every combination of values: lives, yields, losses, break-evens, triggers in one table each.

    Cells in which the note loses principal, or a trigger is active, are marked. Each figure is the one that a run with
    the same --set shows. --chart draws heat maps.
    """
    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, tell
    from abssim.setting import parse_lists
    from abssim.study import sweep as study

    files.require(tapes.files.values())
    axes = parse_lists(settings or ())
    if not axes:
        tell("no --set: there is one cell, which shows what a run shows")
    cells.require_used()
    compiled = open_compiled(deal, tapes, synthetic_loans)
    progress = Progress("cells")
    with compiling(), progress.bar(study.cells_of(axes)):
        grid = study.sweep(
            compiled,
            axes,
            scenario=scenario,
            measures=cells.measure or study.DEFAULT_MEASURES,
            notes=cells.note,
            price=100.0 if cells.price is None else cells.price,
            end=(cells.to or EndKind.call).value,
            threads=threads,
            progress=progress,
            told=tell,
        )
    _show(grid, everything, json)
    files.write(grid)


def _show(sweep: Sweep, everything: bool, json: bool) -> None:
    """The tables, or the document."""
    from abssim.cli.terminal import show, show_json

    if json:
        from abssim.report.sweep import sweep_document

        show_json(sweep_document(sweep))
    else:
        from abssim.table.sweep import sweep_tables

        show(sweep_tables(sweep, everything))

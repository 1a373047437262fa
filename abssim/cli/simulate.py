"""`abssim simulate`: Monte Carlo, loan by loan."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.option import BadRow, Deal, Json, OnBadRow, Tape
from abssim.errors import AbssimError, Problem

if TYPE_CHECKING:
    from abssim.program.compile import CompiledDeal

One = Annotated[str | None, typer.Option("--scenario", "-s", help="A file, or a name in scenarios/.")]
Paths = Annotated[int, typer.Option("--paths", min=1, help="Number of paths.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the random numbers; paths keep their numbers.")]
Threads = Annotated[int, typer.Option("--threads", min=0, help="Threads; 0 takes all cores. Changes no figure.")]
VintageLoans = Annotated[
    int, typer.Option("--vintage-loans", min=1, help="Loans in the sample that stands for a month's purchases.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write one row per path: .csv or .parquet.")]


def simulate(
    deal: Deal,
    scenario: One = None,
    paths: Paths = 1000,
    seed: Seed = 1,
    threads: Threads = 0,
    vintage_loans: VintageLoans = 20_000,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    json: Json = False,
    out: Out = None,
    chart: Charts = None,
) -> None:
    """Run a deal on many paths, loan by loan: distributions of losses, lives, yields and triggers, with errors."""
    from abssim.cli.open import compile_with_tape, open_deal, open_scenarios, tell_unmet
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.projection.many import simulate as run_many
    from abssim.report.simulation import simulation_document, write_paths

    _check_outputs(out, chart)
    document = open_deal(deal)
    compiled = compile_with_tape(document, tape, on_bad_row)
    _tell_replines(compiled)
    chosen = open_scenarios(compiled, [scenario] if scenario else None)[0]
    start = time.perf_counter()
    with compiling(), progress_bar(paths) as progress:
        result = run_many(
            compiled, chosen, paths=paths, seed=seed, threads=threads, vintage_loans=vintage_loans, progress=progress
        )
    seconds = time.perf_counter() - start
    tell_unmet(compiled, chosen)
    if json:
        show_json(simulation_document(result))
    else:
        from abssim.table.distribution import simulation_tables

        show(simulation_tables(result))
    if out is not None:
        write_paths(result, out)
        tell(f"wrote {out}")
    if chart:
        from abssim.report.chart_simulation import simulation_page

        draw(chart, simulation_page(result))
    tell(f"{paths:,} paths in {seconds:.1f} s, peak memory {peak_memory()}")


def _check_outputs(out: Path | None, charts: list[Path] | None) -> None:
    from abssim.report.simulation import ENDINGS

    problems = chart_problems(charts)
    if out is not None and out.suffix.lower() not in ENDINGS:
        problems.append(Problem("E002", str(out), "--out", "no such kind of file", f"known: {', '.join(ENDINGS)}"))
    if problems:
        raise AbssimError(problems)


@contextmanager
def progress_bar(paths: int) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("paths"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.speed:,.0f}/s", table_column=None),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("paths", total=paths)
        yield lambda done: bar.update(task, completed=done)


def peak_memory() -> str:
    """Largest memory of this process so far."""
    try:
        import resource
    except ImportError:
        return "not known on this system"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MB"


def _tell_replines(compiled: CompiledDeal) -> None:
    """Aggregated loans are simulated as if each were one obligor."""
    from abssim.cli.terminal import tell

    for name, pool in compiled.deal.pools.items():
        if pool.replines is not None and name in compiled.assets.pools:
            tell(f"pool {name} is given as replines: each is simulated as a single obligor, so its risk is overstated")

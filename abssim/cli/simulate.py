"""`abssim simulate`: Monte Carlo, loan by loan."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.bound import MOST_COUNT, MOST_THREADS
from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import Deal, DrawOptions, Json, Scenarios, SyntheticLoans
from abssim.errors import EXIT_INTERRUPTED, Problem
from abssim.word import counted

if TYPE_CHECKING:
    from abssim.program.compile import CompiledDeal
    from abssim.projection.settings import Execution, Settings
    from abssim.result import Simulation
    from abssim.scenario.scenario import Scenario

Paths = Annotated[int, typer.Option("--paths", min=1, max=MOST_COUNT, help="Number of paths, under each scenario.")]
Threads = Annotated[
    int, typer.Option("--threads", min=0, max=MOST_THREADS, help="Threads; 0 takes all cores. Changes no figure.")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Run on the workers of a Dask scheduler, tcp://host:8786; a thread for each core.",
    ),
]


class FileOptions(NamedTuple):
    """What is written."""

    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Write one row per path: .csv, .parquet; or a folder, which keeps finished blocks as it goes.",
        ),
    ] = None
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on from what the folder of --out holds: the same figures, bit for bit."),
    ] = False
    chart: Charts = None

    def target(self, inputs: Iterable[Path]) -> tuple[Path | None, Path | None]:
        """The file of rows, or the folder of results, that `--out` names; what cannot be written is refused."""
        from abssim.cli.output import clashes, is_folder, output_problems, require
        from abssim.report.simulation import ENDINGS

        problems = output_problems("--out", self.out, ENDINGS, folder=True)
        folder = self.out is not None and is_folder(self.out)
        if self.resume and not folder:
            text = "there is no folder to go on from"
            problems.append(Problem("E007", "--resume", "", text, "name it: --out FOLDER"))
        named = [("--out", self.out), *(("--chart", chart) for chart in self.chart or ())]
        require(chart_problems(self.chart), problems, clashes(named, inputs))
        path = None if self.out is None else Path(self.out)
        return (None, path) if folder else (path, None)


@grouped
def simulate(
    deal: Deal,
    scenario: Scenarios = None,
    paths: Paths = 1000,
    *,
    draws: DrawOptions,
    tapes: TapeOptions,
    sets: SetOptions,
    synthetic_loans: SyntheticLoans = None,
    threads: Threads = 0,
    cluster: Cluster = None,
    json: Json = False,
    files: FileOptions,
) -> None:
    """Run a deal on many paths, loan by loan: distributions of losses, lives, yields and triggers, with errors.

    Several scenarios (-s repeated) share their random numbers and are compared path by path. A scenario with contagion
    is simulated month by month, about nine times as slow as others.
    """
    from abssim.cli.progress import peak_memory
    from abssim.cli.terminal import tell
    from abssim.collateral.sampling import Sampling
    from abssim.projection.settings import Execution, Settings
    from abssim.study.scenarios import choose_scenarios

    file, folder = files.target(tapes.files.values())
    start = time.perf_counter()
    dials = sets.dials
    compiled = open_compiled(deal, tapes, synthetic_loans, dials.deal)
    scenarios = choose_scenarios(compiled, scenario or (), dials.scenario)
    loaded = time.perf_counter()
    execution = Execution(threads, cluster=cluster, store=folder, resume=files.resume)
    way = Sampling.of(draws.sampling.value, draws.importance, paths)
    results = _run(compiled, scenarios, paths, Settings(draws.seed, draws.vintage_loans, sampling=way), execution)
    seconds = time.perf_counter() - loaded
    try:
        _show(results, json)
    finally:  # written even where the reader of standard output has left, as `head` does
        _write(results, file, folder, files.chart)
    count = counted(paths, "path") if len(results) == 1 else f"{len(results)} x {counted(paths, 'path')}"
    tell(f"loaded in {loaded - start:.1f} s; {count} in {seconds:.1f} s, peak memory {peak_memory()}")


def _run(
    compiled: CompiledDeal, scenarios: list[Scenario], paths: int, settings: Settings, execution: Execution
) -> list[Simulation]:
    """All paths of all scenarios with a bar; when it is stopped, say what is kept and how to go on."""
    from dataclasses import replace

    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, tell
    from abssim.study.project import simulate_grid

    total, progress = paths * len(scenarios), Progress()
    running = replace(execution, progress=progress)
    try:
        with compiling(), progress.bar(total):
            return simulate_grid(compiled, scenarios, paths=paths, settings=settings, execution=running)
    except KeyboardInterrupt:
        kept = "nothing is kept; --out FOLDER keeps finished blocks"
        if execution.store is not None:
            kept = f"they are kept in {execution.store}: repeat the command with --resume to go on"
        tell(f"stopped after {progress.done:,} of {counted(total, 'path')}; {kept}")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _show(results: list[Simulation], json: bool) -> None:
    """The tables of each scenario and their comparison, or the document."""
    from abssim.cli.terminal import show, show_json

    if json:
        from abssim.report.simulation import simulations_document

        show_json(simulations_document(results))
        return
    from abssim.table.comparison import comparison_tables
    from abssim.table.distribution import simulation_tables

    together = [comparison_tables(results)] if len(results) > 1 else []
    show(*(simulation_tables(result) for result in results), *together)


def _write(results: list[Simulation], file: Path | None, folder: Path | None, chart: list[Path] | None) -> None:
    """Rows and charts that were asked for; a folder has been written by the run."""
    from abssim.cli.terminal import tell

    if file is not None:
        from abssim.report.simulation import write_paths

        write_paths(results, file)
    if file is not None or folder is not None:
        tell(f"wrote {file or folder}")
    if chart:
        from abssim.report.chart_simulation import simulation_page

        draw(chart, simulation_page(results))

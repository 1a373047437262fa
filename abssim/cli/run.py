"""`abssim run`: project one or several scenarios."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import All, Deal, EndKind, Json, Scenarios, To
from abssim.word import counted

Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="PATH", help="Write results: .xlsx workbook, .csv or .parquet cash flows, or a folder."
    ),
]
Loans = Annotated[
    Path | None, typer.Option("--loans", metavar="FILE", help="Write the cash flows of every loan, .parquet.")
]


@grouped
def run(
    deal: Deal,
    scenario: Scenarios = None,
    to: To = None,
    *,
    tapes: TapeOptions,
    sets: SetOptions,
    everything: All = False,
    json: Json = False,
    out: Out = None,
    loans: Loans = None,
    chart: Charts = None,
) -> None:
    """Project a deal: term sheet, note payments, pool, triggers, accounts, checks.

    Several scenarios (-s repeated) are shown side by side.
    """
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.study.loans import require_loans
    from abssim.study.scenarios import choose_scenarios
    from abssim.study.study import study_deal

    _check_outputs(out, loans, chart, tapes.files.values())
    dials = sets.dials
    compiled = open_compiled(deal, tapes, settings=dials.deal)
    if loans is not None:
        require_loans(compiled, "--loans")
    scenarios = choose_scenarios(compiled, scenario or (), dials.scenario)
    with compiling():
        studies = [study_deal(compiled, each, (to or EndKind.call).value) for each in scenarios]
    if json:
        from abssim.report.document import runs_document

        show_json(runs_document(studies))
    else:
        from abssim.table.run import run_tables

        show(run_tables(studies, everything))
    if out is not None:
        from abssim.report.output import write_runs

        write_runs(studies, out)
        tell(f"wrote {out}")
    if loans is not None:
        from abssim.report.loan import write_loans

        last = {study.run.scenario_name: study.run.dates.month[study.run.periods - 1] for study in studies}
        rows = write_loans(compiled, {each.name: (each, last[each.name]) for each in scenarios}, loans)
        tell(f"wrote {loans}: {counted(rows, 'row')}")
    if chart:
        from abssim.report.chart_run import run_page

        draw(chart, run_page([study.run for study in studies]))


def _check_outputs(out: Path | None, loans: Path | None, charts: list[Path] | None, inputs: Iterable[Path]) -> None:
    from abssim.cli.output import clashes, output_problems, require
    from abssim.report.output import ENDINGS

    named = [("--out", out), ("--loans", loans), *(("--chart", chart) for chart in charts or ())]
    require(
        chart_problems(charts),
        output_problems("--out", out, ENDINGS, folder=True, export=True),
        output_problems("--loans", loans, [".parquet"]),
        clashes(named, inputs),
    )

"""`abssim run`: project one or several scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.cli.chart import Charts, chart_problems, draw
from abssim.cli.option import All, BadRow, Deal, EndKind, Json, Map, OnBadRow, Read, Scenarios, Tape, To

if TYPE_CHECKING:
    from rich.console import RenderableType

    from abssim.measure.call import End
    from abssim.program.compile import CompiledDeal
    from abssim.scenario.scenario import Scenario
    from abssim.solve.study import Study

Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="PATH", help="Write results: .xlsx workbook, .csv or .parquet cash flows, or a folder."
    ),
]
Loans = Annotated[
    Path | None, typer.Option("--loans", metavar="FILE", help="Write the cash flows of every loan, .parquet.")
]


def run(
    deal: Deal,
    scenario: Scenarios = None,
    to: To = None,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    read: Read = None,
    mapping: Map = None,
    everything: All = False,
    json: Json = False,
    out: Out = None,
    loans: Loans = None,
    chart: Charts = None,
) -> None:
    """Project a deal: term sheet, note payments, pool, triggers, accounts, checks.

    Several scenarios (-s repeated) are shown side by side.
    """
    from abssim.cli.open import (
        TapeChoice,
        compile_with_tape,
        open_deal,
        open_scenarios,
        require_loans,
        tell_call,
        tell_notices,
    )
    from abssim.cli.terminal import compiling, show, show_json, tell

    _check_outputs(out, loans, chart, tape)
    document = open_deal(deal)
    compiled = compile_with_tape(document, TapeChoice(tape, on_bad_row, read, mapping))
    if loans is not None:
        require_loans(compiled, "--loans")
    scenarios = open_scenarios(compiled, scenario)
    with compiling():
        studies = [study(compiled, each, (to or EndKind.call).value) for each in scenarios]
    tell_notices(study.run for study in studies)
    for each in studies:
        tell_call(each.run)
    if json:
        from abssim.report.document import runs_document

        show_json(runs_document(studies))
    else:
        show(*views(studies, everything))
    if out is not None:
        from abssim.report.output import write_runs

        write_runs(studies, out)
        tell(f"wrote {out}")
    if loans is not None:
        from abssim.report.loan import write_loans

        last = {study.run.scenario_name: study.run.dates.month[study.run.periods - 1] for study in studies}
        rows = write_loans(compiled, {each.name: (each, last[each.name]) for each in scenarios}, loans)
        tell(f"wrote {loans}: {rows:,} rows")
    if chart:
        from abssim.report.chart_run import run_page

        draw(chart, run_page([study.run for study in studies]))


def study(compiled: CompiledDeal, scenario: Scenario, end: End = "call") -> Study:
    """Run a scenario with and without calls, and search the break-even multiples to maturity; show the run to `end`."""
    from abssim.kind.clock import ClockField
    from abssim.projection.single import run as run_deal
    from abssim.solve.breakeven import break_even
    from abssim.solve.study import Study

    result = run_deal(compiled, scenario)
    called = result.clock[:, ClockField.CALLED].any()
    to_maturity = run_deal(compiled, scenario, calls="never") if called else result
    answers = break_even(
        lambda k: run_deal(compiled, scenario, calls="never", default_multiple=k), result.names["note"]
    )
    return Study(result if end == "call" else to_maturity, to_maturity, answers, end)


def views(studies: list[Study], everything: bool) -> list[RenderableType]:
    """The tables of one scenario, or of several side by side."""
    from abssim.table.account import account_tables
    from abssim.table.check import check_table
    from abssim.table.deal import deal_header
    from abssim.table.note import note_tables
    from abssim.table.pool import pool_tables
    from abssim.table.scenario import scenario_tables
    from abssim.table.series import series_tables
    from abssim.table.termsheet import term_sheet_tables
    from abssim.table.trigger import trigger_tables

    if len(studies) > 1:
        return [deal_header([study.run for study in studies]), scenario_tables(studies)]
    run = studies[0].run
    return [
        deal_header([run]),
        term_sheet_tables(studies[0]),
        note_tables(run, everything),
        pool_tables(run, everything),
        *([series_tables(run, everything)] if run.series_terms else []),
        trigger_tables(run, everything),
        account_tables(run, everything),
        check_table(run, everything),
    ]


def _check_outputs(out: Path | None, loans: Path | None, charts: list[Path] | None, tape: list[str] | None) -> None:
    from abssim.cli.output import clashes, output_problems, require, tape_files
    from abssim.report.output import ENDINGS

    named = [("--out", out), ("--loans", loans), *(("--chart", chart) for chart in charts or ())]
    require(
        chart_problems(charts),
        output_problems("--out", out, ENDINGS, folder=True, export=True),
        output_problems("--loans", loans, [".parquet"]),
        clashes(named, tape_files(tape).values()),
    )

"""`abssim explain`: the priority of payments in words, and one payment date line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from abssim.cli.option import BadRow, Json, OnBadRow, Tape
from abssim.errors import AbssimError, Problem

if TYPE_CHECKING:
    from abssim.result import RunResult

MaybeDeal = Annotated[
    str | None, typer.Argument(metavar="[DEAL]", help="A folder with deal.yaml, a file, or a name in deals/.")
]
Period = Annotated[int | None, typer.Option("--period", "-p", help="Number of a payment date: show it line by line.")]
One = Annotated[str | None, typer.Option("--scenario", "-s", help="A file, or a name in scenarios/.")]
Schema = Annotated[
    bool, typer.Option("--schema", help="List the fields of deals and scenarios (with --json: JSON schema of deals).")
]
Observables = Annotated[bool, typer.Option("--observables", help="List the names expressions may read.")]


def explain(
    deal: MaybeDeal = None,
    period: Period = None,
    scenario: One = None,
    schema: Schema = False,
    observables: Observables = False,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    json: Json = False,
) -> None:
    """The priority of payments in words; with --period, one payment date line by line: due, paid, from where."""
    if schema:
        _schema(json)
    elif observables:
        _observables(deal, json)
    elif deal is None:
        raise AbssimError(Problem("E007", "DEAL", "", "name a deal", "or ask for --schema or --observables"))
    else:
        _waterfalls(_project(deal, scenario, tape, on_bad_row), period, json)


def _project(deal: str, scenario: str | None, tape: Any, on_bad_row: OnBadRow) -> RunResult:
    from abssim.cli.open import compile_with_tape, open_deal, open_scenarios
    from abssim.cli.terminal import compiling
    from abssim.simulate import run

    document = open_deal(deal)
    compiled = compile_with_tape(document, tape, on_bad_row)
    with compiling():
        return run(compiled, open_scenarios(document, [scenario] if scenario else None)[0])


def _waterfalls(result: RunResult, period: int | None, json: bool) -> None:
    from abssim.cli.terminal import show, show_json
    from abssim.report.explanation import payment_date_document, priority_document
    from abssim.table.explain import payment_date, priority_of_payments

    if period is None:
        if json:
            show_json(priority_document(result))
        else:
            show(priority_of_payments(result))
        return
    numbers = result.dates.number[: result.periods]
    if period not in numbers:
        hint = f"this run has {numbers[0]} to {numbers[-1]}"
        raise AbssimError(Problem("E005", str(period), "--period", "no such payment date", hint))
    t = numbers.index(period)
    if json:
        show_json(payment_date_document(result, t))
    else:
        show(payment_date(result, t))


def _schema(json: bool) -> None:
    from abssim.cli.terminal import show, show_json
    from abssim.deal.load import deal_schema

    if json:
        show_json(deal_schema())
        return
    from abssim.scenario.load import scenario_schema
    from abssim.table.schema import schema_tables

    show(schema_tables(deal_schema()), schema_tables(scenario_schema()))


def _observables(name: str | None, json: bool) -> None:
    from abssim.cli.open import open_deal
    from abssim.cli.terminal import show, show_json
    from abssim.deal.observable import observables

    rows = observables(open_deal(name) if name else None)
    if json:
        show_json([{"name": r.name, "dimension": r.dimension, "meaning": r.doc, "formula": r.formula} for r in rows])
        return
    from abssim.table.schema import name_table

    show(name_table("Observables", [(row.name, row.dimension, row.doc) for row in rows]))

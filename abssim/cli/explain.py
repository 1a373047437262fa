"""`abssim explain`: the priority of payments in words, and one payment date line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import All, DrawOptions, EndKind, Json, OneScenario, SyntheticLoans, To
from abssim.errors import AbssimError, Problem

if TYPE_CHECKING:
    from abssim.program.compile import CompiledDeal
    from abssim.result import RunResult

MaybeDeal = Annotated[
    str | None, typer.Argument(metavar="[DEAL]", help="A folder with deal.yaml, a file, or a name in deals/.")
]
Period = Annotated[int | None, typer.Option("--period", "-p", help="Number of a payment date: show it line by line.")]
Replayed = Annotated[int | None, typer.Option("--path", min=0, help="Replay this path of `simulate`, loan by loan.")]
Paths = Annotated[int | None, typer.Option("--paths", min=1, help="With --path: the number of paths simulated.")]


class ReferenceOptions(NamedTuple):
    """References instead of a deal's words."""

    schema: Annotated[
        bool,
        typer.Option("--schema", help="List the fields of deals and scenarios (with --json: JSON schema of deals)."),
    ] = False
    observables: Annotated[bool, typer.Option("--observables", help="List the names expressions may read.")] = False


class Drawn(NamedTuple):
    """Which path of which simulation to replay."""

    path: int
    seed: int
    vintage_loans: int
    sampling: str
    importance: float
    paths: int | None


@grouped
def explain(
    deal: MaybeDeal = None,
    period: Period = None,
    scenario: OneScenario = None,
    to: To = None,
    path: Replayed = None,
    paths: Paths = None,
    *,
    draws: DrawOptions,
    tapes: TapeOptions,
    sets: SetOptions,
    synthetic_loans: SyntheticLoans = None,
    references: ReferenceOptions,
    everything: All = False,
    json: Json = False,
) -> None:
    """The priority of payments in words; with --period, one payment date line by line: due, paid, from where.

    With --path, a path of `abssim simulate` in full detail: all its tables, or one payment date of it. Give the same
    --seed, --sampling and --importance, and for stratified and Sobol paths the same --paths.
    """
    if any(references):
        said = {"--period": period, "--scenario": scenario, "--to": to, "--path": path, "--paths": paths}
        _require_alone({**said, "--set": sets.settings})
        _references(references, deal, json)
        return
    if deal is None:
        raise AbssimError(Problem("E007", "DEAL", "", "name a deal", "or ask for --schema or --observables"))
    drawn = _drawn(path, paths, draws, to)
    dials = sets.dials
    compiled = open_compiled(deal, tapes, synthetic_loans, dials.deal)
    result = _project(compiled, scenario, dials.scenario, drawn, to)
    if drawn is None or period is not None:
        _waterfalls(result, period, json)
    else:
        _whole(result, everything, json)


def _require_alone(options: dict[str, object]) -> None:
    """A reference is of no run: what is said of one would be without effect."""
    said = [name for name, value in options.items() if value is not None]
    if said:
        text = "a reference of fields or names is no run of a deal"
        raise AbssimError([Problem("E007", name, "", text, f"leave {name} out") for name in said])


def _references(references: ReferenceOptions, deal: str | None, json: bool) -> None:
    if references.schema:
        _schema(json)
    else:
        _observables(deal, json)


def _drawn(path: int | None, paths: int | None, draws: DrawOptions, to: EndKind | None) -> Drawn | None:
    """The path to replay, if one is asked for; what only a path has is refused without one."""
    if path is None:
        given = [f"--{name.replace('_', '-')}" for name, default in DrawOptions._field_defaults.items()]
        said = [name for name, own, usual in zip(given, draws, DrawOptions(), strict=True) if own != usual]
        said += [] if paths is None else ["--paths"]
        if said:
            text, hint = "nothing is drawn here", "say which path of the simulation: --path K"
            raise AbssimError([Problem("E007", name, "", text, hint) for name in said])
        return None
    if to is not None:
        raise AbssimError(Problem("E007", "--to", "", "a path is replayed as it was simulated", "leave --to out"))
    return Drawn(path, draws.seed, draws.vintage_loans, draws.sampling.value, draws.importance, paths)


def _project(
    compiled: CompiledDeal, scenario: str | None, settings: dict[str, Any], drawn: Drawn | None, to: EndKind | None
) -> RunResult:
    from abssim.cli.terminal import compiling
    from abssim.study.project import replay, run
    from abssim.study.scenarios import choose_scenario

    chosen = choose_scenario(compiled, scenario, settings)
    with compiling():
        if drawn is None:
            return run(compiled, chosen, calls="never" if to is EndKind.maturity else "exercised")
        return replay(compiled, chosen, **drawn._asdict())


def _whole(result: RunResult, everything: bool, json: bool) -> None:
    """A replayed path as `abssim run` shows a scenario, without break-even multiples."""
    from abssim.cli.terminal import show, show_json
    from abssim.report.document import run_document
    from abssim.study.study import study_of
    from abssim.table.run import run_tables

    study = study_of(result)
    if json:
        show_json(run_document(study))
    else:
        show(run_tables([study], everything))


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
    from abssim.cli.terminal import show, show_json
    from abssim.deal.expression import MEANINGS
    from abssim.deal.observable import PREFIXES, observables
    from abssim.study.deals import load_deal

    rows = observables(load_deal(name) if name else None)
    if json:
        show_json([{"name": r.name, "dimension": r.dimension, "meaning": r.doc, "formula": r.formula} for r in rows])
        return
    from abssim.table.schema import name_table

    words = [(f"{prefix}.NAME", "prefix", doc) for prefix, doc in PREFIXES.items()]
    words += [(text, "function", doc) for text, doc in MEANINGS.items()]
    show(
        name_table("Observables", [(row.name, row.dimension, row.doc) for row in rows]),
        name_table("Prefixes, functions and operators", words),
    )

"""`abssim decrement`: percent of initial balance by date and prepayment speed."""

from __future__ import annotations

from typing import Annotated

import typer

from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import Deal, EndKind, Json, Notes, TableOut, To

Speed = Annotated[
    str, typer.Option("--speed", metavar="KIND:LIST", help="Speeds in percent: abs:0.5,1.0,1.3 (or cpr, smm, psa).")
]
One = Annotated[
    str | None,
    typer.Option(
        "--scenario", "-s", help="Keep this scenario's defaults; left out, nobody defaults, as documents print it."
    ),
]


@grouped
def decrement(
    deal: Deal,
    speed: Speed,
    note: Notes = None,
    to: To = None,
    scenario: One = None,
    *,
    tapes: TapeOptions,
    sets: SetOptions,
    json: Json = False,
    out: TableOut = None,
) -> None:
    """Percent of initial balance outstanding by date and prepayment speed, with weighted average lives.

    Balances are those to call unless --to says maturity; lives are shown to both. Of an interest-only note it is the
    percent of the notional.
    """
    from abssim.cli.output import clashes, output_problems, require
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.study import decrement as study

    study.parse_speeds(speed)
    require(output_problems("--out", out, [".csv", ".xlsx"]), clashes([("--out", out)], tapes.files.values()))
    dials = sets.dials
    compiled = open_compiled(deal, tapes, settings=dials.deal)
    with compiling():
        table = study.decrement(
            compiled, speed, notes=note, scenario=scenario, end=(to or EndKind.call).value, settings=dials.scenario
        )
    if json:
        from abssim.report.decrement import decrement_document

        show_json(decrement_document(table))
    else:
        from abssim.table.decrement import decrement_tables

        show(decrement_tables(table))
    if out is not None:
        from abssim.report.decrement import write_decrement

        write_decrement(table, compiled.deal.currency, out)
        tell(f"wrote {out}")

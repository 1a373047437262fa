"""`abssim decrement`: percent of initial balance by date and prepayment speed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.cli.option import BadRow, Deal, EndKind, Json, Map, OnBadRow, Read, Tape, To
from abssim.errors import AbssimError, Problem, did_you_mean

if TYPE_CHECKING:
    from abssim.scenario.scenario import Scenario

KINDS = ("abs", "cpr", "smm", "psa")

Speed = Annotated[
    str, typer.Option("--speed", metavar="KIND:LIST", help="Speeds in percent: abs:0.5,1.0,1.3 (or cpr, smm, psa).")
]
Note = Annotated[list[str] | None, typer.Option("--note", help="Only this note. May be repeated.")]
One = Annotated[
    str | None,
    typer.Option(
        "--scenario", "-s", help="Keep this scenario's defaults; left out, nobody defaults, as documents print it."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write the table: .csv or .xlsx.")]


def decrement(
    deal: Deal,
    speed: Speed,
    note: Note = None,
    to: To = None,
    scenario: One = None,
    tape: Tape = None,
    on_bad_row: BadRow = OnBadRow.fail,
    read: Read = None,
    mapping: Map = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Percent of initial balance outstanding by date and prepayment speed, with weighted average lives.

    Balances are those to call unless --to says maturity; lives are shown to both. Of an interest-only note it is the
    percent of the notional.
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
    from abssim.cli.output import clashes, output_problems, require, tape_files
    from abssim.cli.terminal import compiling, show, show_json, tell
    from abssim.measure.decrement import decrement as measure
    from abssim.measure.decrement import decrement_document
    from abssim.projection.single import run

    kind, speeds = parse_speeds(speed)
    require(output_problems("--out", out, [".csv", ".xlsx"]), clashes([("--out", out)], tape_files(tape).values()))
    document = open_deal(deal)
    wrong = [name for name in note or () if name not in document.notes]
    if wrong:
        raise AbssimError(
            [Problem("E006", name, "--note", "no such note", did_you_mean(name, document.notes)) for name in wrong]
        )
    compiled = compile_with_tape(document, TapeChoice(tape, on_bad_row, read, mapping))
    require_loans(compiled, "--speed")
    base = open_scenarios(compiled, [scenario] if scenario else None)[0]
    with compiling():
        cases = {value: at_speed(base, kind, value, scenario is None) for value in speeds}
        to_call = {value: run(compiled, case) for value, case in cases.items()}
        to_maturity = {value: run(compiled, case, calls="never") for value, case in cases.items()}
    tell_notices(to_call.values())
    for result in to_call.values():
        tell_call(result)
    table = measure(kind, to_call, to_maturity, note, (to or EndKind.call).value)
    if json:
        show_json(decrement_document(table))
    else:
        from abssim.table.decrement import decrement_tables

        show(decrement_tables(table))
    if out is not None:
        from abssim.report.decrement import write_decrement

        write_decrement(table, document.currency, out)
        tell(f"wrote {out}")


def parse_speeds(text: str) -> tuple[str, list[float]]:
    """`abs:0.5,1.0` as its kind and numbers."""
    kind, colon, values = text.partition(":")
    hint = "write abs:0.5,1.0,1.3"
    if not colon or kind.lower() not in KINDS:
        raise AbssimError(
            Problem("E003", text, "--speed", "no kind of speed before the colon", f"known: {', '.join(KINDS)}")
        )
    try:
        speeds = [float(value) for value in values.split(",")]
    except ValueError:
        raise AbssimError(Problem("E003", text, "--speed", "not a list of numbers", hint)) from None
    highest = 10_000.0 if kind.lower() == "psa" else 100.0
    if not all(0.0 <= value <= highest for value in speeds):
        raise AbssimError(Problem("E003", text, "--speed", f"a speed is a percentage from 0 to {highest:g}", hint))
    return kind.lower(), list(dict.fromkeys(speeds))


def at_speed(base: Scenario, kind: str, speed: float, lossless: bool) -> Scenario:
    """`base` with everyone prepaying at `speed`; if `lossless`, with nobody defaulting, returning or in arrears."""
    from abssim.scenario.assumption import Default, Prepayment, Rule
    from abssim.scenario.scenario import Scenario, override

    rule: dict[str, object] = {"prepayment": Prepayment.model_validate({f"{kind}_pct": speed})}
    if lossless:
        rule |= {"default": Default.model_validate({"mdr_pct": 0}), "dilution_pct": 0, "repurchase_pct": 0}
    own = {
        "name": f"{base.name}, {speed!r} % {kind.upper()}",
        "reason": base.reason,
        "prepay_multiple": 1.0,
        "assumptions": (Rule.model_validate(rule),),
        "stress": {"prepayment": 1},
    }
    return override(base, Scenario.model_validate(own))

"""`abssim solve`: the value of a dial at which a condition turns, and what classes withstand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import Deal, EndKind, Json, Notes, To
from abssim.errors import AbssimError, Problem

BREAK_EVEN = "break-even"
What = Annotated[
    str, typer.Argument(metavar="break-even|PATH", help="break-even, or the path of any number: default_multiple.")
]
One = Annotated[
    str | None, typer.Option("--scenario", "-s", help="A file, a name in scenarios/, or `deal`: the deal's own.")
]
For = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="CONDITION",
        help='A figure of `sweep` held against a number: "yield.A = 5.2", "loss.B > 0", "break_even.A >= 3".',
    ),
]
Between = Annotated[
    str | None,
    typer.Option("--between", metavar="LOW:HIGH", help="Range to look in; default for multiples: 0:10."),
]
Price = Annotated[float | None, typer.Option("--price", help="Clean price per 100 of `yield`; default: 100.")]
Corners = Annotated[
    bool | None,
    typer.Option("--corners/--no-corners", help="With break-even: also the worst of 18 corners (the default)."),
]


@grouped
def solve(
    what: What,
    deal: Deal,
    condition: For = None,
    between: Between = None,
    scenario: One = None,
    note: Notes = None,
    price: Price = None,
    to: To = None,
    corners: Corners = None,
    *,
    tapes: TapeOptions,
    sets: SetOptions,
    json: Json = False,
) -> None:
    """The value of any number of deal or scenario at which a condition starts or stops to hold, or break-evens.

    break-even: per class the multiple of the default curve at which it first loses principal, and at which it is first
    paid interest late, to maturity without calls: under the scenario, and in the worst of its corners (defaults early
    or late, prepayment slow or fast, recovery full or half).
    """
    said = {"--for": condition, "--between": between, "--price": price, "--to": to}
    if what == BREAK_EVEN:
        _require_unsaid(said, "a break-even is sought to maturity, along the multiple of the defaults")
        _break_even(deal, tapes, sets, scenario, note, corners is not False, json)
        return
    _require_unsaid({"--note": note, "--corners": corners}, f"a condition holds for one value of {what}")
    if condition is None:
        raise AbssimError(Problem("E007", "--for", "", "no condition", 'say which: --for "yield.A = 5.2"'))
    if price is not None and not condition.strip().startswith("yield"):
        raise AbssimError(Problem("E007", "--price", "", "no yield is asked for", "leave --price out"))
    from abssim.cli.terminal import compiling, show, show_json
    from abssim.setting import parse_settings
    from abssim.study.solve import solve as find

    fixed, bounds = parse_settings(sets.settings or ()), _bounds(between)
    compiled = open_compiled(deal, tapes)
    at = 100.0 if price is None else price
    with compiling():
        found = find(
            compiled,
            what,
            condition,
            between=bounds,
            scenario=scenario,
            settings=fixed,
            price=at,
            end=(to or EndKind.call).value,
        )
    if json:
        from abssim.report.solve import solution_document

        show_json(solution_document(found))
    else:
        from abssim.table.solve import solution_tables

        show(solution_tables(found))


def _break_even(
    deal: str,
    tapes: TapeOptions,
    sets: SetOptions,
    scenario: str | None,
    notes: list[str] | None,
    corners: bool,
    json: bool,
) -> None:
    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, show, show_json
    from abssim.study.corner import COUNT, withstand
    from abssim.study.scenarios import choose_scenario

    dials = sets.dials
    compiled = open_compiled(deal, tapes, settings=dials.deal)
    chosen, progress = choose_scenario(compiled, scenario, dials.scenario), Progress("searches")
    with compiling(), progress.bar(1 + COUNT if corners else 1):
        found = withstand(compiled, chosen, notes=notes, corners=corners, progress=progress)
    if json:
        from abssim.report.solve import withstood_document

        show_json(withstood_document(found))
    else:
        from abssim.table.solve import withstood_tables

        show(withstood_tables(found))


def _require_unsaid(options: Mapping[str, object], why: str) -> None:
    """Options of the other question would be without effect."""
    said = [name for name, value in options.items() if value is not None]
    if said:
        raise AbssimError([Problem("E007", name, "", why, f"leave {name} out") for name in said])


def _bounds(text: str | None) -> tuple[float, float] | None:
    """`0:10` as numbers. Codes: E557."""
    if text is None:
        return None
    low, colon, high = text.partition(":")
    try:
        return float(low), float(high if colon else "")
    except ValueError:
        raise AbssimError(Problem("E557", text, "--between", "is no range", "write --between 0:10")) from None

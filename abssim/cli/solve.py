"""`abssim solve`: the value of a dial at which a condition turns, and what classes withstand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import typer

from abssim.cli.group import grouped
from abssim.cli.open import SetOptions, TapeOptions, open_compiled
from abssim.cli.option import Deal, EndKind, Json, Notes, OneScenario, Price, To
from abssim.errors import AbssimError, Problem

BREAK_EVEN = "break-even"
What = Annotated[
    str, typer.Argument(metavar="break-even|PATH", help="break-even, or the path of any number: default_multiple.")
]


class SearchOptions(NamedTuple):
    """What a dial is sought for."""

    condition: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="CONDITION",
            help='A figure of `sweep` held against a number: "yield.A = 5.2", "loss.B > 0", "break_even.A >= 3".',
        ),
    ] = None
    between: Annotated[
        str | None,
        typer.Option("--between", metavar="LOW:HIGH", help="Range to look in; default for multiples: 0:10."),
    ] = None
    price: Price = None
    to: To = None

    def said(self) -> dict[str, object]:
        """Values by option."""
        return {"--for": self.condition, "--between": self.between, "--price": self.price, "--to": self.to}

    def sought(self) -> str:
        """The condition; E007 where there is none, or a price that it has no use for."""
        if self.condition is None:
            raise AbssimError(Problem("E007", "--for", "", "no condition", 'say which: --for "yield.A = 5.2"'))
        if self.price is not None and not self.condition.strip().startswith("yield"):
            raise AbssimError(Problem("E007", "--price", "", "no yield is asked for", "leave --price out"))
        return self.condition


class ClassOptions(NamedTuple):
    """Which classes' break-evens, and under what."""

    note: Notes = None
    corners: Annotated[
        bool | None,
        typer.Option("--corners/--no-corners", help="With break-even: also the worst of 18 corners (the default)."),
    ] = None


@grouped
def solve(
    what: What,
    deal: Deal,
    *,
    search: SearchOptions,
    scenario: OneScenario = None,
    classes: ClassOptions,
    tapes: TapeOptions,
    sets: SetOptions,
    json: Json = False,
) -> None:
    """The value of any number of deal or scenario at which a condition starts or stops to hold, or break-evens.

    break-even: per class the multiple of the default curve at which it first loses principal, and at which it is first
    paid interest late, to maturity without calls: under the scenario, and in the worst of its corners (defaults early
    or late, prepayment slow or fast, recovery full or half).
    """
    if what == BREAK_EVEN:
        _require_unsaid(search.said(), "a break-even is sought to maturity, along the multiple of the defaults")
        _break_even(deal, scenario, classes, tapes, sets, json)
    else:
        unsaid = {"--note": classes.note, "--corners": classes.corners}
        _require_unsaid(unsaid, f"a condition holds for one value of {what}")
        _dial(what, deal, scenario, search, tapes, sets, json)


def _dial(
    path: str, deal: str, scenario: str | None, search: SearchOptions, tapes: TapeOptions, sets: SetOptions, json: bool
) -> None:
    """The value of a number at which a condition turns."""
    condition, bounds = search.sought(), _bounds(search.between)
    from abssim.cli.terminal import compiling, show, show_json
    from abssim.report.solve import solution_document
    from abssim.setting import parse_settings
    from abssim.study.solve import solve as find
    from abssim.table.solve import solution_tables

    fixed = parse_settings(sets.settings or ())
    compiled = open_compiled(deal, tapes)
    price, end = 100.0 if search.price is None else search.price, search.to or EndKind.call
    asked: dict[str, Any] = {"between": bounds, "scenario": scenario, "settings": fixed, "price": price}
    with compiling():
        found = find(compiled, path, condition, end=end.value, **asked)
    show_json(solution_document(found)) if json else show(solution_tables(found))


def _break_even(
    deal: str, scenario: str | None, classes: ClassOptions, tapes: TapeOptions, sets: SetOptions, json: bool
) -> None:
    """What each class withstands."""
    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, show, show_json
    from abssim.report.solve import withstood_document
    from abssim.study.corner import COUNT, withstand
    from abssim.study.scenarios import choose_scenario
    from abssim.table.solve import withstood_tables

    dials, corners = sets.dials, classes.corners is not False
    compiled = open_compiled(deal, tapes, settings=dials.deal)
    chosen, progress = choose_scenario(compiled, scenario, dials.scenario), Progress("searches")
    with compiling(), progress.bar(1 + COUNT if corners else 1):
        found = withstand(compiled, chosen, notes=classes.note, corners=corners, progress=progress)
    show_json(withstood_document(found)) if json else show(withstood_tables(found))


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

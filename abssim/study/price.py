"""Price-yield tables: what prices, yields and margins of notes mean under scenarios, to call and to maturity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.errors import AbssimError, Problem
from abssim.measure.call import End
from abssim.measure.price import DEFAULT_CONVENTION, Asked, Convention, Given
from abssim.measure.yieldtable import YieldTable, yield_table
from abssim.study.choice import require_choice
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.ends import both_ends
from abssim.study.notes import require_notes
from abssim.study.scenarios import ScenarioLike, choose_scenarios
from abssim.study.told import told

DEFAULT_PRICES = (98.0, 99.0, 99.5, 100.0, 100.5, 101.0, 102.0)


class Bounds(NamedTuple):
    """From where to where figures of a kind are taken, as people write them, and how many of these make a whole."""

    low: float
    high: float
    unit: float

    def hold(self, value: float) -> bool:
        """The figure, as people write it, is a number within them."""
        return math.isfinite(value) and self.low <= value <= self.high


BOUNDS: dict[Given, Bounds] = {
    "price": Bounds(0.0001, 100_000.0, 1.0),
    "yield": Bounds(-99.0, 10_000.0, 100.0),
    "margin": Bounds(-9_000.0, 100_000.0, 10_000.0),
}
"""Prices per 100, yields in percent, margins in basis points."""


def price(
    deal: DealLike,
    scenarios: Sequence[ScenarioLike] = (),
    *,
    asked: Asked | None = None,
    notes: Sequence[str] | None = None,
    settlement: date | None = None,
    convention: Convention = DEFAULT_CONVENTION,
    end: End | None = None,
) -> YieldTable:
    """What is `asked` of notes: prices per 100, yields and margins decimal a year, by default prices around par.

    Columns are scenarios (by default the deal's own), to call and to maturity or to one `end` alone. Prices are clean;
    `settlement` is the day they are paid, by default closing or a mid-life start. Raises AbssimError: E006 and E009 for
    notes that are not there or have no index, E008 for figures out of bounds, E016 for the settlement day.

    >>> table = price("template", asked={"yield": [0.05]}, notes=["A"])
    >>> round(table.notes[0][1][0].quotes[0].price, 2)
    99.82
    """
    for given in asked or {}:
        require_choice("figure", given, Given)
    require_choice("convention", convention, Convention)
    if end is not None:
        require_choice("end", end, End)
    _require_bounds(asked or {})
    compiled = as_compiled(deal)
    chosen = choose_notes(compiled.deal, notes, asked or {})
    ends = [both_ends(compiled, scenario) for scenario in choose_scenarios(compiled, scenarios)]
    told(compiled, [pair.to_call for pair in ends])
    to_call, to_maturity = zip(*ends, strict=True)
    prices_or: Asked = asked or {"price": DEFAULT_PRICES}
    table = yield_table(to_call, to_maturity, chosen, prices_or, convention, settlement, par_only=not asked)
    return table if end is None else table.to(end)


def require_price(price: float) -> None:
    """Refuse what is no price per 100. Codes: E008."""
    _require_bounds({"price": [price]})


def _require_bounds(asked: Asked) -> None:
    problems = [
        Problem("E008", f"{value:g}", given, f"is not from {b.low / b.unit:g} to {b.high / b.unit:g}")
        for given, values in asked.items()
        for b in [BOUNDS[given]]
        for value in values
        if not b.hold(value * b.unit)
    ]
    if problems:
        raise AbssimError(problems)


def choose_notes(deal: Deal, wanted: Sequence[str] | None, asked: Asked) -> list[str]:
    """The notes asked for, or all that can be priced so: a discount margin needs an index."""
    require_notes(deal, wanted or ())
    floating = [name for name, note in deal.notes.items() if note.floating is not None]
    only_margins = list(asked) == ["margin"]
    names = [*(wanted or [name for name in deal.notes if not only_margins or name in floating])]
    fixed = [name for name in names if name not in floating]
    if "margin" in asked and ((only_margins and fixed) or len(fixed) == len(names)):
        known = f"floating notes: {', '.join(floating)}" if floating else "give --price or --yield-pct"
        places = fixed if wanted else [deal.name]
        raise AbssimError([Problem("E009", name, "--dm-bps", "no note with an index", known) for name in places])
    return names

"""The value of any dial at which a condition on a figure starts or stops to hold: scanned first, then bracketed."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.measure.call import End
from abssim.program.compile import CompiledDeal
from abssim.public import Shown
from abssim.setting import joined
from abssim.study.cases import Cases
from abssim.study.choice import require_choice
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.figure import MEASURES, Case, items_of
from abssim.study.price import require_price
from abssim.study.scenarios import ScenarioLike, choose_scenario

POINTS = 33
"""Values of the dial that are looked at first."""
CLOSE = 1e-9
"""Bracket at which a search ends, as a part of the range."""
RELATIVE = 1e-14
HUGE = 1e300
MULTIPLES = (0.0, 10.0)
"""Range of dials that are multiples."""
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_CONDITION = re.compile(rf"\s*([a-z_]+)(?:\.([\w-]+))?\s*(<=|>=|==|=|<|>)\s*({_NUMBER})\s*")
_HINT = 'write "yield.A = 5.2", "loss.B > 0" or "break_even.A >= 3"'


_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


class Condition(NamedTuple):
    """A figure held against a number."""

    measure: str
    item: str
    comparison: str
    target: float

    def __str__(self) -> str:
        item = "" if MEASURES[self.measure].of == "pool" else f".{self.item}"
        return f"{self.measure}{item} {self.comparison} {self.target:g}"

    def holds(self, value: float) -> bool:
        """Of a figure; one that is not there meets nothing."""
        return bool(_COMPARE[self.comparison](value, self.target))


@dataclass(frozen=True, slots=True)
class Root:
    """Where a condition starts or stops to hold."""

    value: float
    """Of the dial, on the side on which the condition holds."""
    figure: float
    other: float
    """The closest value of the dial on the other side."""
    other_figure: float
    reached: bool
    """The figure comes to the target there; it jumps over it otherwise."""


@dataclass(frozen=True, repr=False)
class Solution(Shown):
    """All roots in a range, the first one first."""

    deal_name: str
    scenario_name: str
    end: End
    settings: dict[str, Any]
    path: str
    condition: Condition
    low: float
    high: float
    roots: tuple[Root, ...]
    scan: tuple[tuple[float, float], ...]
    """Values of the dial that were looked at first, with the figure there (not a number where there is none)."""

    def __repr__(self) -> str:
        return f"<Solution: {self.path} = {self.roots[0].value:g} for {self.condition}>"

    @property
    def value(self) -> float:
        """The first root."""
        return self.roots[0].value


def solve(
    deal: DealLike,
    path: str,
    condition: str,
    *,
    between: tuple[float, float] | None = None,
    scenario: ScenarioLike | None = None,
    settings: Mapping[str, Any] | None = None,
    price: float = 100.0,
    end: End = "call",
) -> Solution:
    """The values of `path` in a range (multiples: from 0 to 10) at which `condition` starts or stops to hold.

    A condition is a measure of `abssim.study.figure.MEASURES` with a note, held against a number: `"yield.A = 5.2"`.
    `POINTS` values are looked at first; between neighbours that differ scipy's bracketed root finder goes on (Brent
    1973), or bisection where the condition is no equation. Two roots between the same neighbours are not seen.
    AbssimError: E551 to E554 for paths, E557 for conditions and ranges, E558 where nothing in the range meets it.

    >>> round(solve("template", "notes.A.coupon_pct", "yield.A = 5", between=(4, 6)).value, 2)
    4.95
    """
    require_choice("end", end, End)
    require_price(price)
    own = {**joined(settings or {}, {path: 0.0})}
    path = list(own)[-1]
    low, high = _range(path, between)
    compiled = as_compiled(deal)
    wanted = _condition(compiled, condition)
    base = choose_scenario(compiled, scenario)
    cases = Cases(compiled, base, "exercised" if end == "call" else "never", price)
    cases.require([{**own, path: point} for point in (low, high)])
    figure = _Figure(lambda x: cases.case({**own, path: x}), wanted)
    points = [low + (high - low) * i / (POINTS - 1) for i in range(POINTS - 1)] + [high]
    scan = tuple((point, figure(point)) for point in points)
    roots = _roots(figure, scan, CLOSE * (high - low))
    if not roots:
        raise AbssimError(_no_root(path, wanted, scan))
    cases.notify()
    fixed = {name: value for name, value in own.items() if name != path}
    return Solution(compiled.deal.name, base.name, end, fixed, path, wanted, low, high, roots, scan)


def _range(path: str, between: tuple[float, float] | None) -> tuple[float, float]:
    if between is None:
        if path.endswith("_multiple"):
            return MULTIPLES
        raise AbssimError(Problem("E557", path, "--between", "no range to look in", "write --between 0:10"))
    if len(between) != 2 or not (all(map(math.isfinite, between)) and between[0] < between[1]):
        shown = ":".join(f"{each:g}" for each in between)
        raise AbssimError(Problem("E557", shown, "--between", "is no range", "write --between 0:10"))
    return float(between[0]), float(between[1])


def _condition(compiled: CompiledDeal, text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise AbssimError(Problem("E557", text, "--for", "is no condition", _HINT))
    measure, item, comparison, number = match.groups()
    known = [name for name, each in MEASURES.items() if each.of != "trigger"]
    if measure not in known:
        raise AbssimError(Problem("E557", text, "--for", f'no figure "{measure}"', did_you_mean(measure, known)))
    items = items_of(compiled, measure, [*compiled.deal.notes])
    if item is None and len(items) == 1:
        item = items[0]
    if item not in items:
        told = f'no "{item}" has it' if item else "of which note?"
        raise AbssimError(
            Problem("E557", text, "--for", told, f"write {measure}.{items[0]}; {did_you_mean(item or '', items)}")
        )
    return Condition(measure, item, comparison.replace("==", "="), float(number))


class _Figure:
    """The figure of a condition by the value of the dial, each computed once."""

    def __init__(self, case: Callable[[float], Case], wanted: Condition) -> None:
        self._case, self.wanted = case, wanted
        self.seen: dict[float, float] = {}

    def __call__(self, x: float) -> float:
        """Not a number where there is no such figure."""
        if x not in self.seen:
            value = MEASURES[self.wanted.measure].value(self._case(x), self.wanted.item)
            self.seen[x] = float(value) if isinstance(value, int | float) else self._absent
        return self.seen[x]

    @property
    def _absent(self) -> float:
        """A break-even that is never reached is beyond every multiple."""
        return math.inf if self.wanted.measure in ("break_even", "coverage") else math.nan

    def side(self, x: float) -> float:
        """Below 0 and above 0 on the two sides of a root; 0 on it; not a number where there is no figure."""
        value, target = self(x), self.wanted.target
        if self.wanted.comparison == "=":
            return value - target
        return 1.0 if self.wanted.holds(value) else -1.0


def _roots(figure: _Figure, scan: tuple[tuple[float, float], ...], close: float) -> tuple[Root, ...]:
    points = [x for x, _ in scan]
    equation = figure.wanted.comparison == "="
    found = [_root(figure, points[0], points[1])] if equation and figure.side(points[0]) == 0.0 else []
    for low, high in pairwise(points):
        before, after = figure.side(low), figure.side(high)
        if before * after < 0.0 or (before and after == 0.0):  # false where a figure is missing
            _search(figure, low, high, close)
            found.append(_root(figure, low, high))
    return tuple(found)


def _search(figure: _Figure, low: float, high: float, close: float) -> None:
    """Look at values of the dial ever closer to the root."""
    from scipy.optimize import bisect, brentq

    start = figure.side(low)

    def side(x: float) -> float:
        found = figure.side(x)
        return start if math.isnan(found) else max(-HUGE, min(HUGE, found))

    (brentq if figure.wanted.comparison == "=" else bisect)(side, low, high, xtol=close, rtol=RELATIVE)


def _root(figure: _Figure, low: float, high: float) -> Root:
    """The closest values seen on the two sides of the first root, the one that meets the condition best first."""
    seen = sorted(x for x in figure.seen if low <= x <= high)
    one, other = next(pair for pair in pairwise(seen) if figure.side(pair[0]) * figure.side(pair[1]) <= 0.0)
    target, half = figure.wanted.target, 0.5 * 10.0 ** -MEASURES[figure.wanted.measure].decimals
    if figure.wanted.comparison == "=":
        one, other = sorted((one, other), key=lambda x: abs(figure(x) - target))
        return Root(one, figure(one), other, figure(other), abs(figure(one) - target) <= half)
    one, other = (one, other) if figure.wanted.holds(figure(one)) else (other, one)
    return Root(one, figure(one), other, figure(other), True)


def _no_root(path: str, wanted: Condition, scan: tuple[tuple[float, float], ...]) -> Problem:
    name, known = str(wanted).partition(" ")[0], [value for _, value in scan if not math.isnan(value)]
    if wanted.comparison == "=":
        verdict = f"no value of {path} meets {wanted}"
    else:
        every = wanted.holds(scan[0][1])
        verdict = f"{wanted} holds for {'every' if every else 'no'} value of {path}"
    ends = ", ".join(f"{value:.6g} at {x:g}" for x, value in (scan[0], scan[-1]))
    between = f", from {min(known):.6g} to {max(known):.6g} between" if known else ""
    text = f"{verdict} from {scan[0][0]:g} to {scan[-1][0]:g}: {name} is {ends}{between}"
    return Problem("E558", "solve", "", text, "look in another range: --between LOW:HIGH")

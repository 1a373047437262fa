"""A grid of settings: a deal under every combination of values, each cell as a run of its own would show it."""

from __future__ import annotations

import itertools
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import cpu_count
from typing import TYPE_CHECKING, Any

from abssim.bound import MOST_THREADS
from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.measure.call import End
from abssim.measure.trigger import trigger_measures
from abssim.program.compile import CompiledDeal
from abssim.public import Shown
from abssim.setting import joined, shown
from abssim.study.cases import Cases
from abssim.study.choice import require_choice, require_whole
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.figure import MEASURES, Case, Value, items_of
from abssim.study.notes import require_notes
from abssim.study.price import require_price
from abssim.study.scenarios import ScenarioLike, choose_scenario
from abssim.word import counted

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 100_000
"""Cells of a grid; of more only the time is told."""
LONG = 10.0
"""Seconds from which on the time is told before the work."""
DEFAULT_MEASURES = ("wal", "loss")
Items = Mapping[str, tuple[str, ...]]
"""What there are figures for, by measure."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values of one path."""

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination."""

    settings: dict[str, Any]
    """Value of each path."""
    figures: dict[str, tuple[Value, ...]]
    """By measure, in the order of its items."""
    loses: tuple[str, ...]
    """Notes that lose principal."""
    active: tuple[str, ...]
    """Triggers that are active on some date."""


@dataclass(frozen=True, repr=False)
class Sweep(Shown):
    """All combinations of the values of the axes, the last axis fastest."""

    deal_name: str
    scenario_name: str
    end: End
    price: float
    """Per 100, that yields are at."""
    axes: tuple[Axis, ...]
    """What differs between cells."""
    settings: dict[str, Any]
    """What is set alike in all cells."""
    items: Items
    cells: tuple[Cell, ...]
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        axes = " x ".join(f"{axis.path} ({len(axis.values)})" for axis in self.axes)
        return f"<Sweep of {self.deal_name!r} under {self.scenario_name!r}: {axes or 'one cell'}>"

    @property
    def frame(self) -> pd.DataFrame:
        """A row per cell: settings, figures (`wal.A`, `loss_pct.A`), notes that lose, triggers that are active."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The cells as flat records."""
        for cell in self.cells:
            row = dict(cell.settings)
            for measure, items in self.items.items():
                name = measure + MEASURES[measure].suffix
                row |= {f"{name}.{item}": each for item, each in zip(items, cell.figures[measure], strict=True)}
            yield {**row, "loses": " ".join(cell.loses), "active": " ".join(cell.active)}


def sweep(
    deal: DealLike,
    settings: Mapping[str, Any],
    *,
    scenario: ScenarioLike | None = None,
    measures: Sequence[str] = DEFAULT_MEASURES,
    notes: Sequence[str] | None = None,
    price: float = 100.0,
    end: End = "call",
    threads: int = 1,
    progress: Callable[[int], None] = lambda done: None,
    told: Callable[[str], None] = lambda text: None,
) -> Sweep:
    """Figures of a deal under every combination of values by path; what is a list is an axis, the last one fastest.

    `measures` are of `abssim.study.figure.MEASURES`; `price` is what yields are at, per 100; `end` says whether calls
    are exercised. Contracts are scheduled once, and a deal is compiled once for all cells that differ in the scenario
    alone. `threads` (0: all cores) pay where pools have very many kinds of contracts: the rest of a cell is Python.
    `progress` is told how many cells are done, `told` how long it will take. Raises AbssimError: E551 to E554 for
    paths, E555 for too many cells, E556 for measures, and all that the documents refuse of the values.

    >>> grid = sweep("template", {"default_multiple": [1, 4], "notes.A.coupon_pct": [4.8, 5.2]}, measures=["loss"])
    >>> [cell.loses for cell in grid.cells]
    [(), (), ('sub',), ('B', 'sub')]
    """
    require_choice("end", end, End)
    require_whole("threads", threads, MOST_THREADS)
    require_price(price)
    axes = _axes(settings)
    compiled = as_compiled(deal)
    require_notes(compiled.deal, notes or ())
    items = _items(compiled, measures, notes or [*compiled.deal.notes])
    base = choose_scenario(compiled, scenario)
    cases = Cases(compiled, base, "exercised" if end == "call" else "never", price)
    combinations = _combinations(cases, axes)
    cases.require(combinations)
    cells = _run(cases, combinations, items, threads or cpu_count() or 1, progress, told)
    several = tuple(axis for axis in axes if len(axis.values) > 1)
    fixed = {axis.path: axis.values[0] for axis in axes if len(axis.values) == 1}
    return Sweep(compiled.deal.name, base.name, end, price, several, fixed, items, tuple(cells), cases.notify())


def cells_of(settings: Mapping[str, Any]) -> int:
    """Number of combinations."""
    return math.prod(len(value) for value in settings.values() if isinstance(value, list | tuple))


def _axes(settings: Mapping[str, Any]) -> list[Axis]:
    axes = [Axis(path, tuple(v) if isinstance(v, list | tuple) else (v,)) for path, v in joined(settings, {}).items()]
    empty = [Problem("E555", axis.path, "", "has no value", "give at least one") for axis in axes if not axis.values]
    if empty:
        raise AbssimError(empty)
    return axes


def _items(compiled: CompiledDeal, measures: Sequence[str], notes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Items of each measure; measures that nobody knows, or that have nothing to say, are refused, and those that are
    named twice. Codes: E556."""
    twice = [measure for measure, count in Counter(measures).items() if count > 1]
    problems = [Problem("E556", "--measure", measure, "is named twice", "name each once") for measure in twice]
    for measure in measures:
        if measure not in MEASURES:
            problems.append(Problem("E556", "--measure", measure, "no such measure", did_you_mean(measure, MEASURES)))
        elif not items_of(compiled, measure, notes):
            text = f"the deal has no {MEASURES[measure].of}"
            problems.append(Problem("E556", "--measure", measure, text, f"known: {', '.join(MEASURES)}"))
    if problems:
        raise AbssimError(problems)
    return {measure: items_of(compiled, measure, notes) for measure in measures}


def _combinations(cases: Cases, axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Settings of all cells, the last axis fastest; of too many cells the time they would take is told. Codes: E555."""
    count = cells_of({axis.path: axis.values for axis in axes})
    if count > MOST_CELLS:
        case = cases.case({axis.path: axis.values[0] for axis in axes})
        start = time.perf_counter()
        case.run  # noqa: B018
        words = _duration(count * (time.perf_counter() - start))
        text = f"{counted(count, 'cell')} would take at least {words}"
        raise AbssimError(Problem("E555", "sweep", "", text, f"give at most {MOST_CELLS:,}"))
    paths = [axis.path for axis in axes]
    return [dict(zip(paths, values, strict=True)) for values in itertools.product(*(axis.values for axis in axes))]


def _run(
    cases: Cases,
    combinations: Sequence[dict[str, Any]],
    items: Items,
    threads: int,
    progress: Callable[[int], None],
    told: Callable[[str], None],
) -> list[Cell]:
    """All cells: those of one deal together, on threads."""
    cells: list[Cell | None] = [None] * len(combinations)
    groups: dict[str, list[int]] = {}
    for i, settings in enumerate(combinations):
        groups.setdefault(cases.deal_key(settings), []).append(i)
    done, start = 0, time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for group in groups.values():
            several = [(combinations[i], cases.case(combinations[i])) for i in group]
            for i, cell in zip(group, pool.map(lambda each: _cell(each[0], each[1], items), several), strict=True):
                cells[i] = cell
                done += 1
                progress(done)
                if done == min(FIRST, len(combinations)):
                    left = (time.perf_counter() - start) / done * (len(combinations) - done)
                    told(f"{counted(len(combinations), 'cell')}: about {_duration(left)}") if left > LONG else None
    return [cell for cell in cells if cell is not None]


FIRST = 4
"""Cells after which the time of all is known."""


def _cell(settings: dict[str, Any], case: Case, items: Items) -> Cell:
    try:
        losses = {name: measure.principal_loss for name, measure in case.notes.items()}
        active = tuple(each.terms.name for each in trigger_measures(case.run) if each.first_active is not None)
        figures = {name: tuple(MEASURES[name].value(case, item) for item in own) for name, own in items.items()}
    except AbssimError as error:
        where = f"with {', '.join(shown(settings))}"
        raise type(error)([replace(each, where=f"{each.where}, {where}") for each in error.problems]) from None
    return Cell(settings, figures, tuple(name for name, lost in losses.items() if lost), active)


def _duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"

"""Simulations under several scenarios with common random numbers: figures side by side, and paired differences.

Path k draws the same numbers under each scenario, so the difference of a figure is a mean over paths of differences:
its error is theirs, and far below the errors of the two figures where scenarios move paths alike (Glasserman 2004,
section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from abssim.errors import AbssimError, Problem
from abssim.measure.distribution import loss_ratios, net_loss_ratios, sample
from abssim.measure.estimate import NOTHING, Estimate, Sample, average, expected_loss, mean, probability, value_at_risk
from abssim.public import Shown
from abssim.result import Simulation

if TYPE_CHECKING:
    import pandas as pd

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """A figure under each scenario, and its difference to the first."""

    values: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    """To the first scenario, path by path; of the first: nothing. Empty for a quantile, which has none."""


@dataclass(frozen=True)
class NoteComparison:
    """One note under each scenario. Losses are shares of the balance at the start of the run, lives years."""

    name: str
    expected_loss: Compared
    loss_probability: Compared
    value_at_risk: Compared
    """At 99 %."""
    life: Compared


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """Everything that is compared; the first scenario is what the others are measured from."""

    scenarios: tuple[str, ...]
    net_loss: Compared
    """Cumulative net loss / initial pool."""
    notes: tuple[NoteComparison, ...]
    triggers: dict[str, Compared]
    """Probability that each ever fires."""

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.scenarios)}>"

    @property
    def frame(self) -> pd.DataFrame:
        """One row per figure and scenario, indexed by item (`pool`, a note, a trigger), figure and scenario: value,
        error, at_most, difference to the first scenario, difference_error. Ratios decimal, lives in years."""
        import pandas as pd

        rows = [(item, figure, s, *_row(own, s)) for item, figure, own in self._figures() for s in self._places]
        names = ["item", "figure", "scenario", "value", "error", "at_most", "difference", "difference_error"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(scenario=[self.scenarios[s] for s in frame["scenario"]]).set_index(names[:3])

    @property
    def _places(self) -> range:
        return range(len(self.scenarios))

    def _figures(self) -> Iterator[tuple[str, str, Compared]]:
        yield "pool", "net_loss", self.net_loss
        for note in self.notes:
            for figure in ("expected_loss", "loss_probability", "value_at_risk", "life"):
                yield note.name, figure, getattr(note, figure)
        for name, fired in self.triggers.items():
            yield name, "ever", fired


def _row(figure: Compared, s: int) -> tuple[float, float, float, float, float]:
    value, gap = figure.values[s], figure.differences[s] if figure.differences else NOTHING
    at_most = math.nan if value.at_most is None else value.at_most
    return math.nan if value.is_bound else value.value, value.error, at_most, gap.value, gap.error


def compare(sims: Sequence[Simulation]) -> Comparison:
    """Simulations of one deal with the same paths and seed, the first of them measured from.

    Raises AbssimError: E540 where there are none, E541 where path k of one is not path k of another.
    """
    _require_same_paths(sims)
    names = [terms.name for terms in sims[0].notes_terms]
    triggers = [terms.name for terms in sims[0].triggers_terms]
    return Comparison(
        scenarios=tuple(sim.scenario_name for sim in sims),
        net_loss=_paired([sample(sim, net_loss_ratios(sim)) for sim in sims], mean),
        notes=tuple(_note(sims, n, name) for n, name in enumerate(names)),
        triggers={name: _fired(sims, [sim.trigger[:, g] >= 0 for sim in sims]) for g, name in enumerate(triggers)},
    )


def _require_same_paths(sims: Sequence[Simulation]) -> None:
    """Differences are taken path by path."""
    if not sims:
        raise AbssimError(Problem("E540", "compare()", "", "there are no simulations", "give two or more"))
    first = sims[0]
    problems = [
        Problem("E541", "compare()", f"simulation {number}", f"is of {theirs}, the first of {ours}", hint)
        for number, sim in enumerate(sims[1:], 2)
        for theirs, ours, hint in _apart(sim, first)
    ]
    if problems:
        raise AbssimError(problems)


def _apart(sim: Simulation, first: Simulation) -> Iterator[tuple[str, str, str]]:
    """What is not the same, and what to do."""
    for word in ("deal_name", "seed", "sampling"):
        theirs, ours = (getattr(each, word) for each in (sim, first))
        if theirs != ours:
            what = word.removesuffix("_name")
            yield f"{what} {theirs}", f"{what} {ours}", "simulate both alike, with simulate_grid"
    if sim.paths != first.paths:
        yield f"{sim.paths:,} paths", f"{first.paths:,}", "simulate as many of each"


def _note(sims: Sequence[Simulation], n: int, name: str) -> NoteComparison:
    losses = [sample(sim, loss_ratios(sim, n)) for sim in sims]
    return NoteComparison(
        name=name,
        expected_loss=_paired(losses, expected_loss),
        loss_probability=_fired(sims, [loss.values > 0.0 for loss in losses]),
        value_at_risk=Compared(tuple(value_at_risk(loss, 0.99) for loss in losses), ()),
        life=_paired([sample(sim, sim.life[:, n]) for sim in sims], average, _difference_of_averages),
    )


def _fired(sims: Sequence[Simulation], happened: Sequence[npt.NDArray[np.bool_]]) -> Compared:
    """A probability, and the difference of the shares of the paths."""
    return _paired([sample(sim, each) for sim, each in zip(sims, happened, strict=True)], probability)


def _paired(
    samples: Sequence[Sample],
    figure: Callable[[Sample], Estimate],
    difference: Callable[[Sample, Sample], Sample] | None = None,
) -> Compared:
    """A mean over paths, and the mean of the differences on the paths where both are known.

    Nothing is said of a difference between two bounds.
    """
    figures, gap = tuple(figure(sample) for sample in samples), difference or _difference
    unknown = [figures[0].is_bound and estimate.is_bound for estimate in figures]
    differences = [
        NOTHING if skip else mean(gap(sample, samples[0])) for sample, skip in zip(samples, unknown, strict=True)
    ]
    return Compared(figures, (NOTHING, *differences[1:]))


def _difference(sample: Sample, base: Sample) -> Sample:
    """Path by path; of weighted values where importance sampling weights the paths of two scenarios differently."""
    if np.array_equal(sample.weight, base.weight):
        return base.of(sample.values - base.values)
    return Sample(sample.weight * sample.values - base.weight * base.values, np.ones(len(base)), base.replicate)


def _difference_of_averages(sample: Sample, base: Sample) -> Sample:
    """Path by path, such that the mean is the difference of the two averages on the paths where both are known."""
    both = np.isfinite(sample.values) & np.isfinite(base.values)
    if not both.any():
        return base.of(np.full(len(base), np.nan))
    gaps = [_gap(each, both) for each in (sample, base)]
    return Sample(gaps[0] - gaps[1], np.ones(len(base)), base.replicate)


def _gap(sample: Sample, both: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """(P,) average over the paths `both`, and each one's share in its error; NaN on the others."""
    weight, values = sample.weight[both], sample.values[both]
    center = np.average(values, weights=weight)
    gap = np.full(len(sample), np.nan)
    gap[both] = center + weight / weight.mean() * (values - center)
    return gap

"""Simulations under several scenarios with common random numbers: figures side by side, and paired differences.

Path k draws the same numbers under each scenario, so the difference of a figure is a mean over paths of differences:
its error is theirs, and far below the errors of the two figures where scenarios move paths alike (Glasserman 2004,
section 4.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.measure.distribution import loss_ratios, net_loss_ratios, sample
from abssim.measure.estimate import NOTHING, Estimate, Sample, average, expected_loss, mean, probability, value_at_risk
from abssim.result import Simulation

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


@dataclass(frozen=True)
class Comparison:
    """Everything that is compared; the first scenario is what the others are measured from."""

    scenarios: tuple[str, ...]
    net_loss: Compared
    """Cumulative net loss / initial pool."""
    notes: tuple[NoteComparison, ...]
    triggers: dict[str, Compared]
    """Probability that each ever fires."""


def compare(sims: Sequence[Simulation]) -> Comparison:
    """Simulations of one deal with the same paths and seed."""
    names = [terms.name for terms in sims[0].notes_terms]
    triggers = [terms.name for terms in sims[0].triggers_terms]
    return Comparison(
        scenarios=tuple(sim.scenario_name for sim in sims),
        net_loss=_paired([sample(sim, net_loss_ratios(sim)) for sim in sims], mean),
        notes=tuple(_note(sims, n, name) for n, name in enumerate(names)),
        triggers={name: _fired(sims, [sim.trigger[:, g] >= 0 for sim in sims]) for g, name in enumerate(triggers)},
    )


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

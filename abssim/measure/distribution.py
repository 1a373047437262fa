"""What a simulation says of the notes, the triggers and the pool: distributions, each figure with its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.measure.estimate import (
    NOTHING,
    Estimate,
    Sample,
    average,
    deviation,
    expected_loss,
    expected_shortfall,
    in_range,
    mean,
    probability,
    quantile,
    quantiles,
    value_at_risk,
)
from abssim.measure.holding import accrued_at_start
from abssim.result import Simulation

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

LEVELS = (0.95, 0.99, 0.999)
"""Confidence levels of VaR and ES."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of lives, yields and fans."""
POOL_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
_CHUNK = 8192
_FEWEST = 50
"""Paths in the first row of a convergence table."""


@dataclass(frozen=True)
class Spread:
    """A quantity over the paths on which it exists: mean, standard deviation, quantiles (`QUANTILES`)."""

    mean: Estimate
    deviation: Estimate
    quantiles: tuple[Estimate, ...]
    known: int
    """Paths on which it exists."""


@dataclass(frozen=True)
class NoteDistribution:
    """One note over all paths. Losses are shares of the balance at the start of the run."""

    name: str
    expected_loss: Estimate
    loss_probability: Estimate
    loss_given_loss: Estimate
    value_at_risk: tuple[Estimate, ...]
    """By `LEVELS`."""
    expected_shortfall: tuple[Estimate, ...]
    life: Spread
    """Weighted average life, years."""
    yield_rate: Spread
    """At par, bond equivalent, decimal a year."""
    interest_shortfall: Estimate
    """Probability that interest is short on some date."""
    late: Estimate
    """Probability that the note is not repaid by its legal final date."""


@dataclass(frozen=True)
class TriggerDistribution:
    """A trigger, or a policy, over all paths."""

    name: str
    ever: Estimate
    by_date: Float64
    """(T,) probability that it has fired (a policy: taken effect) by each payment date."""


@dataclass(frozen=True)
class PoolDistribution:
    """The whole pool. Ratios are of the initial pool."""

    net_loss: Spread
    """Cumulative net loss."""
    quantiles: tuple[Estimate, ...]
    """Of cumulative net loss, by `POOL_QUANTILES`."""
    default: Estimate
    recovery: Estimate
    timing: Float64
    """(T,) share of the mean net loss that has been taken by each payment date."""
    default_timing: Float64
    """(T,) share of the mean default that has happened by each payment date."""
    first_default: int | None
    """Row of the first date by which some path has a default."""
    fans: dict[Fan, Float64]
    """(quantiles, T) by `QUANTILES`."""


@dataclass(frozen=True)
class Convergence:
    """The main figures from the first so many paths."""

    paths: int
    net_loss: Estimate
    expected_loss: tuple[Estimate, ...]
    """By note."""
    value_at_risk: tuple[Estimate, ...]
    """By note, at 99 %."""


def sample(sim: Simulation, values: npt.NDArray[np.generic]) -> Sample:
    """A quantity (P,) on the paths of a simulation, with their weights and replicates."""
    return Sample(np.asarray(values, dtype=np.float64), sim.weight, sim.replicate)


def loss_ratios(sim: Simulation, note: int) -> Float64:
    """(P,) principal lost / balance at the start of the run; zero for a note without a balance."""
    lost = sim.note[:, note, NoteSummary.PRINCIPAL_LOSS]
    return np.asarray(lost / max(1, int(sim.opening_balances[note])))


def note_distributions(sim: Simulation) -> tuple[NoteDistribution, ...]:
    """Every note, in the deal's order."""
    return tuple(_note(sim, n, terms.name) for n, terms in enumerate(sim.notes_terms))


def _note(sim: Simulation, n: int, name: str) -> NoteDistribution:
    losses, summary = sample(sim, loss_ratios(sim, n)), sim.note[:, n]
    lost = losses.values > 0.0
    return NoteDistribution(
        name=name,
        expected_loss=in_range(expected_loss(losses)),
        loss_probability=probability(losses.of(lost)),
        loss_given_loss=in_range(mean(losses.of(np.where(lost, losses.values, np.nan)))),
        value_at_risk=tuple(in_range(value_at_risk(losses, level)) for level in LEVELS),
        expected_shortfall=tuple(in_range(expected_shortfall(losses, level)) for level in LEVELS),
        life=spread(losses.of(sim.life[:, n])),
        yield_rate=spread(losses.of(note_yields(sim, n))),
        interest_shortfall=probability(losses.of(summary[:, NoteSummary.LARGEST_SHORTFALL] > 0)),
        late=probability(losses.of(summary[:, NoteSummary.LATE_BALANCE] > 0)),
    )


def spread(sample: Sample, center: Callable[[Sample], Estimate] = average) -> Spread:
    """Mean, deviation and quantiles of the values that are numbers."""
    known = np.isfinite(sample.values)
    if not known.any():
        return Spread(NOTHING, NOTHING, (NOTHING,) * len(QUANTILES), 0)
    return Spread(center(sample), deviation(sample), tuple(quantile(sample, q) for q in QUANTILES), int(known.sum()))


def note_yields(sim: Simulation, note: int) -> Float64:
    """(P,) yield at par (and accrued interest) of a note on every path, bond equivalent.

    NaN where it is not settled or pays nothing, and of a note without a balance, which has no par.
    """
    face = float(sim.opening_balances[note]) if sim.notes_terms[note].initial_balance else 0.0
    paid = face * (1.0 + accrued_at_start(sim, note))
    yields = np.full(sim.paths, np.nan)
    settled = sim.note[:, note, NoteSummary.SETTLED] == 1
    rows = np.flatnonzero(settled & (sim.cash[:, note].sum(axis=1) > 0)) if face > 0.0 else np.zeros(0, dtype=np.int64)
    for first in range(0, len(rows), _CHUNK):
        chosen = rows[first : first + _CHUNK]
        growth = _growth(sim.cash[chosen, note] / paid, sim.years)
        yields[chosen] = 2.0 * (np.exp(growth / 2.0) - 1.0)
    return yields


def _growth(cash: Float64, years: Float64) -> Float64:
    """(P,) continuous rate at which `cash` (P, T) is worth 1: Newton's method on a convex, falling value."""
    rate = np.zeros(len(cash))
    for _ in range(100):
        value = cash * np.exp(-np.outer(rate, years))
        step = (value.sum(axis=1) - 1.0) / np.maximum(value @ years, 1e-300)
        rate += np.clip(step, -1.0, 1.0)
        if np.abs(step).max(initial=0.0) < 1e-13:
            break
    return rate


def trigger_distributions(sim: Simulation) -> tuple[TriggerDistribution, ...]:
    """Every trigger, in the deal's order."""
    return tuple(_since(sim, terms.name, sim.trigger[:, g]) for g, terms in enumerate(sim.triggers_terms))


def policy_distributions(sim: Simulation) -> tuple[TriggerDistribution, ...]:
    """Every policy: on which payment date its first month in effect is collected."""
    row = np.searchsorted(sim.dates.month, sim.policy)
    row[(sim.policy < 0) | (row >= sim.periods)] = -1
    return tuple(_since(sim, name, row[:, q]) for q, name in enumerate(sim.policies))


def _since(sim: Simulation, name: str, first: Int64) -> TriggerDistribution:
    """`first` (P,) row of the first date, -1 for never."""
    count = np.bincount(first[first >= 0], sim.weight[first >= 0], minlength=sim.periods)
    by_date = np.minimum(1.0, np.cumsum(count) / sim.paths)
    return TriggerDistribution(name, probability(sample(sim, first >= 0)), by_date)


def net_loss_ratios(sim: Simulation) -> Float64:
    """(P,) cumulative default less cumulative recovery / initial pool."""
    net = sim.pool[:, PoolSummary.DEFAULT] - sim.pool[:, PoolSummary.RECOVERY]
    return np.asarray(net / max(1, sim.initial_pool_balance))


def pool_distribution(sim: Simulation) -> PoolDistribution:
    """The pool: cumulative losses, their timing, fans."""
    losses = sample(sim, net_loss_ratios(sim))
    initial = max(1, sim.initial_pool_balance)
    some = np.flatnonzero((sim.fan[:, Fan.DEFAULT_RATIO] > 0.0).any(axis=0))
    return PoolDistribution(
        net_loss=spread(losses, mean),
        quantiles=tuple(value_at_risk(losses, q) for q in POOL_QUANTILES),
        default=mean(losses.of(sim.pool[:, PoolSummary.DEFAULT] / initial)),
        recovery=mean(losses.of(sim.pool[:, PoolSummary.RECOVERY] / initial)),
        timing=_timing(sim, Fan.NET_LOSS_RATIO),
        default_timing=_timing(sim, Fan.DEFAULT_RATIO),
        first_default=int(some[0]) if len(some) else None,
        fans={fan: quantiles(sim.fan[:, fan], sim.weight, QUANTILES) for fan in Fan},
    )


def _timing(sim: Simulation, fan: Fan) -> Float64:
    """(T,) mean of a cumulative series by date / its mean on the last date; NaN if that is not positive."""
    path = np.average(sim.fan[:, fan].astype(np.float64), axis=0, weights=sim.weight)
    return np.asarray(path / path[-1]) if path[-1] > 0.0 else np.full(sim.periods, np.nan)


def convergence(sim: Simulation) -> tuple[Convergence, ...]:
    """The main figures from growing numbers of paths, each twice the one before; the last is all of them."""
    counts = [sim.paths]
    while counts[-1] // 2 >= _FEWEST and len(counts) < 8:
        counts.append(counts[-1] // 2)
    pool = sample(sim, net_loss_ratios(sim))
    losses = [pool.of(loss_ratios(sim, n)) for n in range(len(sim.notes_terms))]
    return tuple(
        Convergence(
            count,
            mean(pool.first(count)),
            tuple(in_range(expected_loss(loss.first(count))) for loss in losses),
            tuple(in_range(value_at_risk(loss.first(count), 0.99)) for loss in losses),
        )
        for count in reversed(counts)
    )

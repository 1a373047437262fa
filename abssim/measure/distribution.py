"""What a simulation says of the notes, the triggers and the pool: distributions, each figure with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.measure.estimate import (
    NOTHING,
    Estimate,
    expected_loss,
    expected_shortfall,
    mean,
    probability,
    value_at_risk,
)
from abssim.result import Simulation

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

LEVELS = (0.95, 0.99, 0.999)
"""Confidence levels of VaR and ES."""
QUANTILES = (0.05, 0.5, 0.95)
"""Of lives, yields and fans."""
POOL_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
_CHUNK = 8192
_FEWEST = 50
"""Paths in the first row of a convergence table."""


@dataclass(frozen=True)
class Spread:
    """A quantity over the paths on which it exists: mean, standard deviation, quantiles (`QUANTILES`)."""

    mean: Estimate
    deviation: float
    quantiles: tuple[float, ...]
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


def loss_ratios(sim: Simulation, note: int) -> Float64:
    """(P,) principal lost / balance at the start of the run; zero for a note without a balance."""
    lost = sim.note[:, note, NoteSummary.PRINCIPAL_LOSS]
    return np.asarray(lost / max(1, int(sim.opening_balances[note])))


def note_distributions(sim: Simulation) -> tuple[NoteDistribution, ...]:
    """Every note, in the deal's order."""
    return tuple(_note(sim, n, terms.name) for n, terms in enumerate(sim.notes_terms))


def _note(sim: Simulation, n: int, name: str) -> NoteDistribution:
    losses, summary = loss_ratios(sim, n), sim.note[:, n]
    lost = losses[losses > 0.0]
    return NoteDistribution(
        name=name,
        expected_loss=expected_loss(losses),
        loss_probability=probability(losses > 0.0),
        loss_given_loss=mean(lost) if len(lost) else NOTHING,
        value_at_risk=tuple(value_at_risk(losses, level) for level in LEVELS),
        expected_shortfall=tuple(expected_shortfall(losses, level) for level in LEVELS),
        life=spread(sim.life[:, n]),
        yield_rate=spread(note_yields(sim, n)),
        interest_shortfall=probability(summary[:, NoteSummary.LARGEST_SHORTFALL] > 0),
        late=probability(summary[:, NoteSummary.LATE_BALANCE] > 0),
    )


def spread(values: Float64) -> Spread:
    """Mean, deviation and quantiles of the values that are numbers."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Spread(NOTHING, float("nan"), (float("nan"),) * len(QUANTILES), 0)
    deviation = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
    return Spread(mean(known), deviation, tuple(float(q) for q in np.quantile(known, QUANTILES)), len(known))


def note_yields(sim: Simulation, note: int) -> Float64:
    """(P,) yield at par of a note on every path, bond equivalent; NaN where it is not settled or pays nothing."""
    face = float(sim.opening_balances[note])
    found = np.full(sim.paths, np.nan)
    settled = sim.note[:, note, NoteSummary.SETTLED] == 1
    rows = np.flatnonzero(settled & (sim.cash[:, note].sum(axis=1) > 0)) if face > 0.0 else np.zeros(0, dtype=np.int64)
    for first in range(0, len(rows), _CHUNK):
        chosen = rows[first : first + _CHUNK]
        growth = _growth(sim.cash[chosen, note] / face, sim.years)
        found[chosen] = 2.0 * (np.exp(growth / 2.0) - 1.0)
    return found


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
    count = np.bincount(first[first >= 0], minlength=sim.periods)
    return TriggerDistribution(name, probability(first >= 0), np.cumsum(count) / sim.paths)


def net_loss_ratios(sim: Simulation) -> Float64:
    """(P,) cumulative default less cumulative recovery / initial pool."""
    net = sim.pool[:, PoolSummary.DEFAULT] - sim.pool[:, PoolSummary.RECOVERY]
    return np.asarray(net / max(1, sim.initial_pool_balance))


def pool_distribution(sim: Simulation) -> PoolDistribution:
    """The pool: cumulative losses, their timing, fans."""
    losses = net_loss_ratios(sim)
    initial = max(1, sim.initial_pool_balance)
    path = sim.fan[:, Fan.NET_LOSS_RATIO].mean(axis=0, dtype=np.float64)
    return PoolDistribution(
        net_loss=spread(losses),
        quantiles=tuple(value_at_risk(losses, q) for q in POOL_QUANTILES),
        default=mean(sim.pool[:, PoolSummary.DEFAULT] / initial),
        recovery=mean(sim.pool[:, PoolSummary.RECOVERY] / initial),
        timing=path / path[-1] if path[-1] > 0.0 else np.full(sim.periods, np.nan),
        fans={fan: np.quantile(sim.fan[:, fan], QUANTILES, axis=0).astype(np.float64) for fan in Fan},
    )


def convergence(sim: Simulation) -> tuple[Convergence, ...]:
    """The main figures from growing numbers of paths, each twice the one before; the last is all of them."""
    counts = [sim.paths]
    while counts[-1] // 2 >= _FEWEST and len(counts) < 8:
        counts.append(counts[-1] // 2)
    pool = net_loss_ratios(sim)
    losses = [loss_ratios(sim, n) for n in range(len(sim.notes_terms))]
    return tuple(
        Convergence(
            count,
            mean(pool[:count]),
            tuple(expected_loss(each[:count]) for each in losses),
            tuple(value_at_risk(each[:count], 0.99) for each in losses),
        )
        for count in reversed(counts)
    )

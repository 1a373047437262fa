"""Factor correlation from the past: between vintages (lifetime) and between calendar months (what a scenario takes).

Both are maximum likelihood of the mixture itself, so the noise of finite pools is accounted for exactly: given the
factor, defaults are binomial with probability F((F^-1(p) - sqrt(rho) m) / sqrt(1 - rho)) (Vasicek; Gordy and
Heitfield 2010, "Small-sample estimation of models of portfolio credit risk"). Errors come from the curvature of the
likelihood (delta method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MIN_VINTAGES, MIN_MONTHS = 3, 12
"""Fewer say nothing about a variance, or about persistence."""
_NODES = 64
_GRID = np.linspace(-4.5, 4.5, 61)
_MAX_PERSISTENCE = 0.985
"""The grid resolves no slower factor."""
_MAX_CORRELATION = 0.9
_CLASSES = 10
"""Groups of like hazard that a month's trials are merged into."""


@dataclass(frozen=True)
class Trials:
    """Binomial trials of calendar months; `(C,)` columns."""

    month: Int64
    number: Float64
    events: Float64
    base: Float64
    """Probability without a factor."""


@dataclass(frozen=True)
class Lifetime:
    """Correlation of lifetime defaults between vintages, each with a factor of its own."""

    correlation: float
    error: float
    moments: float
    """The same by the method of moments: variance of F^-1(default rate), less the binomial part."""
    deviance: float
    """Twice the gain in log-likelihood over independence; 50:50 mixture of 0 and chi-square(1) without correlation."""
    vintages: int


@dataclass(frozen=True)
class Monthly:
    """Correlation of a month's moves and persistence of the factor behind them, as a scenario takes them."""

    correlation: float
    error: float
    persistence: float
    persistence_error: float
    deviance: float
    months: tuple[int, ...]
    factor: Float64
    """(T,) expected factor of each month given all of them; high is good."""


def lifetime_correlation(number: Float64, events: Float64, base: Float64) -> Lifetime | None:
    """From vintages of `number` loans (inf: no binomial noise) with `events` defaults where `base` (share) were due."""
    from scipy.special import ndtri

    used = (number > 0) & (base > 0.0) & (base < 1.0)
    number, events, base = number[used], events[used], base[used]
    if len(number) < MIN_VINTAGES:
        return None
    moments = _moments(number, events, base)
    if np.isinf(number).any():
        spread = float(np.var(ndtri(np.clip(events, 1e-6, 1.0 - 1e-6)), ddof=1))
        error = spread * np.sqrt(2.0 / (len(number) - 1)) / (1.0 + spread) ** 2
        return Lifetime(moments, float(error), moments, float("nan"), len(number))
    node, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    log_weight = np.log(np.maximum(weight, 1e-300) / np.sqrt(2.0 * np.pi))

    def likelihood(at: Float64) -> float:
        each = _binomial(number, events, base, node, _correlation(at[0]), at[1])
        return float(_log_sum(each + log_weight).sum())

    best, error = _maximize(likelihood, np.asarray([_logit(moments), 0.0]))
    still = _maximize(lambda at: likelihood(np.asarray([-20.0, at[0]])), np.zeros(1))[0]
    rho = _correlation(best[0])
    gain = 2.0 * (likelihood(best) - likelihood(np.asarray([-20.0, still[0]])))
    return Lifetime(rho, float(error[0] * rho * (1.0 - rho / _MAX_CORRELATION)), moments, max(0.0, gain), len(number))


def _moments(number: Float64, events: Float64, base: Float64) -> float:
    """Method of moments: the variance of F^-1(rate) - F^-1(base), less its binomial part, is rho / (1 - rho)."""
    from scipy.special import ndtri

    infinite = np.isinf(number)
    size = np.where(infinite, 1.0, number)
    rate = np.clip(events / size, 0.5 / np.where(infinite, 1e6, size), 1.0 - 0.5 / np.where(infinite, 1e6, size))
    z = ndtri(base)
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    noise = np.where(infinite, 0.0, base * (1.0 - base) / size / density**2)
    spread = max(1e-4, float(np.var(ndtri(rate) - z, ddof=1) - noise.mean()))
    return spread / (1.0 + spread)


def monthly_correlation(trials: Trials) -> Monthly | None:
    """Maximum likelihood of an AR(1) factor on a grid of states, month by month (hidden Markov model).

    A common shift of all base probabilities is estimated with it: the base is itself an average of these months.
    """
    used = (trials.base > 0.0) & (trials.base < 1.0) & (trials.number > 0)
    merged = _merged(Trials(trials.month[used], trials.number[used], trials.events[used], trials.base[used]))
    months = np.unique(merged.month)
    if len(months) < MIN_MONTHS:
        return None
    span = np.arange(months[0], months[-1] + 1)

    def states(at: Float64) -> Float64:
        each = _binomial(merged.number, merged.events, merged.base, _GRID, _correlation(at[0]), at[2])
        found = np.zeros((len(span), len(_GRID)))
        np.add.at(found, merged.month - span[0], each)
        return found

    def likelihood(at: Float64) -> float:
        return _forward(states(at), _persistence(at[1]))[0]

    best, error = _maximize(likelihood, np.asarray([_logit(0.03), _logit(0.7), 0.0]))
    still = _maximize(lambda at: likelihood(np.asarray([-20.0, 0.0, at[0]])), np.zeros(1))[0]
    gain = 2.0 * (likelihood(best) - likelihood(np.asarray([-20.0, 0.0, still[0]])))
    rho, phi = _correlation(best[0]), _persistence(best[1])
    factor = _smoothed(states(best), phi)
    return Monthly(
        rho,
        float(error[0] * rho * (1.0 - rho / _MAX_CORRELATION)),
        phi,
        float(error[1] * phi * (1.0 - phi / _MAX_PERSISTENCE)),
        max(0.0, gain),
        tuple(span.tolist()),
        factor,
    )


def _merged(trials: Trials) -> Trials:
    """Trials of like base probability together, month by month."""
    edges = np.quantile(trials.base, np.linspace(0.0, 1.0, _CLASSES + 1)[1:-1])
    group = np.searchsorted(edges, trials.base, side="right")
    used, place = np.unique(trials.month * _CLASSES + group, return_inverse=True)
    number = np.bincount(place, trials.number)
    base = np.bincount(place, trials.number * trials.base) / number
    return Trials(used // _CLASSES, number, np.bincount(place, trials.events), base)


def conditional(base: Float64, factor: Float64, rho: float, shift: float = 0.0) -> Float64:
    """Probability given the factor; high is good."""
    from scipy.special import ndtr, ndtri

    found: Float64 = ndtr((ndtri(base) + shift - np.sqrt(rho) * factor) / np.sqrt(1.0 - rho))
    return found


def _binomial(
    number: Float64, events: Float64, base: Float64, node: Float64, rho: float, shift: float
) -> Float64:
    """(C, G) log-likelihood of each trial at each value of the factor, constants left out."""
    p = np.clip(conditional(base[:, None], node[None, :], rho, shift), 1e-300, 1.0 - 1e-16)
    return np.asarray(events[:, None] * np.log(p) + (number - events)[:, None] * np.log1p(-p))


def _log_sum(each: Float64) -> Float64:
    top = each.max(axis=1)
    return np.asarray(top + np.log(np.exp(each - top[:, None]).sum(axis=1)))


def _transition(phi: float) -> tuple[Float64, Float64]:
    """Start (G,) and transition (G, G) probabilities of the AR(1) factor on the grid."""
    start = np.exp(-0.5 * _GRID**2)
    step = np.exp(-0.5 * (_GRID[None, :] - phi * _GRID[:, None]) ** 2 / (1.0 - phi**2))
    return start / start.sum(), step / step.sum(axis=1, keepdims=True)


def _forward(states: Float64, phi: float) -> tuple[float, Float64]:
    """Log-likelihood, and (T, G) probabilities of the factor given the months so far."""
    belief, step = _transition(phi)
    found, total = np.zeros_like(states), 0.0
    for t, row in enumerate(states):
        top = row.max()
        joint = (belief if t == 0 else belief @ step) * np.exp(row - top)
        mass = joint.sum()
        belief = joint / mass
        found[t], total = belief, total + top + np.log(mass)
    return float(total), found


def _smoothed(states: Float64, phi: float) -> Float64:
    """(T,) mean of the factor given all months: forward, then backward."""
    filtered, (_, step) = _forward(states, phi)[1], _transition(phi)
    back, found = np.ones(len(_GRID)), np.zeros(len(states))
    for t in range(len(states) - 1, -1, -1):
        belief = filtered[t] * back
        found[t] = (belief * _GRID).sum() / belief.sum()
        back = step @ (np.exp(states[t] - states[t].max()) * back)
        back /= back.max()
    return found


def _maximize(function: Callable[[Float64], float], start: Float64) -> tuple[Float64, Float64]:
    """The maximum, and standard errors from the curvature there (NaN where it has none)."""
    from scipy.optimize import minimize

    found = minimize(lambda at: -function(at), start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7})
    at, step = np.asarray(found.x), 0.02
    unit = np.eye(len(at)) * step
    hessian = np.asarray([
        [(function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)) for b in unit]
        for a in unit
    ]) / (4.0 * step**2)  # fmt: skip
    try:
        variance = np.diag(np.linalg.inv(-hessian))
    except np.linalg.LinAlgError:
        return at, np.full(len(at), np.nan)
    return at, np.sqrt(np.where(variance > 0.0, variance, np.nan))


def _logit(value: float, high: float = _MAX_CORRELATION) -> float:
    return float(np.log(value / (high - value)))


def _correlation(at: float) -> float:
    return float(_MAX_CORRELATION / (1.0 + np.exp(-at)))


def _persistence(at: float) -> float:
    return float(_MAX_PERSISTENCE / (1.0 + np.exp(-at)))

"""Factor correlation from the past: between vintages (lifetime) and between calendar months (what a scenario takes).

Both are maximum likelihood of the mixture itself, so the noise of finite pools is accounted for exactly: given the
factor, defaults are binomial with probability F((F^-1(p) - sqrt(rho) m) / sqrt(1 - rho)) (Vasicek; Gordy and
Heitfield 2010, "Small-sample estimation of models of portfolio credit risk"). Errors come from the curvature of the
likelihood (delta method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.calibrate.serial import (
    HIGHEST_PERSISTENCE,
    MIN_MONTHS,
    SHOWN,
    carried,
    persistence_error,
    unbiased_persistence,
    variance_error,
    variance_of_mean,
)

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MIN_VINTAGES = 3
"""Fewer say nothing about a variance."""
_NODES = 64
_GRID = np.linspace(-4.5, 4.5, 61)
_MAX_CORRELATION = 0.9
_TURNS, _NEWTON = 5, 4
_STEP = 0.02
_INFORMATION = 2200.0
"""Most Fisher information on the quantile that a month counts with: it resolves the grid at a correlation of 2 %."""
_NEXT_TO_ZERO = 1e-3
_ONE_IN_TEN = 1.642
"""Of the half-and-half mixture of 0 and chi-square(1)."""


@dataclass(frozen=True)
class Trials:
    """Binomial trials of calendar months; `(C,)` columns."""

    month: Int64
    number: Float64
    events: Float64
    base: Float64
    """Probability without a factor."""
    group: Int64
    """Trials of one group share the error of their base: a bucket, or a band of age."""


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

    @property
    def is_seen(self) -> bool:
        """False if independent loans would vary as much one time in ten: then persistence means nothing."""
        return self.deviance > _ONE_IN_TEN

    @property
    def carried(self) -> float:
        """Persistence as errors of rates take it; 0 where it is not seen."""
        return carried(self.persistence, self.persistence_error) if self.is_seen else 0.0


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
        terms = _binomial(number, events, base, node, _correlation(at[0]), at[1])
        return float(_log_sum(terms + log_weight).sum())

    best = _maximum(likelihood, np.asarray([_logit(moments), 0.0]))
    still = _maximum(lambda at: likelihood(np.asarray([-20.0, at[0]])), np.zeros(1))
    rho = _correlation(best[0])
    gain = 2.0 * (likelihood(best) - likelihood(np.asarray([-20.0, still[0]])))
    return Lifetime(rho, _rho_error(likelihood, best), moments, max(0.0, gain), len(number))


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

    Base probabilities are averages of months of their own (bad ones for who is in arrears, late ones for who is old),
    so a shift of each group is estimated with the factor: by turns, the factor given the shifts and the shifts given
    the factor (expectation and conditional maximization, Meng and Rubin 1993). Both figures are corrected for the bias
    of short histories, and errors are at least those of a factor that is seen exactly.
    """
    used = (trials.base > 0.0) & (trials.base < 1.0) & (trials.number > 0)
    merged = _merged(Trials(*(getattr(trials, name)[used] for name in Trials.__dataclass_fields__)))
    months = np.unique(merged.month)
    if len(months) < MIN_MONTHS:
        return None
    span = np.arange(months[0], months[-1] + 1)
    place, best = merged.month - span[0], np.asarray([_logit(0.03), _logit(0.7), 0.0])
    base = merged.base

    def states(at: Float64) -> Float64:
        terms = _binomial(merged.number, merged.events, base, _GRID, _correlation(at[0]), at[2])
        by_month = np.zeros((len(span), len(_GRID)))
        np.add.at(by_month, place, terms)
        return by_month

    def likelihood(at: Float64) -> float:
        return _forward(states(at), _persistence(at[1]))[0]

    for _ in range(_TURNS):
        best = _maximum(likelihood, best)
        belief = _smoothed(states(best), _persistence(best[1]))
        base = _shifted(merged, base, belief[place], _correlation(best[0]), best[2])
        best[2] = 0.0
    best = _maximum(likelihood, best)
    error, rho, phi = _errors(likelihood, best), _correlation(best[0]), _persistence(best[1])
    belief = _smoothed(states(best), phi)
    gain = likelihood(best) - _independent(merged)
    slow = float(error[1] * phi * (1.0 - phi / HIGHEST_PERSISTENCE))
    estimated = Monthly(
        rho, _rho_error(likelihood, best), phi, slow, max(0.0, 2.0 * gain), tuple(span.tolist()), belief @ _GRID
    )
    return _of_the_long_run(estimated)


def _of_the_long_run(estimated: Monthly) -> Monthly:
    """Small-sample bias correction of persistence and correlation. A slow factor is estimated about its mean over the
    months seen, not its own, so it seems quicker (Kendall 1954) and its variance smaller (`variance_of_mean`). Errors
    are at least Bartlett's, those of a factor that is seen exactly."""
    months, phi, rho = len(estimated.months), estimated.persistence, estimated.correlation
    if estimated.is_seen:
        phi = unbiased_persistence(phi, months)
        odds = rho / (1.0 - rho) / max(SHOWN, 1.0 - variance_of_mean(phi, months))
        rho = min(_MAX_CORRELATION, odds / (1.0 + odds))
    error = max(estimated.error * rho / estimated.correlation, rho * variance_error(phi, months))
    slow = float(np.fmax(estimated.persistence_error, persistence_error(phi, months)))
    return replace(estimated, correlation=rho, error=error, persistence=phi, persistence_error=slow)


def _shifted(trials: Trials, base: Float64, belief: Float64, rho: float, shift: float) -> Float64:
    """Conditional maximization of the group levels: the base probabilities under which each group is expected to have
    the events it had, on average over the distribution `belief` (C, G) of the factor; by Newton's method."""
    from scipy.special import ndtr, ndtri

    groups = int(trials.group.max()) + 1
    z = ndtri(base) + shift
    scale = 1.0 / np.sqrt(1.0 - rho)
    wanted = np.bincount(trials.group, trials.events, minlength=groups)
    for _ in range(_NEWTON):
        at = (z[:, None] - np.sqrt(rho) * _GRID[None, :]) * scale
        due = trials.number * (ndtr(at) * belief).sum(axis=1)
        slope = trials.number * (np.exp(-0.5 * at**2) * belief).sum(axis=1) * scale / np.sqrt(2.0 * np.pi)
        gap = wanted - np.bincount(trials.group, due, minlength=groups)
        z = z + (gap / np.maximum(1e-12, np.bincount(trials.group, slope, minlength=groups)))[trials.group]
    return np.asarray(np.clip(ndtr(z), 1e-12, 1.0 - 1e-12))


def _independent(trials: Trials) -> float:
    """Log-likelihood without a factor, each group at its own level."""
    certain = np.zeros((len(trials.number), len(_GRID)))
    certain[:, len(_GRID) // 2] = 1.0
    base = _shifted(trials, trials.base, certain, 0.0, 0.0)
    return float(_binomial(trials.number, trials.events, base, np.zeros(1), 0.0, 0.0).sum())


def _merged(trials: Trials) -> Trials:
    """Trials of a group together, month by month."""
    groups = int(trials.group.max(initial=0)) + 1
    used, place = np.unique(trials.month * groups + trials.group, return_inverse=True)
    number, events = (np.bincount(place, each).astype(np.float64) for each in (trials.number, trials.events))
    base = np.bincount(place, trials.number * trials.base) / number
    share = _resolved(used // groups, number, base)
    return Trials(used // groups, number * share, events * share, base, used % groups)


def _resolved(month: Int64, number: Float64, base: Float64) -> Float64:
    """(C,) share of the loans that count. The likelihood is taken on a grid of factor states, and a month of very many
    loans would fit none of them. Such a month has the weight of fewer loans (a cap on its Fisher information), whose
    noise is still small beside the factor's own."""
    from scipy.special import ndtri

    density = np.exp(-0.5 * ndtri(base) ** 2) / np.sqrt(2.0 * np.pi)
    place = month - month.min() if len(month) else month
    information = np.bincount(place, number * density**2 / (base * (1.0 - base)))
    return np.asarray(np.minimum(1.0, _INFORMATION / np.maximum(1e-300, information))[place])


def conditional(base: Float64, factor: Float64, rho: float, shift: float = 0.0) -> Float64:
    """Probability given the factor; high is good."""
    from scipy.special import ndtr, ndtri

    probability: Float64 = ndtr((ndtri(base) + shift - np.sqrt(rho) * factor) / np.sqrt(1.0 - rho))
    return probability


def _binomial(number: Float64, events: Float64, base: Float64, node: Float64, rho: float, shift: float) -> Float64:
    """(C, G) log-likelihood of each trial at each value of the factor, constants left out."""
    p = np.clip(conditional(base[:, None], node[None, :], rho, shift), 1e-300, 1.0 - 1e-16)
    return np.asarray(events[:, None] * np.log(p) + (number - events)[:, None] * np.log1p(-p))


def _log_sum(terms: Float64) -> Float64:
    top = terms.max(axis=1)
    return np.asarray(top + np.log(np.exp(terms - top[:, None]).sum(axis=1)))


def _transition(phi: float) -> tuple[Float64, Float64]:
    """Start (G,) and transition (G, G) probabilities of the AR(1) factor on the grid."""
    start = np.exp(-0.5 * _GRID**2)
    step = np.exp(-0.5 * (_GRID[None, :] - phi * _GRID[:, None]) ** 2 / (1.0 - phi**2))
    return start / start.sum(), step / step.sum(axis=1, keepdims=True)


def _forward(states: Float64, phi: float) -> tuple[float, Float64]:
    """Log-likelihood, and (T, G) probabilities of the factor given the months so far."""
    belief, step = _transition(phi)
    filtered, total = np.zeros_like(states), 0.0
    for t, row in enumerate(states):
        top = row.max()
        joint = (belief if t == 0 else belief @ step) * np.exp(row - top)
        mass = joint.sum()
        belief = joint / mass
        filtered[t], total = belief, total + top + np.log(mass)
    return float(total), filtered


def _smoothed(states: Float64, phi: float) -> Float64:
    """(T, G) probabilities of the factor given all months: forward, then backward."""
    belief, (_, step) = _forward(states, phi)[1], _transition(phi)
    back = np.ones(len(_GRID))
    for t in range(len(states) - 1, -1, -1):
        belief[t] *= back
        belief[t] /= belief[t].sum()
        back = step @ (np.exp(states[t] - states[t].max()) * back)
        back /= back.max()
    return belief


def _maximum(function: Callable[[Float64], float], start: Float64) -> Float64:
    from scipy import optimize

    minimize: Any = optimize.minimize
    options = {"xatol": 1e-3, "fatol": 1e-6}
    return np.asarray(minimize(lambda at: -function(at), start, method="Nelder-Mead", options=options).x)


def _errors(function: Callable[[Float64], float], at: Float64) -> Float64:
    """Standard errors from the curvature at a maximum; NaN where it has none."""
    unit = np.eye(len(at)) * _STEP
    hessian = np.asarray([
        [(function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)) for b in unit]
        for a in unit
    ]) / (4.0 * _STEP**2)  # fmt: skip
    try:
        variance = np.diag(np.linalg.inv(-hessian))
    except np.linalg.LinAlgError:
        return np.full(len(at), np.nan)
    return np.sqrt(np.where(variance > 0.0, variance, np.nan))


def _rho_error(function: Callable[[Float64], float], at: Float64) -> float:
    """Standard error of the correlation; next to zero, how far it can rise until the likelihood falls by half."""
    from scipy import optimize

    rho, error = _correlation(at[0]), float(_errors(function, at)[0])
    if rho > _NEXT_TO_ZERO and np.isfinite(error):
        return error * rho * (1.0 - rho / _MAX_CORRELATION)
    top, high = function(at) - 0.5, _logit(0.5)

    def left(first: float) -> float:
        return function(np.asarray([first, *at[1:]])) - top

    return _correlation(high if left(high) > 0.0 else optimize.brentq(left, at[0], high)) - rho


def _logit(value: float, high: float = _MAX_CORRELATION) -> float:
    return float(np.log(value / (high - value)))


def _correlation(at: float) -> float:
    return float(_MAX_CORRELATION / (1.0 + np.exp(-at)))


def _persistence(at: float) -> float:
    return float(HIGHEST_PERSISTENCE / (1.0 + np.exp(-at)))

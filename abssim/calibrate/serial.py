"""What months that resemble each other say less than independent ones: AR(1) corrections of means and variances.

One function, `common_part`, gives every figure of a calibration the part of its error that months have in common: roll
rates, hazards and what adds up from them, recoveries (`common_variance`), and developed vintages.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MIN_MONTHS = 12
"""Fewer say nothing about persistence."""
HIGHEST_PERSISTENCE = 0.985
"""Upper bound of persistence: the grid of factor states resolves no slower factor, and sixty months cannot tell one."""
_TWO_SIDED = 1.959964
_ONE_IN_TEN = 1.28
"""Standard errors by which months must differ more than independent loans before persistence means something."""
_NOTHING = 1e-9
"""Rounding noise: loadings of residuals this small mean that a rate comes from one month, which shows nothing."""
SHOWN = 0.5
"""Part of a factor's variance that months show at least: a slower one cannot be told from a trend."""
_FEWEST = 3.0
"""Independent months, at least, whose Student's t is taken: it has no variance below."""


class Persistence(NamedTuple):
    """How alike months are that follow each other, as errors take it (`carried`)."""

    default: float
    prepayment: float


def variance_of_mean(phi: float, months: int) -> float:
    """Variance of the mean of so many months of an AR(1) with variance 1. By so much the variance within the months
    falls short of 1 on average."""
    lag = np.arange(1, months)
    return float(1.0 + 2.0 * ((1.0 - lag / months) * phi**lag).sum()) / months


def unbiased_persistence(phi: float, months: int) -> float:
    """Estimates of an AR(1) about its own mean are `(1 + 3 phi) / T` too low (Kendall 1954, "Note on bias in the
    estimation of autocorrelation")."""
    return min(HIGHEST_PERSISTENCE, (phi + 1.0 / months) / (1.0 - 3.0 / months))


def variance_error(phi: float, months: int) -> float:
    """Standard error of a variance / the variance, of so many months seen exactly (Bartlett)."""
    return float(np.sqrt(2.0 * (1.0 + phi**2) / (months * (1.0 - phi**2))))


def persistence_error(phi: float, months: int) -> float:
    """Standard error of the persistence of so many months seen exactly (Bartlett)."""
    return float(np.sqrt((1.0 - phi**2) / months))


def carried(phi: float, error: float) -> float:
    """Persistence as errors of rates take it: half a standard error above the estimate, on the side of caution. Sixty
    months determine it badly; taken too low it understates errors by more than it overstates them taken too high."""
    return min(HIGHEST_PERSISTENCE, phi + 0.5 * error)


def persistence_of(gap: Float64, noise: Float64) -> float:
    """Lag-one autocorrelation of consecutive months, as errors take it (`carried`).

    `gap` (T,) is actual less expected events, `noise` (T,) its variance if loans were independent. 0 where months are
    not overdispersed, at one chance in ten.
    """
    months, excess = len(gap), float((gap**2).sum() - noise.sum())
    if months < MIN_MONTHS or excess <= _ONE_IN_TEN * np.sqrt(2.0 * float((noise**2).sum())):
        return 0.0
    phi = float((gap[1:] * gap[:-1]).sum()) / excess * months / (months - 1)
    phi = max(0.0, unbiased_persistence(min(phi, HIGHEST_PERSISTENCE), months))
    return carried(phi, persistence_error(phi, months))


def alike_in(month: Int64, phi: float) -> Float64:
    """(T, T) correlation of an AR(1) factor in these months."""
    return np.asarray(phi ** abs(np.subtract.outer(month, month)), dtype=np.float64)


def common_part(excess: float, seen: Float64, alike: Float64, off: Float64) -> Float64:
    """(...) variance of figures due to a common factor, `s^2 off R off'`, whose scale `s` is estimated by moments.

    `off` (..., T) are the loadings of the figures on the factor of each month, `alike` R (T, T) is its correlation
    between months. Residuals load on it by `seen` A (N, T); their squares add up to `excess`, beyond independent noise.
    Of a factor of variance 1 they add up to `tr(A R A')` on average, so `s^2 = excess / tr(A R A')`; the trace is taken
    to be at least `SHOWN` of the one of independent months. The estimate has about `tr(A R A')^2 / tr((A R A')^2)`
    degrees of freedom (Satterthwaite 1946): Student's t over the normal quantile widens the error for it, so that two
    errors cover 95 %.
    """
    from scipy.special import stdtrit

    square = seen.T @ seen
    product = square @ alike
    mean, most = float(np.trace(product)), float(np.trace(square))
    if excess <= 0.0 or mean <= _NOTHING * float((off**2).sum()):
        return np.zeros(off.shape[:-1])
    freedom = mean**2 / float((product * product.T).sum())
    wider = float(stdtrit(max(_FEWEST, freedom), 0.975)) / _TWO_SIDED
    return np.asarray(wider**2 * excess / max(mean, SHOWN * most) * ((off @ alike) * off).sum(axis=-1))


def common_variance(events: Float64, base: Float64, noise: float, phi: float, gradient: Float64 | None = None) -> float:
    """Variance, by a factor that months have in common, of a figure made of rates: overdispersion by moments.

    The figure is `sum over G of gradient x (sum over T of events / sum over T of base)`: columns of `events`, `base`
    (T, G) are rates of their own, such as those of ages, over the same months; `gradient` (G,), 1 by default. `noise`
    is the variance of the figure if loans were independent; what its months vary beyond it is the factor's, an AR(1)
    of persistence `phi` that moves events in proportion to those expected (`common_part`).
    """
    seen, known = base.sum(axis=1) > 0.0, base.sum(axis=0) > 0.0
    events, base = events[seen][:, known], base[seen][:, known]
    steep = np.ones(base.shape[1]) if gradient is None else gradient[known]
    whole = base.sum(axis=0)
    rate, share = events.sum(axis=0) / whole, base / whole
    gap, off = (events / whole - rate * share) @ steep, share @ (steep * rate)
    shown = np.diag(off) - (share * steep * rate) @ share.T
    return float(common_part(float((gap**2).sum()) - noise, shown, alike_in(np.flatnonzero(seen), phi), off))

"""What months that resemble each other say less than independent ones: AR(1) corrections of means and variances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

HIGHEST_PERSISTENCE = 0.985
"""The grid of the factor resolves no slower one, and sixty months say nothing of it."""
_TWO_SIDED = 1.959964
_FEWEST = 2.0
"""Independent months, at least, whose Student's t is taken."""


def variance_of_mean(phi: float, months: int) -> float:
    """Variance of the mean of so many months of an AR(1) with variance 1; what the variance within them falls short."""
    lag = np.arange(1, months)
    return float(1.0 + 2.0 * ((1.0 - lag / months) * phi**lag).sum()) / months


def unbiased_persistence(phi: float, months: int) -> float:
    """Estimates of an AR(1) about its own mean are `(1 + 3 phi) / T` too low (Kendall 1954, "Note on bias in the
    estimation of autocorrelation")."""
    return min(HIGHEST_PERSISTENCE, (phi + 1.0 / months) / (1.0 - 3.0 / months))


def variance_error(phi: float, months: int) -> float:
    """Standard error of a variance / the variance, of so many months seen exactly (Bartlett)."""
    return float(np.sqrt(2.0 * (1.0 + phi**2) / (months * (1.0 - phi**2))))


def month_errors(events: Float64, base: Float64, noise: Float64, phi: float) -> Float64:
    """(...) standard errors of rates `sum of events / sum of base` (T, ...), months alike by persistence `phi`.

    `noise` (...) is the variance of the sum of events of independent loans. What months vary beyond it is taken as the
    factor's: it goes on from month to month, and is larger than within the months seen. It is known from few
    independent months: Student's t over the normal quantile widens its error, so that two errors cover 95 %.
    """
    from scipy.special import stdtrit

    months, whole = np.maximum(2, (base > 0.0).sum(axis=0)), base.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = ((events - events.sum(axis=0) / whole * base) ** 2).sum(axis=0)
        mean = np.vectorize(variance_of_mean, otypes=[float])(phi, months)
        common = np.maximum(0.0, seen - noise) * months * mean / (1.0 - mean)
        independent = np.maximum(_FEWEST, 2.0 / np.vectorize(variance_error, otypes=[float])(phi, months) ** 2)
        few = stdtrit(independent - 1.0, 0.975) / _TWO_SIDED
        return np.asarray(np.sqrt(noise + few**2 * common) / whole)

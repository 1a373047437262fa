"""The factor a scenario takes: monthly correlation and persistence, from whichever of the two views is there.

Persistence comes from calendar months. The correlation is the one under which lifetime defaults vary as they do
between vintages, or that of the months where it is larger: vintages of one time share its months, so
what is between them is not all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.calibrate.backtest import PATHS, expected_shares, factor_paths
from abssim.calibrate.correlation import Lifetime, Monthly, conditional

Float64 = npt.NDArray[np.float64]

ASSUMED_PERSISTENCE = 0.9
"""A month, where calendar months are not known."""
_HIGHEST = 0.5
_TOLERANCE = 1e-8


@dataclass(frozen=True)
class FactorFound:
    """What a scenario takes."""

    correlation: float
    error: float
    persistence: float
    source: str
    """Where the correlation comes from: `vintages` or `months`."""
    implied_lifetime: float
    """Lifetime correlation that the months' own estimate amounts to; NaN without one."""


def choose_factor(
    default: Float64, prepaid: Float64, lifetime: Lifetime | None, monthly: Monthly | None
) -> FactorFound | None:
    """From (A,) hazards of all loans and the two estimates; None if there is neither."""
    phi = monthly.persistence if monthly is not None and monthly.is_seen else ASSUMED_PERSISTENCE
    implied = float("nan") if monthly is None else lifetime_from_monthly(default, prepaid, monthly.correlation, phi)
    if lifetime is not None and not lifetime.correlation <= implied:
        rho = monthly_from_lifetime(default, prepaid, lifetime.correlation, phi)
        return FactorFound(rho, rho / lifetime.correlation * lifetime.error, phi, "vintages", implied)
    return None if monthly is None else FactorFound(monthly.correlation, monthly.error, phi, "months", implied)


def lifetime_from_monthly(default: Float64, prepaid: Float64, rho: float, phi: float) -> float:
    """Lifetime correlation with the spread of cumulative default that a monthly one gives: variance of its quantile."""
    from scipy.special import ndtri

    path = factor_paths(phi, PATHS, len(default))
    share = expected_shares(conditional(default[None, :], path, rho), prepaid[None, :])[0].sum(axis=1)
    spread = float(np.var(ndtri(np.clip(share, 1e-9, 1.0 - 1e-9))))
    return spread / (1.0 + spread)


def monthly_from_lifetime(default: Float64, prepaid: Float64, lifetime: float, phi: float) -> float:
    """The inverse, on the same paths; at most `_HIGHEST`."""
    from scipy.optimize import brentq

    def gap(rho: float) -> float:
        return lifetime_from_monthly(default, prepaid, rho, phi) - lifetime

    return float(brentq(gap, 0.0, _HIGHEST, xtol=_TOLERANCE)) if gap(_HIGHEST) > 0.0 else _HIGHEST

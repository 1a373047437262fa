"""Factor paths, and the shift that keeps their mean lifetime default where the assumptions put it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from abssim.engine.odds import fill_thresholds, mean_default
from abssim.engine.random import autoregressive, inverse_normal, mixing
from abssim.scenario.factor import Factor

Float64 = npt.NDArray[np.float64]

_POINTS = 1021
"""Factor paths in the fixed set that the shift is computed on."""
_STEPS = 12


def factor_paths(factor: Factor, seed: int, first: int, last: int, months: int) -> Float64:
    """(last - first, M) the factor on paths `first .. last - 1`: each is a function of the seed and its number."""
    found = np.zeros((last - first, months))
    autoregressive(np.uint64(seed), first, float(factor.persistence), found)
    return found + factor.mean.at(np.arange(1, months + 1))[None, :]


def spread_paths(factor: Factor | None, seed: int, first: int, last: int, months: int) -> Float64:
    """(last - first, M) common spread of a t-copula, 1 without one; a function of seed and path number."""
    found = np.ones((last - first, months))
    if factor is not None and factor.degrees is not None:
        mixing(np.uint64(seed), first, factor.degrees, found)
    return found


def loading_of(factor: Factor | None, own_pct: float | None) -> float:
    """Root of the correlation: of the loans' own, or else the factor's."""
    if factor is None:
        return 0.0
    return float(np.sqrt((factor.correlation_pct if own_pct is None else own_pct) / 100.0))


def recentring(factor: Factor, loading: Float64, transition: Float64, z: Float64, stay: Float64) -> Float64:
    """(R,) shift of the thresholds under which a persistent factor leaves the mean lifetime default unchanged.

    `loading` (R,), `transition`, `z` (R, M, 4, 8), `stay` (R, M) share of the current that have instalments left after
    each month. 0 without correlation, persistence or defaults. Solved by secants on a fixed set of paths; profiles
    that are alike share the answer.
    """
    found = np.zeros(len(transition))
    if not factor.recentre or factor.persistence == 0.0:
        return found
    for r in np.flatnonzero(loading):
        content = tuple(np.ascontiguousarray(each[r]).tobytes() for each in (transition, z, stay))
        found[r] = _shift(content, transition.shape[1:], float(loading[r]), float(factor.persistence), factor.degrees)
    return found


@lru_cache(maxsize=4096)
def _shift(
    content: tuple[bytes, ...], shape: tuple[int, ...], loading: float, persistence: float, degrees: int | None
) -> float:
    matrix, z = (np.frombuffer(part).reshape(shape).copy() for part in content[:2])
    stay = np.frombuffer(content[2]).copy()
    normal = np.zeros_like(z)
    fill_thresholds(matrix[None], 0, normal[None])
    wanted = mean_default(matrix, normal, np.zeros((1, shape[0])), np.ones((1, shape[0])), 0.0, 0.0, stay)
    if wanted <= 0.0 or wanted >= 1.0:
        return 0.0
    paths = _even_paths(shape[0], persistence)
    spread = spread_paths(Factor(degrees=degrees), 0, 0, len(paths), shape[0])
    low, high = 0.0, 0.25 * loading
    below = np.log(mean_default(matrix, z, paths, spread, loading, low, stay) / wanted)
    for _ in range(_STEPS):
        above = np.log(mean_default(matrix, z, paths, spread, loading, high, stay) / wanted)
        if abs(above) < 1e-9 or above == below:
            break
        low, high, below = high, high - above * (high - low) / (above - below), above
    return float(high)


@lru_cache(maxsize=16)
def _even_paths(months: int, persistence: float) -> Float64:
    """(K, M) factor paths spread evenly: a Kronecker sequence in the principal components of the AR(1) covariance.

    The components come by variance, so the first coordinates, which are spread best, matter most (Acworth, Broadie,
    Glasserman 1998, "A comparison of some Monte Carlo and quasi Monte Carlo techniques for option pricing").
    """
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    variance, component = np.linalg.eigh(persistence**lag)
    roots = np.sqrt(np.maximum(variance, 0.0))[::-1]
    points = np.mod(np.outer(np.arange(1, _POINTS + 1) - 0.5, np.sqrt(_primes(months))), 1.0)
    normals = np.asarray([[inverse_normal(p) for p in row] for row in points])
    paths = normals @ (component[:, ::-1] * roots).T
    return np.concatenate([paths, -paths])


def _primes(count: int) -> npt.NDArray[np.int64]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return np.asarray(found)

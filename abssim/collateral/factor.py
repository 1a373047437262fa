"""Factor paths, the loadings of loans on them, and the shift that keeps the assumptions' mean lifetime default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from abssim.engine.credit.odds import fill_thresholds, mean_default
from abssim.engine.credit.random import autoregressive, inverse_normal, mixing
from abssim.errors import Problem, ScenarioError
from abssim.scenario.factor import Factor
from abssim.scenario.scenario import Scenario, factor_faults
from abssim.tape.key import text_keys

Float64 = npt.NDArray[np.float64]
Mix = tuple[tuple[float, float], ...]
"""Share of each factor in the variance of a composite, and the factor's persistence."""

_POINTS = 1021
"""Factor paths in the fixed set that the shift is computed on."""
_STEPS = 12


def factor_paths(factor: Factor, seed: int, first: int, last: int, months: int, key: int = 0) -> Float64:
    """(last - first, M) a factor on paths `first .. last - 1`: each a function of seed, key and its number."""
    return deviations(factor, seed, first, last, months, key) + mean_path(factor, months)[None, :]


def deviations(factor: Factor, seed: int, first: int, last: int, months: int, key: int = 0) -> Float64:
    """(last - first, M) what the factor is away from its mean."""
    path = np.zeros((last - first, months))
    autoregressive(np.uint64(seed), np.uint64(key), first, float(factor.persistence), path)
    return path


def mean_path(factor: Factor, months: int) -> Float64:
    """(M,) mean of the factor."""
    return factor.mean.at(np.arange(1, months + 1))


def factor_keys(names: Sequence[str], purpose: str = "factor") -> list[int]:
    """Keys of the draws by factor: 0 of the first one, of the others by name, so their order does not matter."""
    return [0 if k == 0 and purpose == "factor" else _text_key(f"{purpose} {name}") for k, name in enumerate(names)]


def _text_key(text: str) -> int:
    return int(text_keys(np.asarray([text.encode()]))[0])


def require_factors(scenario: Scenario) -> None:
    """ScenarioError with what is wrong with the factors of a scenario that was not loaded from a file."""
    problems = [
        Problem(code, scenario.name, str(place), text, hint) for place, code, text, hint in factor_faults(scenario)
    ]
    if problems:
        raise ScenarioError(problems)


def spread_paths(factor: Factor | None, seed: int, first: int, last: int, months: int) -> Float64:
    """(last - first, M) common spread of a t-copula, 1 without one; a function of seed and path number."""
    spread = np.ones((last - first, months))
    if factor is not None and factor.degrees is not None:
        mixing(np.uint64(seed), first, factor.degrees, spread)
    return spread


def pull_of(factors: Mapping[str, Factor], own_pct: float | Mapping[str, float] | None) -> Float64:
    """(2 + K,) loadings of a cell: root of the whole correlation, no shift yet, and each factor's share of that root.

    `own_pct` of the loans goes before the factors' own; a number is the share of the first factor alone.
    """
    if own_pct is None:
        own_pct = {name: factor.correlation_pct for name, factor in factors.items()}
    elif not isinstance(own_pct, Mapping):
        own_pct = {next(iter(factors), ""): own_pct}
    shares = np.asarray([own_pct.get(name, 0.0) for name in factors] or [0.0])
    total = np.abs(shares).sum()
    weight = np.sign(shares) * np.sqrt(np.abs(shares) / total) if total > 0.0 else np.zeros(len(shares))
    return np.concatenate([[np.sqrt(total / 100.0), 0.0], weight])


def recentring(
    factors: Sequence[Factor], pull: Float64, transition: Float64, z: Float64, stay: Float64, balance: Float64
) -> Float64:
    """(R,) shift of the thresholds under which persistent factors leave the mean lifetime default unchanged, that is
    the share of the balance that ends in default or, where roll rates restructure, in the first restructuring.

    `pull` (2 + K, R) of `pull_of`, `transition`, `z` (R, M, 4, 9), `stay` (R, M) share of the current that have
    instalments left after each month, `balance` (R, M) what one of them owes on schedule before each month / at first.
    0 without correlation, persistence or defaults. Solved by secants on a fixed set of paths of the composite of the
    factors; profiles that are alike share the answer.
    """
    shift = np.zeros(len(transition))
    if not factors or not factors[0].recentre:
        return shift
    for r in np.flatnonzero(pull[0]):
        mix = tuple((float(w * w), float(f.persistence)) for w, f in zip(pull[2:, r], factors, strict=True) if w != 0.0)
        if any(persistence > 0.0 for _, persistence in mix):
            content = tuple(np.ascontiguousarray(each[r]).tobytes() for each in (transition, z, stay, balance))
            shift[r] = _shift(content, transition.shape[1:], float(pull[0, r]), mix, factors[0].degrees)
    return shift


@lru_cache(maxsize=4096)
def _shift(content: tuple[bytes, ...], shape: tuple[int, ...], loading: float, mix: Mix, degrees: int | None) -> float:
    matrix, z = (np.frombuffer(part).reshape(shape).copy() for part in content[:2])
    weight = tuple(np.frombuffer(part).copy() for part in content[2:])
    normal = np.zeros_like(z)
    fill_thresholds(matrix[None], 0, normal[None])
    wanted = mean_default(matrix, normal, np.zeros((1, shape[0])), np.ones((1, shape[0])), 0.0, 0.0, *weight)
    if wanted <= 0.0 or wanted >= 1.0:
        return 0.0
    paths = _even_paths(shape[0], mix)
    spread = spread_paths(Factor(degrees=degrees), 0, 0, len(paths), shape[0])
    low, high = 0.0, 0.25 * loading
    below = np.log(mean_default(matrix, z, paths, spread, loading, low, *weight) / wanted)
    for _ in range(_STEPS):
        above = np.log(mean_default(matrix, z, paths, spread, loading, high, *weight) / wanted)
        if abs(above) < 1e-9 or above == below:
            break
        low, high, below = high, high - above * (high - low) / (above - below), above
    return float(high)


@lru_cache(maxsize=16)
def _even_paths(months: int, mix: Mix) -> Float64:
    """(K, M) composite paths spread evenly: a Kronecker sequence in the principal components of their covariance,
    `sum of share x persistence^lag`.

    The components come by variance, so the first coordinates, which are spread best, matter most (Acworth, Broadie,
    Glasserman 1998, "A comparison of some Monte Carlo and quasi Monte Carlo techniques for option pricing").
    """
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    variance, component = np.linalg.eigh(np.sum([share * persistence**lag for share, persistence in mix], axis=0))
    roots = np.sqrt(np.maximum(variance, 0.0))[::-1]
    points = np.mod(np.outer(np.arange(1, _POINTS + 1) - 0.5, np.sqrt(_primes(months))), 1.0)
    normals = np.asarray([[inverse_normal(p) for p in row] for row in points])
    paths = normals @ (component[:, ::-1] * roots).T
    return np.concatenate([paths, -paths])


def _primes(count: int) -> npt.NDArray[np.int64]:
    primes: list[int] = []
    candidate = 2
    while len(primes) < count:
        if all(candidate % prime for prime in primes):
            primes.append(candidate)
        candidate += 1
    return np.asarray(primes)

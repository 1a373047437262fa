"""How the factor paths of a simulation are drawn: at random, or with less variance for the same number of paths.

Antithetic paths mirror each other. Stratified and Sobol sets choose the principal components of the factor paths
evenly, in `REPLICATES` independent sets, so that errors are those of independent experiments (Glasserman 2004,
sections 4.2, 4.3, 5.4, 5.5). An importance shift draws every second path around a worse mean of the first factor and
weights all of them by the balance heuristic (Owen, Zhou 2000, "Safe and effective importance sampling").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.factor import deviations, factor_keys, mean_path
from abssim.engine.credit.random import fill_normals, fill_words
from abssim.scenario.factor import Factor

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

KINDS = ("random", "antithetic", "stratified", "sobol")
REPLICATES = 8
"""Independent sets of a stratified or Sobol sample; path `k` belongs to set `k mod 8`."""
DIMENSIONS = 16
"""Principal components that a Sobol sample chooses; the others are drawn at random."""
_CHUNK = 1 << 14


@dataclass(frozen=True)
class Sampling:
    """A way to draw factor paths."""

    kind: str = "random"
    """One of `KINDS`."""
    importance: float = 0.0
    """Standard deviations by which every second path's mean of the first factor is lower in all months."""
    paths: int = 0
    """Number of paths that a stratified or Sobol sample is made for; 0 for the others, which do not depend on it."""

    @classmethod
    def of(cls, kind: str, importance: float, paths: int) -> Sampling:
        """The sampling of so many paths."""
        sampling = cls(kind, importance)
        return replace(sampling, paths=paths) if sampling.evenly else sampling

    @property
    def evenly(self) -> bool:
        """True if a path depends on how many there are."""
        return self.kind in ("stratified", "sobol")

    @property
    def cluster(self) -> int:
        """Neighboring paths that belong together: mirrored ones, and one without and one with the shift."""
        return (2 if self.kind == "antithetic" else 1) * (2 if self.importance > 0.0 else 1)


class Component(NamedTuple):
    """A principal component of one factor's path."""

    variance: float
    factor: int
    vector: Float64
    """(M,) of length 1."""


class FactorDraws:
    """Factor paths of a simulation: functions of the seed and the path's number, of evenly drawn ones also of the
    number of paths and months; never of the block they are asked in."""

    def __init__(self, factors: Mapping[str, Factor], seed: int, months: int, sampling: Sampling) -> None:
        self.factors, self.seed, self.months, self.sampling = list(factors.values()), seed, months, sampling
        self.keys = factor_keys(list(factors))
        self.mean = np.asarray([mean_path(factor, months) for factor in self.factors])
        self.components: list[Component] = []
        self.score = np.zeros((0, 0))
        if sampling.evenly and factors:
            components = [_components(k, factor, months) for k, factor in enumerate(self.factors)]
            self.components = _chosen(components, sampling.kind)
            uniform = self._sobol() if sampling.kind == "sobol" else self._strata(list(factors))
            self.score = np.zeros_like(uniform)
            fill_normals(uniform, self.score)
            self.score *= np.sqrt([component.variance for component in self.components])

    def block(self, first: int, last: int) -> Float64:
        """(last - first, K, M) the factors on paths `first .. last - 1`; one that is 0 where the scenario has none."""
        if not self.factors:
            return np.zeros((last - first, 1, self.months))
        return np.asarray(self._deviations(first, last) + self.mean)

    def weights(self, paths: int) -> Float64:
        """(P,) probability of a path over the density it was drawn from: 1 without a shift, never above 2."""
        shift = self.sampling.importance
        if shift == 0.0:
            return np.ones(paths)
        persistence = float(self.factors[0].persistence)
        lower = _innovations(np.full((1, self.months), -float(shift)), persistence)
        spans = [(first, min(paths, first + _CHUNK)) for first in range(0, paths, _CHUNK)]
        drawn = (_innovations(self._deviations(*span)[:, 0], persistence) for span in spans)
        ratio = np.concatenate([(lower * (each - 0.5 * lower)).sum(axis=1) for each in drawn])
        return np.asarray(2.0 / (1.0 + np.exp(np.minimum(ratio, 700.0))))

    def replicates(self, paths: int) -> Int64:
        """(P,) independent experiment that each path belongs to."""
        number = np.arange(paths)
        return number % REPLICATES if self.sampling.evenly else number // self.sampling.cluster

    def _deviations(self, first: int, last: int) -> Float64:
        """(last - first, K, M) what the factors are away from their means."""
        start = first - first % 2
        drawn = zip(self.factors, self.keys, strict=True)
        paths = [deviations(factor, self.seed, start, last, self.months, key) for factor, key in drawn]
        path = np.stack(paths, axis=1)
        number = np.arange(start, last)
        if self.sampling.kind == "antithetic":
            path[1::2] = -path[: len(path) - 1 : 2]
        for d, component in enumerate(self.components):
            own = path[:, component.factor]
            own += (self.score[number, d] - (own * component.vector).sum(axis=1))[:, None] * component.vector
        if self.sampling.importance > 0.0:
            path[number // (self.sampling.cluster // 2) % 2 == 1, 0] -= self.sampling.importance
        return path[first - start :]

    def _strata(self, names: list[str]) -> Float64:
        """(P, K) uniforms of which each set has one in every one of its equal strata, in random order."""
        size = self.sampling.paths // REPLICATES
        uniform = np.zeros((self.sampling.paths, len(names)))
        words = np.zeros((self.sampling.paths, 4), dtype=np.uint64)
        for k, key in enumerate(factor_keys(names, "stratum")):
            fill_words(np.uint64(self.seed), np.uint64(key), words)
            inside = (words[:, 1] + 0.5) / 2.0**32
            for r in range(REPLICATES):
                order = np.argsort(words[r::REPLICATES, 0], kind="stable")
                uniform[r::REPLICATES, k][order] = np.arange(size)
            uniform[:, k] = (uniform[:, k] + inside) / size
        return uniform

    def _sobol(self) -> Float64:
        """(P, D) scrambled Sobol points, one scramble for each set."""
        from scipy.stats import qmc

        uniform = np.zeros((self.sampling.paths, len(self.components)))
        for r in range(REPLICATES):
            words = np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed, r])))
            points = qmc.Sobol(len(self.components), scramble=True, bits=32, rng=words)
            uniform[r::REPLICATES] = points.random(self.sampling.paths // REPLICATES) + 0.5**33
        return uniform


def _components(k: int, factor: Factor, months: int) -> list[Component]:
    """Principal components of the path of factor `k`, the largest variance first; they begin above 0."""
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    variance, vector = np.linalg.eigh(float(factor.persistence) ** lag)
    vector = vector * np.where(vector[0] < 0.0, -1.0, 1.0)
    return [Component(max(0.0, float(variance[i])), k, vector[:, i].copy()) for i in reversed(range(months))]


def _chosen(components: list[list[Component]], kind: str) -> list[Component]:
    """The first component of every factor, or for Sobol those of largest variance."""
    if kind == "sobol":
        return sorted(chain.from_iterable(components), key=lambda component: -component.variance)[:DIMENSIONS]
    return [component[0] for component in components]


def _innovations(path: Float64, persistence: float) -> Float64:
    """(N, M) independent standard normals that `autoregressive` makes these paths of."""
    innovation = path.copy()
    innovation[:, 1:] = (path[:, 1:] - persistence * path[:, :-1]) / np.sqrt(1.0 - persistence * persistence)
    return innovation

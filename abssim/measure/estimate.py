"""Figures estimated from paths, each with its standard error (Glasserman 2004, chapters 1, 4 and 9).

Paths carry weights (importance sampling) and belong to replicates (mirrored pairs, stratified sets): a mean is
`sum of w x / P`, its error that of the replicates' sums. With plain paths, all weights 1 and each its own replicate,
these are the textbook errors.

Where no path shows an event, Monte Carlo knows only that it is rare: the estimate then carries the bound at 95 %
confidence, `1 - 0.05^(1/n)` (the rule of three), in place of a false zero. `n` is the number of paths, and half
of it if they are weighted: weights are at most 2, so an event of probability p is drawn with at least p / 2. Even sets
show it no less often than independent paths do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

CONFIDENCE = 0.95
"""Of the bounds that stand for what no path has shown."""
_TWO_SIDED = 1.959964
"""Standard errors to each side of an interval of that confidence."""
_MANY = 30
"""Independent experiments from which a standard error is as good as known."""
_TELLING = 0.5
"""Share of the balance above which a bound on a loss that no path showed says nothing."""
_FEWEST = 4.0
"""Independent paths below which weights leave the place of a quantile unknown: Student's t has no variance then."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error, and the bound where no path showed the event; NaN where nothing is known."""

    value: float
    error: float = math.nan
    at_most: float | None = None

    @property
    def is_bound(self) -> bool:
        """True if only a bound is known."""
        return self.at_most is not None


NOTHING = Estimate(math.nan)


@dataclass(frozen=True)
class Sample:
    """A quantity on every path, NaN where it does not exist."""

    values: Float64
    """(P,)"""
    weight: Float64
    """(P,) 1 without importance sampling, never above 2 with it."""
    replicate: Int64
    """(P,) independent experiment of each path."""

    def __len__(self) -> int:
        return len(self.values)

    def of(self, values: npt.NDArray[np.generic]) -> Sample:
        """Another quantity on the same paths."""
        return replace(self, values=np.asarray(values, dtype=np.float64))

    def first(self, count: int) -> Sample:
        """The first so many paths."""
        return Sample(self.values[:count], self.weight[:count], self.replicate[:count])

    @cached_property
    def weighted(self) -> bool:
        """True if some weight is not 1."""
        return bool((self.weight != 1.0).any())

    @cached_property
    def independent(self) -> bool:
        """True if no path is weighted or belongs to another."""
        return not self.weighted and int(np.bincount(self.replicate).max(initial=0)) <= 1

    @cached_property
    def rarity(self) -> float:
        """Largest probability of an event that none of the paths shows, at 95 % confidence."""
        return rarity(len(self) / 2.0 if self.weighted else len(self))

    @cached_property
    def ranked(self) -> tuple[Float64, Float64]:
        """(P,) values from the largest down, and the weight of all paths up to each."""
        order = np.argsort(-self.values, kind="stable")
        return self.values[order], np.cumsum(self.weight[order])


def in_range(figure: Estimate, low: float = 0.0, high: float = 1.0) -> Estimate:
    """The figure of a quantity between two bounds: an interval of two errors to each side that reaches beyond both says
    no more than the bounds do."""
    if not math.isfinite(figure.error):
        return figure
    return replace(figure, error=min(figure.error, max(figure.value - low, high - figure.value) / 2.0))


def plain(values: npt.NDArray[np.generic]) -> Sample:
    """A sample of independent paths without weights."""
    return Sample(np.asarray(values, dtype=np.float64), np.ones(len(values)), np.arange(len(values)))


def rarity(paths: float) -> float:
    """Largest probability of an event that none of so many paths shows, at 95 % confidence."""
    return float(1.0 - (1.0 - CONFIDENCE) ** (1.0 / paths))


def mean(sample: Sample) -> Estimate:
    """Mean over the paths on which the quantity exists; the ratio of two means where it does not exist on all."""
    if not np.isfinite(sample.values).all():
        return average(sample)
    return _mean(sample, np.ones(len(sample)))


def average(sample: Sample) -> Estimate:
    """Self-normalized mean `sum of w x / sum of w`: for quantities such as lives, much the same on all paths, to whose
    mean `sum of w x / P` the weights would add noise of their own."""
    return _mean(sample, sample.weight)


def _mean(sample: Sample, base: Float64) -> Estimate:
    known = np.isfinite(sample.values)
    if not known.any():
        return NOTHING
    base = np.where(known, base, 0.0)
    total = np.where(known, sample.weight * sample.values, 0.0)
    value = float(total.sum() / base.sum())
    count = int(np.count_nonzero(np.bincount(sample.replicate[known])))
    return Estimate(value, _error(total - value * base, total, sample.replicate, count) / float(base.sum()))


def deviation(sample: Sample) -> Estimate:
    """Standard deviation over the paths on which the quantity exists; its error by the mean of the squares (delta
    method)."""
    known = np.isfinite(sample.values)
    count, values, weight = int(known.sum()), sample.values[known], sample.weight[known]
    if count < 2:
        return NOTHING
    squares = (sample.values - np.average(values, weights=weight)) ** 2
    variance = average(sample.of(squares))
    spread = math.sqrt(variance.value * count / (count - 1))
    return Estimate(spread, 0.5 * variance.error / spread if spread > 0.0 else 0.0)


def quantile(sample: Sample, level: float) -> Estimate:
    """Quantile over the paths on which the quantity exists, as `quantiles`, with the error of a value at risk."""
    known = np.isfinite(sample.values)
    if not known.any():
        return NOTHING
    values, weight = sample.values[known], sample.weight[known]
    part = Sample(values, weight * (len(weight) / weight.sum()), sample.replicate[known])
    rank = _place(part.ranked[1], len(part) * (1.0 - level))
    return Estimate(float(quantiles(values, weight, [level])[0]), _place_error(part, rank))


def quantiles(values: npt.NDArray[np.floating], weight: Float64, levels: Sequence[float]) -> Float64:
    """(quantiles, ...) of `values` (P, ...) over the paths; between paths by a straight line if all weights are 1."""
    if (weight == 1.0).all():
        points = np.quantile(values, levels, axis=0)
    else:
        points = np.quantile(values, levels, axis=0, weights=weight, method="inverted_cdf")
    return np.asarray(points, dtype=np.float64)


def probability(sample: Sample) -> Estimate:
    """Probability of what is 1 on the paths on which it happened and 0 on the others; a bound if it never did.

    Where it always did, its error is not known.
    """
    if not sample.values.any():
        return Estimate(0.0, math.nan, sample.rarity)
    if sample.values.all():
        return Estimate(1.0)
    share = min(1.0, float((sample.weight * sample.values).sum()) / len(sample))
    return Estimate(share, _share_error(sample, sample.values, share))


def expected_loss(losses: Sample) -> Estimate:
    """Mean of loss ratios; without any loss, at most the bound on its probability (all would be lost)."""
    if not losses.values.any():
        return Estimate(0.0, math.nan, losses.rarity)
    return mean(losses)


def value_at_risk(losses: Sample, level: float) -> Estimate:
    """Loss not exceeded with probability `level`: the smallest of which paths beyond weigh no more than `1 - level`.

    Its error is the standard deviation of the order statistics that could stand in its place (Maritz, Jarrett 1978, "A
    note on estimating the variance of the sample median"): as the weight of the paths from there on is uncertain.
    Unknown while the worst path alone weighs more than what may lie beyond (Glynn 1996, "Importance sampling for Monte
    Carlo estimation of quantiles"); only its error is unknown while a few heavy paths make up that weight.
    """
    if not losses.values.any():
        return Estimate(0.0, 0.0) if losses.rarity <= 1.0 - level else NOTHING
    ordered, beyond = losses.ranked
    wanted = len(losses) * (1.0 - level)
    if beyond[0] > wanted + 1e-9:
        return NOTHING
    rank = _place(beyond, wanted)
    return Estimate(float(ordered[rank]), _place_error(losses, rank))


def _place_error(sample: Sample, rank: int) -> float:
    """Standard error of a quantile, the value at place `rank` from the top (Maritz, Jarrett 1978).

    The quantile's true place among the values is uncertain. Of independent paths it has the beta distribution of order
    statistics; of others the beta distribution whose mean and standard error are those of the weight of the paths up
    to the place. The error is the standard deviation of the values under it.

    Few places in the tail determine the spacing of the values badly: a spacing is exponential, a chi-square with two
    degrees of freedom (Renyi 1953, "On the theory of order statistics"), so Student's t of twice their number widens
    the error.
    """
    from scipy.special import betainc

    (ordered, beyond), paths = sample.ranked, len(sample)
    share, size = float(beyond[rank]) / (paths + 1.0), paths + 1.0
    if not sample.independent:
        error = _beyond_error(sample, np.where(sample.values >= ordered[rank], 1.0, 0.0), share)
        size = 1.0 + share * (1.0 - share) / error**2 if error > 0.0 else math.inf
    if not (0.0 < share < 1.0 and math.isfinite(size)):
        return math.nan
    chance = np.diff(betainc(share * size, (1.0 - share) * size, np.minimum(1.0, beyond / paths)), prepend=0.0)
    chance /= chance.sum()
    spread = math.sqrt(float((chance * (ordered - (chance * ordered).sum()) ** 2).sum()))
    return spread * _wider(2.0 * min(share, 1.0 - share) * size)


def _place(beyond: Float64, wanted: float) -> int:
    """Place of a weighted quantile: the first path, from the worst, up to which the paths weigh more than `wanted`; the
    last if they never do."""
    return min(len(beyond) - 1, int(np.searchsorted(beyond, wanted + 1e-9, side="right")))


def expected_shortfall(losses: Sample, level: float) -> Estimate:
    """Mean loss of the worst `1 - level` of the paths: `VaR + E[(L - VaR)+] / (1 - level)`.

    Rockafellar, Uryasev (2000), "Optimization of conditional value-at-risk"; error from the same excesses. Without any
    loss a bound, if there are paths enough for one that says something.
    """
    if not losses.values.any():
        bound = losses.rarity / (1.0 - level)
        return Estimate(0.0, math.nan, bound) if bound <= _TELLING else NOTHING
    threshold = value_at_risk(losses, level).value
    if not math.isfinite(threshold):
        return NOTHING
    excess = mean(losses.of(np.maximum(losses.values - threshold, 0.0)))
    tail = 1.0 - level
    return Estimate(threshold + excess.value / tail, excess.error / tail)


def _share_error(sample: Sample, happened: Float64, share: float) -> float:
    """Standard error of the probability of what has happened: binomial for independent paths."""
    if sample.independent:
        return math.sqrt(share * (1.0 - share) / len(sample))
    seen = sample.weight * happened
    count = int(sample.replicate.max()) + 1
    return _error(seen - seen.mean(), seen, sample.replicate, count) / len(sample)


def _beyond_error(sample: Sample, beyond: Float64, share: float) -> float:
    """Standard error of the weight of the paths beyond a quantile. Where few replicates have any, at most the binomial
    error of independent paths: stratified and mirrored paths spread what lies beyond more evenly than those. Weighted
    paths have no such bound: theirs is unknown where few make up the weight."""
    error, shown = _share_error(sample, beyond, share), _effective(sample.replicate, sample.weight * beyond)
    if sample.weighted:
        return error if shown >= _FEWEST else math.nan
    return min(error, math.sqrt(share * (1.0 - share) / len(sample))) if shown < _MANY else error


def _effective(replicate: Int64, seen: Float64) -> float:
    """Effective number of replicates (Kish): `(sum of sums)^2 / sum of squared sums` of `seen` (P,) by replicate."""
    sums = np.bincount(replicate, np.abs(seen))
    return float(sums.sum() ** 2 / max(1e-300, float((sums**2).sum())))


def _error(gap: Float64, seen: Float64, replicate: Int64, count: int) -> float:
    """Standard error of a sum over paths, between `count` independent replicates: `gap` (P,) are its terms, centered.

    The error is itself estimated, with degrees of freedom one below the effective number of replicates in `seen` (P,),
    the terms that make up the figure: where few of them show an event, only those tell how it varies. Student's t over
    the normal quantile widens it, so that two errors to each side cover 95 % all the same: with 20 to 60 paths of which
    1 to 30 % show equal, uniform or exponential losses they cover 94 to 100 %, where errors not widened cover 78 to
    100 %.
    """
    if count < 2:
        return math.nan
    spread = math.sqrt(float((np.bincount(replicate, gap) ** 2).sum()) * count / (count - 1))
    shown = _effective(replicate, seen)
    return spread * _wider(shown - 1.0)


def _wider(freedom: float) -> float:
    """Student's t over the normal quantile, of a standard error known with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1.0, freedom), 0.975)) / _TWO_SIDED if freedom < _MANY else 1.0

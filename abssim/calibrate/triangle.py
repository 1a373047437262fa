"""Static pools: from the curves of vintages, young ones incomplete, to a lifetime figure and its timing.

Chain ladder: the factor from one age to the next is the sum over vintages seen at both, weighted by the earlier
amount; the error of the ultimate is Mack's (1993, "Distribution-free calculation of the standard error of chain ladder
reserve estimates").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.calibrate.data import Curves
from abssim.calibrate.diagonal import diagonal_errors, starts_of

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

QUARTERS = 4


@dataclass(frozen=True)
class Ultimate:
    """One vintage, seen so far and developed to the last age."""

    name: str
    age: int
    seen: float
    """Share of the original pool by `age`."""
    ultimate: float
    error: float
    loans: float
    """NaN where the file does not say."""


@dataclass(frozen=True)
class Triangle:
    """The vintages of one segment."""

    label: str
    ages: tuple[int, ...]
    factors: Float64
    """(K - 1,) development from each age to the next."""
    vintages: tuple[Ultimate, ...]
    lifetime: float
    """Mean of the ultimates, by loans where they are given."""
    life: int
    """Age from which nothing more comes."""
    timing: tuple[float, ...]
    """Percent of lifetime defaults by quarter of that life."""
    smm: Float64 | None
    """(K,) prepayment a month between the ages, if the file gives it."""
    hazard: Float64 | None
    """(K,) default a month between the ages, if prepayment is given too."""


def triangle_of(curves: Curves, s: int, phi: float) -> Triangle:
    """The vintages of segment `s`; `phi` is how alike months in a row are."""
    chosen = curves.segments.code == s
    ages, names = np.unique(curves.age[chosen]), np.unique(curves.vintage[chosen])
    table, prepaid = np.full((2, len(names), len(ages)), np.nan)
    place = (np.searchsorted(names, curves.vintage[chosen]), np.searchsorted(ages, curves.age[chosen]))
    table[place] = curves.default[chosen]
    if curves.prepaid is not None:
        prepaid[place] = curves.prepaid[chosen]
    weight = np.full(len(names), np.nan)
    if curves.loans is not None:
        weight[place[0]] = curves.loans[chosen]
    size = np.where(np.isnan(weight), 1.0, weight)
    factors, ultimate, error = chain_ladder(table * size[:, None])
    last = [int(np.flatnonzero(~np.isnan(row))[-1]) for row in table]
    months = diagonal_errors(
        table * size[:, None], ages, factors, starts_of([curves.names[name] for name in names], ages[last]),
        curves.loans is not None, phi,
    )  # fmt: skip
    error = np.maximum(error, ultimate * months)
    vintages = tuple(
        Ultimate(curves.names[name], int(ages[k]), float(table[i, k]), float(ultimate[i] / size[i]),
                 float(error[i] / size[i]), float(weight[i]))
        for i, (name, k) in enumerate(zip(names, last, strict=True))
    )  # fmt: skip
    lifetime = float(ultimate.sum() / size.sum())
    smm, hazard = _speeds(table, prepaid, ages, size) if curves.prepaid is not None else (None, None)
    label, life, timing = curves.segments.label(s), *timing_of(ages, factors)
    return Triangle(label, tuple(ages.tolist()), factors, vintages, lifetime, life, timing, smm, hazard)


def chain_ladder(table: Float64) -> tuple[Float64, Float64, Float64]:
    """Factors (K - 1,), ultimates (V,) and Mack's errors (V,) of cumulative amounts (V, K), NaN where not yet seen."""
    columns = table.shape[1]
    factors, sigma, base = np.ones(columns - 1), np.zeros(columns - 1), np.zeros(columns - 1)
    for k in range(columns - 1):
        both = ~np.isnan(table[:, k]) & ~np.isnan(table[:, k + 1])
        base[k] = table[both, k].sum()
        if base[k] > 0.0:
            factors[k] = table[both, k + 1].sum() / base[k]
            pair = table[both, k][table[both, k] > 0.0], table[both, k + 1][table[both, k] > 0.0]
            if len(pair[0]) > 1:
                sigma[k] = (pair[0] * (pair[1] / pair[0] - factors[k]) ** 2).sum() / (len(pair[0]) - 1)
            elif k > 1:
                sigma[k] = min(sigma[k - 1] ** 2 / max(1e-300, sigma[k - 2]), sigma[k - 2], sigma[k - 1])
    ultimate, error = np.zeros(len(table)), np.zeros(len(table))
    for i, row in enumerate(table):
        last = int(np.flatnonzero(~np.isnan(row))[-1])
        amount, variance = row[last], 0.0
        for k in range(last, columns - 1):
            if amount > 0.0 and base[k] > 0.0:
                variance += sigma[k] / factors[k] ** 2 * (1.0 / amount + 1.0 / base[k])
            amount *= factors[k]
        ultimate[i], error[i] = amount, amount * np.sqrt(variance)
    return factors, ultimate, error


def timing_of(ages: Int64, factors: Float64) -> tuple[int, tuple[float, ...]]:
    """The life, and percent of lifetime defaults by quarter of it, from the factors; even between ages."""
    share = np.append(1.0 / np.cumprod(factors[::-1])[::-1], 1.0)
    last = int(np.argmax(share >= 1.0 - 1e-12))
    life = max(1, int(ages[last]))
    points, shares = np.concatenate([[0.0], ages[: last + 1]]), np.concatenate([[0.0], share[: last + 1]])
    ends = np.interp(np.linspace(0.0, life, QUARTERS + 1), points[-len(shares) :], shares)
    ends[0] = 0.0
    parts = np.round(100.0 * np.diff(ends), 2)
    parts[np.argmax(parts)] += 100.0 - parts.sum()
    return life, tuple(round(float(part), 2) for part in parts)


def _speeds(table: Float64, prepaid: Float64, ages: Int64, size: Float64) -> tuple[Float64, Float64]:
    """SMM and MDR between ages, of the vintages seen at both: 1 - (1 - share of those there)^(1 / months)."""
    smm, hazard, before = np.zeros(len(ages)), np.zeros(len(ages)), np.zeros((2, len(table)))
    step = np.diff(np.concatenate([[0], ages]))
    for k, months in enumerate(step):
        now = np.stack([table[:, k], prepaid[:, k]])
        both = ~np.isnan(now).any(axis=0) & ~np.isnan(before).any(axis=0)
        there = float(((1.0 - before.sum(axis=0)) * size)[both].sum())
        gone = ((now - before) * size)[:, both].sum(axis=1)
        default = float(np.clip(gone[0] / there, 0.0, 1.0)) if there > 0 else 0.0
        left = there - gone[0]
        paid = float(np.clip(gone[1] / left, 0.0, 1.0)) if left > 0 else 0.0
        spread = 1.0 / max(1, int(months))
        hazard[k], smm[k] = 1.0 - (1.0 - default) ** spread, 1.0 - (1.0 - paid) ** spread
        before = now
    return smm, hazard

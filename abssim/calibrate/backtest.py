"""What a fit would have said of vintages it has not seen: expected and actual, with the interval of the factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.calibrate.correlation import conditional
from abssim.calibrate.survival import Cells

Float64 = npt.NDArray[np.float64]

Factor = tuple[float, float]
"""Monthly correlation and persistence."""

LEVEL = 0.90
"""Share of outcomes the interval should hold."""
PATHS = 1000
_SEED = 20_090
_STEPS = 8


@dataclass(frozen=True)
class TestRow:
    """One group of loans: what happened and what was expected, shares of its loans."""

    group: str
    label: str
    loans: int
    default: float
    expected_default: float
    low: float
    high: float
    """Interval of the share that defaults; NaN without a factor."""
    prepaid: float
    expected_prepaid: float

    @property
    def inside(self) -> bool:
        """True if what happened lies in the interval."""
        return self.low <= self.default <= self.high


@dataclass(frozen=True)
class Errors:
    """Of the rows of one grouping, weighted by loans."""

    group: str
    rows: int
    inside: int
    default_bias: float
    default_error: float
    """Mean absolute error."""
    prepaid_bias: float
    prepaid_error: float


@dataclass(frozen=True)
class BackTest:
    """Rows by group, and their errors."""

    rows: tuple[TestRow, ...]
    errors: tuple[Errors, ...]


def factor_paths(phi: float, paths: int, months: int) -> Float64:
    """(P, T) stationary AR(1) factors; a fixed seed."""
    noise = np.random.default_rng(_SEED).standard_normal((paths, months))
    factor = np.empty_like(noise)
    factor[:, 0] = noise[:, 0]
    for t in range(1, months):
        factor[:, t] = phi * factor[:, t - 1] + np.sqrt(1.0 - phi**2) * noise[:, t]
    return factor


def expected_shares(default: Float64, prepaid: Float64) -> tuple[Float64, Float64]:
    """(..., A) share that defaults and that prepays in each month, from hazards; prepayment of the survivors."""
    stay = (1.0 - default) * (1.0 - prepaid)
    before = np.concatenate([np.ones((*stay.shape[:-1], 1)), np.cumprod(stay, axis=-1)[..., :-1]], axis=-1)
    return before * default, before * (1.0 - default) * prepaid


def recentring(default: Float64, prepaid: Float64, factor: Float64, rho: float) -> float:
    """Shift of the quantiles under which the mean over `factor` (P, A) of cumulative default is that of the hazards."""
    wanted = expected_shares(default, prepaid)[0].sum()
    if wanted <= 0.0 or rho == 0.0:
        return 0.0

    def gap(shift: float) -> float:
        given = conditional(default[None, :], factor, rho, shift)
        return float(np.log(expected_shares(given, prepaid[None, :])[0].sum(axis=1).mean() / wanted))

    low, high = 0.0, -0.1 * float(np.sqrt(rho))
    below = gap(low)
    for _ in range(_STEPS):
        above = gap(high)
        if abs(above) < 1e-8 or above == below:
            break
        low, high, below = high, high - above * (high - low) / (above - below), above
    return high


def back_test(
    actual: Cells,
    default: Float64,
    prepaid: Float64,
    ages: Float64,
    factor: Factor | None,
    labels: Mapping[str, list[str]],
) -> BackTest:
    """The loans of `actual` (S, V, A) against hazards (S, A).

    `ages` (S, V) months of life that are over for each vintage. `labels` gives for each grouping the words of its
    rows: `vintage` by V, any other by S.
    """
    months = default.shape[1]
    number = actual.there[:, :, 0]
    over = np.arange(1, months + 1)[None, None, :] <= ages[:, :, None]
    shares = expected_shares(default, prepaid)
    due, paid = ((number[:, :, None] * share[:, None, :] * over).sum(axis=2) for share in shares)
    drawn = _drawn(number, over, default, prepaid, factor, actual.there.shape[1]) if factor is not None else None
    seen = (actual.default.sum(axis=2), actual.prepaid.sum(axis=2))
    rows: list[TestRow] = []
    for group, words in labels.items():
        axis = 1 if group == "vintage" else 0
        for label in dict.fromkeys(words):
            mask = np.asarray([word == label for word in words])
            chosen = np.broadcast_to(mask[None, :] if axis else mask[:, None], number.shape)
            if number[chosen].sum() > 0:
                rows.append(_row(group, label, chosen, number, seen, (due, paid), drawn))
    return BackTest(tuple(rows), tuple(_errors(group, rows) for group in labels))


def _drawn(
    number: Float64, over: npt.NDArray[np.bool_], default: Float64, prepaid: Float64, factor: Factor, vintages: int
) -> Float64:
    """(P, S, V) defaults on paths of the factor, those of all vintages and segments on the same path."""
    (rho, phi), months = factor, default.shape[1]
    path = factor_paths(phi, PATHS, vintages + months)
    random = np.random.default_rng(_SEED + 1)
    defaults = np.zeros((PATHS, *number.shape))
    for s in range(len(number)):
        shift = recentring(default[s], prepaid[s], path[:, :months], rho)
        for v in np.flatnonzero(number[s]):
            given = conditional(default[s][None, :], path[:, v : v + months], rho, shift)
            share = (expected_shares(given, prepaid[s][None, :])[0] * over[s, v]).sum(axis=1)
            defaults[:, s, v] = random.binomial(int(number[s, v]), np.clip(share, 0.0, 1.0))
    return defaults


def _row(
    group: str,
    label: str,
    chosen: npt.NDArray[np.bool_],
    number: Float64,
    seen: tuple[Float64, Float64],
    due: tuple[Float64, Float64],
    drawn: Float64 | None,
) -> TestRow:
    loans = float(number[chosen].sum())
    low = high = float("nan")
    if drawn is not None:
        tail = (1.0 - LEVEL) / 2.0
        low, high = np.quantile(drawn[:, chosen].sum(axis=1), [tail, 1.0 - tail]) / loans
    shares = [float(each[chosen].sum() / loans) for each in (seen[0], due[0], seen[1], due[1])]
    return TestRow(group, label, int(loans), shares[0], shares[1], float(low), float(high), shares[2], shares[3])


def _errors(group: str, rows: list[TestRow]) -> Errors:
    chosen = [row for row in rows if row.group == group]
    weight = np.asarray([row.loans for row in chosen], dtype=np.float64)
    weight /= weight.sum()
    default = np.asarray([row.expected_default - row.default for row in chosen])
    prepaid = np.asarray([row.expected_prepaid - row.prepaid for row in chosen])
    figures = [float(weight @ each) for each in (default, abs(default), prepaid, abs(prepaid))]
    return Errors(group, len(chosen), sum(row.inside for row in chosen), *figures)

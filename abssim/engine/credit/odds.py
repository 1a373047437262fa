"""A path's odds: transition probabilities conditioned on the systematic factors, as integer thresholds.

CreditMetrics thresholds: with states ordered best to worst and `z = F^-1(cumulative probability)`,
`cumulative(M) = F((z + sqrt(rho) M + shift) / sqrt(1 - rho))`. Over M ~ N(0, 1) its mean is the unconditional
probability exactly (shift 0); the shift recentres a persistent factor. An odds table is drawn from by inversion.
With several independent factors `sqrt(rho) M` is `sum of a_k F_k` and rho `sum of a_k^2`: again standard normal.
With a t-copula `z` are quantiles of the t distribution and multiplied by the month's spread `sqrt(W / degrees)`.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.credit.adjust import adjust_row
from abssim.engine.credit.expected import PERFORMING, STATES, LoanState
from abssim.engine.credit.random import inverse_normal, inverse_student, normal_cdf, threshold

CERTAIN = 1e301
"""Threshold `z` of a cumulative probability of 1."""
_BEST_FIRST = (
    LoanState.PREPAID,
    LoanState.REPURCHASED,
    LoanState.DILUTED,
    LoanState.CURRENT,
    LoanState.DPD_1_30,
    LoanState.DPD_31_60,
    LoanState.RESTRUCTURED,
    LoanState.DPD_61_90,
    LoanState.DEFAULT,
)
ORDER = np.array([int(state) for state in _BEST_FIRST], dtype=np.int64)
_EXITS = int(LoanState.PREPAID)


class Threshold(IntEnum):
    """Thresholds by month for who is current: an obligor can miss an instalment or default; its orders can leave."""

    LEAVE = 0
    """An obligor has left the schedule by the month, for arrears or default."""
    ENTRY = 1
    """Of the words that leave in the month, those below go to 1-30 days, the rest default."""
    EXIT = 2
    """An order has been prepaid, bought back or cancelled by the month."""
    PREPAID = 3
    """Of the words that exit in the month, those below are prepaid,"""
    REPURCHASED = 4
    """then those below bought back, the rest cancelled."""


class Odds(NamedTuple):
    """Thresholds of `W` paths, `R` profiles, months `0..M`; a word below the threshold means it has happened."""

    curve: np.ndarray
    """(R, Threshold, M + 1, W) uint64; LEAVE and EXIT are 0 in month 0 and do not fall."""
    step: np.ndarray
    """(W, R, M + 1, 3, 9) uint64: cumulative odds of the next state from 1, 2, 3 missed instalments, best first."""


@kernel
def fill_thresholds(transition, degrees, z):
    """Quantiles `z` (R, M, 4, 9) of the cumulative probabilities of each row, best state first.

    Of the normal distribution where `degrees` is 0, else of the t distribution.
    """
    for r in range(transition.shape[0]):
        for t in range(transition.shape[1]):
            for i in range(PERFORMING):
                cumulative, before = 0.0, -1.0
                for k in range(STATES):
                    cumulative += transition[r, t, i, ORDER[k]]
                    if cumulative == before:
                        z[r, t, i, k] = z[r, t, i, k - 1]
                    else:
                        z[r, t, i, k] = _quantile(cumulative, degrees)
                    before = cumulative


@borrowing
def _quantile(p, degrees):
    """Quantile of the normal (`degrees` 0) or t distribution; infinite where the event is impossible or certain."""
    if p <= 0.0:
        return -CERTAIN
    if p >= 1.0 - 1e-12:
        return CERTAIN
    return inverse_normal(p) if degrees == 0 else inverse_student(p, degrees)


@kernel
def conditional_row(row, z, mean, scale, found):
    """Conditional probabilities `found` (9,) by LoanState of a row (9,) with thresholds `z` (9,) by place in ORDER.

    `mean` is loading x factor + shift, over the spread; `scale` is `spread / sqrt(1 - rho)`.
    """
    before = 0.0
    for k in range(STATES):
        state = ORDER[k]
        after = before
        if row[state] > 0.0:
            after = 1.0 if z[k] >= CERTAIN else normal_cdf((z[k] + mean) * scale)
        found[state] = max(0.0, after - before)
        before = max(before, after)


@borrowing
def _fill_step(found, odds):
    """Cumulative thresholds of a row, best first."""
    cumulative = 0.0
    for k in range(STATES):
        cumulative += found[ORDER[k]]
        odds[k] = threshold(cumulative)
    odds[STATES - 1] = threshold(1.0)


@borrowing
def _within(before, after, share):
    """The threshold that splits the words from `before` to `after` in two."""
    return before + np.uint64(float(after - before) * share)


@borrowing
def _fill_current(found, curve, t, w):
    """Month `t` on path `w` for who is current; `curve` (Threshold, M + 1, W)."""
    exits = found[_EXITS] + found[_EXITS + 1] + found[_EXITS + 2]
    on = min(1.0, found[LoanState.CURRENT] + exits)
    worse = found[LoanState.DPD_1_30] + found[LoanState.DEFAULT]
    before = curve[Threshold.LEAVE, t - 1, w]
    gone = float(before) / 4294967296.0
    after = max(before, threshold(gone + (1.0 - gone) * (1.0 - on)))
    curve[Threshold.LEAVE, t, w] = after
    curve[Threshold.ENTRY, t, w] = _within(before, after, found[LoanState.DPD_1_30] / worse if worse > 0.0 else 1.0)
    before = curve[Threshold.EXIT, t - 1, w]
    gone = float(before) / 4294967296.0
    after = max(before, threshold(gone + (1.0 - gone) * min(1.0, exits / on))) if on > 0.0 else before
    curve[Threshold.EXIT, t, w] = after
    paid, bought = found[_EXITS], found[_EXITS] + found[_EXITS + 1]
    curve[Threshold.PREPAID, t, w] = _within(before, after, paid / exits if exits > 0.0 else 1.0)
    curve[Threshold.REPURCHASED, t, w] = _within(before, after, bought / exits if exits > 0.0 else 1.0)


@borrowing
def _pulled(factor, pull, r, t):
    """`sum of a_k F_k + shift` of profile `r` in month `t`; arguments as `condition`."""
    total = 0.0
    for k in range(factor.shape[0]):
        total += pull[2 + k, r] * factor[k, t]
    return pull[0, r] * total + pull[1, r]


@kernel
def condition(transition, z, factor, spread, pull, adjustment, odds, w):
    """Fill path `w` of `odds` from `transition` (R, M, 4, 9), its thresholds `z` (R, M, 4, 9, best first).

    `factor` (K, M) the path's factors by month, `spread` (M,) 1 without a t-copula, `pull` (2 + K, R) root of the whole
    correlation, recentring shift, and the factors' loadings divided by that root; `adjustment` of the
    conditional probabilities.
    """
    multiple, added = adjustment
    found = np.zeros(STATES)
    for r in range(transition.shape[0]):
        scale = 1.0 / np.sqrt(1.0 - pull[0, r] * pull[0, r])
        odds.curve[r, Threshold.LEAVE, 0, w] = 0
        odds.curve[r, Threshold.EXIT, 0, w] = 0
        for t in range(transition.shape[1]):
            mean = _pulled(factor, pull, r, t) / spread[t]
            for i in range(PERFORMING):
                conditional_row(transition[r, t, i], z[r, t, i], mean, scale * spread[t], found)
                adjust_row(found, i, multiple[r, t, i], added[r, t, i])
                if i == 0:
                    _fill_current(found, odds.curve[r], t + 1, w)
                else:
                    _fill_step(found, odds.step[w, r, t + 1, i - 1])


@kernel
def condition_rows(transition, z, factor, spread, pull, adjustment, chance):
    """Fill `chance` (R, M + 1, 4, 9) with a path's conditional probabilities by LoanState; arguments as `condition`."""
    multiple, added = adjustment
    for r in range(transition.shape[0]):
        scale = 1.0 / np.sqrt(1.0 - pull[0, r] * pull[0, r])
        for t in range(transition.shape[1]):
            mean = _pulled(factor, pull, r, t) / spread[t]
            for i in range(PERFORMING):
                conditional_row(transition[r, t, i], z[r, t, i], mean, scale * spread[t], chance[r, t + 1, i])
                adjust_row(chance[r, t + 1, i], i, multiple[r, t, i], added[r, t, i])


@kernel
def mean_default(transition, z, factor, spread, loading, shift, stay, balance):
    """Mean over `K` paths of the share of a cohort's balance, current at first, that defaults within the `M` months.

    Who is restructured counts with it: the chain ends there. Who is in arrears owes what it owed when it last paid.

    `transition`, `z` (M, 4, 9) of one profile, `factor` and `spread` (K, M), `stay` (M,) share of who is current after
    a month that has further instalments to pay, `balance` (M,) on schedule before each month / at first.
    """
    found = np.zeros(STATES)
    state = np.zeros(PERFORMING)
    following = np.zeros(PERFORMING)
    scale = 1.0 / np.sqrt(1.0 - loading * loading)
    total = 0.0
    for k in range(factor.shape[0]):
        for j in range(PERFORMING):
            state[j] = 1.0 if j == 0 else 0.0
        for t in range(transition.shape[0]):
            for j in range(PERFORMING):
                following[j] = 0.0
            for i in range(PERFORMING):
                if state[i] > 0.0:
                    mean = (loading * factor[k, t] + shift) / spread[k, t]
                    conditional_row(transition[t, i], z[t, i], mean, scale * spread[k, t], found)
                    lost = found[LoanState.DEFAULT] + found[LoanState.RESTRUCTURED]
                    total += state[i] * balance[max(0, t - i)] * lost
                    for j in range(PERFORMING):
                        following[j] += state[i] * found[j]
            for j in range(PERFORMING):
                state[j] = following[j] * stay[t] if j == 0 else following[j]
    return total / float(factor.shape[0])

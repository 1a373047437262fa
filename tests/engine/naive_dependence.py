"""Naive twin of the month-by-month migration: frailty, ring fraud and contagion in plain Python, the same draws.

Payments are those of the other twin (`naive_migration.settle`); hazards, multiples and counts of defaults are written
out: who defaults in a month acts on the others of its cluster in the months after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from scipy.stats import gamma

from tests.engine.naive_migration import BEST_FIRST, ONE, Obligor, Path, settle, words

MONTH_WORD, FRAILTY_WORD, FRAUD_WORD = 5, 6, 7


def frailty(key: int, seed: int, number: int, variance: float) -> float:
    """Gamma variable of mean 1 of a cluster on a path."""
    high, low, _, _ = words(seed, key, number, 0, FRAILTY_WORD)
    size = ((high % (ONE // 2)) * ONE + low + 0.5) / ONE**2
    law = gamma(1.0 / variance, scale=variance)
    return float(law.isf(size) if high >= ONE // 2 else law.ppf(size))


def is_ring(key: int, seed: int, number: int, probability: float) -> bool:
    """Whether a cluster is a ring on a path."""
    return words(seed, key, number // 4, 0, FRAUD_WORD)[number % 4] < int(probability * ONE)


def follow_all(
    obligors: Sequence[Obligor],
    chance: Any,
    draws: tuple[int, int, int],
    path: Path,
    multiples: Sequence[float],
    contagion: tuple[Sequence[str], float, int, float],
    terms: Sequence[tuple[int, float]] = (),
) -> None:
    """All obligors on one path; `chance` (R, M + 1, 4, 9), `multiples` by obligor (infinite: a ring).

    `contagion` is (cluster of each obligor, empty for none; strength; months; cap), `terms` of restructuring by profile
    (months of the extension, multiple afterwards): a schedule falls behind by the months that are not paid in it.
    """
    seed, number, salt = draws
    cluster, strength, window, cap = contagion
    state = [max(order.bucket for order in obligor.orders) for obligor in obligors]
    live = [list(obligor.orders) for obligor in obligors]
    behind, rest = [0] * len(obligors), [0] * len(obligors)
    log: list[tuple[str, int]] = []
    for t in range(1, path.months + 1):
        news: list[tuple[str, int]] = []
        for o, obligor in enumerate(obligors):
            if not live[o]:
                continue
            near = [name for name, month in log if name == cluster[o] and t - window <= month < t]
            multiple = multiples[o]
            if cluster[o]:
                multiple *= min(cap, 1.0 + strength * len(near) / cluster.count(cluster[o]))
            if behind[o]:
                multiple *= terms[obligor.profile][1]
            before = behind[o]
            row = [float(p) for p in chance[obligor.profile][t][state[o]]]
            point = (words(seed, obligor.key, number, salt + t, MONTH_WORD)[0] + 0.5) / ONE
            if rest[o] > 0:
                new, rest[o], behind[o] = 0, rest[o] - 1, behind[o] + 1
            elif multiple == math.inf:
                new = state[o] + 1
            elif state[o] == 0:
                new = _leave(row, multiple, point)
            else:
                new = _place(row, BEST_FIRST, point)
            if new == 8 and not behind[o]:
                new, rest[o], behind[o] = 0, terms[obligor.profile][0], 4
            elif new == 8:
                new = 4
            still = []
            for order in live[o]:
                j = new
                if state[o] == 0 and new == 0:
                    own = [float(p) for p in chance[order.profile][t][0]]
                    on = own[0] + own[5] + own[6] + own[7]
                    point = (words(seed, order.key, number, salt + t, MONTH_WORD)[1] + 0.5) / ONE
                    j = _place([p / on for p in own], (5, 6, 7, 0), point)
                if settle(order, (state[o], j, t), path, (before, behind[o])):
                    still.append(order)
            if new == 4:
                news.append((cluster[o], t))
            live[o], state[o] = still, new
        log += news


def _leave(row: Sequence[float], multiple: float, point: float) -> int:
    """Where a current obligor goes: the odds of arrears to default stay as they are."""
    hazard = row[1] + row[4]
    stay = (1.0 - hazard) ** multiple
    if hazard == 0.0 or point < stay:
        return 0
    return 1 if (point - stay) / (1.0 - stay) < row[1] / hazard else 4


def _place(row: Sequence[float], order: Sequence[int], point: float) -> int:
    """State whose stretch of cumulative probability holds the point."""
    total = 0.0
    for state in order:
        total += row[state]
        if point < total:
            return state
    return order[-1]

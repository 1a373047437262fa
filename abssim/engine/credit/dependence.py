"""Frailty and ring fraud: what strikes clusters of obligors on a path.

A multiple `G` of the cumulative hazard turns a survival curve `S` into `S^G`, month by month `h' = 1 - (1 - h)^G`. By
events it is the word that changes, not the curve: `u < 1 - S^G` is `1 - (1 - u)^(1 / G) < 1 - S`.
"""

from typing import Any, NamedTuple

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.random import Purpose, draw_block, pick, threshold

_ONE = np.uint64(1 << 32)
_TOP = np.uint64(31)
_REST = np.uint64((1 << 31) - 1)
_WORD = 4294967296.0


class Shock(NamedTuple):
    """What strikes the obligors of a population on the `W` paths of a group."""

    cluster: np.ndarray
    """(O,) int32 row of `multiple`."""
    multiple: np.ndarray
    """(K, W) multiple of the cumulative hazard of leaving the schedule, infinite for a ring; K = 0: nothing strikes."""


@borrowing
def hastened(word, multiple):
    """Proportional hazards by inversion: the word whose place on the curve is that of `word` on the multiplied curve.

    `u' = 1 - (1 - u)^(1 / G)` for a multiple `G` of the cumulative hazard; 2^32 (never) for 0. As exact as thresholds
    are: to a survival of 2^-32.
    """
    if multiple == 0.0:
        return _ONE
    gone = -np.expm1(np.log1p(-float(word) / _WORD) / multiple)
    return min(np.uint64(gone * _WORD), _ONE - np.uint64(1))


@borrowing
def hastened_entry(before, entry, after, multiple):
    """The threshold between arrears and default for words that `hastened` has changed: the two keep their shares.

    In the month the survival falls from 1 - `before` to 1 - `after`; `entry` parts the words that leave in it. With the
    hazard multiplied the month's words are other ones; the threshold returned parts them in the same shares.
    """
    if entry <= before or entry >= after:
        return entry
    share = float(entry - before) / float(after - before)
    left = float(_ONE - before)
    hazard = -np.expm1(multiple * np.log1p(-float(after - before) / left))
    gone = -np.expm1(np.log1p(-share * hazard) / multiple)
    return before + np.uint64(gone * left)


@borrowing
def exposed(words, curve, month, multiple):
    """A cheap bound of who leaves by a month: bit w is set where word w may be below the curve under its multiple.

    Bernoulli's inequality `1 - S^G <= max(1, G) (1 - S)` spares hardly less than the power itself, which few obligors
    then need; a word more covers its rounding. Rings (infinite multiples) are always set. `curve` (M + 1, W).
    """
    mask = 0
    for w in range(multiple.shape[0]):
        if float(pick(words, w)) < max(1.0, multiple[w]) * (float(curve[month, w]) + 1.0):
            mask |= 1 << w
    return mask


@borrowing
def draw_tails(seed: Any, keys: Any, first: Any, tail: Any) -> None:
    """Fill `tail` (K, W) with uniform numbers of 64 bits for clusters `keys` (K,) on paths `first ...`, by their tail.

    Written as the probability of the nearer tail, in (0, 1/2), which a quantile needs to many digits: positive for the
    lower tail, negative for the upper one.
    """
    for k in range(tail.shape[0]):
        for w in range(tail.shape[1]):
            words = draw_block(seed, keys[k], first + w, 0, Purpose.FRAILTY)
            size = (float(words[0] & _REST) * _WORD + float(words[1]) + 0.5) / (_WORD * _WORD)
            tail[k, w] = size if words[0] >> _TOP == 0 else -size


@borrowing
def draw_rings(seed: Any, keys: Any, group: Any, probability: Any, ring: Any) -> None:
    """Fill `ring` (K, 4) for clusters `keys` (K,) on the paths of a group: True with `probability`."""
    below = threshold(probability)
    for k in range(ring.shape[0]):
        words = draw_block(seed, keys[k], group, 0, Purpose.FRAUD)
        for w in range(ring.shape[1]):
            ring[k, w] = pick(words, w) < below

"""Counter-based random numbers: Philox4x32-10, and normals by inversion.

A number is a pure function of (seed, key, path, counter, purpose): adding a loan or a path, or changing threads or
blocks, changes no other draw. Words are compared with integer thresholds, so draws are equal on every platform.
Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3"; known-answer vectors in the tests.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_PURPOSE = np.uint64(24)


class Purpose(IntEnum):
    """What a number is drawn for; numbers of different purposes are independent."""

    FACTOR = 0
    LEAVE = 1
    """When an obligor first leaves the schedule."""
    EXIT = 2
    """When an order is prepaid, bought back or cancelled."""
    STEP = 3
    """Where an obligor off schedule goes, and when one that came back leaves again."""
    SAMPLE = 4
    """Which loans stand for a vintage."""
    MONTH = 5
    """Every move of the month-by-month kernel."""
    FRAILTY = 6
    """The hidden quality of a cluster of obligors."""
    FRAUD = 7
    """Whether a cluster of obligors is a ring."""


class Draws(NamedTuple):
    """Where in the counter-based stream the numbers of a population stand."""

    seed: np.uint64
    path: int
    """First path of the group; where four paths share their words, the number of the group."""
    salt: int
    """Added to the counters, which months take: separates populations with the same keys (vintages)."""


@kernel
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds on four 32-bit words (carried in uint64); returns four 32-bit words."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@kernel
def draw_block(seed, key, path, counter, purpose):
    """Four 32-bit words for a 64-bit `key`; `path` and `counter` are non-negative, `counter` below 2^24."""
    key = np.uint64(key)
    seed = np.uint64(seed)
    last = (np.uint64(purpose) << _PURPOSE) | np.uint64(counter)
    return philox(key & _LOW, key >> _HALF, np.uint64(path), last, seed & _LOW, seed >> _HALF)


@kernel
def pick(block, word):
    """One of the four words of a block."""
    if word == 0:
        return block[0]
    if word == 1:
        return block[1]
    return block[2] if word == 2 else block[3]


@kernel
def threshold(probability):
    """The 32-bit number that a word is below with this probability: `floor(p 2^32)`."""
    if probability >= 1.0:
        return _LOW + np.uint64(1)
    return np.uint64(max(0.0, probability) * 4294967296.0)


@kernel
def normal(word):
    """Standard normal by inversion of `(word + 1/2) / 2^32`: Acklam's rational approximation, one Halley step.

    Relative error below 1e-14 in the range of 32-bit words.
    """
    p = (float(word) + 0.5) / 4294967296.0
    return inverse_normal(p)


@kernel
def normal_cdf(x):
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-x * 0.7071067811865476)


@kernel
def inverse_normal(p):
    """Quantile of the standard normal, `0 < p < 1`; the upper half mirrors the lower, where the tail is exact."""
    lower = min(p, 1.0 - p)
    x = _tail(np.sqrt(-2.0 * np.log(lower))) if lower < 0.02425 else _center(lower - 0.5)
    step = (normal_cdf(x) - lower) * 2.5066282746310002 * np.exp(0.5 * x * x)
    x -= step / (1.0 + 0.5 * x * step)
    return x if p <= 0.5 else -x


@kernel
def student_cdf(angle, degrees):
    """t distribution of whole `degrees` at `sqrt(degrees) tan(angle)`; Abramowitz and Stegun 26.7.3, 26.7.4."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = degrees % 2
    term = cosine if odd == 1 else 1.0
    total = 0.0
    for k in range(2 + odd, degrees + 1, 2):
        total += term
        term *= cosine * cosine * float(k - 1) / float(k)
    if odd == 1:
        return 0.5 + (angle + sine * total) / math.pi
    return 0.5 + 0.5 * sine * total


@kernel
def inverse_student(p, degrees):
    """Quantile of the t distribution by bisection of the angle."""
    low, high = -0.5 * math.pi, 0.5 * math.pi
    for _ in range(60):
        middle = 0.5 * (low + high)
        if student_cdf(middle, degrees) < p:
            low = middle
        else:
            high = middle
    return math.sqrt(float(degrees)) * math.tan(0.5 * (low + high))


@borrowing
def _tail(q):
    """Acklam's approximation below the 2.425 % quantile."""
    top = (
        (((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q
        + 4.374664141464968
    ) * q + 2.938163982698783
    return top / (
        (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q
        + 1.0
    )


@borrowing
def _center(q):
    """Acklam's approximation in the middle."""
    r = q * q
    top = (
        (
            (((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r + 1.383577518672690e02)
            * r
            - 3.066479806614716e01
        )
        * r
        + 2.506628277459239
    ) * q
    return top / (
        (
            (((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r + 6.680131188771972e01)
            * r
            - 1.328068155288572e01
        )
        * r
        + 1.0
    )


@kernel
def autoregressive(seed, key, first, persistence, factor):
    """Fill `factor` (N, M) with paths `first .. first + N - 1` of `X_t = a X_(t-1) + sqrt(1 - a^2) e_t`, X_1 = e_1.

    Stationary standard normal; the normals of path n depend on (seed, key, n) alone.
    """
    innovation = np.sqrt(1.0 - persistence * persistence)
    for n in range(factor.shape[0]):
        words = draw_block(seed, key, first + n, 0, Purpose.FACTOR)
        for t in range(factor.shape[1]):
            if t > 0 and t % 4 == 0:
                words = draw_block(seed, key, first + n, t // 4, Purpose.FACTOR)
            shock = normal(pick(words, t % 4))
            factor[n, t] = shock if t == 0 else persistence * factor[n, t - 1] + innovation * shock


@kernel
def fill_words(seed, key, words):
    """Fill `words` (N, 4) with the 32-bit words of `key` on paths `0 .. N - 1`, for purpose FACTOR."""
    for n in range(words.shape[0]):
        words[n, 0], words[n, 1], words[n, 2], words[n, 3] = draw_block(seed, key, n, 0, Purpose.FACTOR)


@kernel
def fill_normals(uniform, found):
    """Quantiles of the standard normal `found` (N, D) of `uniform` (N, D), each inside (0, 1)."""
    for n in range(uniform.shape[0]):
        for d in range(uniform.shape[1]):
            found[n, d] = inverse_normal(uniform[n, d])


@kernel
def mixing(seed, first, degrees, spread):
    """Fill `spread` (N, M) with `sqrt(W / degrees)`, W chi-square of whole `degrees`: the t-copula's common variance.

    Each W is a sum of squared normals of paths `first ...`, new every month.
    """
    for n in range(spread.shape[0]):
        words = draw_block(seed, 1, first + n, 0, Purpose.FACTOR)
        for t in range(spread.shape[1]):
            total = 0.0
            for d in range(t * degrees, (t + 1) * degrees):
                if d > 0 and d % 4 == 0:
                    words = draw_block(seed, 1, first + n, d // 4, Purpose.FACTOR)
                x = normal(pick(words, d % 4))
                total += x * x
            spread[n, t] = np.sqrt(total / float(degrees))


@kernel
def draw_uniform(seed, count):
    """A number in [0, 1) for a sample of `count`."""
    return float(draw_block(seed, 0, count, 0, Purpose.SAMPLE)[0]) / 4294967296.0

"""Errors of developed vintages where calendar months move together: the diagonals of a triangle.

Mack's error takes vintages and ages for independent. A factor that moves the defaults of a month moves all vintages in
it, each at its own age, and goes on into the months to come. To first order, vintage `j` has by age `k` the share
`sum of g[m] (1 + s f[month of (j, m)])` of its ultimate, with `g` the shares that are due: so development to come is
off from what the factors say by a sum of `f`, and so is all development seen, from which the size `s` comes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from abssim.calibrate.serial import alike_in, common_part
from abssim.tape.day import parse_day

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_QUARTER = re.compile(r"(\d{4})[-/ ]?Q([1-4])", re.IGNORECASE)


def starts_of(names: Sequence[str], last_ages: Int64) -> Int64:
    """(V,) months in which vintages began: those their names say, or such that all are seen to the same month."""
    starts = [_start(name) for name in names]
    known = [each for each in starts if each is not None]
    return np.asarray(known) if len(known) == len(starts) else last_ages.max() - last_ages


def _start(name: str) -> int | None:
    quarter = _QUARTER.fullmatch(name.strip())
    if quarter:
        return int(quarter[1]) * 12 + 3 * int(quarter[2]) - 2
    if re.fullmatch(r"(19|20)\d\d", name.strip()):
        return int(name) * 12 + 1
    day = parse_day(name)
    return None if day is None else day.year * 12 + day.month


def diagonal_errors(table: Float64, ages: Int64, factors: Float64, start: Int64, loans: bool, phi: float) -> Float64:
    """(V,) errors of ultimates / the ultimates that months alike by persistence `phi` have in common.

    `table` (V, K) cumulative amounts, NaN where not yet seen, developed by `factors` (K - 1,); `loans` if amounts are
    numbers of loans, whose own noise is then left out of what is seen.
    """
    whole = np.append(1.0 / np.cumprod(factors[::-1])[::-1], 1.0)
    due = np.diff(whole, prepend=0.0)
    month = start[:, None] + ages[None, :]
    months, place = np.unique(month, return_inverse=True)
    moved = (due[:, None] * np.eye(len(months))[place.reshape(month.shape)]).cumsum(axis=1) / whole[:, None]
    both = ~np.isnan(table[:, 1:])
    now, later = np.nan_to_num(table[:, :-1]), np.nan_to_num(table[:, 1:])
    base = np.where(both, now, 0.0).sum(axis=0)
    weight = np.divide(np.where(both, now, 0.0), base, out=np.zeros_like(now), where=base > 0.0)
    step = np.diff(moved, axis=1)
    mean = (weight[:, :, None] * step).sum(axis=0)
    used = both & (now > 0.0)
    seen = ((step - mean) * whole[1:, None])[used]
    gap = ((np.divide(later, now, out=np.ones_like(now), where=used) / factors - 1.0) * whole[1:])[used]
    noise = np.divide(due[1:] * whole[:-1], now, out=np.zeros_like(now), where=used)[used].sum() if loans else 0.0
    last = np.sum(~np.isnan(table), axis=1) - 1
    ahead = np.concatenate([np.cumsum(mean[::-1], axis=0)[::-1], np.zeros((1, len(months)))])
    off = moved[:, -1] - moved[np.arange(len(table)), last] - ahead[last]
    return np.sqrt(common_part(float((gap**2).sum() - noise), seen, alike_in(months, phi), off))

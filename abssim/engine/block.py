"""Many paths: the deal kernel over a block of simulated collateral, its checks and its summaries."""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import kernel
from abssim.engine.audit import audit_path
from abssim.engine.layout import PathStatus
from abssim.engine.path import run_path
from abssim.engine.program import PathArrays, Purchases
from abssim.engine.summary import fill_fan, first_active, last_cash, summarize_note, summarize_pool
from abssim.kind.pool import PoolField


class Batch(NamedTuple):
    """What differs between the `B` paths of a block."""

    flow: np.ndarray
    """(B, K, T, PoolField) int64 collateral of the opening pools; used up."""
    profile: np.ndarray
    """(B, V, M + 1, PoolField) float64: what a unit of face bought in each month turns into (`Purchases`)."""
    posted: np.ndarray
    """(B, T, A) int64 cash that policies put into each account."""
    price: np.ndarray
    """(V,) cost of one unit of face."""


@kernel
def to_profile(monthly, profile):
    """A simulated vintage as a profile of one unit of face: cumulative flows, stocks as they are.

    `monthly` `(M + 1, PoolField)` int64, row 0 the purchase; `profile` `(M + 1, PoolField)` float64.
    """
    face = float(monthly[0, PoolField.CLOSING_BALANCE])
    for field in range(profile.shape[1]):
        is_flow = PoolField.OPENING_BALANCE < field < PoolField.CURRENT_BALANCE
        total = 0
        for month in range(profile.shape[0]):
            total = total + monthly[month, field] if is_flow else monthly[month, field]
            profile[month, field] = float(total) / face


@kernel
def _summarize(lay, terms, trace, b, outcome):
    """Keep what a simulation keeps of the path in `trace`."""
    last = last_cash(lay, trace)
    for n in range(lay.notes):
        outcome.life[b, n] = summarize_note(lay, terms, trace, n, last, outcome.note[b, n], outcome.cash[b, n])
    summarize_pool(lay, trace, last, outcome.pool[b])
    fill_fan(lay, terms, trace, outcome.fan[b])
    first_active(lay, trace, outcome.trigger[b])


@kernel
def run_paths(program, path, batch, state, marks, terms, outcome):
    """Run each path of `batch` through the deal, check it, and keep its summary in the same row of `outcome`.

    `path` and `state` are scratch of the worker, `marks` the marks before the first date. A path that cannot go on or
    fails a check says so in `outcome.status`.
    """
    lay, trace, status = program.layout, path.memory.trace, path.status
    for b in range(batch.flow.shape[0]):
        path.memory.marks[:] = marks
        path.memory.values[program.code.history :] = 0.0
        status[0], status[1], status[2] = PathStatus.OK, 0, -1
        path.negative[:] = 0
        own = PathArrays(batch.flow[b], path.rates, batch.posted[b], path.claim, status, path.negative, path.memory)
        run_path(program, own, Purchases(batch.profile[b], batch.price), state)
        outcome.negative[b] = path.negative
        outcome.status[b, 0], outcome.status[b, 1], outcome.status[b, 2] = status[0], status[1], status[2]
        if status[0] == PathStatus.OK:
            audit_path(lay, trace, program.code.initial, outcome.status[b])
            _summarize(lay, terms, trace, b, outcome)

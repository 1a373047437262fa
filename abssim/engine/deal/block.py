"""Many paths: blocks of them through the deal machine, their checks and their summaries."""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.deal.close import Status
from abssim.engine.deal.lanes import LANES, Offer, make_lanes, start
from abssim.engine.deal.machine import run_lanes
from abssim.engine.deal.summary import forget, make_sums, summarize
from abssim.engine.layout import PathStatus
from abssim.engine.month import FALLS, SHOWN
from abssim.kind.pool import PoolField


class Batch(NamedTuple):
    """What differs between the `B` paths of a block."""

    flow: np.ndarray
    """(B, K, M, PoolField) int64 collateral of the opening pools by month, as `Machine.months` has them."""
    profile: np.ndarray
    """(B / LANES rounded up, V, PoolField, M + 1, LANES or B) float64: what a unit of face bought in each month turns
    into, cumulative flows and stocks by month since the purchase, so many paths side by side. All zero where nothing is
    offered; one vintage serves all if V is 1."""
    last: np.ndarray
    """(B / LANES rounded up, V) month in which the last of it happens."""
    shown: np.ndarray
    """(PoolField,) int64 what vintages show of each field, as `abssim.engine.month.bookings` has it."""
    posted: np.ndarray
    """(B, T, A) int64 cash that policies put into each account."""
    price: np.ndarray
    """(V,) cost of one unit of face."""


class Detail(NamedTuple):
    """Every date of the `B` paths of a block; without any room for dates none is kept."""

    trace: np.ndarray
    """(T, X, B) int64 states at the end of the dates."""
    value: np.ndarray
    """(T, C, B) float64 definitions, then observed value and threshold of each trigger."""


def profile_lanes(paths: int, vintages: int, months: int) -> np.ndarray:
    """Room for the profiles of so many paths, months and vintages."""
    return np.zeros((-(-paths // LANES), vintages, len(PoolField), months, min(paths, LANES)))


@kernel
def to_profile(monthly, profile, shown, w):
    """A simulated vintage as a profile of one unit of face: cumulative flows, stocks as they are. Returns the month in
    which the last of it happens.

    `monthly` `(M + 1, PoolField)` int64, row 0 the purchase; `profile` `(PoolField, M + 1, W)` float64, all zero, its
    lane `w`; `shown` `(PoolField,)` learns what there is of each field.
    """
    face, last = float(monthly[0, PoolField.CLOSING_BALANCE]), 0
    for field in range(PoolField.INTEREST, profile.shape[0]):
        is_flow, total = field < PoolField.CURRENT_BALANCE, 0
        same = PoolField.CLOSING_BALANCE if field == PoolField.ADJUSTED_BALANCE else PoolField.OPENING_BALANCE
        for month in range(profile.shape[1]):
            amount = monthly[month, field]
            total = total + amount if is_flow else amount
            if amount != 0:
                last = max(last, month)
                shown[field] |= FALLS if amount < 0 else 0
                shown[field] |= SHOWN if same == PoolField.OPENING_BALANCE or amount != monthly[month, same] else 0
            if total != 0:
                profile[field, month, w] = float(total) / face
    return last


@borrowing
def _load(lanes, batch, first):
    """Bring the paths from `first` on into the lanes."""
    flow, posted = lanes.flow, lanes.posted
    for w in range(lanes.slot.shape[1]):
        own, cash = batch.flow[first + w], batch.posted[first + w]
        for month in range(flow.shape[0]):
            for k in range(flow.shape[1]):
                for field in range(flow.shape[2]):
                    flow[month, k, field, w] = own[k, month, field]
        for t in range(posted.shape[0]):
            for a in range(posted.shape[1]):
                posted[t, a, w] = cash[t, a]


@borrowing
def _tell(machine, lanes, outcome, detail, first):
    """How each path ended, what was taken as nothing, and the values of its dates if they are asked for."""
    S, history = lanes.slot, len(machine.history)
    for w in range(S.shape[1]):
        b = first + w
        for field in range(outcome.status.shape[1]):
            outcome.status[b, field] = S[machine.status + field, w]
        for c in range(machine.counters):
            outcome.negative[b, c] = S[machine.negative + c, w]
        if S[machine.status + Status.REASON, w] != PathStatus.OK:
            forget(outcome, b)
        for t in range(detail.value.shape[0]):
            for c in range(detail.value.shape[1]):
                detail.value[t, c, b] = lanes.value[history + t, c, w]


@kernel
def run_paths(machine, batch, bookings, terms, outcome, detail):
    """Run each path of `batch` through the deal, check it, and keep its summary in the same row of `outcome`.

    `bookings` are for `batch.shown`. A path that cannot go on or fails a check says so in `outcome.status`. `detail`
    takes all dates, if it has room.
    """
    paths, shape = batch.flow.shape[0], (batch.flow.shape[1], batch.posted.shape[2])
    lanes, sums = make_lanes(machine, shape, min(LANES, paths)), make_sums(min(LANES, paths))
    for first in range(0, paths, LANES):
        width = min(LANES, paths - first)
        if width != lanes.slot.shape[1]:
            lanes, sums = make_lanes(machine, shape, width), make_sums(width)
        block = first // LANES
        offer = Offer(batch.profile[block], batch.last[block], batch.price, bookings)
        start(machine, lanes, offer)
        _load(lanes, batch, first)
        run_lanes(machine, lanes, offer, detail.trace, first)
        summarize(terms, lanes.record, sums, outcome, first)
        _tell(machine, lanes, outcome, detail, first)

"""What the deal machine reads and writes: the program of a job, and the lanes of a block of paths.

Letters: `S` slots, `R` registers, `W` lanes, `T` dates, `M` months, `K` pools, `A` accounts, `C` kept columns,
`X` entries of the state (the first slots), `Q` recorded slots.
"""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import kernel
from abssim.engine.deal.purchase import Bought, forget_purchases, make_bought
from abssim.engine.month import FIELDS, Bookings

LANES = 32
"""Paths that are run at once."""


class Machine(NamedTuple):
    """A deal under a scenario as micro-operations: the same for all paths."""

    code: np.ndarray
    """(n, WIDTH) int64: the operations of a date (`abssim.engine.deal.operation`)."""
    item: np.ndarray
    """Side list, int64."""
    initial: np.ndarray
    """(S,) int64 slots before the first date: the state, constants, memory, counters, scratch."""
    number: np.ndarray
    """(R,) float64 registers before the first date: constants, else 0."""
    whole_by_date: np.ndarray
    """(T, columns) int64"""
    number_by_date: np.ndarray
    """(T, columns) float64"""
    months: np.ndarray
    """(T + 1,) rows of the collateral by month: a date collects from its own on, up to that of the next."""
    revolving: int
    """Pool that receivables are bought for, -1 none."""
    table: np.ndarray
    """(steps, 2) from which value on, and what: the steps of all tables."""
    history: np.ndarray
    """(H, C) values kept before the first date."""
    status: int
    """First of the slots Status."""
    negative: int
    """First of the slots that count amounts below zero."""
    counters: int
    recorded: int
    """Q"""


class Lanes(NamedTuple):
    """The paths of a block."""

    slot: np.ndarray
    """(S, W) int64"""
    register: np.ndarray
    """(R, W) float64"""
    value: np.ndarray
    """(H + T, C, W) float64: definitions, then observed value and threshold of each trigger."""
    record: np.ndarray
    """(T, Q, W) int64: what summaries read."""
    flow: np.ndarray
    """(M, K, PoolField, W) int64 collateral of the opening pools by month."""
    posted: np.ndarray
    """(T, A, W) int64 cash that policies put into each account, negative for what they take out."""
    bought: Bought
    """What purchases add to it."""


class Offer(NamedTuple):
    """What one unit of face bought turns into."""

    profile: np.ndarray
    """(V, PoolField, M + 1, W or more) float64: cumulative flows and stocks by month since the purchase; one vintage
    serves all if V is 1. All zero where nothing is offered."""
    last: np.ndarray
    """(V,) month in which the last of it happens."""
    price: np.ndarray
    """(V,) cost of one unit of face."""
    bookings: Bookings
    """How a month of it is booked."""


@kernel
def make_lanes(machine, shape, width):
    """Room for `width` paths; `shape` is (K, A)."""
    dates, months = len(machine.whole_by_date), machine.months[-1]
    slots, columns = len(machine.initial), machine.history.shape[1]
    return Lanes(
        np.empty((slots, width), np.int64),
        np.empty((len(machine.number), width)),
        np.empty((len(machine.history) + dates, columns, width)),
        np.empty((dates, machine.recorded, width), np.int64),
        np.empty((months, shape[0], FIELDS, width), np.int64),
        np.empty((dates, shape[1], width), np.int64),
        make_bought(months if machine.revolving >= 0 else 0, width),
    )


@kernel
def start(machine, lanes, offer):
    """All slots, registers and values as they are before the first date, and nothing bought."""
    forget_purchases(lanes.bought, offer.bookings.field)
    for s in range(lanes.slot.shape[0]):
        lanes.slot[s] = machine.initial[s]
    for r in range(lanes.register.shape[0]):
        lanes.register[r] = machine.number[r]
    for h in range(machine.history.shape[0]):
        for c in range(machine.history.shape[1]):
            lanes.value[h, c] = machine.history[h, c]

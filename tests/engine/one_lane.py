"""Kernels that work on lanes, with one of them; and single operations of the deal machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abssim.engine.deal.lanes import Lanes, Machine, Offer
from abssim.engine.deal.machine import run_date
from abssim.engine.deal.purchase import post_vintages
from abssim.engine.month import Rounding, make_rounding, round_months, round_rows
from abssim.kind.pool import PoolField


def opened(balance: int, npl: int = 0) -> Rounding:
    """Nothing booked yet of a pool with these balances."""
    own = make_rounding(1)
    own.opening[0], own.npl[0] = balance, npl
    return own


def rounded(total: np.ndarray, own: Rounding) -> np.ndarray:
    """The next row `(PoolField,)` of a pool; `total` `(PoolField,)`: flows since the start, stocks at the end."""
    round_rows(total[:, None].copy(), own)
    return own.row[:, 0].astype(np.int64)


def in_whole_units(monthly: np.ndarray, opening: int, npl: int = 0) -> np.ndarray:
    """A pool by month `(M, PoolField)`."""
    flow = np.zeros(monthly.shape, dtype=np.int64)
    round_months(monthly, opening, npl, flow)
    return flow


def by_date(flow: np.ndarray, ends: Sequence[int]) -> np.ndarray:
    """What dates that collect up to those months show of `flow` `(M, PoolField)`: sums of flows, the last stocks."""
    rows = np.zeros((len(ends), len(PoolField)), dtype=np.int64)
    for row, first, last in zip(rows, [0, *ends], ends, strict=False):
        row[:] = flow[first:last].sum(axis=0)
        row[PoolField.OPENING_BALANCE] = flow[first, PoolField.OPENING_BALANCE]
        row[PoolField.CURRENT_BALANCE :] = flow[last - 1, PoolField.CURRENT_BALANCE :]
    return rows


def vintage(months: int, first: int, profile: np.ndarray, face: int, cost: int) -> np.ndarray:
    """What is bought pays from month `first` (from 0) on, `(months, PoolField)`."""
    flow = np.zeros((months, 1, len(PoolField), 1), dtype=np.int64)
    paid = np.array([cost]), np.array([face])
    post_vintages(flow, 0, first, np.ascontiguousarray(profile[..., None]), make_rounding(1), *paid)
    return flow[:, 0, :, 0]


def operate(machine: Machine, lanes: Lanes, t: int = 0) -> None:
    """Run the operations of a date, dispatched by the interpreter: so few are not worth compiling the whole machine."""
    offer = Offer(np.zeros((1, 1, len(PoolField), lanes.slot.shape[1])), np.ones(1))
    getattr(run_date, "py_func", run_date)(machine, lanes, offer, t)

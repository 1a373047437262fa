"""Kernels that work on lanes, with one of them; and single operations of the deal machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abssim.engine.deal.lanes import Lanes, Machine, Offer
from abssim.engine.deal.machine import run_date
from abssim.engine.deal.purchase import forget_purchases, make_bought, post_vintages
from abssim.engine.month import ALL, Bookings, Pot, Rounding, book_month, make_rounding, round_months
from abssim.kind.pool import PoolField


def opened(balance: int, npl: int = 0) -> Rounding:
    """Nothing booked yet of a pool with these balances."""
    own = make_rounding(1)
    own.pot[Pot.BALANCE, 0], own.pot[Pot.DEFAULTED, 0] = balance, npl
    return own


def rounded(total: np.ndarray, own: Rounding) -> np.ndarray:
    """The next row `(PoolField,)` of a pool; `total` `(PoolField,)`: flows since the start, stocks at the end."""
    row = np.zeros((len(PoolField), 1))
    row[PoolField.OPENING_BALANCE] = own.pot[Pot.BALANCE]
    book_month(total[:, None, None].copy(), 0, own, row, ALL.entry)
    return row[:, 0].astype(np.int64)


def in_whole_units(monthly: np.ndarray, opening: int, npl: int = 0) -> np.ndarray:
    """A pool by month `(M, PoolField)`."""
    flow = np.zeros(monthly.shape, dtype=np.int64)
    round_months(monthly, opening, npl, ALL.entry, flow)
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
    """What is bought pays from month `first` (from 0) on, `(months, PoolField)`; `profile` `(M + 1, PoolField)`."""
    by_field = np.ascontiguousarray(profile.T[..., None])
    return posted(months, first, by_field, len(profile) - 1, ALL, np.array([cost]), np.array([face]))[..., 0]


def posted(
    months: int, first: int, profile: np.ndarray, last: int, how: Bookings, cost: np.ndarray, face: np.ndarray
) -> np.ndarray:
    """What the lanes buy, `(months, PoolField, W)`; `profile` `(PoolField, M + 1, W)`."""
    bought = make_bought(months, len(face))
    forget_purchases(bought, np.arange(len(PoolField)))
    post_vintages(bought, first, profile, last, how.entry, cost, face)
    return np.asarray(bought.flow.astype(np.int64))


def nothing_offered(lanes: Lanes) -> Offer:
    """There is nothing to buy."""
    return Offer(np.zeros((1, len(PoolField), 1, lanes.slot.shape[1])), np.zeros(1, np.int64), np.ones(1), ALL)


def operate(machine: Machine, lanes: Lanes, t: int = 0) -> None:
    """Run the operations of a date, dispatched by the interpreter: so few are not worth compiling the whole machine."""
    getattr(run_date, "py_func", run_date)(machine, lanes, nothing_offered(lanes), t)

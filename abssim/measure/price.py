"""Price, yield, discount margin, duration and convexity of a note's cash flows.

Prices are per 100 of the balance at the start of the run, without accrued interest (there is none: the start is
an accrual date). Yields are decimal a year; three ways of compounding have names:

* `monthly`: nominal rate compounded twelve times a year;
* `bond_equivalent`: compounded twice a year (the default, as US price-yield tables print it);
* `isma`: the annual effective rate (ISMA/ICMA; the usual quote in China and Europe).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import NoteField
from abssim.measure.note import note_index
from abssim.measure.timing import DEFAULT_BASIS, Basis, years
from abssim.result import RunResult

Float64 = npt.NDArray[np.float64]
Convention = Literal["monthly", "bond_equivalent", "isma"]

DEFAULT_CONVENTION: Convention = "bond_equivalent"
COMPOUNDING: dict[Convention, int] = {"monthly": 12, "bond_equivalent": 2, "isma": 1}

_LOWEST, _HIGHEST = -0.9999, 100.0  # yields outside are no yields


class Flows(NamedTuple):
    """Cash a holder receives: `years` (T,) from the start, `amounts` (T,) per 100 of the opening balance."""

    years: Float64
    amounts: Float64


def note_flows(result: RunResult, note: str, basis: Basis = DEFAULT_BASIS) -> Flows:
    """Interest, principal, premium and residual cash of a note, per 100 of its opening balance (or notional)."""
    flow = result.note_flow[:, note_index(result, note)]
    face = int(flow[0, NoteField.OPENING_BALANCE]) or int(flow[0, NoteField.NOTIONAL])
    paid = (NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID, NoteField.RESIDUAL_PAID, NoteField.PREMIUM_PAID)
    cash = flow[:, list(paid)].sum(axis=1)
    return Flows(years(result, basis), cash * (100.0 / face) if face else np.zeros(len(cash)))


def price_at(flows: Flows, yield_rate: float, convention: Convention = DEFAULT_CONVENTION) -> float:
    """Price per 100: sum of cash / (1 + y/m)^(m t)."""
    return float(flows.amounts @ _discount(flows.years, yield_rate, COMPOUNDING[convention]))


def yield_at(flows: Flows, price: float = 100.0, convention: Convention = DEFAULT_CONVENTION) -> float:
    """Yield at a price (the internal rate of return); NaN when no rate above -99.99 % gives that price."""
    frequency = COMPOUNDING[convention]
    rate = solve_decreasing(lambda y: float(flows.amounts @ _discount(flows.years, y, 1)) - price, _LOWEST, _HIGHEST)
    return frequency * (float((1.0 + rate) ** (1.0 / frequency)) - 1.0)


def modified_duration(flows: Flows, yield_rate: float, convention: Convention = DEFAULT_CONVENTION) -> float:
    """-(dP/dy) / P in years."""
    m = COMPOUNDING[convention]
    values = flows.amounts * _discount(flows.years, yield_rate, m)
    return float(values @ flows.years) / (1.0 + yield_rate / m) / float(values.sum()) if values.any() else float("nan")


def convexity(flows: Flows, yield_rate: float, convention: Convention = DEFAULT_CONVENTION) -> float:
    """(d2P/dy2) / P in years squared."""
    m = COMPOUNDING[convention]
    values = flows.amounts * _discount(flows.years, yield_rate, m)
    weights = flows.years * (flows.years + 1.0 / m)
    return float(values @ weights) / (1.0 + yield_rate / m) ** 2 / float(values.sum()) if values.any() else float("nan")


def discount_margin(result: RunResult, note: str, index_rates: Float64, price: float = 100.0) -> float:
    """Spread over the index at which the note's cash is worth `price`; decimal a year.

    Cash of date t is discounted by the product over its accrual periods of 1 + (index + margin) x year fraction;
    `index_rates` (T,) is the index of each accrual period.
    """
    terms = result.notes_terms[note_index(result, note)]
    amounts = note_flows(result, note).amounts

    def excess(margin: float) -> float:
        growth = 1.0 + (index_rates + margin) * terms.year_fractions
        return float(amounts @ (1.0 / np.cumprod(growth))) - price

    return solve_decreasing(excess, -float(index_rates.min()) - 0.9, 10.0)


def solve_decreasing(excess: Callable[[float], float], low: float, high: float) -> float:
    """Root of a decreasing function between `low` and `high` by bisection to machine precision; NaN without one."""
    if not excess(low) >= 0.0 >= excess(high):
        return float("nan")
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) >= 0.0 else (low, middle)
    return 0.5 * (low + high)


def _discount(times: Float64, rate: float, frequency: int) -> Float64:
    return np.asarray((1.0 + rate / frequency) ** (-frequency * times), dtype=np.float64)

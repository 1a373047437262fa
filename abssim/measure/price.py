"""Price, yield, discount margin, duration and convexity of a note's cash flows.

Prices are per 100 of the balance at the start of the run, without accrued interest (there is none: the start is
an accrual date). Yields are decimal a year; three ways of compounding have names:

* `monthly`: nominal rate compounded twelve times a year;
* `bond_equivalent`: compounded twice a year (the default, as US price-yield tables print it);
* `isma`: the annual effective rate (ISMA/ICMA; the usual quote in China and Europe).

A discount margin is the spread over the index, simple within each accrual period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import NoteField
from abssim.measure.note import note_index, shows_all_cash
from abssim.measure.timing import DEFAULT_BASIS, Basis, years
from abssim.result import NoteTerms, RunResult

Float64 = npt.NDArray[np.float64]
Convention = Literal["monthly", "bond_equivalent", "isma"]
Given = Literal["price", "yield", "margin"]

DEFAULT_CONVENTION: Convention = "bond_equivalent"
COMPOUNDING: dict[Convention, int] = {"monthly": 12, "bond_equivalent": 2, "isma": 1}

_NAN = float("nan")
_LOWEST, _HIGHEST = -0.9999, 100.0  # yields outside are no yields


class Flows(NamedTuple):
    """Cash a holder receives: `years` (T,) from the start, `amounts` (T,) per 100 of the opening balance."""

    years: Float64
    amounts: Float64


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with what it means; NaN where there is no such figure."""

    price: float
    """Per 100 of the balance at the start."""
    yield_rate: float
    margin: float
    """Discount margin, decimal a year; NaN for a note without an index."""
    modified_duration: float
    """Years, by the yield."""
    convexity: float
    """Years squared, by the yield."""


def quote_at(
    result: RunResult, note: str, given: Given, value: float, convention: Convention = DEFAULT_CONVENTION
) -> Quote:
    """What a price, a yield or a margin means; nothing else is known of a note whose cash is not all shown."""
    if not shows_all_cash(result, note_index(result, note)):
        price, rate, margin = (value if each == given else _NAN for each in ("price", "yield", "margin"))
        return Quote(price, rate, margin, _NAN, _NAN)
    flows = note_flows(result, note)
    if given == "yield":
        price, rate = price_at(flows, value, convention), value
    else:
        price = value if given == "price" else price_at_margin(result, note, value)
        rate = yield_at(flows, price, convention)
    margin = value if given == "margin" else discount_margin(result, note, price)
    return Quote(price, rate, margin, modified_duration(flows, rate, convention), convexity(flows, rate, convention))


def yield_at_par(result: RunResult, note: str) -> float:
    """Bond-equivalent yield at a price of 100; NaN of a note without a balance, which has no par, and of one whose cash
    is not all shown."""
    index = note_index(result, note)
    if not result.note_flow[0, index, NoteField.OPENING_BALANCE] or not shows_all_cash(result, index):
        return _NAN
    return yield_at(note_flows(result, note))


def note_face(result: RunResult, note: str) -> int:
    """What prices are per 100 of: the balance at the start of the run, or the notional of a note without one."""
    first = result.note_flow[0, note_index(result, note)]
    return int(first[NoteField.OPENING_BALANCE]) or int(first[NoteField.NOTIONAL])


def note_flows(result: RunResult, note: str, basis: Basis = DEFAULT_BASIS) -> Flows:
    """Interest, principal, premium and residual cash of a note, per 100 of its opening balance (or notional)."""
    flow, face = result.note_flow[:, note_index(result, note)], note_face(result, note)
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
    return float(values @ flows.years) / (1.0 + yield_rate / m) / float(values.sum()) if values.any() else _NAN


def convexity(flows: Flows, yield_rate: float, convention: Convention = DEFAULT_CONVENTION) -> float:
    """(d2P/dy2) / P in years squared."""
    m = COMPOUNDING[convention]
    values = flows.amounts * _discount(flows.years, yield_rate, m)
    weights = flows.years * (flows.years + 1.0 / m)
    return float(values @ weights) / (1.0 + yield_rate / m) ** 2 / float(values.sum()) if values.any() else _NAN


def price_at_margin(result: RunResult, note: str, margin: float) -> float:
    """Price per 100 of a floating note at a discount margin (decimal a year); NaN for a note without an index.

    Cash of date t is divided by the product over its accrual periods of 1 + (index + margin) x year fraction.
    """
    terms = result.notes_terms[note_index(result, note)]
    return _floating_value(terms, note_flows(result, note).amounts, margin)


def discount_margin(result: RunResult, note: str, price: float = 100.0) -> float:
    """Spread over the index at which a floating note's cash is worth `price`; NaN for a note without an index."""
    terms = result.notes_terms[note_index(result, note)]
    if terms.index_rates is None:
        return _NAN
    amounts = note_flows(result, note).amounts
    lowest = -float(terms.index_rates.min()) - 0.9
    return solve_decreasing(lambda margin: _floating_value(terms, amounts, margin) - price, lowest, 10.0)


def solve_decreasing(excess: Callable[[float], float], low: float, high: float) -> float:
    """Root of a decreasing function between `low` and `high` by bisection to machine precision; NaN without one."""
    if not excess(low) >= 0.0 >= excess(high):
        return _NAN
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) >= 0.0 else (low, middle)
    return 0.5 * (low + high)


def _floating_value(terms: NoteTerms, amounts: Float64, margin: float) -> float:
    if terms.index_rates is None:
        return _NAN
    growth = 1.0 + (terms.index_rates + margin) * terms.year_fractions
    return float(amounts @ (1.0 / np.cumprod(growth)))


def _discount(times: Float64, rate: float, frequency: int) -> Float64:
    return np.asarray((1.0 + rate / frequency) ** (-frequency * times), dtype=np.float64)

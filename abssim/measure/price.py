"""Price, yield, discount margin, duration and convexity of a note's cash flows.

Prices are per 100 of the balance on the settlement day (by default the start of the run) and clean; dirty prices have
the accrued interest on top (`abssim.measure.holding`) and are what is paid. Yields are decimal a year; three ways of
compounding have names:

* `monthly`: nominal rate compounded twelve times a year;
* `bond_equivalent`: compounded twice a year (the default, as US price-yield tables print it);
* `isma`: the annual effective rate (ISMA/ICMA; the usual quote in China and Europe).

A discount margin is the spread over the index, simple within each accrual period of the note, of which the first is
what is left of it on the settlement day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from abssim.kind.note import NoteField
from abssim.measure.holding import Flows, Holding, hold
from abssim.measure.note import note_index, shows_all_cash
from abssim.measure.timing import DEFAULT_BASIS, Basis
from abssim.result import RunResult

Float64 = npt.NDArray[np.float64]
Convention = Literal["monthly", "bond_equivalent", "isma"]
Given = Literal["price", "yield", "margin"]
Asked = Mapping[Given, Sequence[float]]
"""Clean prices per 100, yields and discount margins decimal a year."""

DEFAULT_CONVENTION: Convention = "bond_equivalent"
COMPOUNDING: dict[Convention, int] = {"monthly": 12, "bond_equivalent": 2, "isma": 1}

_NAN = float("nan")
_LOWEST, _HIGHEST = -0.9999, 100.0  # yields outside are no yields


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with what it means; NaN where there is no such figure."""

    given: Given
    """What was asked; the rest follows from it."""
    price: float
    """Clean, per 100 of the balance on the settlement day."""
    accrued: float
    """Accrued interest per 100."""
    yield_rate: float
    margin: float
    """Discount margin, decimal a year; NaN for a note without an index."""
    modified_duration: float
    """Years, by the yield."""
    convexity: float
    """Years squared, by the yield."""

    @property
    def dirty_price(self) -> float:
        """What is paid: the price and the accrued interest."""
        return self.price + self.accrued


def quotes_at(
    result: RunResult,
    note: str,
    asked: Asked,
    convention: Convention = DEFAULT_CONVENTION,
    settlement: date | None = None,
) -> tuple[Quote, ...]:
    """What prices, yields and margins mean, in the order asked; a margin of a note without an index is left out.

    Nothing but what is given is known of a note whose cash is not all shown. Raises AbssimError E016 for a settlement
    day on which there is no cash to buy.
    """
    held, known = hold(result, note, settlement), shows_all_cash(result, note_index(result, note))
    return tuple(
        _quote(held, given, value, convention) if known else _unknown(given, value, held.accrued)
        for given, values in asked.items()
        for value in values
        if given != "margin" or held.index_rates is not None
    )


def quote_at(
    result: RunResult,
    note: str,
    given: Given,
    value: float,
    convention: Convention = DEFAULT_CONVENTION,
    settlement: date | None = None,
) -> Quote:
    """What one price, yield or margin means; a margin of a note without an index means nothing."""
    quotes = quotes_at(result, note, {given: [value]}, convention, settlement)
    return quotes[0] if quotes else _unknown(given, value, _NAN)


def _quote(held: Holding, given: Given, value: float, convention: Convention) -> Quote:
    if given == "price":
        dirty = value + held.accrued
    elif given == "yield":
        dirty = price_at(held.flows, value, convention)
    else:
        dirty = _floating_value(held, value)
    rate = value if given == "yield" else yield_at(held.flows, dirty, convention)
    return Quote(
        given=given,
        price=value if given == "price" else dirty - held.accrued,
        accrued=held.accrued,
        yield_rate=rate,
        margin=value if given == "margin" else _margin(held, dirty),
        modified_duration=modified_duration(held.flows, rate, convention),
        convexity=convexity(held.flows, rate, convention),
    )


def _unknown(given: Given, value: float, accrued: float) -> Quote:
    price, rate, margin = (value if kind == given else _NAN for kind in ("price", "yield", "margin"))
    return Quote(given, price, accrued, rate, margin, _NAN, _NAN)


def yield_at_par(result: RunResult, note: str) -> float:
    """Bond-equivalent yield at a clean price of 100; NaN of a note without a balance, which has no par, and of one
    whose cash is not all shown."""
    index = note_index(result, note)
    if not result.note_flow[0, index, NoteField.OPENING_BALANCE] or not shows_all_cash(result, index):
        return _NAN
    held = hold(result, note)
    return yield_at(held.flows, 100.0 + held.accrued)


def note_flows(result: RunResult, note: str, basis: Basis = DEFAULT_BASIS, settlement: date | None = None) -> Flows:
    """Interest, principal, premium and residual cash of a note from the settlement day on, per 100 of its balance then
    (or notional)."""
    return hold(result, note, settlement, basis).flows


def price_at(flows: Flows, yield_rate: float, convention: Convention = DEFAULT_CONVENTION) -> float:
    """Dirty price per 100: sum of cash / (1 + y/m)^(m t)."""
    return float(flows.amounts @ _discount(flows.years, yield_rate, COMPOUNDING[convention]))


def yield_at(flows: Flows, price: float = 100.0, convention: Convention = DEFAULT_CONVENTION) -> float:
    """Yield at a dirty price (the internal rate of return); NaN when no rate above -99.99 % gives that price."""
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


def price_at_margin(result: RunResult, note: str, margin: float, settlement: date | None = None) -> float:
    """Clean price per 100 of a floating note at a discount margin (decimal a year); NaN for a note without an index.

    Cash of date t is divided by the product over its accrual periods of 1 + (index + margin) x year fraction.
    """
    held = hold(result, note, settlement)
    return _floating_value(held, margin) - held.accrued


def discount_margin(result: RunResult, note: str, price: float = 100.0, settlement: date | None = None) -> float:
    """Spread over the index at which a floating note's cash is worth the clean `price`; NaN for a note without an
    index."""
    held = hold(result, note, settlement)
    return _margin(held, price + held.accrued)


def solve_decreasing(excess: Callable[[float], float], low: float, high: float) -> float:
    """Root of a decreasing function between `low` and `high` by bisection to machine precision; NaN without one.

    Tests hold it against scipy's `brentq`, whose package takes 0.7 s to load: as long as a run.
    """
    if not excess(low) >= 0.0 >= excess(high):
        return _NAN
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) >= 0.0 else (low, middle)
    return 0.5 * (low + high)


def _margin(held: Holding, dirty: float) -> float:
    if held.index_rates is None:
        return _NAN
    lowest = -float(held.index_rates.min()) - 0.9
    return solve_decreasing(lambda margin: _floating_value(held, margin) - dirty, lowest, 10.0)


def _floating_value(held: Holding, margin: float) -> float:
    """Dirty price at a discount margin."""
    if held.index_rates is None:
        return _NAN
    growth = 1.0 + (held.index_rates + margin) * held.fractions
    return float(held.flows.amounts @ (1.0 / np.cumprod(growth)))


def _discount(times: Float64, rate: float, frequency: int) -> Float64:
    return np.asarray((1.0 + rate / frequency) ** (-frequency * times), dtype=np.float64)

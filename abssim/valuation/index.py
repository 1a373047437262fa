"""Value of an index of names from the curves of its names: its intrinsic value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from abssim.errors import Problem
from abssim.valuation.cds import Cds
from abssim.valuation.fault import all_within, refuse, same_length
from abssim.valuation.market import Market
from abssim.valuation.single_name import value_cds


class IndexValue(NamedTuple):
    """Amounts in the contract's currency, positive where the contract's side receives them."""

    npv: float
    protection_leg: float
    annuity: float
    """Value of the premium at a coupon of 1, net of the rebate; positive."""
    par_spread: float


def value_index(cds: Cds, markets: Sequence[Market], weights: Sequence[float], engine: str = "isda") -> IndexValue:
    """The index contract as one default swap on each name, by its weight: a name that has defaulted counts no more.

    `cds.notional` is that of the whole index when all names lived; `markets` (K,) are those of the names that still do,
    `weights` (K,) their shares of the original index.

    >>> from datetime import date
    >>> from abssim.valuation import Cds, Market, flat_discount, flat_hazard
    >>> day = date(2026, 3, 20)
    >>> markets = [Market(flat_discount(day, 0.02), flat_hazard(day, hazard), 0.4) for hazard in (0.01, 0.03)]
    >>> round(1e4 * value_index(Cds(1e6, 0.01, day, date(2031, 6, 20)), markets, [0.5, 0.5]).par_spread, 1)
    117.2
    """
    refuse(
        same_length("markets", len(markets), "weights", len(weights)),
        all_within("weights", weights, 0.0, 1.0),
        None if sum(weights) <= 1.0 + 1e-9 else Problem("E600", "", "weights", f"add up to {sum(weights):g}, above 1"),
    )
    parts = [replace(cds, notional=weight * cds.notional) for weight in weights]
    values = [value_cds(part, market, engine) for part, market in zip(parts, markets, strict=True)]
    protection = math.fsum(value.protection_leg for value in values)
    annuity = math.fsum(part.notional * value.risky_annuity for part, value in zip(parts, values, strict=True))
    npv = math.fsum(value.npv for value in values)
    return IndexValue(npv, protection, annuity, cds.sign * protection / annuity if annuity else math.nan)

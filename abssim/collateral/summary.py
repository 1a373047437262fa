"""What the opening pools are made of, in figures for a table's head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abssim.collateral.source import Assets
from abssim.deal.deal import Deal
from abssim.money import to_minor
from abssim.tape.schema import LoanTape
from abssim.weighted import weighted_average


def tape_summary(deal: Deal, assets: Assets) -> dict[str, float]:
    """What the opening pools are made of: counts, balances (minor units), averages weighted by balance.

    `price` per unit of balance and `rate`, `fee_rate` a year are decimals; `age`, `remaining_term` months.
    """
    initial = [pool.initial_balance for pool in deal.pools.values()]
    summary: dict[str, float] = {}
    if any(balance is not None for balance in initial):
        summary["initial_balance"] = sum(
            assets.pools[name].opening_balance if balance is None else to_minor(balance, deal.currency)
            for name, balance in zip(deal.pools, initial, strict=True)
        )
    tapes = assets.tapes
    if not tapes:
        return summary
    return (
        summary
        | _price(assets)
        | _yields(tapes)
        | {
            "loans": sum(tape.owed for tape in tapes),
            "obligors": sum(tape.obligors for tape in tapes),
            "balance": sum(tape.total_balance for tape in tapes),
            "non_performing": sum(pool.opening_non_performing for pool in assets.pools.values()),
            "remaining_term": _average(tapes, "remaining_term"),
            "age": _average(tapes, "age"),
            "rows_dropped": sum(reading.rows_dropped for reading in assets.readings),
            "dropped_balance": sum(reading.dropped_balance for reading in assets.readings),
        }
    )


def _price(assets: Assets) -> dict[str, float]:
    """What the pools cost per unit of their balance, where they were not bought at par."""
    balance = sum(pool.opening_balance for pool in assets.pools.values())
    if balance == 0 or all(price == 1.0 for price in assets.prices.values()):
        return {}
    cost = sum(assets.prices[name] * pool.opening_balance for name, pool in assets.pools.items())
    return {"price": cost / balance}


def _yields(tapes: Sequence[LoanTape]) -> dict[str, float]:
    """Average rate, and flat fees of a year over the balance; a tape of fees alone has no rate."""
    fees = sum(float((tape.fee_rate * tape.original_balance).sum()) for tape in tapes)
    yields: dict[str, float] = {}
    if fees:
        yields["fee_rate"] = 12.0 * fees / sum(tape.total_balance for tape in tapes)
    if not fees or any(tape.rate.any() for tape in tapes):
        yields["rate"] = _average(tapes, "rate")
    return yields


def _average(tapes: Sequence[LoanTape], column: str) -> float:
    """Average of a column, weighted by balance; 0 of pools that have none."""
    values, balance = (np.concatenate([getattr(tape, name) for tape in tapes]) for name in (column, "balance"))
    average = weighted_average(values, balance)
    return 0.0 if np.isnan(average) else average

"""A tape as the columns that contract schedules depend on, and what can be said of contracts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from abssim.engine.amortization import Contracts, contract_prices
from abssim.engine.collateral import LoanState
from abssim.engine.layout import ContractField
from abssim.tape.schema import LoanTape

Int64 = npt.NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)
Float64 = npt.NDArray[np.float64]

FINE_UNIT = 10_000
"""Units in a minor unit where contract schedules are not rounded to it."""
_BUCKET_OF_DAYS = np.minimum((np.arange(92) + 29) // 30, int(LoanState.DEFAULT))


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What the deal says about a pool's contracts."""

    hurdle_rate: float = 0.0
    """Decimal a year; contracts that pay less are discounted (yield supplement). 0: no adjustment."""
    rounded: bool = True
    """Instalments in whole minor units; False: in 1e-4 of one, as analysts' tables are computed."""
    earlier: int = 0
    """Months by which the pool's cut-off comes before the deal's: its month `1 + earlier` is the deal's month 1."""


def contracts_of(tape: LoanTape, settings: PoolSettings) -> Contracts:
    """The columns a schedule depends on, in units."""
    unit = 1 if settings.rounded else FINE_UNIT
    sizes = np.asarray([len(schedule) for schedule in tape.schedules], dtype=np.int64)
    return Contracts(
        balance=tape.balance * unit,
        original_balance=tape.original_balance * unit,
        payment=tape.payment * unit,
        balloon=tape.balloon * unit,
        rate=_writable(tape.rate),
        fee_rate=_writable(tape.fee_rate),
        minimum_payment_rate=_writable(tape.minimum_payment_rate),
        original_term=_writable(tape.original_term),
        remaining_term=_writable(tape.remaining_term),
        interest_only_term=_writable(tape.interest_only_term),
        amortization=_writable(tape.amortization),
        schedule=_writable(tape.schedule),
        schedule_first=np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
        schedule_amount=np.concatenate([*tape.schedules, np.zeros(0, np.int64)]) * unit,
        hurdle_rate=float(settings.hurdle_rate),
        unit=unit,
    )


def _writable(column: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The column as the kernels are compiled for: read-only arrays are another type and would compile them again."""
    return np.require(column, requirements=["C", "W"])


def longest_term(tape: LoanTape) -> int:
    """Longest remaining term, months."""
    return max(1, int(tape.remaining_term.max(initial=1)))


def opening_bucket(days_past_due: npt.NDArray[np.int32]) -> Int64:
    """Missed instalments by days past due: 0, 1-30, 31-60, 61-90, and default from 91 days.

    They are the first of the contract's remaining instalments: an obligor that cures pays them with the one due.
    """
    bucket: Int64 = _BUCKET_OF_DAYS[np.clip(days_past_due, 0, len(_BUCKET_OF_DAYS) - 1)]
    return bucket


def purchase_price(
    tape: LoanTape, annual_yield: float, settings: PoolSettings | None = None, weights: Float64 | None = None
) -> float:
    """Price per unit of face of loans bought one by one at the lower of par and what yields `annual_yield`.

    A loan's value is `sum CF_k / (1 + y)^(k/12)` over its contract (DOMAIN 9.3), so loans without interest are bought
    at a discount and loans that pay more than the yield at par. `weights` `(L,)` scale loans.
    """
    contracts = contracts_of(tape, settings or PoolSettings())
    discount = (1.0 + annual_yield) ** (-np.arange(longest_term(tape) + 1) / 12.0)
    price = np.zeros(len(tape))
    contract_prices(contracts, discount, np.zeros((len(ContractField), len(discount)), dtype=np.int64), price)
    weight = np.ones(len(tape)) if weights is None else weights
    return float((weight * price).sum() / (weight * contracts.balance).sum())

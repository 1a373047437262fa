"""A tape as the columns that contract schedules depend on, and what can be said of contracts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from abssim.collateral.particular import FIXED_RATES, NO_CALENDAR, Calendar, particulars_of
from abssim.engine.contract.aggregate import aggregate_contracts
from abssim.engine.contract.amortization import contract_prices
from abssim.engine.contract.columns import Contracts, Form
from abssim.engine.credit.expected import LoanState
from abssim.engine.layout import Amortization, ContractField
from abssim.errors import Problem, TapeError
from abssim.scenario.scenario import Scenario
from abssim.tape.contract import LEVEL, PARTS, acting
from abssim.tape.schema import Array, LoanTape

Int64 = npt.NDArray[np.int64]
Int8 = npt.NDArray[np.int8]
Number = TypeVar("Number", bound=np.generic)
Float64 = npt.NDArray[np.float64]

FINE_UNIT = 10_000
"""Units in a minor unit where contract schedules are not rounded to it."""
_BUCKET_OF_DAYS = np.minimum((np.arange(92) + 29) // 30, int(LoanState.DEFAULT))
_PLAIN = np.full(len(Amortization), Form.OTHER, dtype=np.int8)
_PLAIN[list(LEVEL)], _PLAIN[list(PARTS)] = Form.LEVEL, Form.PARTS
_PLAIN[Amortization.INTEREST_ONLY] = Form.LATER


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What the deal says about a pool's contracts."""

    hurdle_rate: float = 0.0
    """Decimal a year; contracts that pay less are discounted (yield supplement). 0: no adjustment."""
    rounded: bool = True
    """Instalments in whole minor units; False: in 1e-4 of one, as analysts' tables are computed."""
    earlier: int = 0
    """Months by which the pool's cut-off comes before the deal's: its month `1 + earlier` is the deal's month 1."""
    calendar: Calendar = NO_CALENDAR
    """The months from the cut-off, and the rates of indexes in them."""


def contracts_of(tape: LoanTape, settings: PoolSettings, scenario: Scenario | None = None) -> Contracts:
    """The columns a schedule depends on, in units; what does not act on a contract is zero.

    Floating rates follow the indexes under `scenario`; without one they stay at zero.
    """
    unit = 1 if settings.rounded else FINE_UNIT
    sizes = np.asarray([len(schedule) for schedule in tape.schedules], dtype=np.int64)
    column = {name: acting(tape, name) for name in _COLUMNS}
    own = particulars_of(tape, settings.calendar, longest_term(tape))
    form = _forms(tape, column, own.row)
    free = column["interest_only_term"]
    whole = (tape.amortization == Amortization.INTEREST_ONLY) & (free == 0)
    whole |= tape.amortization == Amortization.SINGLE_PAYMENT
    column["interest_only_term"] = np.where(whole, tape.remaining_term, free) if whole.any() else free
    rates = FIXED_RATES if scenario is None else settings.calendar.index_rates(tape, scenario, longest_term(tape))
    return Contracts(
        balance=tape.balance * unit,
        original_balance=tape.original_balance * unit,
        payment=column["payment"] * unit,
        balloon=column["balloon"] * unit,
        rate=_writable(column["rate"]),
        fee_rate=_writable(column["fee_rate"]),
        minimum_payment_rate=_writable(column["minimum_payment_rate"]),
        original_term=_writable(tape.original_term),
        remaining_term=_writable(tape.remaining_term),
        interest_only_term=_writable(column["interest_only_term"]),
        amortization=_writable(tape.amortization),
        form=form,
        schedule=_writable(column["schedule"]),
        schedule_first=np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
        schedule_amount=np.concatenate([*tape.schedules, np.zeros(0, np.int64)]) * unit,
        particular=own.row,
        particulars=own.records,
        step_month=own.step_month,
        step_rate=own.step_rate,
        index_rate=rates,
        days=own.days,
        unpaid=np.zeros(1, dtype=np.int64),
        hurdle_rate=float(settings.hurdle_rate),
        unit=unit,
    )


_COLUMNS = ("rate", "fee_rate", "payment", "balloon", "interest_only_term", "minimum_payment_rate", "schedule")


def _forms(tape: LoanTape, column: dict[str, Array], particular: npt.NDArray[np.int32]) -> Int8:
    """(L,) how much arithmetic each schedule takes.

    A single payment without interest, or due in a month, is a bullet after months of interest only.
    """
    form: Int8 = _PLAIN[tape.amortization]
    single = tape.amortization == Amortization.SINGLE_PAYMENT
    if single.any():
        form[single & ((column["rate"] == 0.0) | (tape.remaining_term <= 1))] = Form.LATER
    free, balloon, fee, payment = (column[name] for name in ("interest_only_term", "balloon", "fee_rate", "payment"))
    if free.any():
        form[(free > 0) & (form == Form.PARTS)] = Form.OTHER
        form[(free > 0) & (form == Form.LEVEL)] = Form.LATER
    if balloon.any():
        form[(balloon > 0) & (form == Form.PARTS)] = Form.OTHER
    if fee.any():
        form[(fee != 0.0) & (form <= Form.LATER)] = Form.OTHER
    if payment.any():
        interest = np.floor(tape.balance * (column["rate"] / 12.0))
        form[(payment > 0) & (payment < interest) & (form <= Form.LATER)] = Form.OTHER
    if particular.any():
        form[particular > 0] = Form.OTHER
    return form


def require_paid(tape: LoanTape, contracts: Contracts) -> None:
    """Raises TapeError if a schedule computed from `contracts` had an instalment below its interest."""
    if contracts.unpaid[0]:
        loan = int(contracts.unpaid[0]) - 1
        name = tape.loan_id[loan].decode()
        message = f"the instalment of loan {name} falls below its interest"
        hint = "negative_amortization: yes adds what is unpaid to the balance; at_reset: recompute_payment raises it"
        raise TapeError(Problem("E270", "tape", f"row {tape.row[loan]}", message, hint))


def _writable(column: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The column as the kernels are compiled for: read-only arrays are another type and would compile them again."""
    return np.require(column, requirements=["C", "W"])


def longest_term(tape: LoanTape) -> int:
    """Longest remaining term, months."""
    return max(1, int(tape.remaining_term.max(initial=1)))


def left_after(tape: LoanTape, settings: PoolSettings, scenario: Scenario, month: int) -> tuple[int, int]:
    """Loans whose terms end after a month, and what their contracts leave at its end, minor units."""
    longer = np.flatnonzero((tape.remaining_term > month) & (tape.balance > 0))
    if not longer.size:
        return 0, 0
    rest = tape.take(longer)
    contracts = contracts_of(rest, settings, scenario)
    table = np.zeros((1, len(ContractField), longest_term(rest) + 1), dtype=np.int64)
    aggregate_contracts(contracts, np.zeros(longer.size, dtype=np.int64), 0, longer.size, table)
    return int(longer.size), int(table[0, ContractField.BALANCE, month]) // contracts.unit


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

    A loan's value is `sum CF_k / (1 + y)^(k/12)` over its contract, so loans without interest are bought
    at a discount and loans that pay more than the yield at par. `weights` `(L,)` scale loans.
    """
    own = Scenario(name="prices", reason="the rates the deal itself foresees")
    contracts = contracts_of(tape, settings or PoolSettings(), own)
    discount = (1.0 + annual_yield) ** (-np.arange(longest_term(tape) + 1) / 12.0)
    price = np.zeros(len(tape))
    contract_prices(contracts, discount, np.zeros((len(ContractField), len(discount)), dtype=np.int64), price)
    require_paid(tape, contracts)
    weight = np.ones(len(tape)) if weights is None else weights
    return float((weight * price).sum() / (weight * contracts.balance).sum())

"""Particulars of contracts as records for the kernels, and the calendar they are bound to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.index import rates_on
from abssim.dates import months_after
from abssim.deal.deal import Deal
from abssim.engine.contract.columns import PARTICULAR, Basis
from abssim.engine.layout import Amortization
from abssim.errors import Problem, TapeError, did_you_mean
from abssim.scenario.scenario import Scenario
from abssim.tape.contract import acting, is_given
from abssim.tape.detail import steps_of
from abssim.tape.particular import PARTICULARS
from abssim.tape.schema import LoanTape

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

FIXED_RATES = np.zeros((0, 1))
"""Rates of no index."""
_SAME = ("amortization_term", "pays_every", "capitalized_term", "day_count", "reset_every", "months_to_reset")
_BOUND = ("rate_index", "day_count", "capitalized_term", "negative_amortization")
"""Columns of contracts that cannot be bought in the course of time: their schedules depend on the month in which they
begin, or their principal is more than the face that was bought."""


@dataclass(frozen=True)
class Calendar:
    """The months from a pool's cut-off; without a deal, contracts can neither float nor count days."""

    deal: Deal | None = None
    cut_off: date | None = None
    """The pool's; default: the deal's."""

    def month_start(self, month: int) -> date:
        """First day of month `month` from the cut-off (1 is the first), the end of the one before."""
        cut_off = self.cut_off or self._deal("day_count").dates.cut_off
        return months_after(cut_off, month - 1)

    def days(self, first: int, last: int) -> Int64:
        """Days from the cut-off to the start of each month from `first` to `last`."""
        start = self.month_start(1)
        return np.asarray([(self.month_start(m) - start).days for m in range(first, last + 1)], dtype=np.int64)

    def index_rates(self, tape: LoanTape, scenario: Scenario, months: int) -> Float64:
        """(I, M + 1) decimal a year of the tape's indexes in each month, as set on its first day."""
        names = index_names(tape)
        if not names:
            return FIXED_RATES
        deal = self._deal("rate_index")
        require_indexes(tape, deal, "tape")
        days = [self.month_start(month) for month in range(1, months + 1)]
        rates = [np.concatenate([[0.0], rates_on(deal, scenario, name, days)]) for name in names]
        return np.ascontiguousarray(rates)

    def _deal(self, name: str) -> Deal:
        if self.deal is None:
            raise TapeError(Problem("E271", "tape", name, f"{name} needs a deal", "put the tape into a deal"))
        return self.deal


NO_CALENDAR = Calendar()


class Particulars(NamedTuple):
    """What the kernels read of them."""

    row: Int32
    """(L,) row of `records`, 0 for contracts without particulars."""
    records: np.ndarray
    step_month: Int32
    step_rate: Float64
    days: Int64
    """(S + 1,) days from the cut-off, where somebody counts them."""


def index_names(tape: LoanTape) -> tuple[str, ...]:
    """Indexes of the floating rates, in the order of their codes."""
    return tape.labels["rate_index"][1:] if "rate_index" in tape.particulars else ()


def require_indexes(tape: LoanTape, deal: Deal, where: str) -> None:
    """Raises TapeError if a loan floats with an index the deal does not have."""
    unknown = [name for name in index_names(tape) if name not in deal.indexes]
    if unknown:
        hint = did_you_mean(unknown[0], deal.indexes) or "add it under indexes"
        raise TapeError([Problem("E271", where, "rate_index", f'the deal has no index "{n}"', hint) for n in unknown])


def require_free_start(tape: LoanTape, where: str) -> None:
    """Raises TapeError if a contract cannot be bought in the course of time."""
    bound = [name for name in _BOUND if name in tape.particulars and is_given(name, tape.particulars[name]).any()]
    if bound:
        message = f"loans with {' and '.join(bound)} cannot be bought in the course of time"
        hint = "fixed rates on 30/360, and interest that is paid, can"
        raise TapeError(Problem("E272", where, bound[0], message, hint))


def particulars_of(tape: LoanTape, calendar: Calendar, months: int) -> Particulars:
    """Records of the contracts that have any particular that acts on them."""
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int32)
    row = np.zeros(len(tape), dtype=np.int32)
    columns = {name: acting(tape, name) for name in PARTICULARS if name in tape.particulars}
    has = np.zeros(len(tape), dtype=np.bool_)
    for name, values in columns.items():
        has |= is_given(name, values)
    mine = np.flatnonzero(has)
    row[mine] = np.arange(1, len(mine) + 1)
    records = _neutral(len(mine) + 1)
    if not len(mine):
        return Particulars(row, records, none, nothing, np.zeros(1, dtype=np.int64))
    given, own = {name: values[mine] for name, values in columns.items()}, records[1:]
    for name in (name for name in _SAME if name in given):
        own[name] = given[name]
    for name in (name for name in ("margin", "cap", "floor") if f"rate_{name}" in given):
        values = given[f"rate_{name}"]
        own[name] = np.where(np.isnan(values), own[name], values)
    for name, column in (("negative", "negative_amortization"), ("keep", "at_reset")):
        own[name] = given.get(column, own[name])
    for name, column in (("rounding", "payment_rounding"), ("index", "rate_index")):
        own[name] = given[column] - 1 if column in given else -1
    step_month, step_rate = _steps(tape, given.get("rate_schedule"), own)
    days = _first_periods(tape, mine, given, own, calendar, months)
    return Particulars(row, records, step_month, step_rate, days)


def _neutral(count: int) -> np.ndarray:
    """Records of contracts without particulars."""
    records = np.zeros(count, dtype=PARTICULAR)
    records["cap"], records["floor"] = np.inf, -np.inf
    records["rounding"], records["index"] = -1, -1
    return records


def _steps(tape: LoanTape, codes: Int32 | None, own: np.ndarray) -> tuple[Int32, Float64]:
    """Months and rates of all rate schedules, and where those of each contract stand."""
    if codes is None:
        return np.zeros(0, dtype=np.int32), np.zeros(0)
    tables = [steps_of(text) or [] for text in tape.labels["rate_schedule"]]
    first = np.cumsum([0, *(len(table) for table in tables)])
    own["step_first"], own["step_last"] = first[codes], first[codes + 1]
    steps = [step for table in tables for step in table]
    months = np.asarray([month for month, _ in steps], dtype=np.int32)
    return months, np.asarray([rate for _, rate in steps], dtype=np.float64)


def _first_periods(
    tape: LoanTape, mine: Int64, given: dict[str, np.ndarray], own: np.ndarray, calendar: Calendar, months: int
) -> Int64:
    """What the first instalment bears beside the months since the cut-off: an odd first period as its days say, else
    the months since the instalment before, or since the loan began. Returns the days from the cut-off by month."""
    term = np.maximum(1, tape.remaining_term[mine])
    single = tape.amortization[mine] == Amortization.SINGLE_PAYMENT
    every = np.where(single, term, np.maximum(1, own["pays_every"]))
    due = (term - 1) % every + 1
    before = np.where(single, 0, np.minimum(every, due + np.maximum(0, tape.age[mine])) - due)
    basis, longest = own["day_count"], int(before.max(initial=0))
    counts = bool((basis != Basis.THIRTY_360).any())
    days = calendar.days(1 - longest, months + 1) if counts else np.zeros(longest + months + 1, dtype=np.int64)
    year = np.where(basis == Basis.ACTUAL_365, 365.0, 360.0)
    thirty = basis == Basis.THIRTY_360
    passed = np.where(thirty, before * 30, -days[longest - before])
    own["before"] = passed / year
    odd = given.get("first_period_days", np.zeros(len(mine), dtype=np.int32))
    since = np.where(thirty, due * 30, days[longest + due])
    own["before"] = np.where(odd > 0, (odd - since) / year, own["before"])
    return days[longest:]

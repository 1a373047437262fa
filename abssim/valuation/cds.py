"""The contract: a credit default swap on one name, with constant notional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from abssim.errors import Problem
from abssim.valuation.fault import in_order, known, refuse, within
from abssim.valuation.quantlib import day_of, evaluating, ql_day, ql_months, ql_roll, ql_rule
from abssim.valuation.terms import STANDARD_RULES, CdsTerms

SIDES: Mapping[str, int] = {"buyer": 1, "seller": -1}
"""Sign of what the protection buyer receives, as seen by the side."""
_FROM_TRADE = ("cds2015", "cds")
"""Rules under which protection starts on the trade date, not with the first accrual period."""


class Period(NamedTuple):
    """Days of one coupon: accrual from `start` up to `end`, cash on `payment`."""

    start: date
    end: date
    payment: date


@dataclass(frozen=True)
class Cds(CdsTerms):
    """Protection on `notional` from one name's default, for a running coupon and perhaps an upfront.

    Conventions are those of `CdsTerms`, by their names; what is not said is the market standard.
    """

    notional: float
    coupon: float
    """Running premium, decimal a year."""
    start: date
    """First day of the schedule; standard schedules begin on the standard date before it."""
    maturity: date
    side: str = "buyer"
    """Whose value it is: `buyer` or `seller` of protection."""
    trade_date: date | None = None
    """Day of the trade, from which the accrual rebate counts. Default: `start`."""
    protection_start: date | None = None
    """Default: the trade date for standard schedules, the first accrual day for others."""
    upfront: float = 0.0
    """Share of the notional that the buyer pays; negative if the buyer receives it."""
    upfront_date: date | None = None
    """Default: `cash_settlement_days` business days after the trade date."""
    cash_settlement_days: int = 3

    def __post_init__(self) -> None:
        refuse(
            within("notional", self.notional, 0.0),
            within("coupon", self.coupon, 0.0),
            within("upfront", self.upfront, -1.0, 1.0),
            within("cash_settlement_days", self.cash_settlement_days, 0, 366),
            known("side", self.side, SIDES),
            in_order("start", self.start, "maturity", self.maturity),
            *self.terms_faults(),
        )

    @property
    def sign(self) -> int:
        """1 for the buyer of protection, -1 for the seller."""
        return SIDES[self.side]

    @property
    def traded(self) -> date:
        """The trade date."""
        return self.trade_date or self.start

    def periods(self) -> list[Period]:
        """The coupon periods. A last day that is counted accrues too, without moving the end."""
        with evaluating(self.traded):
            calendar, roll = self.days_off(self.start, self.maturity), ql_roll(self.roll)
            days = [day_of(day) for day in self.schedule(self.start, self.maturity).dates()]
            pays = [day_of(calendar.adjust(ql_day(day), roll)) for day in days[1:]]
        return [Period(start, end, paid) for (start, end), paid in zip(pairwise(days), pays, strict=True)]

    def accrual_rebate(self) -> float:
        """What the seller gives back of the first coupon, undiscounted."""
        with evaluating(self.traded):
            flow = self.rebating_swap().accrualRebate()
            return float(flow.amount()) if flow else 0.0

    def rebating_swap(self) -> Any:
        """The swap whose rebate is right: QuantLib would count the contract's last day in what accrued up to the trade,
        where the trade falls into the last period."""
        return replace(self, last_day_counted=False).swap()

    def swap(self) -> Any:
        """QuantLib's swap, as the buyer has it. Call it while `evaluating`."""
        import QuantLib as ql

        schedule = self.schedule(self.start, self.maturity)
        each, last = self.day_counters(len(schedule) - 1)
        return ql.CreditDefaultSwap(
            ql.Protection.Buyer, self.notional, self.upfront, self.coupon, schedule, ql_roll(self.roll), each,
            self.settles_accrual, self.pays_at_default, self._protection_start(), ql_day(self.upfront_date),
            ql.FaceValueClaim(), last, self.rebates_accrual, ql_day(self.traded), self.cash_settlement_days,
        )  # fmt: skip

    def _protection_start(self) -> Any:
        if self.protection_start is not None:
            return ql_day(self.protection_start)
        return ql_day(self.traded if self.rule in _FROM_TRADE else None)


def cds_maturity(trade_date: date, months: int, rule: str = "cds2015") -> date:
    """Standard maturity of a tenor: with `cds2015` the 20th of June or December, rolled in March and September.

    >>> from datetime import date
    >>> cds_maturity(date(2026, 3, 20), 60)
    datetime.date(2031, 6, 20)
    """
    import QuantLib as ql

    odd = Problem("E600", "", "months", f"{months} is no tenor of standard contracts", "take a multiple of 3")
    refuse(known("rule", rule, STANDARD_RULES), within("months", months, 0, 1200), odd if months % 3 else None)
    return day_of(ql.cdsMaturity(ql_day(trade_date), ql_months(months), ql_rule(rule)))

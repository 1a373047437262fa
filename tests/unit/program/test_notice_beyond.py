"""What an assumption says of months that the deal does not have is told, and by the run has no effect."""

from __future__ import annotations

import pytest

from abssim.deal.load import parse_deal
from abssim.kind.pool import PoolField
from abssim.program.compile import compile_deal
from abssim.program.notice import notices
from abssim.projection.single import run
from abssim.scenario.scenario import Scenario

DEAL = """
name: twelve
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2027-01-15}
pools: {p: {replines: [{balance: 100000, rate_pct: 5, remaining_term: 40, age: 3}%s]}}
indexes: {sofr: {forward_pct: 1}}
notes: {A: {balance: 100000, floating: {index: sofr}}}
accounts: {cash: {collects: all}}
waterfalls:
  amortization:
    - {name: interest, rule: pay_due, source: cash, payees: [A]}
    - {name: paid, rule: pay_down_to, source: cash, payees: [A], target: 0}
    - {name: rest, rule: carry, source: cash}
"""
NPL = ", {balance: 5000, rate_pct: 5, remaining_term: 30, days_past_due: 120}"
MDR = {"default": {"mdr_pct": 1}}
LAST = 12
"""Months that the twelve dates collect."""


def told(more: str = "", **fields: object) -> tuple[list[str], int]:
    """Lines of assumptions beyond the end, and what the run recovers."""
    compiled = compile_deal(parse_deal(DEAL % more))
    assert compiled.dates.month[-1] == LAST
    scenario = Scenario.model_validate({"name": "s", "reason": "test", **fields})
    recovered = int(run(compiled, scenario).pool_flow[:, 0, PoolField.RECOVERY].sum())
    lines = [line.removeprefix("scenario s: ") for line in notices(compiled, scenario)]
    return [line for line in lines if line.startswith(("assumptions[", "stress", "rates"))], recovered


@pytest.mark.parametrize(("more", "lag", "late"), [("", 11, False), ("", 12, True), (NPL, 12, False), (NPL, 13, True)])
def test_a_recovery_that_comes_after_the_end(more: str, lag: int, late: bool) -> None:
    """The first default is that of month 1, or one there is at the cut-off; the run agrees on what never comes."""
    lines, recovered = told(more, assumptions=[MDR | {"recovery": {"rate_pct": 35, "lag_months": lag}}])
    line = f"assumptions[0].recovery: nothing is recovered, {lag} months after any default the deal has ended"
    assert (lines, recovered > 0) == ([line] if late else [], not late)


def test_recoveries_that_come_in_part_and_by_channel() -> None:
    tail = {"rate_pct": 35, "curve_pct": [50, *[0] * 11, 20, 30]}
    assert told(assumptions=[MDR | {"recovery": tail}])[0] == [
        "assumptions[0].recovery: 50 % of the recovery never come, 13 months after any default the deal has ended"
    ]
    soon = {"share_pct": 60, "rate_pct": 30, "lag_months": 2}
    court = {"share_pct": 40, "rate_pct": 30, "from_month": 9, "lag_months": 6}
    assert told(assumptions=[MDR | {"recovery": {"channels": {"soon": soon, "court": court}}}])[0] == [
        "assumptions[0].recovery.channels.court: nothing is recovered, 14 months after any default the deal has ended"
    ]
    sold = {"rate_pct": 10, "sale": {"month": 20, "price_pct": 5}}
    assert told(assumptions=[MDR | {"recovery": sold}])[0] == [
        "assumptions[0].recovery.sale.month: 20 months after any default the deal has ended"
    ]


def test_curves_whose_value_changes_after_the_last_month() -> None:
    """By month 12 months, by age the 3 that have passed more; a tail that goes on as before says nothing new."""
    month, age = "the last month is 12", "no loan comes to month 16 of its life"
    rule = {"prepayment": {"cpr_pct": "2 for 200, 50"}, "default": {"cdr_pct": "1 for 12, 2"}, "by": "month"}
    assert told(assumptions=[rule], stress={"default": "1 for 11, 2 for 300"})[0] == [
        f"assumptions[0].prepayment.cpr_pct: what it says from month 201 on has no effect, {month}",
        f"assumptions[0].default.cdr_pct: what it says from month 13 on has no effect, {month}",
    ]
    rule = {"prepayment": {"abs_pct": "1 for 15, 2"}, "default": {"cdr_pct": "1 for 14, 2"}, "by": "age"}
    assert told(assumptions=[rule], stress={"recovery": "1 for 20, 0"})[0] == [
        f"assumptions[0].prepayment.abs_pct: what it says from month 16 on has no effect, {age}",
        f"stress.recovery: what it says from month 21 on has no effect, {month}",
    ]


def test_lives_of_cumulative_defaults_and_forwards_beyond_the_end() -> None:
    rule = {"default": {"cumulative_pct": 5, "life_months": 40}}
    assert told(assumptions=[rule], rates={"sofr": {"forward_pct": "3 for 13, 4"}})[0] == [
        "rates.sofr.forward_pct: what it says from month 14 on has no effect, the last month is 13",
        "assumptions[0].default.life_months: defaults of months 13 to 40 come after the deal's last month",
    ]
    assert told(assumptions=[{"default": {"cumulative_pct": 5, "life_months": 12}}])[0] == []

"""What a run shows to have had no effect in it is told; what acts within it is not."""

from __future__ import annotations

import pytest

from abssim.deal.load import parse_deal
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.scenario.scenario import Scenario
from abssim.study.project import simulate

DEAL = """
name: static
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2030-01-15%s}
pools: {p: {replines: [{balance: 1000, rate_pct: 5, remaining_term: 12}]}}
notes: {A: {balance: 900}}
accounts: {cash: {collects: all}}
holders: [seller]
fees: {f: {amount: 1%s}}
%s
waterfalls:
%s
  amortization:
    - {name: fees, rule: pay_due, source: cash, payees: [f]}
    - {name: paid, rule: pay_in_full, source: cash, payees: [A]}
    - {name: rest, rule: pay_remainder, source: cash, payees: [seller]}
"""
BUYING = """
  revolving:
    - {name: buy, rule: pay_remainder, source: cash, payees: [purchase]}
    - {name: keep, rule: carry, source: cash}
"""
BOUGHT = "revolving: {replenishment: {replines: [{balance: 1, rate_pct: 5, remaining_term: 9}]}}"


def told(deal: str, **policy: object) -> list[str]:
    fields = {"policies": {"p": policy}, "assumptions": [{"default": {"mdr_pct": 1}}]} if policy else {}
    scenario = Scenario.model_validate({"name": "s", "reason": "test", **fields})
    return [line for line in run(compile_deal(parse_deal(deal)), scenario).notices if line.startswith("scenario s: ")]


def static(fee: str = "", call: str = "") -> str:
    return DEAL % ("", fee, call, "")


REVOLVING = DEAL % (", revolving_periods: 3", "", BOUGHT, BUYING)


@pytest.mark.parametrize(
    ("fee", "terms"),
    [
        (", every: 12", ""),
        (", every: 13", "every"),
        (', when: "pool.factor < 0.5"', ""),
        (', when: "pool.balance > 1001"', "when"),
        (', every: 11, when: "period < 11"', "every, when"),
        (', when: "period > 99"', ""),  # told without a run
    ],
)
def test_fees_that_are_charged_on_no_date_of_the_run(fee: str, terms: str) -> None:
    """The pool is paid in month 12, so the run has dates 1 to 12; the deal has 48."""
    line = f"scenario s: fees.f is charged on no date ({terms}), those of the run are number 1 to 12"
    assert told(static(fee)) == ([line] if terms else [])


def test_a_call_ends_the_run() -> None:
    call = "calls: {c: {when: pool.factor < 0.5}}"
    assert told(static(", every: 6", call)) == []
    (line,) = told(static(", every: 9", call))
    assert "fees.f is charged on no date (every)" in line


def test_a_policy_after_the_deals_last_month_is_told_once() -> None:
    (line,) = told(static(), month=50, default_multiple=2.0)
    assert line.endswith("policy p acts after the deal's last month, 48")


def test_a_policy_whose_trigger_comes_too_late() -> None:
    """The factor, 0.48 after 6 months, is 0.40 after 7: a lag of 4 months leads to the 12th, of 5 beyond it."""
    trigger = "triggers: {t: {when: pool.factor < 0.45}}"
    assert told(static(call=trigger), when="t", lag_months=4, default_multiple=2.0) == []
    (line,) = told(static(call=trigger), when="t", lag_months=5, default_multiple=2.0)
    assert "acts from month 13 on and has no effect" in line
    never = trigger.replace("< 0.45", "> 5")
    assert told(static(call=never), when="t", default_multiple=2.0) == []


@pytest.mark.parametrize(
    ("begins", "first"),
    [({"month": 11}, 0), ({"month": 12}, 13), ({"month": 20}, 21), ({"month": 9, "lag_months": 3}, 13)],
)
def test_policies_that_begin_when_the_pool_is_gone(begins: dict[str, int], first: int) -> None:
    """The longest loan has 12 months: what is decided at the end of the 12th finds nothing."""
    line = (
        f"scenario s: policy p acts from month {first} on and has no effect, there are no receivables that perform "
        "after month 12"
    )
    assert told(static(), **begins, default_multiple=2.0) == ([line] if first else [])


def test_policies_of_a_revolving_pool_act_as_long_as_there_is_what_was_bought() -> None:
    """Bought at the ends of months 1 to 3 over at most 9 months; the first loans last 12."""
    assert told(REVOLVING, month=10, default_multiple=2.0) == []
    assert told(REVOLVING, month=2, offer_pct=0.0) == []
    (line,) = told(REVOLVING, month=5, offer_pct=0.0)
    assert "policy p acts from month 6 on and has no effect, there are no purchases after month 3" in line
    both = "no purchases or receivables that perform after month 12"
    (line,) = told(REVOLVING, month=15, offer_pct=0.0, default_multiple=2.0)
    assert both in line


def test_a_policy_that_pays_cash_acts_on_any_date_of_the_run() -> None:
    assert told(static(), month=5, cash={"account": "cash", "amount": 10}) == []


@pytest.mark.parametrize(("month", "late"), [(11, False), (12, True), (40, True)])
def test_a_policy_too_late_for_all_paths_of_a_simulation(month: int, late: bool) -> None:
    fields = {
        "policies": {"p": {"month": month, "default_multiple": 2.0}},
        "assumptions": [{"default": {"mdr_pct": 1}}],
    }
    scenario = Scenario.model_validate({"name": "s", "reason": "test", **fields})
    found = simulate(compile_deal(parse_deal(static())), scenario, paths=4, seed=1)
    told = [line for line in found.notices if "policy p" in line]
    line = (
        f"scenario s: policy p acts from month {month + 1} on and has no effect, there are no receivables that perform"
    )
    assert told == ([f"{line} after month 12"] if late else [])

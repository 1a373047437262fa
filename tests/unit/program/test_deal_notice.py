"""What a deal says for days that it does not reach, and cash that nothing is paid out of, is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abssim.deal.load import parse_deal
from abssim.policy.policy import Policy
from abssim.program.compile import compile_deal
from abssim.program.notice import deal_notices, notices
from abssim.program.notice_rates import rate_notices
from abssim.scenario.scenario import Scenario

CASES = Path(__file__).resolve().parents[2] / "cases"
TEXT = (CASES / "adjusted-floater" / "deal.yaml").read_text(encoding="utf-8")
TWO = (CASES / "two-cut-offs" / "deal.yaml").read_text(encoding="utf-8")


def test_steps_and_fixings_beyond_the_last_payment_date() -> None:
    text = TEXT.replace("legal_final: 2030-01-15", "legal_final: 2025-05-15")
    assert list(deal_notices(compile_deal(parse_deal(text)))) == []
    text = text.replace("2025-03-17: 6}", "2025-03-17: 6, 2025-05-15: 7, 2025-06-15: 8}")
    text = text.replace("day_count: act/360}", "day_count: act/360, schedule: {1: 10, 5: 5, 6: 0}}", 1)
    text = text.replace("holders:", "schedules: {limit: {1: 0.5, 4: 0.4}, late: {1: 0.5, 7: 0.4}}\nholders:")
    least = "schedule.limit + schedule.late + note.A.scheduled_balance / note.A.initial_balance"
    text = text.replace("holders:", f"triggers: {{least: {{when: {least} > 0}}}}\nholders:")
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [
        "schedules.late: what it says from payment date 7 on has no effect, the last is number 4",
        "notes.A.schedule: what it says from payment date 5 on has no effect, the last is number 4",
        "indexes.sofr: the fixing of 2025-05-15 has no effect, the last payment date is 2025-05-15",
    ]


def test_an_account_that_nothing_is_paid_out_of() -> None:
    text = TEXT.replace("accounts: {", "accounts: {idle: {balance: 500}, ")
    told = "accounts.idle: no step draws on it, so cash that is there stays there"
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [told]


def test_policies_after_the_last_month() -> None:
    compiled = compile_deal(parse_deal(TEXT.replace("legal_final: 2030-01-15", "legal_final: 2025-05-15")))
    cash = {"account": "cash", "amount": 1}
    policies = {f"at_{month}": Policy.model_validate({"month": month, "cash": cash}) for month in (3, 4)}
    scenario = Scenario(name="s", reason="test", policies=policies)
    told = [line for line in notices(compiled, scenario) if "nothing reads" not in line]
    assert told == ["scenario s: policy at_4 acts after the deal's last month, 4"]


@pytest.mark.parametrize("day", ["2024-12-31", "2025-01-01"])
def test_months_of_the_calendar_need_no_word(day: str) -> None:
    assert list(deal_notices(compile_deal(parse_deal(TEXT.replace("2025-01-01", day))))) == []


def test_a_cut_off_in_mid_month_tells_which_days_wait_for_the_next_date() -> None:
    """From 20 January a month has ended on 19 February; until Tuesday 18 March pass 26 days. Figures of a servicer are
    what they are."""
    text = TWO.replace("cut_off: 2025-01-01, ", "").replace("cut_off: 2025-02-01", "cut_off: 2025-01-20")
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [
        "dates.cut_off 2025-01-20 is in mid-month, and collections count in whole months from it: the payment of "
        "2025-03-18 has those to 2025-02-19, and the next one those of the 26 days between; write "
        "first_period_months: 1 if it is so"
    ]
    for said in (text.replace("payment_day", "first_period_months: 1, payment_day"), TEXT.replace("01-01", "01-02")):
        assert list(deal_notices(compile_deal(parse_deal(said)))) == []


def test_a_pool_whose_months_end_on_other_days_than_the_deals() -> None:
    """From 15 January its first month has ended on 14 February; the deal collects to the 28th, 14 days more."""
    odd = TWO.replace("cut_off: 2025-01-01", "cut_off: 2025-01-15")
    assert list(deal_notices(compile_deal(parse_deal(odd)))) == [
        "pools.first.cut_off 2025-01-15 is no whole number of months from the deal's 2025-02-01: the payment of "
        "2025-03-18 has its collections to 2025-02-14, those of the 14 days to 2025-02-28 come with the next one"
    ]
    assert list(deal_notices(compile_deal(parse_deal(TWO)))) == []


def test_terms_of_a_revolving_period_that_the_dates_do_not_have() -> None:
    text = TWO.replace("coupon_pct: 3}", "coupon_pct: 3, pays: {revolving: 3}}")
    text = text.replace("waterfalls:\n", "waterfalls:\n  revolving: [{name: all, rule: carry, source: collections}]\n")
    bought = "revolving: {replenishment: {replines: [{balance: 1, rate_pct: 8, remaining_term: 9}]}}\nwaterfalls:\n"
    text = text.replace("waterfalls:\n", bought)
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [
        "waterfalls.revolving, notes.A.pays.revolving: without effect, no payment date revolves "
        "(dates.revolving_periods is 0)",
        "revolving: without effect, no step pays purchase",
    ]


@pytest.mark.parametrize(
    ("fixings", "forward", "told"),
    [
        ("2024-12-15: 5", "", []),
        ("2010-01-01: 5", ", forward_pct: 4", []),
        ("2010-01-01: 5", "", ["there is no fixing from 2010-01-01 to 2025-02-17, so that of 2010-01-01 holds"]),
        ("2010-01-01: 1, 2010-02-01: 2, 2025-03-01: 5", "",
         ["there is no fixing from 2010-02-01 to 2025-03-01, so that of 2010-02-01 holds"]),
    ],
)  # fmt: skip
def test_a_fixing_that_stands_for_years(fixings: str, forward: str, told: list[str]) -> None:
    text = re.sub(r"sofr: \{fixings_pct: \{[^}]*\}[^}]*\}", f"sofr: {{fixings_pct: {{{fixings}}}{forward}}}", TEXT)
    compiled = compile_deal(parse_deal(text))
    found = rate_notices(compiled.deal, Scenario(name="s", reason="test"), compiled.dates)
    assert list(found) == [f"indexes.sofr: {line}" for line in told]


def test_forwards_for_days_on_which_no_rate_is_set() -> None:
    """From closing on 15 January; of the days before, the last one holds."""
    compiled = compile_deal(parse_deal(TEXT.replace("legal_final: 2030-01-15", "legal_final: 2025-05-15")))
    days = {"2024-01-01": 1.0, "2025-01-01": 2.0, "2025-04-01": 3.0, "2099-01-01": 4.0}
    scenario = Scenario.model_validate({"name": "s", "reason": "test", "rates": {"sofr": {"forward_pct": days}}})
    assert list(rate_notices(compiled.deal, scenario, compiled.dates)) == [
        "scenario s: what rates.sofr.forward_pct says for 2024-01-01, 2099-01-01 has no effect: rates are set from "
        "2025-01-15 to 2025-05-15"
    ]


@pytest.mark.parametrize(("wanted", "par"), [(8.0, True), (8.4, False), (0.0, True)])
def test_a_yield_that_every_loan_pays_anyway(wanted: float, par: bool) -> None:
    """8 % by twelfths is 8.30 % a year: below that the loan is worth more than its balance, at which it is bought."""
    row = "{replines: [{balance: 100, rate_pct: 8, remaining_term: 9}]}"
    text = TWO.replace(
        "waterfalls:\n", f"revolving: {{replenishment: {row}, purchase_yield_pct: {wanted}}}\nwaterfalls:\n"
    )
    found = [line for line in deal_notices(compile_deal(parse_deal(text))) if "yield" in line]
    line = f"revolving.purchase_yield_pct: without effect, every loan is worth its balance or more at {wanted:g} %, "
    assert found == ([line + "and the price is at most the balance"] if par else [])

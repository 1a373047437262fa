"""Ends of a deal and of what it holds that do not meet are told."""

from __future__ import annotations

import pytest

from abssim.deal.load import parse_deal
from abssim.program.compile import compile_deal
from abssim.program.notice import notices
from abssim.scenario.scenario import Scenario

DEAL = """
name: Ends
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, calendar: US, legal_final: 2026-06-15}
pools:
  loans:
    replines:
      - {balance: 60_000, rate: 0, remaining_term: 12, amortization: equal_principal}
      - {balance: 30_000, rate: 0, remaining_term: 5, amortization: equal_principal}
      - {balance: 10_000, rate: 0, remaining_term: 6, amortization: equal_principal}
notes:
  A: {balance: 80_000, coupon_pct: 5.0}
  B: {balance: 20_000}
accounts:
  collections: {collects: all}
waterfalls:
  amortization:
    - {name: interest, rule: pay_due, source: collections, payees: [A]}
    - {name: principal, rule: pay_down_to, source: collections, payees: [A], target: 0}
    - {name: rest, rule: pay_remainder, source: collections, payees: [B]}
"""
LEFT = "pools.loans: the terms of 2 loans end after the last payment date, 2026-06-15, by which their contracts leave "
SCENARIO = Scenario(name="s", reason="test")


def told(text: str, word: str) -> list[str]:
    return [line for line in notices(compile_deal(parse_deal(text)), SCENARIO) if word in line]


def test_loans_that_outlive_the_deal() -> None:
    """Five months are collected by June: 7/12 of 60,000 and 1/6 of 10,000 (parts of 1,666.67) are left; a month less
    by contract two dates later, when the shorter one has ended."""
    assert told(DEAL, "terms of") == [LEFT + f"{35_000 + 10_000 - 5 * 1_666.67:,.2f}"]
    assert told(DEAL.replace("2026-06-15", "2026-07-15"), "terms of") == [
        LEFT.replace("2 loans", "1 loan").replace("06-15", "07-15") + "30,000.00"
    ]
    assert told(DEAL.replace("2026-06-15", "2027-01-15"), "terms of") == []


def test_the_months_of_a_pool_with_an_earlier_cut_off() -> None:
    """Seven months are collected by June: 5/12 of 60,000 are left, and nothing of six parts."""
    text = DEAL.replace("  loans:", "  loans:\n    cut_off: 2025-11-01")
    assert told(text, "terms of") == [LEFT.replace("2 loans", "1 loan") + "25,000.00"]


def test_floating_loans_outlive_the_deal_at_their_rates() -> None:
    """100,000 at 12 % level for ten months: 10,558.21 a month; after five, 100,000 x 1.01^5 less five instalments."""
    text = DEAL.replace("{balance: 60_000, rate: 0, remaining_term: 12, amortization: equal_principal}", "X")
    head, _, tail = text.partition("      - X")
    rest = tail[tail.index("notes:") :].replace("notes:", "indexes: {sofr: {forward_pct: 12}}\nnotes:", 1)
    loan = "      - {balance: 100_000, rate_index: sofr, remaining_term: 10}\n"
    (line,) = told(head + loan + rest, "terms of")
    left = 100_000 * 1.01**5 - 10_558.21 * (1.01**5 - 1) / 0.01
    assert float(line.rpartition(" ")[2].replace(",", "")) == pytest.approx(left, abs=0.05)


@pytest.mark.parametrize(
    ("final", "before"), [("2026-06-15", ""), ("2026-06-16", "2026-06-15"), ("2026-07-01", "2026-06-15")]
)
def test_a_legal_final_between_payment_dates(final: str, before: str) -> None:
    line = f"dates.legal_final: {final} is no payment date, the last one before it is {before}"
    assert told(DEAL.replace("2026-06-15", final), "legal_final") == ([line] if before else [])


def test_a_legal_final_of_a_note_as_scheduled_as_moved_and_between() -> None:
    """15 February 2026 is a Sunday, the 16th a holiday, so cash moves on the 17th."""
    for day, line in {
        "2026-02-15": [],
        "2026-02-17": [],
        "2026-02-16": [],
        "2026-03-20": ["notes.A.legal_final: 2026-03-20 is no payment date, the last one before it is 2026-03-16"],
    }.items():
        text = DEAL.replace("coupon_pct: 5.0", f"coupon_pct: 5.0, legal_final: {day}")
        assert told(text, "legal_final") == line


def test_loans_that_would_outlive_the_deal_if_bought_at_the_end_of_the_revolving_period() -> None:
    """The last purchase is in the second of five months: two replenishment loans of the three last more than three."""
    terms = "{balance: 1, rate: 0, remaining_term: %d}"
    rows = ", ".join(terms % months for months in (3, 4, 12))
    text = DEAL.replace("payment_day", "revolving_periods: 2, payment_day")
    text = text.replace("notes:", f"revolving: {{replenishment: {{replines: [{rows}]}}}}\nnotes:", 1)
    text += """  revolving:
    - {name: buy, rule: pay_amount, source: collections, payees: [purchase], amount: collections.balance}
    - {name: rest, rule: carry, source: collections}
"""
    (line,) = told(text, "revolving: bought")
    assert line.startswith("revolving: bought on 2026-03-16, 2 loans of the replenishment would end after")
    text = text.replace("replenishment:", "last_term_before_legal_final: 0, replenishment:")
    assert told(text, "revolving: bought") == []


def test_an_initial_balance_unlike_the_one_at_the_cut_off() -> None:
    """Of a deal that has not started; with a loan in default what is performing, or all of it, may be meant."""
    line = "pools.loans.initial_balance 99,999.99 is not the balance at the cut-off, 100,000.00"
    for amount, found in (("99_999.99", [line]), ("100_000", [])):
        text = DEAL.replace("  loans:", f"  loans:\n    initial_balance: {amount}")
        assert [each[: len(line)] for each in told(text, "initial_balance")] == found
    late = DEAL.replace("rate: 0, remaining_term: 6", "rate: 0, remaining_term: 6, days_past_due: 100")
    for amount in ("90_000", "100_000"):
        assert told(late.replace("  loans:", f"  loans:\n    initial_balance: {amount}"), "initial_balance") == []
    started = DEAL.replace("closing: 2026-01-15", "closing: 2025-12-15, first_payment: 2026-01-15, started_periods: 1")
    assert told(started.replace("  loans:", "  loans:\n    initial_balance: 500_000"), "initial_balance") == []

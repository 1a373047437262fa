"""Credit enhancement counts the cash that stands behind a class, as its deal says or its waterfalls show."""

from __future__ import annotations

import pytest

from abssim.deal.load import parse_deal
from abssim.deal.support import supported_notes
from abssim.measure.enhancement import enhancement
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.scenario.load import load_scenario

DEAL = """
name: Liquidity
currency: EUR
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2034-01-15}
pools:
  loans: {replines: [{balance: 1_000_000, rate_pct: 6, remaining_term: 24}]}
notes:
  A: {balance: 500_000, coupon_pct: 3}
  B: {balance: 187_500, coupon_pct: 4}
  mezz: {balance: 100_000, coupon_pct: 5}
  sub: {balance: 200_000}
accounts:
  collections: {collects: all}
  liquidity: {balance: 150_000}
  swap: {balance: 100_000}
fees:
  swap_payment: {amount: 100}
waterfalls:
  amortization:
    - {name: swap, rule: pay_due, source: swap, payees: [swap_payment]}
    - {name: A interest, rule: pay_due, source: collections, payees: [A], support: [liquidity]}
    - {name: B interest, rule: pay_due, source: collections, payees: [B], support: [liquidity]}
    - {name: mezz interest, rule: pay_due, source: collections, payees: [mezz]}
    - {name: principal, rule: pay_down_to, source: collections, payees: [A, B, mezz, sub], target: "pool.balance"}
    - {name: rest, rule: pay_remainder, source: collections, payees: [sub]}
    - {name: liquidity release, rule: pay_remainder, source: liquidity, payees: [sub], when: final}
    - {name: liquidity kept, rule: carry, source: liquidity}
    - {name: swap release, rule: pay_remainder, source: swap, payees: [sub], when: final}
    - {name: swap kept, rule: carry, source: swap}
"""


def enhanced(text: str) -> dict[str, float]:
    found = enhancement(run(compile_deal(parse_deal(text)), load_scenario("no-loss")))
    return {each.note: 100.0 * each.total for each in found}


def test_liquidity_of_senior_interest_and_a_swap_account_are_no_reserve_of_the_mezzanine() -> None:
    """Mezzanine: 20 % below it and 1.25 % overcollateralization; 46.25 with both accounts would be wrong."""
    assert enhanced(DEAL) == pytest.approx({"A": 65.0, "B": 46.25, "mezz": 21.25, "sub": 1.25})


def test_a_deal_may_say_what_an_account_supports() -> None:
    said = DEAL.replace("swap: {balance: 100_000}", "swap: {balance: 100_000, supports: [sub, A]}")
    said = said.replace("liquidity: {balance: 150_000}", "liquidity: {balance: 150_000, supports: []}")
    assert supported_notes(parse_deal(said)) == {"collections": (), "liquidity": (), "swap": ("A", "sub")}
    assert enhanced(said) == pytest.approx({"A": 60.0, "B": 31.25, "mezz": 21.25, "sub": 11.25})


def test_an_account_that_is_a_source_supports_too_and_what_is_left_of_it_does_not() -> None:
    paid = DEAL.replace("source: collections, payees: [mezz]", "source: [collections, swap], payees: [mezz.interest]")
    assert supported_notes(parse_deal(paid)) == {"collections": (), "liquidity": ("A", "B"), "swap": ("mezz",)}

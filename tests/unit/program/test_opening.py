"""The state before the first date: the pool by arrears and discounted, as its contracts have it."""

from __future__ import annotations

from abssim.deal.load import parse_deal
from abssim.engine.state import block
from abssim.kind.pool import PoolField
from abssim.program.compile import compile_deal

DEAL = """
name: opening
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2030-01-15}
pools:
  p:
    hurdle_rate_pct: 12
    replines:
      - {balance: 1010, rate_pct: 0, remaining_term: 1}
      - {balance: 505, rate_pct: 0, remaining_term: 1, days_past_due: 45}
      - {balance: 404, rate_pct: 0, remaining_term: 1, days_past_due: 200}
notes: {A: {balance: 1000, coupon_pct: 1}}
holders: [seller]
accounts: {cash: {collects: all}}
waterfalls:
  amortization:
    - {name: interest, rule: pay_due, source: cash, payees: [A]}
    - {name: principal, rule: pay_down_to, source: cash, payees: [A], target: 0}
    - {name: rest, rule: pay_remainder, source: cash, payees: [seller]}
"""


def test_opening_stocks_of_loans() -> None:
    """One month at 12 % a year takes 1 % off what is due: 1,010 + 505 are worth 1,000 + 500; the third defaulted."""
    compiled = compile_deal(parse_deal(DEAL))
    pool = block(compiled.program.code.initial.reshape(-1), compiled.layout, "pool")[0]
    assert pool[PoolField.CLOSING_BALANCE] == 1_515_00
    assert pool[PoolField.ADJUSTED_BALANCE] == 1_500_00
    assert pool[PoolField.CURRENT_BALANCE] == 1_010_00
    assert pool[PoolField.DPD_1_30_BALANCE] == pool[PoolField.DPD_61_90_BALANCE] == 0
    assert pool[PoolField.DPD_31_60_BALANCE] == 505_00
    assert pool[PoolField.NON_PERFORMING_BALANCE] == 404_00

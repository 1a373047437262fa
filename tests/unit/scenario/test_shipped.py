"""What the names of shipped scenarios say is what they do to a deal."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from abssim.deal.load import parse_deal
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import load_scenario
from abssim.study.scenarios import base_scenario

ROOT = Path(__file__).resolve().parents[3]
DEAL = """
name: Two classes
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2030-01-15}
pools: {loans: {replines: [{balance: 1_000_000, rate_pct: 12, remaining_term: 24}]}}
notes: {A: {balance: 800_000, floating: {index: sofr, spread_pct: 1, floor_pct: 0}}, B: {balance: 200_000}}
indexes: {sofr: {fixings_pct: {2025-01-01: 4.5}, forward_pct: 4}}
accounts: {cash: {collects: all}}
waterfalls:
  amortization:
    - {name: interest, rule: pay_due, source: cash, payees: [A]}
    - {name: principal, rule: pay_down_to, source: cash, payees: [A, B], target: pool.balance}
    - {name: rest, rule: pay_remainder, source: cash, payees: [B]}
scenario:
  name: expected
  reason: Prepayments of 10 % and defaults of 4 % a year.
  assumptions: [{prepayment: {cpr_pct: 10}, default: {cdr_pct: 4}, recovery: {rate_pct: 0}}]
"""


@cache
def under(name: str) -> RunResult:
    deal = parse_deal(DEAL)
    scenario = base_scenario(deal)
    return run(compile_deal(deal), scenario if name == "deal" else load_scenario(name, ROOT / "scenarios", scenario))


def prepaid(name: str) -> float:
    """Share of the pool that is prepaid in the first month of those that do not default in it: an SMM."""
    first = under(name).pool_flow[0, 0]
    left = first[PoolField.OPENING_BALANCE] - first[PoolField.DEFAULT] - first[PoolField.SCHEDULED_PRINCIPAL]
    return float(first[PoolField.PREPAYMENT] / left)


def test_prepayments() -> None:
    """Speeds are multiplied by month: 1 - 0.9^(1/12) = 0.8742 %, 2.5 times that, and nothing."""
    for name, multiple in (("deal", 1.0), ("fast-prepay", 2.5), ("slow-prepay", 0.0)):
        assert abs(prepaid(name) - multiple * (1 - 0.9 ** (1 / 12))) < 1e-7, name


def test_timing_of_defaults() -> None:
    """Both come to 6 % of the pool; of these 45 % in the first six of 24 months, and 40 % in the last."""
    for name, quarter, share in (("front-loaded", slice(0, 6), 0.45), ("back-loaded", slice(18, 24), 0.40)):
        defaults = under(name).pool_flow[:, 0, PoolField.DEFAULT]
        assert abs(defaults.sum() / 1_000_000_00 - 0.06) < 1e-7, name
        assert abs(defaults[quarter].sum() / defaults.sum() - share) < 1e-6, name


def test_rates() -> None:
    """The coupon of the first date is fixed; from the second on it is 4 - 2 + 1 % of the balance, by 30/360."""
    flow = under("rates-down-200").note_flow[1:6, 0]
    assert np.abs(flow[:, NoteField.INTEREST_DUE] - flow[:, NoteField.OPENING_BALANCE] * 0.03 / 12).max() <= 0.5

"""Simulated and expected, through the whole deal: where the waterfall is linear, means go through it unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from abssim.deal.load import load_deal
from abssim.program.compile import compile_deal
from abssim.projection.job import Job
from abssim.projection.settings import Settings
from abssim.projection.single import run
from abssim.result import KINDS, RunResult
from tests.statistical.pools import distance, rolls

PATHS = 480
DEAL = """
name: Pass-through
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-20, payment_day: 20, revolving_periods: 5, legal_final: 2027-06-20}
pools: {p: {synthetic: {recipe: baitiao, loans: 600, seed: 5, balance: 1_000_000, most_age: 0}}}
revolving: {replenishment: {synthetic: {recipe: baitiao, loans: 600, seed: 6, balance: 1_000_000, most_age: 0}}}
notes: {A: {balance: 5_000_000, coupon_pct: 0}, R: {balance: 1}}
accounts:
  income: {collects: [interest, fees, penalty, recovery]}
  principal: {collects: [scheduled_principal, prepayment]}
fees: {servicing: {rate_pct: 0.1, of: "opening.pool.balance"}}
ledgers: {defaults: {}}
waterfalls:
  revolving:
    - {name: defaults, rule: book, payees: [defaults], amount: "pool.default"}
    - {name: fee, rule: pay_due, source: income, payees: [servicing]}
    - {name: income, rule: pay_remainder, source: income, payees: [R]}
    - {name: buy, rule: pay_amount, source: principal, payees: [purchase], amount: "principal.balance"}
    - {name: kept, rule: carry, source: principal}
  amortization:
    - {name: defaults, rule: book, payees: [defaults], amount: "pool.default"}
    - {name: fee, rule: pay_due, source: income, payees: [servicing]}
    - {name: income, rule: pay_remainder, source: income, payees: [R]}
    - {name: principal, rule: pay_amount, source: principal, payees: [A], amount: "principal.balance"}
    - {name: kept, rule: carry, source: principal}
scenario: base
"""
"""Never short of cash for its fee, note A above any principal: every amount is a sum of what the pool brings. What is
bought goes by the principal of the past, its behavior by the factor of the future: independent at persistence 0."""


def figures(result: RunResult) -> np.ndarray:
    """Every field of every block on every date, side by side."""
    periods = len(result.dates.payment)
    return np.concatenate([result.flow(kind).reshape(periods, -1) for kind in KINDS], axis=1)


def test_mean_of_every_field_on_every_date_is_the_expected_run(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(DEAL)
    compiled = compile_deal(load_deal(tmp_path))
    factor = {"correlation_pct": 12, "persistence": 0}
    scenario = rolls("stress", factor, dilution_pct=None, repurchase_pct=None)
    expected = figures(run(compiled, scenario, calls="never"))
    job = Job(compiled, scenario, Settings(seed=4, vintage_loans=600, calls="never"))
    found = np.zeros((PATHS, *expected.shape))
    for k in range(PATHS):
        path = figures(job.replay(k))
        found[k, : len(path)] = path
    apart = distance(found, expected, rounding=8.0)
    assert apart.max() < 4.0, np.argwhere(apart >= 4.0)

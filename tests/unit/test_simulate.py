"""`run` at its edges: short, empty and unfinished deals, rates, figures that end early, cash nobody collects."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.errors import CompileError, DealError
from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.projection.assemble import fingerprint
from abssim.projection.single import run
from abssim.scenario.scenario import Scenario
from tests.engine.naive_compare import compare
from tests.engine.small import QUIET, REST, outcome, small

LOANS = "pools: {p: {replines: [{balance: %s, rate_pct: 12, remaining_term: %s}]}}"
DUE = "{name: due, rule: pay_due, source: cash, payees: [A]}"


def test_one_date() -> None:
    result = outcome([REST], [], pools=LOANS % (100, 40), legal_final="2025-02-15")
    assert result.periods == 1
    assert result.clock[0, ClockField.FINAL] == 1
    assert result.pool_flow[0, 0, PoolField.CLOSING_BALANCE] > 0  # assets outlive the deal


def test_a_pool_without_balance() -> None:
    """Ratios of nothing to nothing are nothing; notes stay unpaid."""
    ratios = 'definitions: {a: "pool.factor", b: "excess_spread", c: "pool.npl_to_pool_ratio"}'
    result = outcome([REST], ["{}", "{}"], ratios, opening=0)
    assert result.periods == 1
    assert not result.definitions.any()
    assert result.note_flow[-1, :, NoteField.BALANCE].tolist() == [100000, 50000]


def test_figures_that_end_before_the_other_pool() -> None:
    """A servicer's pool of which nothing more is known would stand still beside one that is projected."""
    loans = "q: {replines: [{balance: 100, rate_pct: 12, remaining_term: 5}]}"
    pools = f"pools: {{p: {{opening_balance: 70, collections: [{{scheduled_principal: 20}}]}}, {loans}}}"
    with pytest.raises(DealError, match="E143"):
        outcome([REST], [], pools=pools)


def test_floating_rates_take_fixings_then_forwards_then_shocks() -> None:
    notes = "notes: {A: {balance: 1200, floating: {index: i, spread_pct: 1, cap_pct: 9, floor_pct: 2}}}"
    index = "indexes: {i: {fixings_pct: {2025-01-01: 5, 2025-02-15: -4}, forward_pct: 3}}"
    compiled = small([DUE, REST], ["{interest: 50}"] * 4, index, notes=notes)
    plain = compare(compiled, QUIET)
    assert plain.note_flow[:, 0, NoteField.ACCRUED_INTEREST].tolist() == [600, 200, 400, 400]
    shocked = compare(compiled, Scenario(name="up", reason="1000 bps", rates={"all": {"shock_bps": 1000}}))
    assert shocked.note_flow[:, 0, NoteField.ACCRUED_INTEREST].tolist() == [600, 200, 900, 900]


def test_nobody_collects_what_is_bought_back() -> None:
    accounts = "accounts: {cash: {collects: [interest, fees, penalty, scheduled_principal, prepayment, recovery]}}"
    compiled = small([REST], [], accounts, pools=LOANS % (100, 12))
    scenario = Scenario.model_validate({"name": "s", "reason": "r", "assumptions": [{"repurchase_pct": 1}]})
    with pytest.raises(CompileError) as caught:
        run(compiled, scenario)
    assert caught.value.code == "E410"
    run(compiled, QUIET)


def test_more_defaults_with_the_dial() -> None:
    compiled = small([REST], [], pools=LOANS % (1000, 12))
    scenario = Scenario.model_validate({"name": "s", "reason": "r", "assumptions": [{"default": {"mdr_pct": 1}}]})
    defaults = [
        run(compiled, scenario, default_multiple=dial).pool_flow[:, 0, PoolField.DEFAULT].sum() for dial in (0, 1, 2)
    ]
    assert defaults[0] == 0 < defaults[1] < defaults[2]


def test_fingerprint_knows_deal_tape_and_scenario() -> None:
    one, other = (small([REST], [], pools=LOANS % (balance, 12)) for balance in (100, 101))
    stressed = Scenario(name="quiet", reason="nobody prepays, nobody defaults", default_multiple=2)
    prints = [run(one, QUIET).fingerprint, run(other, QUIET).fingerprint, run(one, stressed).fingerprint]
    assert len(set(prints)) == 3
    assert run(one, QUIET).fingerprint == prints[0]


def test_fingerprint_knows_which_factor_is_the_first() -> None:
    """The first one has draws of its own, the importance shift and the degrees of freedom."""
    compiled, factors = small([REST], [], pools=LOANS % (100, 12)), {"a": {"persistence": 0.5}, "b": {}}
    orders = (factors, dict(reversed(factors.items())))
    one, other = (
        Scenario.model_validate({"name": "s", "reason": "r", "factors": each, "policies": {"p": {"month": 1}}})
        for each in orders
    )
    assert fingerprint(compiled, one) != fingerprint(compiled, other)


def test_a_purchase_outlives_nothing_but_the_deal() -> None:
    """The horizon reaches the last cash of what the last revolving date buys."""
    buy = '{name: buy, rule: pay_amount, source: cash, payees: [purchase], amount: "cash.balance"}'
    revolving = "revolving: {replenishment: {replines: [{balance: 100, rate_pct: 0, remaining_term: 9, age: 0}]}}"
    steps = [buy.replace('"}', '", when: "regime.revolving"}'), REST]
    result = outcome(steps, [], revolving, pools=LOANS % (100, 2), dates=", revolving_periods: 2", regime="revolving")
    assert result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] == 0
    assert np.count_nonzero(result.pool_flow[:, 0, PoolField.PURCHASE]) == 2
    assert result.periods == 11

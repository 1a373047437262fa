"""What must hold of any deal and tape: seniority, scale, more defaults never more cash, contracts to the cent, bits."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.collateral.expected import Collateral
from abssim.deal.deal import Deal
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario, Stress
from abssim.tape.repline import replines_tape
from abssim.tape.schema import LoanTape
from abssim.tape.synthesize import synthesize
from tests.engine import naive_collateral
from tests.engine.test_amortization import loans, tape_of
from tests.property.random_contract import repline
from tests.property.random_deal import deal_of
from tests.property.random_scenario import random_scenario

P, N = PoolField, NoteField
CASH = [P.INTEREST, P.FEE, P.PENALTY, P.SCHEDULED_PRINCIPAL, P.PREPAYMENT, P.REPURCHASE, P.RECOVERY]
QUIET = Scenario(name="quiet", reason="nobody prepays, nobody defaults")


def sequential(scale: float, classes: int, target: str, order: str = "sequential") -> Deal:
    """Classes paid one after the other out of a pool of annuities."""
    notes: dict[str, Any] = {f"C{i}": {"balance": scale * (9 - 2 * i), "coupon_pct": 3.0 + i} for i in range(classes)}
    steps = [
        {"name": "interest", "rule": "pay_due", "source": ["cash"], "payees": list(notes)},
        {"name": "top up", "rule": "top_up", "source": ["cash"], "payees": ["reserve"]},
        {"name": "principal", "rule": "pay_down_to", "source": ["cash"], "payees": list(notes), "target": target},
        {"name": "rest", "rule": "pay_remainder", "source": ["cash"], "payees": ["seller"]},
        {"name": "kept", "rule": "carry", "source": ["reserve"]},
    ]
    steps[2]["order"] = order
    return deal_of(
        {
            "name": "sequential",
            "currency": "USD",
            "dates": {"cut_off": "2025-01-01", "closing": "2025-01-15", "payment_day": 15, "legal_final": "2028-01-15"},
            "pools": {"p": {"replines": [{"balance": scale * 20, "rate_pct": 9.0, "remaining_term": 24}]}},
            "notes": notes,
            "accounts": {"cash": {"collects": ["all"]}, "reserve": {"balance": scale, "target": "0.05 * pool.balance"}},
            "holders": ["seller"],
            "waterfalls": {"amortization": steps},
        }
    )


@given(
    st.randoms(use_true_random=False), st.integers(1, 4), st.sampled_from(["0", "pool.balance", "0.8 * pool.balance"])
)
@settings(max_examples=40)
def test_junior_principal_only_after_senior(r: Random, classes: int, target: str) -> None:
    result = run(compile_deal(sequential(1e4, classes, target)), random_scenario(r))
    for junior in range(1, classes):
        paid = result.note_flow[:, junior, N.PRINCIPAL_PAID] > 0
        assert (result.note_flow[paid][:, :junior, N.BALANCE] == 0).all()


@given(st.randoms(use_true_random=False), st.sampled_from(["sequential", "pro_rata"]), st.sampled_from([7, 100, 1000]))
@settings(max_examples=30)
def test_scale_does_not_matter(r: Random, order: str, k: int) -> None:
    """All amounts times k: all payments times k, up to the rounding of the smaller deal."""
    scenario = random_scenario(r)
    small = run(compile_deal(sequential(1e5, 3, "0.9 * pool.balance", order)), scenario)
    large = run(compile_deal(sequential(1e5 * k, 3, "0.9 * pool.balance", order)), scenario)
    dates = min(small.periods, large.periods)
    off = np.abs(large.note_flow[:dates].astype(float) / k - small.note_flow[:dates])
    assert off.max() <= 3.0 * dates + 24.0  # half a unit a date for every figure rounded on the way


def test_order_of_equal_steps_does_not_matter() -> None:
    """Two notes with the same terms, exchanged: the same figures, exchanged."""
    one = sequential(1e5, 2, "0.9 * pool.balance", "pro_rata")
    document = one.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    document["notes"] = dict(reversed(document["notes"].items()))
    other = deal_of(document)
    left, right = run(compile_deal(one), QUIET), run(compile_deal(other), QUIET)
    np.testing.assert_array_equal(left.note_flow, right.note_flow[:, ::-1])


def random_tape(r: Random) -> LoanTape:
    return replines_tape([repline(r, 1e6, any_time=True) for _ in range(r.randint(1, 6))], "USD")


@given(st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_more_defaults_never_bring_more_cash(r: Random) -> None:
    collateral = Collateral(random_tape(r))
    scenario = plainly_bad(random_scenario(r))
    cash = [collateral.project(scenario, default_multiple=dial)[:, CASH].sum() for dial in (0.0, 0.5, 1.0, 2.0, 8.0)]
    for fewer, more in itertools.pairwise(cash):
        assert more <= fewer * (1.0 + 1e-12) + 1e-6


def plainly_bad(scenario: Scenario) -> Scenario:
    """Without what makes a defaulted or late loan worth more than a sound one: penalties, advances, arrears that
    keep borrowers from prepaying, and returns of goods, which no recovery is cut by."""
    aside = {"penalty_pct_per_day": None, "advances": None, "dilution_pct": None}
    rules = [rule.model_copy(update=aside) for rule in scenario.assumptions]
    rules = [rule for rule in rules if rule.default is None or rule.default.roll_rates is None]
    return scenario.model_copy(update={"assumptions": tuple(rules), "stress": Stress()})


@given(loans())
@settings(max_examples=30)
def test_quiet_pool_pays_its_contracts(loan: naive_collateral.Loan) -> None:
    """Without defaults and prepayments every date brings the instalments of the month, to the unit."""
    loan.bucket = 0
    monthly = Collateral(tape_of([loan])).project(QUIET)
    rows = naive_collateral.instalments(loan)
    for s, (principal, interest, fee) in enumerate(rows):
        assert monthly[s, P.SCHEDULED_PRINCIPAL] == principal
        assert monthly[s, P.INTEREST] == interest
        assert monthly[s, P.FEE] == fee
    assert not monthly[len(rows) :, CASH].any()
    assert not monthly[:, [P.PREPAYMENT, P.DEFAULT, P.LOSS]].any()


@pytest.mark.parametrize("seed", range(3))
def test_threads_change_no_bit(seed: int) -> None:
    tape = synthesize("baitiao", loans=3001, seed=seed, balance=10**9)
    scenario = random_scenario(Random(seed))
    flows = [Collateral(tape, threads=threads).project(scenario).tobytes() for threads in (1, 2, 3, 8)]
    assert len(set(flows)) == 1


def assert_equal_runs(left: RunResult, right: RunResult) -> None:
    np.testing.assert_array_equal(left.trace, right.trace)
    assert left.fingerprint == right.fingerprint


def test_a_run_repeats_bit_by_bit() -> None:
    deal = sequential(1e5, 3, "0")
    scenario = random_scenario(Random(5))
    assert_equal_runs(run(compile_deal(deal), scenario), run(compile_deal(deal), scenario))
    compiled = compile_deal(deal)
    run(compiled, QUIET)  # what was computed for another scenario is not in the way
    assert_equal_runs(run(compiled, scenario), run(compile_deal(deal), scenario))

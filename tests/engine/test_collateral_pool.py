"""Pools under scenarios: rules on columns, loan by loan, cached tables, vintages, prices, compiled and plain."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings, purchase_price
from abssim.collateral.expected import Collateral
from abssim.engine.layout import Amortization
from abssim.errors import ScenarioError
from abssim.kind.pool import PoolField
from abssim.tape.schema import LoanTape, make_tape
from tests.engine.test_collateral_scenarios import PRINCIPAL, bullet, scenario
from tests.process import PATIENCE

F = PoolField


def mixed(count: int = 2000, seed: int = 1) -> LoanTape:
    rng = np.random.default_rng(seed)
    term = rng.choice([1, 3, 6, 12, 24], count)
    age = (rng.random(count) * term).astype(np.int64)
    original = rng.integers(100_00, 5000_00, count)
    return make_tape(
        "CNY",
        np.maximum(1, original * (term - age) // term),
        original_balance=original,
        original_term=term,
        remaining_term=term - age,
        age=age,
        rate=rng.uniform(0.0, 0.2, count),
        fee_rate=0.005,
        minimum_payment_rate=0.1,
        amortization=rng.integers(0, 8, count),
        days_past_due=rng.choice([0, 0, 0, 0, 0, 0, 0, 10, 45, 70, 120], count),
        grade=rng.integers(0, 4, count),
        region=rng.integers(0, 2, count),
        labels={"grade": ("1", "2", "3", "4"), "region": ("north", "south")},
    )


FULL = scenario(
    {
        "default": {"roll_rates": {"from_age": {0: "prime", 7: "base"}}},
        "prepayment": {"smm_pct": 1},
        "recovery": {"rate_pct": 15, "curve_pct": [25, 20, 18, 15, 12, 10], "commission_pct": 20, "cost_pct": 1},
        "penalty_pct_per_day": 0.05,
        "dilution_pct": 0.1,
        "repurchase_pct": 0.05,
    },
    {"where": {"grade": ["3", "4"]}, "default": {"roll_rates": "stress"}},
    {
        "where": {"grade": 4},
        "by": "age",
        "prepayment": {"abs_pct": 1.5},
        "default": {"cumulative_pct": 6, "timing": "front"},
    },
    {"where": {"amortization": "level_pay", "region": "south"}, "default": {"sda_pct": 200}},
)


def test_rules_select_loans_and_later_ones_override() -> None:
    tape = make_tape(
        "USD",
        [100_000_000] * 4,
        rate=0.12,
        remaining_term=100,
        amortization=int(Amortization.INTEREST_ONLY),
        grade=[0, 1, 1, 1],
        score=[600.0, 650.0, 700.0, np.nan],
        labels={"grade": ("A", "B")},
    )
    rules = scenario(
        {"default": {"mdr_pct": 1}, "prepayment": {"smm_pct": 1}},
        {"where": {"grade": "B"}, "default": {"mdr_pct": 2}},
        {"where": {"score": {"min": 650, "max": 700}, "grade": ["A", "B"]}, "default": {"mdr_pct": 4}},
        {"where": {"score": {"min": 700}}, "prepayment": {"smm_pct": 0}},
    )
    flows = Collateral(tape).loan_flows(rules, 10, 0, 4)
    assert flows[:, 0, F.DEFAULT] / 1e8 == pytest.approx([0.01, 0.04, 0.04, 0.02])
    assert flows[:, 0, F.PREPAYMENT] / 1e8 == pytest.approx([0.0099, 0.0096, 0.0, 0.0098])


def test_unknown_column_is_reported() -> None:
    with pytest.raises(ScenarioError, match=r'E330.*did you mean "grade"'):
        Collateral(bullet()).project(scenario({"where": {"grad": "A"}, "default": {"mdr_pct": 1}}))


def test_advances_of_one_rule_meet_roll_rates_of_another() -> None:
    rules = scenario({"advances": "principal"}, {"default": {"roll_rates": "base"}})
    with pytest.raises(ScenarioError, match="E319"):
        Collateral(bullet()).project(rules)


def test_loan_by_loan_adds_up_to_the_pool() -> None:
    tape = mixed(300)
    pool = Collateral(tape)
    months = pool.months(FULL)
    whole = pool.project(FULL, months)
    parts = sum(pool.loan_flows(FULL, months, first, first + 100).sum(axis=0) for first in (0, 100, 200))
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-3)
    alone = Collateral(tape.take(np.asarray([7]))).project(FULL, months)
    scale = pool.loan_flows(FULL, months, 7, 8)[0]
    if tape.codes("grade")[7] != 3:
        assert alone == pytest.approx(scale, rel=1e-9, abs=1e-6)


def test_pool_of_everything_is_conserved() -> None:
    pool = Collateral(mixed())
    flows = pool.project(FULL)
    assert flows[:, PRINCIPAL].sum() == pytest.approx(pool.opening_balance, rel=1e-12)
    out = flows[:, [F.RECOVERY, F.LOSS]].sum()
    assert out == pytest.approx(pool.opening_non_performing + flows[:, F.DEFAULT].sum(), rel=1e-12)


def test_doubling_every_balance_doubles_every_flow() -> None:
    tape = bullet()
    rule = {"default": {"roll_rates": "base"}, "prepayment": {"cpr_pct": 8}, "recovery": {"rate_pct": 30}}
    once = Collateral(tape).project(scenario(rule))
    twice = Collateral(tape, weights=np.asarray([2.0])).project(scenario(rule))
    assert twice == pytest.approx(2.0 * once, rel=1e-14)


def test_tables_are_computed_once_for_many_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    import abssim.collateral.expected as module

    calls: list[int] = []
    real = module.group_loans
    monkeypatch.setattr(module, "group_loans", lambda *arguments: calls.append(1) or real(*arguments))
    pool = Collateral(mixed(50))
    for multiple in (1.0, 2.0, 3.0):
        pool.project(FULL, default_multiple=multiple)
        pool.project(scenario({"default": {"mdr_pct": multiple}}))
    assert len(calls) == 2


def test_vintages_share_a_profile_unless_the_calendar_matters() -> None:
    pool = Collateral(mixed(50), weights=np.linspace(0.5, 1.0, 50))
    shared = pool.vintage_profiles(FULL, range(1, 7))
    assert shared.shape == (1, pool.months(FULL) + 1, len(F))
    assert shared[0, 0, F.CLOSING_BALANCE] == pytest.approx(1.0)
    assert shared[0, -1, PRINCIPAL].sum() == pytest.approx(1.0)
    assert (np.diff(shared[0, :, F.INTEREST]) >= 0.0).all()
    by_month = scenario({"default": {"mdr_pct": "0 for 3, 5"}})
    profiles = Collateral(bullet()).vintage_profiles(by_month, [1, 2, 3, 4])
    assert profiles.shape[0] == 4
    assert profiles[:, 3, F.DEFAULT] == pytest.approx([0.05, 1 - 0.95**2, 1 - 0.95**3, 1 - 0.95**3])


@pytest.mark.parametrize(
    ("annual", "prices"),
    [(0.08, (0.99361, 0.98727, 0.97786, 0.95940, 0.92387)), (0.06, (0.99516, 0.99034, 0.98318, 0.96907, 0.94164))],
)
def test_purchase_price_of_free_instalments(annual: float, prices: tuple[float, ...]) -> None:
    """Against the formula worked by hand."""
    kind = int(Amortization.FREE_INSTALMENT)
    for term, price in zip((1, 3, 6, 12, 24), prices, strict=True):
        tape = make_tape("CNY", [2_400_000_000], remaining_term=term, amortization=kind)
        assert purchase_price(tape, annual) == pytest.approx(price, abs=5e-6)


def test_adjusted_balance_follows_the_projection() -> None:
    tape = make_tape("USD", [100_000_000], rate=0.03, remaining_term=36)
    flows = Collateral(tape, PoolSettings(hurdle_rate=0.08)).project(scenario({"prepayment": {"cpr_pct": 10}}))
    plain = Collateral(tape).project(scenario({"prepayment": {"cpr_pct": 10}}))
    assert (flows[:35, F.ADJUSTED_BALANCE] < flows[:35, F.CLOSING_BALANCE]).all()
    assert np.array_equal(plain[:, F.ADJUSTED_BALANCE], plain[:, F.CLOSING_BALANCE])
    assert np.array_equal(flows[:, F.CLOSING_BALANCE], plain[:, F.CLOSING_BALANCE])


def test_a_pool_without_loans_pays_nothing() -> None:
    pool = Collateral(mixed(5).take(np.zeros(0, dtype=np.int64)))
    assert pool.opening_balance == 0
    assert not pool.project(FULL).any()


def test_read_only_columns_are_not_another_type() -> None:
    tape = mixed(5)
    tape.rate.flags.writeable = False
    nothing = scenario({"default": {"mdr_pct": 0}})
    assert Collateral(tape).contracts(nothing).rate.flags.writeable


def fingerprint() -> str:
    return hashlib.sha256(Collateral(mixed(40)).project(FULL).tobytes()).hexdigest()


def test_compiled_is_plain_python_bit_for_bit(root: Path) -> None:
    code = "from tests.engine.test_collateral_pool import fingerprint; print(fingerprint())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert answer.stdout.strip() == fingerprint(), answer.stderr

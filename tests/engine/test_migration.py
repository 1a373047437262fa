"""Event-time migration against its naive twin: the same draws give the same cents, field by field."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings
from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths
from abssim.collateral.population import SALT_BITS, PoolSimulation
from abssim.engine.layout import Amortization as A
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape
from tests.engine import naive_migration as naive
from tests.engine.naive_collateral import Loan, instalments
from tests.engine.test_amortization import tape_of

MONTHS, SEED = 20, 11
DIRECT = {"mdr_pct": 4.0}
ROLLS = {"roll_rates": {"current": {"dpd_1_30": 12, "prepaid": 4, "default": 1}, "dpd_1_30": {"current": 40,
         "dpd_31_60": 40, "prepaid": 5}, "dpd_31_60": {"current": 20, "dpd_1_30": 10, "dpd_61_90": 50},
         "dpd_61_90": {"current": 10, "dpd_1_30": 10, "dpd_31_60": 10, "default": 50}}}  # fmt: skip
KINDS = (A.FLAT_FEE, A.LEVEL_PAY, A.FREE_INSTALMENT, A.SINGLE_PAYMENT, A.EQUAL_PRINCIPAL, A.INTEREST_ONLY)
LOANS = [
    Loan(
        KINDS[n % 6],
        balance=10_000 + 977 * n,
        term=1 + (5 * n) % 13,
        rate=0.0 if n % 7 == 0 else 0.18,
        fee_rate=0.006 if KINDS[n % 6] == A.FLAT_FEE else 0.0,
        original_balance=10_000 + 977 * n,
        bucket=(0, 0, 0, 1, 0, 2, 0, 3, 0, 4)[n % 10],
    )
    for n in range(60)
]
OBLIGORS = [n // 4 if n < 32 else n for n in range(60)]
"""Eight obligors with four orders each, the others with one."""


CHANNELS = {
    "in_house": {"share_pct": 50, "rate_pct": 30, "curve_pct": [60, 40], "cost_pct": 2},
    "agency": {"share_pct": 40, "from_month": 2, "rate_pct": 20, "curve_pct": [50, 30, 20], "commission_pct": 35},
    "legal": {"share_pct": 10, "rate_pct": 5, "from_month": 3, "cost_pct": 8},
}
SALE = {"month": 3, "price_pct": 3.8}


def scenario(**changes: Any) -> Scenario:
    rules = [
        {
            "default": ROLLS,
            "recovery": {"rate_pct": 40, "curve_pct": [50, 30, 20], "commission_pct": 10, "cost_pct": 1},
            "penalty_pct_per_day": 0.05,
            "repurchase_pct": 0.5,
            "dilution_pct": 0.7,
        },
        {"where": {"remaining_term": {"min": 8}}, "default": DIRECT, "prepayment": {"smm_pct": "2 ramp 8 over 6"}},
        {"where": {"remaining_term": {"min": 10}}, "recovery": {"channels": CHANNELS, "sale": SALE}},
    ]
    factor = {"correlation_pct": 10, "persistence": 0.5, "recentre": False}
    written = {"name": "t", "reason": "t", "assumptions": rules, "factor": factor, **changes}
    return Scenario.model_validate(written)


@dataclass
class Case:
    """A pool, and who owes its loans."""

    loans: list[Loan]
    obligors: list[int]
    months: int = MONTHS

    def tape(self) -> LoanTape:
        keys = np.asarray([7_000_000_000 + n for n in self.obligors], dtype=np.uint64)
        return replace(tape_of(self.loans), obligor_key=keys)

    def simulation(self, **settings: Any) -> PoolSimulation:
        return PoolSimulation(Collateral(self.tape(), PoolSettings(**settings)), scenario(), self.months)

    def twin(self, sim: PoolSimulation, seed: int, group: int, factor: np.ndarray, salt: int) -> list[naive.Path]:
        """The naive paths of a group."""
        loan_of = dict(zip((int(key) for key in self.tape().loan_key), self.loans, strict=True))
        odds = sim._odds(sim._own(factor), np.ones((4, self.months)))
        paths = [naive.Path(self.months) for _ in range(4)]
        for obligor in sim.book.obligor:
            own = sim.book.order[obligor["first"] : obligor["first"] + obligor["count"]]
            orders = [
                naive.Order(
                    int(term["key"]), instalments(loan_of[int(term["key"])]), loan_of[int(term["key"])].bucket,
                    int(term["profile"]), int(term["cell"]), int(term["lag"]), float(term["penalty"]),
                )
                for term in own
            ]  # fmt: skip
            user = naive.Obligor(int(obligor["key"]), int(obligor["profile"]), orders)
            for w in range(4):
                naive.follow(user, odds, (seed, 4 * group + w, salt), paths[w])
        for path in paths:
            naive.recover(path, sim.recovery, [int(value) for value in sim.opening_default])
        return paths


CASE = Case(LOANS, OBLIGORS)


def random_case(seed: int) -> Case:
    """Loans without balance, terms shorter than the arrears, horizons before and after the last due date."""
    rng = random.Random(seed)
    loans = []
    for _ in range(40):
        balance, term = rng.choice([0, 1, 7, rng.randint(1, 10**6)]), rng.randint(1, 30)
        terms = {"original_balance": balance, "original_term": term, "fee_rate": rng.choice([0.0, 0.01])}
        bucket = rng.choice([0, 0, 0, 1, 2, 3, 4])
        loans.append(Loan(rng.choice(KINDS), balance, term, rng.choice([0.0, 0.1, 0.4]), bucket=bucket, **terms))
    return Case(loans, [rng.randint(0, 20) for _ in loans], rng.choice([1, 5, 17, 40]))


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(6))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("seed, vintage", [(11, 0), (2**63 + 5, 8191)])
def test_every_field_equals_the_twin(case: Case, seed: int, vintage: int) -> None:
    sim, group = case.simulation(), seed % 977
    factor = factor_paths(scenario().factor, seed, 4 * group, 4 * group + 4, case.months)
    found = sim.lanes(seed, group, factor, vintage)
    exact = [f for f in F if f not in (F.OPENING_BALANCE, F.ADJUSTED_BALANCE, F.LOST_INTEREST)]
    for w, path in enumerate(case.twin(sim, seed, group, factor, vintage << SALT_BITS)):
        for t in range(1, case.months + 1):
            got = {f.name: int(found[w, t, f]) for f in exact}
            assert got == {f.name: path.flow[t][f] for f in exact}, (w, t)
            lost = path.flow[t][F.LOST_INTEREST] + int(sim.opening_lost[t])
            assert found[w, t, F.LOST_INTEREST] == lost, (w, t)


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(3))], ids=lambda case: f"{case.months} months")
def test_month_by_month_conserves_every_cent(case: Case) -> None:
    sim = case.simulation()
    found = sim.lanes_by_month(SEED, 3, factor_paths(scenario().factor, SEED, 12, 16, case.months))
    assert np.array_equal(found[:, 0], sim.lanes(SEED, 3, np.zeros((4, case.months)))[:, 0])
    principal = found[:, 1:, F.SCHEDULED_PRINCIPAL : F.DEFAULT + 1].sum(axis=2)
    assert np.array_equal(found[:, :-1, F.CLOSING_BALANCE] - principal, found[:, 1:, F.CLOSING_BALANCE])
    assert found.min() >= 0


def test_cut_off_row_is_the_tape() -> None:
    found = CASE.simulation().lanes(SEED, 0, np.zeros((4, MONTHS)))
    balance = [sum(loan.balance for loan in LOANS if loan.bucket == bucket) for bucket in range(5)]
    for w in range(4):
        assert [int(found[w, 0, F.CURRENT_BALANCE + b]) for b in range(4)] == balance[:4]
        assert found[w, 0, F.NON_PERFORMING_BALANCE] == balance[4]
        assert not found[w, 0, : F.CURRENT_BALANCE].any()


@pytest.mark.parametrize("hurdle", [0.0, 0.25])
def test_conservation_and_stocks(hurdle: float) -> None:
    sim = CASE.simulation(hurdle_rate=hurdle)
    found = sim.lanes(SEED, 5, factor_paths(scenario().factor, SEED, 20, 24, MONTHS))
    principal = found[:, 1:, F.SCHEDULED_PRINCIPAL : F.DEFAULT + 1].sum(axis=2)
    assert np.array_equal(found[:, :-1, F.CLOSING_BALANCE] - principal, found[:, 1:, F.CLOSING_BALANCE])
    assert np.array_equal(found[..., F.CURRENT_BALANCE : F.CLOSING_BALANCE].sum(axis=2), found[..., F.CLOSING_BALANCE])
    assert found.min() >= 0
    assert not found[:, -1, F.CLOSING_BALANCE].any()
    defaulted = found[..., F.DEFAULT].sum(axis=1) + sim.opening_default.sum()
    disposed = found[..., (F.RECOVERY, F.LOSS)].sum(axis=(1, 2)) + found[:, -1, F.NON_PERFORMING_BALANCE]
    assert np.array_equal(defaulted, disposed)
    adjusted, closing = found[..., F.ADJUSTED_BALANCE], found[..., F.CLOSING_BALANCE]
    assert np.all(adjusted <= closing) and (hurdle > 0.0) == bool(np.any(adjusted < closing))


def test_adjusted_balance_of_a_pool_on_schedule() -> None:
    """Without events, and with one order each, the figures are those of the expected engine, which knows no draw."""
    chosen = Scenario.model_validate({"name": "t", "reason": "t", "assumptions": []})
    pool = Collateral(CASE.tape().take(np.arange(32, 60)), PoolSettings(hurdle_rate=0.25))
    found = PoolSimulation(pool, chosen, MONTHS).lanes(SEED, 0, np.zeros((4, MONTHS)))
    expected = pool.project(chosen, MONTHS)
    for field in (F.ADJUSTED_BALANCE, F.CLOSING_BALANCE, F.INTEREST, F.FEE, F.SCHEDULED_PRINCIPAL, F.DPD_31_60_BALANCE):
        assert found[1, 1:, field] == pytest.approx(expected[:, field], abs=1e-6), field.name


def test_a_loan_more_changes_no_other_draw() -> None:
    whole, part = Collateral(CASE.tape()), Collateral(CASE.tape().take(np.arange(32)))
    rest = Collateral(CASE.tape().take(np.arange(32, 60)))
    factor = np.zeros((4, MONTHS))
    flows = [PoolSimulation(pool, scenario(), MONTHS).lanes(SEED, 1, factor) for pool in (whole, part, rest)]
    fields = [F.INTEREST, F.FEE, F.PENALTY, F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.DEFAULT, F.CLOSING_BALANCE]
    assert np.array_equal(flows[0][..., fields], flows[1][..., fields] + flows[2][..., fields])


def test_horizon_shorter_than_the_loans() -> None:
    long = CASE.simulation().lanes(SEED, 1, np.zeros((4, MONTHS)))
    short = PoolSimulation(Collateral(CASE.tape()), scenario(), 5).lanes(SEED, 1, np.zeros((4, 5)))
    assert np.array_equal(long[:, :6], short)


def test_vintages_are_independent_and_a_start_moves_the_factor() -> None:
    sim = CASE.simulation()
    factor = factor_paths(scenario().factor, SEED, 0, 4, MONTHS + 3)
    assert not np.array_equal(sim.lanes(SEED, 0, factor), sim.lanes(SEED, 0, factor, 1))
    late = PoolSimulation(Collateral(CASE.tape()), scenario(), MONTHS, start=3)
    early = PoolSimulation(Collateral(CASE.tape()), scenario(), MONTHS)
    assert late.transition.shape == early.transition.shape and not np.array_equal(late.transition, early.transition)
    assert np.array_equal(late.lanes(SEED, 0, factor), late.lanes(SEED, 0, factor))

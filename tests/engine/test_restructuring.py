"""Restructuring loan by loan against plain Python, and a case worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings
from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths
from abssim.collateral.population import SALT_BITS, PoolSimulation
from abssim.engine.credit.odds import condition_rows
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape
from tests.engine import naive_dependence as twin
from tests.engine import naive_migration as naive
from tests.engine.test_dependence import CONTAGION, FRAILTY, FRAUD, compare, population, struck
from tests.engine.test_migration import CASE, ROLLS, SEED, Case, random_case

LAST = {"current": 10, "dpd_1_30": 10, "restructured": 50, "default": 25}
LATE = {**ROLLS["roll_rates"], "dpd_61_90": LAST}
TERMS = {"extension_months": 2, "redefault_multiple": 3}


def scenario(terms: dict[str, Any] = TERMS, **changes: Any) -> Scenario:
    """Two profiles; the loans of more than 7 months are extended by 4 months more."""
    longer = {**terms, "extension_months": terms["extension_months"] + 4}
    rules = [
        {
            "default": {"roll_rates": LATE, "restructuring": terms},
            "recovery": {"rate_pct": 40, "curve_pct": [50, 30, 20], "commission_pct": 10},
            "penalty_pct_per_day": 0.05,
            "repurchase_pct": 0.5,
            "dilution_pct": 0.7,
        },
        {"where": {"remaining_term": {"min": 8}}, "default": {"roll_rates": LATE, "restructuring": longer}},
    ]
    factor = {"correlation_pct": 10, "persistence": 0.5, "recentre": False}
    return Scenario.model_validate({"name": "t", "reason": "t", "assumptions": rules, "factor": factor, **changes})


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(4))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("tied", [{}, {"frailty": FRAILTY, "fraud": FRAUD, "contagion": CONTAGION}], ids=["", "tied"])
def test_month_by_month_is_the_twin(case: Case, tied: dict[str, Any]) -> None:
    chosen, group = scenario(**tied), 5
    sim, users, merchants, regions = population(case, chosen)
    factor = factor_paths(chosen.factor, SEED, 20, 24, case.months)
    found = sim.lanes_by_month(SEED, group, factor, 3)
    chance = np.zeros((4, len(sim.transition), case.months + 1, 4, 9))
    terms = [(int(shift) - 4, float(multiple)) for shift, multiple in zip(*sim.terms, strict=True)]
    contagion = (merchants, 12.0, 3, 6.0) if tied else (merchants, 0.0, 1, 1.0)
    for w in range(4):
        condition_rows(
            sim.transition,
            sim.z,
            factor[w : w + 1],
            np.ones(case.months),
            sim.pull,
            sim._adjustment(None, w),
            chance[w],
        )
        path = naive.Path(case.months)
        multiples = struck(merchants, regions, 20 + w) if tied else [1.0] * len(users)
        twin.follow_all(users, chance[w], (SEED, 20 + w, 3 << SALT_BITS), path, multiples, contagion, terms)
        compare(sim, found[w], path)
    assert case is not CASE or found[..., F.RESTRUCTURED_BALANCE].sum(axis=1).all()


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(6))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("terms", [TERMS, {"extension_months": 0, "redefault_multiple": 1}], ids=["longer", "shorter"])
@pytest.mark.parametrize("tied", [{}, {"frailty": FRAILTY, "fraud": FRAUD}], ids=["", "tied"])
def test_by_events_is_the_twin(case: Case, terms: dict[str, Any], tied: dict[str, Any]) -> None:
    chosen, group = scenario(terms, **tied), 5
    sim, users, merchants, regions = population(case, chosen)
    factor = factor_paths(chosen.factor, SEED, 20, 24, case.months)
    found = sim.lanes(SEED, group, factor, 3)
    odds = sim._odds(sim._own(factor), np.ones((4, case.months)))
    own = [(int(shift) - 4, float(multiple)) for shift, multiple in zip(*sim.terms, strict=True)]
    for w in range(4):
        path = naive.Path(case.months)
        multiples = struck(merchants, regions, 20 + w) if tied else [1.0] * len(users)
        for user, multiple in zip(users, multiples, strict=True):
            if multiple == math.inf:
                naive.fail(user, path)
            else:
                draws = (SEED, 20 + w, 3 << SALT_BITS)
                naive.follow(user, odds, draws, path, multiple, own[user.profile])
        compare(sim, found[w], path)
    assert case is not CASE or found[..., F.RESTRUCTURED_BALANCE].sum(axis=1).all()


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(3))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("by_month", [False, True])
def test_every_cent_comes_back(case: Case, by_month: bool) -> None:
    """Cash and losses add up to the opening balance once the grid has run out, on every path."""
    pool, chosen = Collateral(case.tape()), scenario()
    months = pool.months(chosen)
    sim = PoolSimulation(pool, chosen, months)
    found = (sim.lanes_by_month if by_month else sim.lanes)(SEED, 3, np.zeros((4, months)))
    away = [F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.RECOVERY, F.LOSS]
    assert (found[..., away].sum(axis=(1, 2)) == int(case.tape().balance.sum())).all()
    assert not found[:, -1, F.CLOSING_BALANCE :].any()
    assert (found[..., F.RESTRUCTURED_BALANCE] <= found[..., F.CURRENT_BALANCE]).all()


def extended(extension: int, multiple: float = 1.0, from_age: Any = None, **rows: Any) -> Scenario:
    """Everybody 61-90 days past due is restructured; who is current pays, but for `rows`, or `from_age` holds."""
    rolls = {"from_age": from_age} if from_age else {"dpd_61_90": {"restructured": 100}, **rows}
    terms = {"extension_months": extension, "redefault_multiple": multiple}
    rule = {"default": {"roll_rates": rolls, "restructuring": terms}, "penalty_pct_per_day": 0.1}
    return Scenario.model_validate({"name": "t", "reason": "t", "assumptions": [rule]})


def late_loan(**columns: Any) -> LoanTape:
    """1 200 owed in six instalments of 200, three of them missed."""
    kind = int(Amortization.EQUAL_PRINCIPAL)
    return make_tape("USD", [120_000], remaining_term=6, amortization=kind, days_past_due=75, **columns)


def both(chosen: Scenario, tape: LoanTape, months: int) -> list[np.ndarray]:
    """(M, PoolField) by the expected engine, by events and month by month."""
    pool = Collateral(tape)
    sim = PoolSimulation(pool, chosen, months)
    paths = [draw(1, 0, np.zeros((4, months)))[0, 1:] for draw in (sim.lanes, sim.lanes_by_month)]
    return [pool.project(chosen, months), *paths]


@pytest.mark.parametrize("extension", [0, 2])
def test_by_hand(extension: int) -> None:
    """Restructured in month 1: nothing is paid in it nor in the extension, then all six instalments without penalty.

    Unrestructured, the contract would have ended in month 3: it ends `4 + extension` months later.
    """
    rest = 1 + extension
    for flow in both(extended(extension), late_loan(), 12):
        assert flow[:, F.SCHEDULED_PRINCIPAL].tolist() == [0] * rest + [20_000] * 6 + [0] * (6 - rest)
        owed = [120_000] * rest + [100_000, 80_000, 60_000, 40_000, 20_000] + [0] * (7 - rest)
        for stock in (F.RESTRUCTURED_BALANCE, F.CURRENT_BALANCE, F.CLOSING_BALANCE):
            assert flow[:, stock].tolist() == owed
        assert not flow[:, [F.PENALTY, F.DEFAULT, F.DPD_61_90_BALANCE]].any()
    assert Collateral(late_loan()).months(extended(extension)) == 6 + 4 + 4 + extension


def test_who_is_restructured_again_defaults() -> None:
    """It misses every instalment from month 3 on, when the extension of one month is over, and defaults in month 6."""
    late = {"dpd_61_90": {"restructured": 100}}
    never = {"current": {"dpd_1_30": 100}, "dpd_1_30": {"dpd_31_60": 100}, "dpd_31_60": {"dpd_61_90": 100}}
    for flow in both(extended(1, from_age={0: late, 2: {**late, **never}}), late_loan(), 8):
        assert flow[:, F.RESTRUCTURED_BALANCE].tolist() == [120_000] * 2 + [0] * 6
        assert [int(np.flatnonzero(flow[:, F.CURRENT_BALANCE + j])[0]) + 1 for j in (1, 2, 3)] == [3, 4, 5]
        assert flow[:, F.DEFAULT].tolist() == [0] * 5 + [120_000, 0, 0]


@pytest.mark.parametrize("multiple", [0.0, 0.5, 2.0])
def test_hazard_of_leaving_current(multiple: float) -> None:
    """A month's odds of 30 % to leave become `1 - 0.7^multiple`, in the shares of arrears and default."""
    chosen = extended(0, multiple, current={"dpd_1_30": 20, "default": 10})
    flow = Collateral(late_loan()).project(chosen)
    gone = 1.0 - 0.7**multiple
    assert flow[1, F.DEFAULT] == pytest.approx(120_000 * gone / 3)
    assert flow[1, F.DPD_1_30_BALANCE] == pytest.approx(120_000 * gone * 2 / 3)
    assert flow[1, F.RESTRUCTURED_BALANCE] == pytest.approx(100_000 * (1.0 - gone))


def test_prepaid_while_instalments_rest() -> None:
    """Nobody leaves for arrears: of who stays on schedule, 10 of 80, an eighth a month prepays."""
    chosen = extended(2, current={"dpd_1_30": 20, "prepaid": 10})
    flow = Collateral(late_loan()).project(chosen)
    assert flow[:3, F.PREPAYMENT].tolist() == pytest.approx([0.0, 120_000 / 8, 120_000 * 7 / 64])
    assert not flow[:3, [F.SCHEDULED_PRINCIPAL, F.DPD_1_30_BALANCE]].any()


@pytest.mark.parametrize("how", ["expected", "lanes", "lanes_by_month"])
def test_discounted_balance_of_who_is_restructured(how: str) -> None:
    """A yield supplement: the discounted balance stands still with the schedule."""
    settings = PoolSettings(hurdle_rate=0.12)
    pool, chosen = Collateral(late_loan(), settings), extended(2)
    flow = pool.project(chosen, 12)
    if how != "expected":
        flow = getattr(PoolSimulation(pool, chosen, 12), how)(1, 0, np.zeros((4, 12)))[0, 1:]
    assert len(set(np.rint(flow[:3, F.ADJUSTED_BALANCE]).tolist())) == 1
    assert 0.0 < flow[3, F.ADJUSTED_BALANCE] < flow[2, F.ADJUSTED_BALANCE] < 120_000
    assert flow[-1, F.ADJUSTED_BALANCE] == 0.0


def test_grid_of_a_horizon_that_is_too_short() -> None:
    flow = both(extended(2), late_loan(), 2)
    assert all(each[:, F.RESTRUCTURED_BALANCE].tolist() == [120_000, 120_000] for each in flow)

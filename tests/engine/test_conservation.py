"""Conservation loan by loan: every loan of a pool followed on its own through a path that all of them share.

The flows of a path are sums over orders. With nothing owed on any order but one, an obligor moves as before (its odds,
words and arrears stay), so what is left is that order's own part of the path, to the unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths
from abssim.collateral.population import PoolSimulation
from abssim.engine.credit.off_schedule import base_flow
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from tests.engine.test_migration import CASE, Case, random_case, scenario

SEED, GROUP = 21, 3
CASES = [CASE, *map(random_case, range(3))]
TIES = {"frailty": {"by": "remaining_term", "variance": 1}, "fraud": {"by": "remaining_term", "probability_pct": 10}}
POLICIES = {"policies": {"act": {"month": 3, "default_multiple": 2, "prepay_multiple": 0.5, "cure_multiple": 1.5}}}
ADDED = (
    F.INTEREST, F.FEE, F.PENALTY, F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.DEFAULT,
    F.LOST_INTEREST, F.CURRENT_BALANCE, F.DPD_1_30_BALANCE, F.DPD_31_60_BALANCE, F.DPD_61_90_BALANCE, F.CLOSING_BALANCE,
)  # fmt: skip
"""Recoveries are rounded for all defaults of a month together, so only their totals add up."""


def simulation(case: Case, chosen: Scenario) -> PoolSimulation:
    tape = case.tape()
    return PoolSimulation(Collateral(tape.take(np.flatnonzero(tape.days_past_due < 91))), chosen, case.months)


def flows_of(sim: PoolSimulation, chosen: Scenario, by_month: bool) -> np.ndarray:
    """(4, M + 1, PoolField) of a group of paths."""
    factor = factor_paths(chosen.systematic["factor"], SEED, 4 * GROUP, 4 * GROUP + 4, sim.months)
    return (sim.lanes_by_month if by_month else sim.lanes)(SEED, GROUP, factor)


def alone(sim: PoolSimulation) -> Iterator[tuple[int, PoolSimulation]]:
    """Opening balance of each order, and the simulation with nothing owed on any other."""
    for n, own in enumerate(sim.book.order):
        order, curve = sim.book.order.copy(), np.zeros_like(sim.book.curve)
        for name in ("balance", "part", "fee"):
            order[name] = np.where(np.arange(len(order)) == n, order[name], 0)
        if own["start"] >= 0:
            rows = slice(own["start"], own["start"] + own["term"] + 1)
            curve[:, rows] = sim.book.curve[:, rows]
        one = copy(sim)
        one.book = sim.book._replace(order=order, curve=curve)
        one.base = np.zeros_like(sim.base)
        base_flow(one.book, one.base)
        yield int(own["balance"]), one


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize(
    ("parts", "by_month"),
    [({}, False), ({}, True), ({**TIES, **POLICIES}, False), ({**TIES, **POLICIES}, True)],
    ids=["events", "months", "struck by events", "struck by months"],
)
def test_cash_loss_and_outstanding_of_every_loan_are_its_opening_balance(
    case: Case, parts: dict[str, object], by_month: bool
) -> None:
    chosen = scenario(**parts)
    sim = simulation(case, chosen)
    whole, total = flows_of(sim, chosen, by_month), 0
    for balance, one in alone(sim):
        found = flows_of(one, chosen, by_month)
        assert found.min() >= 0
        cash = found[..., (F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.RECOVERY)].sum(axis=(1, 2))
        gone = found[..., (F.DILUTION, F.LOSS)].sum(axis=(1, 2))
        outstanding = found[:, -1, F.CLOSING_BALANCE] + found[:, -1, F.NON_PERFORMING_BALANCE]
        assert (cash + gone + outstanding == balance).all()
        assert (found[:, 0, F.CLOSING_BALANCE] == balance).all()
        total = total + found
    assert np.array_equal(whole[..., ADDED], total[..., ADDED])
    disposed = (F.RECOVERY, F.LOSS)
    left = [each[..., disposed].sum(axis=(1, 2)) + each[:, -1, F.NON_PERFORMING_BALANCE] for each in (whole, total)]
    assert np.array_equal(*left)

"""The shipped scenarios of dependence and policies on jd-baitiao-2015-1, path by path on the same random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal
from abssim.engine.layout import PoolSummary
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.result import Simulation
from abssim.scenario.dependence import Contagion
from abssim.scenario.load import load_scenario
from abssim.study.project import simulate
from abssim.study.scenarios import base_scenario
from abssim.tape.synthesize import synthesize
from tests.statistical.pools import LIMIT

PATHS = 800


@pytest.fixture(scope="module")
def baitiao() -> CompiledDeal:
    """The deal on 5,000 of its receivables: the same merchants, of the same shares."""
    deal = load_deal("deals/jd-baitiao-2015-1")
    return compile_deal(deal, synthesize("baitiao", loans=5_000, seed=20151028, balance=807_477_009_00))


def drawn(baitiao: CompiledDeal, name: str, paths: int = PATHS, **changed: Any) -> Simulation:
    scenario = load_scenario(name, deal=base_scenario(baitiao.deal)).model_copy(update=changed)
    return simulate(baitiao, scenario, paths=paths, seed=3, vintage_loans=1_000)


@pytest.fixture(scope="module")
def factor(baitiao: CompiledDeal) -> Simulation:
    return drawn(baitiao, "factor")


def losses(sim: Simulation) -> np.ndarray:
    """(P,) net loss of each path, percent of the initial pool."""
    lost = sim.pool[:, PoolSummary.DEFAULT] - sim.pool[:, PoolSummary.RECOVERY]
    return np.asarray(100.0 * lost / sim.initial_pool_balance)


def distance(found: np.ndarray) -> float:
    """The sample's mean in standard errors."""
    return float(found.mean() / found.std(ddof=1) * np.sqrt(len(found)))


def test_frailty_moves_losses_about_the_same_mean(baitiao: CompiledDeal, factor: Simulation) -> None:
    """Variance 2 x the sum of the merchants' squared shares (0.036) is about a quarter of the loss, squared."""
    change = losses(drawn(baitiao, "baitiao-frailty")) - losses(factor)
    assert abs(distance(change)) < LIMIT
    assert 0.15 < change.std() / losses(factor).mean() < 0.45


def test_rings_take_their_share(baitiao: CompiledDeal, factor: Simulation) -> None:
    """0.1 % of all that is held and bought defaults by fraud: nothing much on most paths, a merchant's all on few."""
    change = (drawn(baitiao, "baitiao-fraud").pool - factor.pool)[:, PoolSummary.DEFAULT]
    taken = 0.001 * (factor.initial_pool_balance + factor.pool[:, PoolSummary.PURCHASE].mean())
    assert abs(distance(change - taken)) < LIMIT < distance(change)
    assert np.median(change) < 0.7 * change.mean() and change.max() > 10.0 * change.mean()


def test_contagion_adds_to_losses(baitiao: CompiledDeal) -> None:
    """Against the same month-by-month draws with a strength of 0."""
    none = Contagion(by="merchant", strength=0, months=3, cap=5)
    alone = losses(drawn(baitiao, "baitiao-contagion", 200, contagion=none))
    change = losses(drawn(baitiao, "baitiao-contagion", 200)) - alone
    assert distance(change) > LIMIT
    assert 0.01 < change.mean() / alone.mean() < 0.05


def test_tightening_helps_where_it_is_warned(baitiao: CompiledDeal, factor: Simulation) -> None:
    """Paths without the warning are those of the roll rates by grade; of the others most lose less."""
    graded, tightened = drawn(baitiao, "baitiao-grades"), drawn(baitiao, "baitiao-tighten")
    assert distance(losses(graded) - losses(factor)) > LIMIT
    row = graded.trigger[:, [terms.name for terms in graded.triggers_terms].index("early_warning")]
    quiet = row < 0
    assert 0.4 < quiet.mean() < 0.8 and tightened.policies == ("collect", "tighten")
    assert np.array_equal(graded.pool[quiet], tightened.pool[quiet])
    assert np.array_equal(tightened.policy[:, 0] < 0, quiet)
    change = (losses(tightened) - losses(graded))[~quiet]
    assert distance(change) < -LIMIT and (change <= 0.0).mean() > 0.9
    assert np.quantile(losses(tightened), 0.95) < 0.85 * np.quantile(losses(graded), 0.95)

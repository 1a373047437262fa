"""A deal under frailty, ring fraud and contagion: same bits however it is cut, every path checked, vintages too."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal
from abssim.engine.layout import PoolSummary
from abssim.errors import ScenarioError
from abssim.kind.pool import PoolField
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.single import run
from abssim.result import Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.project import replay, simulate
from abssim.tape.synthesize import synthesize
from tests.unit.projection.test_simulate import BALANCE, HARSH

FRAILTY = {"by": "region", "variance": 2}
FRAUD = {"by": "region", "probability_pct": 2}
CONTAGION = {"by": "grade", "strength": 20, "months": 3, "cap": 5}
ALL = {"frailty": FRAILTY, "fraud": FRAUD, "contagion": CONTAGION}
PARTS = [{"frailty": FRAILTY}, {"fraud": FRAUD}, {"contagion": CONTAGION}, {"frailty": FRAILTY, "fraud": FRAUD}, ALL]
IDS = ["frailty", "fraud", "contagion", "by events", "all"]


@pytest.fixture(scope="module")
def revolving() -> CompiledDeal:
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


def scenario(**parts: Any) -> Scenario:
    return Scenario.model_validate({**HARSH, "default_multiple": 2, **parts})


def arrays(sim: Simulation) -> dict[str, bytes]:
    """Everything a simulation knows of its paths."""
    values = {each.name: getattr(sim, each.name) for each in fields(Simulation)}
    return {name: value.tobytes() for name, value in values.items() if isinstance(value, np.ndarray)}


@pytest.mark.parametrize("parts", PARTS, ids=IDS)
def test_same_bits_and_all_checks(parts: dict[str, Any], revolving: CompiledDeal) -> None:
    """`simulate` checks every path; each part changes the figures."""
    chosen = scenario(**parts)
    whole = simulate(revolving, chosen, paths=18, seed=5, threads=1, vintage_loans=200)
    for threads, block in ((2, 16), (4, 1), (3, 5)):
        again = simulate(revolving, chosen, paths=18, seed=5, threads=threads, vintage_loans=200, block_paths=block)
        assert arrays(again) == arrays(whole), (threads, block)
    plain = simulate(revolving, scenario(), paths=18, seed=5, vintage_loans=200)
    assert not np.array_equal(whole.pool, plain.pool)
    result = replay(revolving, chosen, path=13, seed=5, vintage_loans=200)
    total = result.pool_cumulative[result.periods - 1, 0]
    assert total[PoolField.DEFAULT] == whole.pool[13, PoolSummary.DEFAULT]


def test_a_cluster_by_no_column_is_told_which_hold_words(revolving: CompiledDeal) -> None:
    with pytest.raises(ScenarioError, match=r'E330  the tape has no column "shop"; known: .*region'):
        simulate(revolving, scenario(frailty={"by": "shop", "variance": 2}), paths=2, seed=5)


def test_expected_cash_flows_are_without(revolving: CompiledDeal) -> None:
    assert np.array_equal(run(revolving, scenario()).trace, run(revolving, scenario(**ALL)).trace)


def test_a_ring_takes_its_share_of_pool_and_purchases(revolving: CompiledDeal) -> None:
    """Every cluster a ring: all that is outstanding or bought defaults, and nothing comes in but recoveries."""
    chosen = scenario(fraud={"by": "region", "probability_pct": 100})
    sim = simulate(revolving, chosen, paths=4, seed=5, vintage_loans=200)
    assert (sim.pool[:, PoolSummary.PREPAYMENT] == 0).all()
    assert (sim.pool[:, PoolSummary.DEFAULT] >= 0.99 * sim.initial_pool_balance).all()

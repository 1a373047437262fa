"""Deals on paths drawn with less variance: same bits however they are cut, replays, weights in every figure, errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.deal.load import load_deal
from abssim.engine.layout import Fan, PoolSummary
from abssim.errors import EngineError
from abssim.kind.pool import PoolField
from abssim.measure.distribution import convergence, note_distributions, pool_distribution, trigger_distributions
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.result import Simulation
from abssim.scenario.curve import Curve
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario
from abssim.study.project import replay, simulate
from abssim.tape.synthesize import synthesize
from tests.unit.projection.test_simulate import BALANCE, HARSH, arrays

WAYS: list[dict[str, Any]] = [
    {"sampling": "antithetic"},
    {"sampling": "stratified"},
    {"sampling": "sobol"},
    {"importance": 1},
    {"sampling": "antithetic", "importance": 1.0},
]
FACTORS = {"economy": HARSH["factor"], "property": {"correlation_pct": 3, "persistence": 0.5}}
SIZES: dict[str, Any] = {"seed": 5, "vintage_loans": 200}


@pytest.fixture(scope="module")
def revolving() -> CompiledDeal:
    tape = synthesize("baitiao", loans=400, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


@pytest.fixture(scope="module")
def harsh() -> Scenario:
    return Scenario.model_validate({**{k: v for k, v in HARSH.items() if k != "factor"}, "factors": FACTORS})


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_same_bits_and_replays(way: dict[str, Any], revolving: CompiledDeal, harsh: Scenario) -> None:
    found = simulate(revolving, harsh, paths=32, threads=1, **SIZES, **way)
    for threads, size in ((2, 16), (3, 5), (1, 64)):
        again = simulate(revolving, harsh, paths=32, threads=threads, block_paths=size, **SIZES, **way)
        assert arrays(again, 32) == arrays(found, 32)
        assert np.array_equal(again.weight, found.weight) and np.array_equal(again.replicate, found.replicate)
    plain = simulate(revolving, harsh, paths=32, **SIZES)
    assert arrays(plain, 32)["pool"] != arrays(found, 32)["pool"]
    sizes = {"paths": 32} if way.get("sampling") in ("stratified", "sobol") else {}
    for number in (0, 3, 18):
        result = replay(revolving, harsh, path=number, **SIZES, **way, **sizes)
        assert result.pool_cumulative[-1, 0, PoolField.DEFAULT] == found.pool[number, PoolSummary.DEFAULT]
        assert result.note_flow[:, 0, 0].sum() > 0


def weighted(sim: Simulation) -> tuple[Simulation, np.ndarray]:
    """Paths with weights 2, 1, 0, 1, ... and the same paths with the first ones twice and the third ones left out."""
    weight = np.resize([2.0, 1.0, 0.0, 1.0], sim.paths)
    return replace(sim, weight=weight), np.repeat(np.arange(sim.paths), weight.astype(int))


def test_weights_stand_for_repeated_paths(revolving: CompiledDeal, harsh: Scenario) -> None:
    """Means, probabilities, tails, triggers and timing of weighted paths are those of as many paths as they weigh."""
    sim, index = weighted(simulate(revolving, harsh, paths=64, **SIZES))
    names = ("note", "life", "cash", "pool", "fan", "trigger")
    twice = replace(sim, weight=np.ones(64), **{name: getattr(sim, name)[index] for name in names})
    for one, other in zip(note_distributions(sim), note_distributions(twice), strict=True):
        for name in ("expected_loss", "loss_probability", "loss_given_loss", "late"):
            assert getattr(one, name).value == pytest.approx(getattr(other, name).value, nan_ok=True)
        assert one.value_at_risk[0].value == other.value_at_risk[0].value
        assert one.expected_shortfall[0].value == pytest.approx(other.expected_shortfall[0].value)
        assert one.life.mean.value == pytest.approx(other.life.mean.value)
    for first, second in zip(trigger_distributions(sim), trigger_distributions(twice), strict=True):
        assert first.by_date == pytest.approx(second.by_date)
    pool, same = pool_distribution(sim), pool_distribution(twice)
    assert pool.timing == pytest.approx(same.timing)
    assert pool.net_loss.mean.value == pytest.approx(same.net_loss.mean.value)
    assert pool.default.value == pytest.approx(same.default.value)
    apart = np.abs(pool.fans[Fan.POOL_FACTOR] - same.fans[Fan.POOL_FACTOR])
    assert apart.mean() < 0.02 and apart.max() < 0.2  # between few paths, quantiles depend on how they are joined
    assert [each.paths for each in convergence(sim)] == [64]


def test_a_senior_note_by_importance(revolving: CompiledDeal, harsh: Scenario) -> None:
    """Plain paths show no loss of the first note; weighted ones show it, below the bound of the plain ones."""
    calm = harsh.model_copy(update={"default_multiple": 0.1})
    plain = note_distributions(simulate(revolving, calm, paths=128, **SIZES))[0].expected_loss
    found = note_distributions(simulate(revolving, calm, paths=128, importance=2, **SIZES))[0].expected_loss
    assert plain.is_bound and plain.at_most is not None
    assert not found.is_bound and 0.0 < found.value < plain.at_most and found.error < found.value


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_same_losses(way: dict[str, Any], revolving: CompiledDeal, harsh: Scenario) -> None:
    """However paths are drawn, expected losses of the notes and of the pool are those of plain paths."""
    found, plain = (
        simulate(revolving, harsh, paths=512, seed=seed, vintage_loans=50, **each) for seed, each in ((1, way), (2, {}))
    )
    pairs = [
        (one.expected_loss, other.expected_loss)
        for one, other in zip(note_distributions(found), note_distributions(plain), strict=True)
    ]
    for one, other in [*pairs, (pool_distribution(found).net_loss.mean, pool_distribution(plain).net_loss.mean)]:
        assert abs(one.value - other.value) < 4.5 * np.hypot(one.error, other.error)


@pytest.mark.parametrize(
    ("way", "code", "hint"),
    [
        ({"paths": 33, "sampling": "antithetic"}, "E505", "34"),
        ({"paths": 33, "importance": 1.0}, "E505", "34"),
        ({"paths": 34, "importance": 1.0, "sampling": "antithetic"}, "E505", "36"),
        ({"paths": 8, "sampling": "stratified"}, "E505", "16"),
        ({"paths": 1000, "sampling": "sobol"}, "E505", "1,024"),
        ({"paths": 32, "sampling": "sobul"}, "E506", 'did you mean "sobol"?'),
        ({"paths": 32, "sampling": "sobol", "importance": 1.0}, "E506", "random or antithetic"),
        ({"paths": 32, "importance": -1.0}, "E506", ""),
    ],
    ids=str,
)
def test_ways_that_do_not_work(
    way: dict[str, Any], code: str, hint: str, revolving: CompiledDeal, harsh: Scenario
) -> None:
    with pytest.raises(EngineError) as caught:
        simulate(revolving, harsh, seed=1, **way)
    (problem,) = caught.value.problems
    assert problem.code == code and hint in problem.hint


def test_the_shipped_scenario_with_two_factors(revolving: CompiledDeal) -> None:
    """Segments hang on the factors differently, and the second one moves losses."""
    scenario = load_scenario("baitiao-two-factors")
    sim = simulate(revolving, scenario, paths=16, **SIZES)
    bad = scenario.factors["spending"].model_copy(update={"mean": Curve(values=(-3.0,))})
    worse = scenario.model_copy(update={"factors": {**scenario.factors, "spending": bad}})
    lost = [each.pool[:, PoolSummary.DEFAULT].mean() for each in (sim, simulate(revolving, worse, paths=16, **SIZES))]
    assert lost[1] > 1.05 * lost[0]
    (pool,) = (each for each in revolving.assets.pools.values() if isinstance(each, Collateral))
    assert len({tuple(row) for row in PoolSimulation(pool, scenario, 12).pull[2:].T.round(6)}) == 3


def test_nothing_to_draw(revolving: CompiledDeal, harsh: Scenario) -> None:
    alone = harsh.model_copy(update={"factors": {}})
    with pytest.raises(EngineError, match=r"E506.*no factor"):
        simulate(revolving, alone, paths=32, seed=1, sampling="antithetic")
    with pytest.raises(EngineError, match=r"E505.*say how many"):
        replay(revolving, harsh, path=3, seed=1, sampling="sobol")
    with pytest.raises(EngineError, match=r"E505.*no path 40 of 32"):
        replay(revolving, harsh, path=40, seed=1, sampling="sobol", paths=32)

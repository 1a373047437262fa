"""The systematic factor of a scenario: its document, overriding, and the shipped factor scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths, pull_of, recentring
from abssim.collateral.population import PoolSimulation
from abssim.collateral.sampling import FactorDraws, Sampling
from abssim.errors import ScenarioError
from abssim.scenario.factor import Factor
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario, override
from abssim.tape.schema import make_tape


def scenario(**factor: Any) -> Scenario:
    return Scenario.model_validate({"name": "f", "reason": "f", "factor": factor})


def test_shipped_scenarios_stand_on_the_deals_own() -> None:
    deal = load_scenario("baitiao")
    plain, severe = load_scenario("factor", deal=deal), load_scenario("factor-severe", deal=deal)
    assert plain.assumptions == severe.assumptions == deal.assumptions
    assert plain.factor is not None and severe.factor is not None
    assert (plain.factor.correlation_pct, severe.factor.correlation_pct) == (4.0, 8.0)
    assert severe.factor.recovery_sensitivity == plain.factor.recovery_sensitivity > 0.0
    months = severe.factor.mean.at(np.arange(1, 25))
    assert np.all(months[:12] == -2.33) and np.all(np.diff(months) >= 0.0) and months[-1] == 0.0


@pytest.mark.parametrize(
    ("name", "deepest", "below", "last"),
    [("factor-mild", -1.0, 6, 0.0), ("factor-v", -2.33, 10, 0.0), ("factor-l", -1.5, 59, -1.5)],
)
def test_shapes_of_downturns(name: str, deepest: float, below: int, last: float) -> None:
    found = load_scenario(name, deal=load_scenario("baitiao")).factor
    assert found is not None and found.correlation_pct == 4.0
    months = found.mean.at(np.arange(1, 61))
    assert (months.min(), (months < 0.0).sum(), months[-1]) == (deepest, below, last)


def several(**factors: Any) -> Scenario:
    return Scenario.model_validate({"name": "f", "reason": "f", "factors": factors})


def test_overriding_several_factors() -> None:
    base = several(economy={"correlation_pct": 8}, property={"persistence": 0.5})
    found = override(base, several(property={"mean": "-1 for 6, 0"}))
    assert list(found.systematic) == ["economy", "property"]
    assert found.factors["property"].persistence == 0.5 and found.factors["property"].mean.values[0] == -1.0
    assert list(override(base, scenario(correlation_pct=3)).systematic) == ["factor"]
    assert list(override(scenario(correlation_pct=3), base).systematic) == ["economy", "property"]
    assert override(base, Scenario(name="g", reason="g")).systematic == base.systematic


def test_loadings() -> None:
    """Squares of the loadings are the shares; what a rule says replaces the factors' own."""
    factors = several(economy={"correlation_pct": 8}, property={"correlation_pct": 1}).systematic
    both = {"economy": 3.0, "property": -2.0}
    for own, shares in ((None, (8, 1)), (4.0, (4, 0)), ({"property": -2.0}, (0, -2)), (both, (3, -2))):
        root, shift, *weight = pull_of(factors, own)
        found = root * np.asarray(weight)
        assert np.sign(found) * found**2 == pytest.approx(np.asarray(shares) / 100.0, abs=1e-15)
        assert shift == 0.0
    assert pull_of(factors, 0.0).tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_factor_draws_by_its_name() -> None:
    """The first as a single one does; the others the same whatever stands beside them."""
    one = FactorDraws(scenario().systematic, 3, 12, Sampling()).block(0, 8)
    two = FactorDraws(several(economy={}, property={}).systematic, 3, 12, Sampling()).block(0, 8)
    three = FactorDraws(several(economy={}, trade={}, property={}).systematic, 3, 12, Sampling()).block(0, 8)
    assert np.array_equal(one[:, 0], two[:, 0]) and np.array_equal(one[:, 0], factor_paths(Factor(), 3, 0, 8, 12))
    assert np.array_equal(two[:, 1], three[:, 2])
    assert len({values.tobytes() for values in three.swapaxes(0, 1)}) == 3


def test_faults_of_factors_that_come_from_two_documents(tmp_path: Path) -> None:
    rules = "assumptions: [{correlation_pct: {economy: 3}}]"
    (tmp_path / "rules.yaml").write_text(f"name: b\nreason: b\n{rules}\n")
    assert load_scenario("rules", tmp_path).systematic == {}
    (tmp_path / "own.yaml").write_text("name: o\nreason: o\nbase: rules\nfactors:\n  ecnomy: {}\n")
    with pytest.raises(ScenarioError, match=r'own\.yaml:4.*E341.*did you mean "ecnomy"'):
        load_scenario("own", tmp_path)
    written = {"name": "s", "reason": "s", "assumptions": [{"correlation_pct": {"x": 3}}], "factor": {}}
    with pytest.raises(ScenarioError) as caught:
        PoolSimulation(Collateral(make_tape("USD", [100], remaining_term=3)), Scenario.model_validate(written), 3)
    assert caught.value.code == "E341"


def test_overriding_keeps_what_is_not_given() -> None:
    found = override(scenario(correlation_pct=8, persistence=0.5), scenario(mean="-1 for 6, 0")).factor
    assert found is not None and (found.correlation_pct, found.persistence) == (8.0, 0.5)
    assert found.mean.values[:7] == (-1.0,) * 6 + (0.0,)
    assert override(scenario(correlation_pct=8), Scenario(name="g", reason="g")).factor is not None
    assert override(Scenario(name="g", reason="g"), scenario(correlation_pct=3)).factor is not None


@pytest.mark.parametrize(
    "written", ["{correlation_pct: 100}", "{persistence: 1}", "{recovery_sensitivity: -1}", "{mean: x}", "{rho: 4}"]
)
def test_impossible_factors(tmp_path: Path, written: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(f"name: f\nreason: f\nfactor: {written}\n")
    with pytest.raises(ScenarioError, match=r"f\.yaml:3"):
        load_scenario(file)


def test_paths_are_a_function_of_seed_and_number() -> None:
    factor = Factor(persistence=0.7)
    whole = factor_paths(factor, 3, 0, 16, 12)
    assert np.array_equal(whole[4:8, :5], factor_paths(factor, 3, 4, 8, 5))
    assert not np.array_equal(whole, factor_paths(factor, 4, 0, 16, 12))


@pytest.mark.parametrize(
    "factor",
    [{"correlation_pct": 8, "persistence": 0}, {"correlation_pct": 0}, {"correlation_pct": 8, "recentre": False}],
)
def test_no_shift_where_none_is_needed(factor: dict[str, Any]) -> None:
    transition = np.zeros((2, 6, 4, 9))
    model = Factor.model_validate(factor)
    pull = np.stack([pull_of({"factor": model}, None)] * 2, axis=1)
    found = recentring([model], pull, transition, transition, *np.ones((2, 2, 6)))
    assert np.array_equal(found, np.zeros(2))

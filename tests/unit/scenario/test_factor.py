"""The systematic factor of a scenario: its document, overriding, and the shipped factor scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.errors import ScenarioError
from abssim.program.factor import factor_paths, pull_of, recentring
from abssim.scenario.factor import Factor
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario, override


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
    transition = np.zeros((2, 6, 4, 8))
    model = Factor.model_validate(factor)
    pull = np.stack([pull_of({"factor": model}, None)] * 2, axis=1)
    found = recentring([model], pull, transition, transition, np.ones((2, 6)))
    assert np.array_equal(found, np.zeros(2))

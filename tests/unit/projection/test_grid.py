"""Several scenarios on common random numbers: the same draws on path k of each, and differences with their errors."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from abssim.collateral import expected as collateral
from abssim.deal.load import load_deal
from abssim.errors import AbssimError
from abssim.measure.comparison import Compared, compare
from abssim.measure.distribution import loss_ratios, net_loss_ratios, note_distributions
from abssim.measure.estimate import Estimate
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.settings import Execution, Settings
from abssim.result import Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.project import simulate, simulate_grid
from abssim.tape.synthesize import synthesize
from tests.unit.projection.test_simulate import BALANCE, HARSH, arrays

PATHS = 60
SETTINGS = Settings(seed=5, vintage_loans=200)


@pytest.fixture(scope="module")
def revolving() -> CompiledDeal:
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    harsh = Scenario.model_validate(HARSH)
    twin = harsh.model_copy(update={"name": "twin"})
    worse = harsh.model_copy(update={"name": "worse", "default_multiple": 5.0})
    return [harsh, twin, worse]


@pytest.fixture(scope="module")
def grid(revolving: CompiledDeal, scenarios: list[Scenario]) -> list[Simulation]:
    return simulate_grid(revolving, scenarios, paths=PATHS, settings=SETTINGS)


def test_each_scenario_is_what_it_is_alone(
    grid: list[Simulation], revolving: CompiledDeal, scenarios: list[Scenario]
) -> None:
    alone = simulate(revolving, scenarios[2], paths=PATHS, seed=5, vintage_loans=200)
    assert arrays(grid[2], PATHS) == arrays(alone, PATHS)
    assert [sim.scenario_name for sim in grid] == ["harsh", "twin", "worse"]


def test_the_same_scenario_under_two_names_is_the_same_paths(grid: list[Simulation]) -> None:
    assert arrays(grid[0], PATHS) == arrays(grid[1], PATHS)
    found = compare(grid)
    assert found.net_loss.differences[1] == Estimate(0.0, 0.0)
    assert found.notes[2].expected_loss.differences[1] == Estimate(0.0, 0.0)


def test_paths_that_share_their_draws_move_together(grid: list[Simulation]) -> None:
    """The paired error is far below that of two independent figures."""
    found = compare(grid).net_loss
    apart = math.hypot(found.values[0].error, found.values[2].error)
    assert found.differences[2].error < 0.5 * apart
    assert np.corrcoef(net_loss_ratios(grid[0]), net_loss_ratios(grid[2]))[0, 1] > 0.8


def test_figures_are_those_of_each_simulation_and_differences_by_path(grid: list[Simulation]) -> None:
    found = compare(grid)
    for n, note in enumerate(found.notes):
        for s, sim in enumerate(grid):
            own = note_distributions(sim)[n]
            assert note.expected_loss.values[s] == own.expected_loss
            assert note.loss_probability.values[s] == own.loss_probability
            assert str(note.value_at_risk.values[s]) == str(own.value_at_risk[1])
            assert note.life.values[s] == own.life.mean
        assert math.isnan(note.expected_loss.differences[0].value)
    lost = [loss_ratios(sim, 2) for sim in grid]
    difference = found.notes[2].expected_loss.differences[2]
    assert difference.value == pytest.approx(np.mean(lost[2] - lost[0]))
    plain = np.std(lost[2] - lost[0], ddof=1) / math.sqrt(PATHS)
    assert plain <= difference.error < 1.3 * plain  # wider, as few paths lose at all
    fired = [sim.trigger[:, 0] >= 0 for sim in grid]
    assert found.triggers["bad_debt"].differences[2].value == pytest.approx(fired[2].mean() - fired[0].mean())


def test_nothing_is_said_of_the_difference_of_two_bounds(grid: list[Simulation]) -> None:
    safe = [replace(sim, note=np.zeros_like(sim.note)) for sim in (grid[0], grid[2])]
    found: Compared = compare(safe).notes[0].expected_loss
    assert all(each.is_bound for each in found.values)
    assert math.isnan(found.differences[1].value)


def test_scenarios_of_one_name_are_refused(revolving: CompiledDeal, scenarios: list[Scenario]) -> None:
    with pytest.raises(AbssimError) as caught:
        simulate_grid(revolving, [scenarios[0], scenarios[0]], paths=4, settings=SETTINGS)
    assert [problem.code for problem in caught.value.problems] == ["E010"]


def test_progress_counts_the_paths_of_all_scenarios(revolving: CompiledDeal, scenarios: list[Scenario]) -> None:
    seen: list[int] = []
    running = Execution(threads=1, block_paths=4, progress=seen.append)
    simulate_grid(revolving, scenarios[:2], paths=6, settings=SETTINGS, execution=running)
    assert seen == sorted(seen) and (len(seen), seen[1], seen[3]) == (4, 6, 12)


def test_schedules_of_the_pool_are_computed_once(
    revolving: CompiledDeal, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    real = collateral.group_loans

    def counting(tape, *rest):  # type: ignore[no-untyped-def]
        counted.append(len(tape))
        return real(tape, *rest)

    monkeypatch.setattr(collateral, "group_loans", counting)
    pool = next(iter(revolving.assets.pools.values()))
    assert isinstance(pool, collateral.Collateral)
    pool._tables.clear()
    simulate_grid(revolving, scenarios, paths=4, settings=SETTINGS)
    assert counted.count(600) == 1

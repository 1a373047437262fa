"""Blocks of paths side by side: every lane is what it is alone, whatever stands beside it."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from abssim.engine.deal.block import Batch, profile_lanes
from abssim.engine.deal.lanes import LANES
from abssim.engine.layout import PathStatus
from abssim.policy.effect import by_calendar
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.machine import DealMachine
from abssim.projection.single import expected
from abssim.scenario.scenario import Scenario
from tests.engine.naive_compare import compare_or_stop
from tests.property.random_deal import random_deal
from tests.property.random_scenario import random_scenario

BLOCKS, DEALS = 4, 40


def singles(compiled: CompiledDeal, scenario: Scenario, ready: DealMachine, r: Random, paths: int) -> list[Batch]:
    """Paths of the scenario under other multiples of its defaults; the first as it is."""
    effects = by_calendar(scenario.acting, compiled.dates.month[ready.periods - 1])
    multiples = [1.0, *(r.choice([0.0, 1.0, 7.0, 1e6]) for _ in range(paths - 1))]
    made = {each: expected(compiled, scenario, ready, each, effects) for each in set(multiples)}
    return [made[each] for each in multiples]


def together(batches: list[Batch]) -> Batch:
    """The paths of many batches of one as one batch."""
    vintages, _, months = batches[0].profile.shape[1:4]
    profile = profile_lanes(len(batches), vintages, months)
    for b, own in enumerate(batches):
        profile[b // LANES, ..., b % LANES] = own.profile[0, ..., 0]
    flow, posted = (np.concatenate([getattr(each, name) for each in batches]) for name in ("flow", "posted"))
    last = np.full(profile.shape[:2], months - 1)
    shown = np.bitwise_or.reduce([each.shown for each in batches])
    return Batch(flow, profile, last, shown, posted, batches[0].price)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_lane_is_the_path_alone(block: int) -> None:
    """160 random deals, in blocks of 32 and 5 paths: states, values, summaries and counters of each as in one of 1."""
    stopped, paths = 0, LANES + 5
    for seed in range(block * DEALS, (block + 1) * DEALS):
        r = Random(seed)
        deal, scenario = random_deal(r), random_scenario(r)
        compiled = compile_deal(deal)
        ready = DealMachine.of(compiled, scenario, "exercised")
        alone = singles(compiled, scenario, ready, r, paths)
        outcome = ready.outcome(paths, 0)
        detail = ready.run(together(alone), outcome, ready.periods)
        for b in {0, r.randrange(LANES), paths - 1}:
            own = ready.outcome(1, 0)
            kept = ready.run(alone[b], own, ready.periods)
            for name, mine, found in zip(own._fields, own, outcome, strict=True):
                np.testing.assert_array_equal(mine[0], found[b], err_msg=f"{seed} {name}")
            if own.status[0, 0] == PathStatus.OK:
                assert not own.status[0, 3], seed
                np.testing.assert_array_equal(kept.trace[..., 0], detail.trace[..., b], err_msg=str(seed))
                np.testing.assert_array_equal(kept.value[..., 0], detail.value[..., b], err_msg=str(seed))
            stopped += own.status[0, 0] != PathStatus.OK
    assert stopped < DEALS


@pytest.mark.parametrize("seed", range(600, 612))
def test_the_first_of_many_lanes_is_the_twin(seed: int) -> None:
    r = Random(seed)
    deal, scenario = random_deal(r), random_scenario(r)
    compiled = compile_deal(deal)
    result = compare_or_stop(compiled, scenario)
    ready = DealMachine.of(compiled, scenario, "exercised")
    outcome = ready.outcome(5, 0)
    detail = ready.run(together(singles(compiled, scenario, ready, r, 5)), outcome, ready.periods)
    assert (result is None) == (outcome.status[0, 0] != PathStatus.OK)
    if result is not None:
        np.testing.assert_array_equal(detail.trace[: result.periods, :, 0], result.trace)

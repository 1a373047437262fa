"""The checks of every path against those of a run in detail: both see any figure that is off."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from abssim.check import check_run
from abssim.engine.deal.close import Status
from abssim.engine.deal.lanes import Lanes, Machine, make_lanes, start
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.audit import CHECKS, audit
from abssim.program.lower.plan import finish
from abssim.projection.single import run
from tests.engine.one_lane import nothing_offered, operate
from tests.property.random_deal import random_deal
from tests.property.random_scenario import random_scenario

LANES = 25


class Checks:
    """The machine's checks alone, on traces that are given."""

    def __init__(self, compiled: CompiledDeal) -> None:
        asm = Assembler(compiled.program, compiled.history, np.zeros((0, 0)))
        audit(asm)
        self.before = asm.previous
        self.initial = np.array(asm.initial)
        self.machine: Machine = finish(asm, 0)
        self.lanes: Lanes = make_lanes(self.machine, (1, 1), LANES)

    def failed(self, traces: np.ndarray) -> list[str]:
        """The check that fails on each of the traces (LANES, T, X), by name."""
        start(self.machine, self.lanes, nothing_offered(self.lanes))
        slot, size = self.lanes.slot, traces.shape[2]
        earlier = np.repeat(self.initial[None, :size], LANES, axis=0)
        for t in range(traces.shape[1]):
            slot[:size] = traces[:, t].T
            for own, place in self.before.items():
                slot[place] = earlier[:, own]
            operate(self.machine, self.lanes, t)
            earlier = traces[:, t]
        return [CHECKS[each] for each in slot[self.machine.status + Status.FAILED].tolist()]


@pytest.mark.parametrize("seed", range(12))
def test_both_find_what_is_off(seed: int) -> None:
    r = Random(seed)
    compiled = compile_deal(random_deal(r))
    result = run(compiled, random_scenario(r))
    checks = Checks(compiled)
    traces = np.repeat(result.trace[None], LANES, axis=0)
    assert checks.failed(traces) == [""] * LANES
    for lane in traces:
        lane[r.randrange(result.periods), r.randrange(result.layout.size)] += r.choice((-1, 1, 1000))
    for lane, found in zip(traces, checks.failed(traces), strict=True):
        failed = [each.name for each in check_run(replace(result, trace=lane)) if not each.passed]
        assert (not found) == (not failed), (np.argwhere(lane != result.trace), failed)
        assert not failed or found in failed

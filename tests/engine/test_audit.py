"""The checks of every path against those of a run in detail: both see any figure that is off."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from abssim.check import check_run
from abssim.engine.audit import FAILED, Audit, audit_path
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from tests.property.random_deal import random_deal
from tests.property.random_scenario import random_scenario


@pytest.mark.parametrize("seed", range(12))
def test_both_find_what_is_off(seed: int) -> None:
    r = Random(seed)
    result = run(compile_deal(random_deal(r)), random_scenario(r))
    lay = result.layout
    shape = (result.periods, lay.rows, lay.width)
    initial = result.initial.reshape(shape[1:])
    trace = result.trace.reshape(shape).copy()
    found = np.zeros(4, dtype=np.int64)
    audit_path(lay, trace, initial, found)
    assert found[FAILED] == Audit.PASSED
    for _ in range(25):
        changed = trace.copy()
        place = tuple(r.randrange(n) for n in shape)
        changed[place] += r.choice((-1, 1, 1000))
        failed = [c.name for c in check_run(replace(result, trace=changed.reshape(shape[0], -1))) if not c.passed]
        audit_path(lay, changed, initial, found)
        assert (found[FAILED] == Audit.PASSED) == (not failed), (place, failed)
        if failed:
            assert Audit(int(found[FAILED])).name.lower().replace("_", " ") in [
                name.replace("-", " ") for name in failed
            ]

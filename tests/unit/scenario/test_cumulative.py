"""Cumulative defaults: so many percent of the pool, by quarter of a stated life."""

from __future__ import annotations

import pytest

from abssim.collateral.expected import Collateral
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField
from abssim.scenario.assumption import TIMINGS
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import make_tape

BULLET = make_tape("USD", [100_000_000], rate=0.12, remaining_term=24, amortization=int(Amortization.INTEREST_ONLY))


@pytest.mark.parametrize("timing", TIMINGS)
def test_timing_within_the_stated_life(timing: str) -> None:
    rule = {"default": {"cumulative_pct": 6, "timing": timing, "life_months": 8}}
    scenario = Scenario.model_validate({"name": "six", "reason": "six percent", "assumptions": [rule]})
    defaults = Collateral(BULLET).project(scenario)[:, PoolField.DEFAULT]
    quarters = [defaults[2 * q : 2 * q + 2].sum() / 6_000_000 * 100 for q in range(4)]
    assert quarters == pytest.approx(TIMINGS[timing])
    assert defaults[8:].sum() == pytest.approx(0.0, abs=1e-6)


def test_defaults_the_pool_has_no_balance_for_are_counted() -> None:
    def late(percent: float) -> Scenario:
        rule = {"default": {"cumulative_pct": percent, "timing": "back"}}
        return Scenario.model_validate({"name": "late", "reason": "late", "assumptions": [rule]})

    amortizing = Collateral(make_tape("USD", [100_000_000], rate=0.12, remaining_term=24))
    defaults = amortizing.project(late(30))[:, PoolField.DEFAULT].sum()
    assert defaults < 29_000_000
    assert amortizing.unmet_defaults(late(30)) == pytest.approx(1.0 - defaults / 30_000_000)
    assert amortizing.unmet_defaults(late(3)) == 0.0

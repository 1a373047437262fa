"""Recovery assumptions: what they come to, what they exclude, and the shipped scenario of collection in stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from abssim.collateral.expected import Collateral
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField
from abssim.scenario.load import load_scenario
from abssim.scenario.recovery import Recovery
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import make_tape

ROOT = Path(__file__).resolve().parents[3]
BULLET = make_tape("CNY", [10**9], rate=0.12, remaining_term=24, amortization=int(Amortization.INTEREST_ONLY))
COLLECTION = load_scenario("baitiao-collection", ROOT / "scenarios")
GIVEN = COLLECTION.assumptions[-1].recovery


def test_rate_of_the_shipped_scenario() -> None:
    """In-house 7.2 %, agency 3 % less the 12 % of it that would come after the sale, court 0.4 %; the rest at 3.8 %."""
    assert GIVEN is not None
    collected = 0.60 * 0.12 + 0.30 * 0.10 * 0.88 + 0.05 * 0.08
    assert GIVEN.rate == pytest.approx(collected + (1.0 - collected) * 0.038)
    assert GIVEN.last == 12


def test_what_comes_is_the_rate_and_cures_save_defaults() -> None:
    pool = Collateral(BULLET)
    flows, base = (pool.project(load_scenario(name, ROOT / "scenarios")) for name in (COLLECTION.name, "baitiao"))
    assert GIVEN is not None
    assert flows[:, PoolField.RECOVERY].sum() / flows[:, PoolField.DEFAULT].sum() == pytest.approx(GIVEN.rate)
    assert flows[:, PoolField.DEFAULT].sum() < base[:, PoolField.DEFAULT].sum()


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ({"rate_pct": 20}, 0),
        ({"rate_pct": 20, "lag_months": 3}, 3),
        ({"rate_pct": 20, "curve_pct": [60, 40]}, 2),
        ({"channels": {"a": {"share_pct": 9, "rate_pct": 5, "from_month": 4, "curve_pct": [60, 40]}}}, 5),
        ({"rate_pct": 20, "lag_months": 30, "sale": {"month": 6, "price_pct": 4}}, 6),
        ({"rate_pct": 20, "lag_months": 1, "sale": {"month": 6, "price_pct": 4}}, 6),
    ],
)
def test_months_until_the_last_cash(written: dict[str, Any], last: int) -> None:
    assert Recovery.model_validate(written).last == last


def test_one_channel_for_all_is_a_collector_without_channels() -> None:
    own = {"rate_pct": 30, "curve_pct": [50, 30, 20], "commission_pct": 20, "cost_pct": 1}
    flows = []
    for recovery in (own, {"channels": {"all": {"share_pct": 100, **own}}}):
        rule = {"default": {"mdr_pct": 1}, "recovery": recovery}
        chosen = Scenario.model_validate({"name": "t", "reason": "t", "assumptions": [rule]})
        flows.append(Collateral(BULLET).project(chosen))
    assert (flows[0] == flows[1]).all()

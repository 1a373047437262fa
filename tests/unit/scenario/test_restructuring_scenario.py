"""Restructuring as it is written: the shipped scenario, schema, and what stress and policies leave of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField
from abssim.scenario.load import load_scenario
from abssim.scenario.roll import RollRates
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import make_tape

ROOT = Path(__file__).resolve().parents[3]
F = PoolField
BULLET = make_tape("CNY", [10**9], remaining_term=24, amortization=int(Amortization.SINGLE_PAYMENT))
LATE = make_tape("CNY", [10**6], remaining_term=24, amortization=int(Amortization.SINGLE_PAYMENT), days_past_due=75)
ROW = {"current": 10, "dpd_1_30": 10, "restructured": 20, "default": 50}
TERMS = {"extension_months": 3, "redefault_multiple": 2}


def scenario(**changes: Any) -> Scenario:
    rule = {"default": {"roll_rates": {"dpd_61_90": ROW}, "restructuring": TERMS}}
    return Scenario.model_validate({"name": "t", "reason": "t", "assumptions": [rule], **changes})


def test_the_shipped_scenario_is_the_prime_matrix_with_one_in_five_extended() -> None:
    extended, prime = (load_scenario(name, ROOT / "scenarios") for name in ("baitiao-extension", "baitiao"))
    rules = [chosen.assumptions[-1].default for chosen in (extended, prime)]
    assert rules[0] is not None and rules[1] is not None
    mine, base = rules[0].roll_rates, rules[1].roll_rates
    assert mine is not None and base is not None
    assert mine.matrices[0][:3] == base.matrices[0][:3] and mine.restructured == (0.2,)
    assert np.asarray(base.matrices[0][3]) - mine.matrices[0][3] == pytest.approx([0, 0, 0, 0, 0.2, 0], abs=1e-12)
    flows = [Collateral(BULLET).project(chosen) for chosen in (extended, prime)]
    assert 0.0 < flows[0][:, F.DEFAULT].sum() < flows[1][:, F.DEFAULT].sum()
    assert flows[0][:, F.RESTRUCTURED_BALANCE].max() > 0.0 and not flows[1][:, F.RESTRUCTURED_BALANCE].any()


def test_by_age_and_in_the_schema() -> None:
    rolls = RollRates.model_validate({"from_age": {0: "base", 6: {"dpd_61_90": ROW}}})
    assert rolls.restructured == (0.0, 0.2)
    assert sum(rolls.matrices[1][3]) + rolls.restructured[1] == pytest.approx(1.0)
    rows = Scenario.model_json_schema()["$defs"]["RollRates"]["anyOf"][1]["properties"]
    assert "restructured" in rows["dpd_61_90"]["properties"] and "restructured" not in rows["current"]["properties"]


def first_month(chosen: Scenario) -> list[float]:
    """Percent of who is 61-90 days past due, after a month: cured, restructured, as late as before, in default."""
    flow = Collateral(LATE).project(chosen)[0] / 1e4
    cured = flow[F.CURRENT_BALANCE] - flow[F.RESTRUCTURED_BALANCE] + flow[F.DPD_1_30_BALANCE]
    fields = (F.RESTRUCTURED_BALANCE, F.DPD_61_90_BALANCE, F.DEFAULT)
    return [round(float(each), 9) for each in (cured, *(flow[field] for field in fields))]


def test_a_multiple_of_cures_takes_from_restructuring_in_proportion() -> None:
    assert first_month(scenario()) == [20, 20, 10, 50]
    assert first_month(scenario(cure_multiple=2)) == [40, 15, 7.5, 37.5]
    assert first_month(scenario(cure_multiple=0)) == [0, 25, 12.5, 62.5]
    assert first_month(scenario(policies={"collect": {"month": 0, "cure_multiple": 2}})) == [40, 15, 7.5, 37.5]


def test_more_months_are_needed() -> None:
    assert Collateral(BULLET).months(scenario()) == 24 + 4 + 4 + 3

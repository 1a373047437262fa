"""Revolving deals of `deals/` with their own scenarios: every figure as the naive twin has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.program.compile import compile_deal
from abssim.scenario.load import load_scenario
from tests.engine.naive_compare import compare

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["jd-baitiao-2015-1", "jd-baitiao-abn-2018-1"])
def test_revolving_deal_is_as_its_twin(name: str) -> None:
    compiled = compile_deal(load_deal(ROOT / "deals" / name))
    for scenario in ("baitiao", "baitiao-stress", "severe"):
        assumed = load_scenario(scenario, ROOT / "scenarios")
        called, kept = compare(compiled, assumed), compare(compiled, assumed, calls="never")
        assert kept.periods >= called.periods
        assert all(check.passed for check in (*called.checks, *kept.checks))

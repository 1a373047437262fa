"""Correlations without a factor, and arrears that nothing moves, are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from abssim.deal.load import parse_deal
from abssim.program.compile import compile_deal
from abssim.program.notice_credit import arrears_notices, correlation_notices
from abssim.scenario.scenario import Scenario


def scenario(**more: Any) -> Scenario:
    return Scenario.model_validate({"name": "s", "reason": "test", **more})


@pytest.mark.parametrize("factor", [{"factor": {"correlation_pct": 5}}, {}])
def test_a_correlation_needs_a_factor(factor: dict[str, Any]) -> None:
    rule = {"default": {"cdr_pct": 2}, "correlation_pct": 10}
    told = list(correlation_notices(scenario(assumptions=[rule], **factor)))
    assert len(told) == (not factor) and all("correlation_pct" in line for line in told)
    assert not list(correlation_notices(scenario(assumptions=[{"default": {"cdr_pct": 2}}], **factor)))


DEAL = (Path(__file__).resolve().parents[2] / "cli" / "demo" / "deal.yaml").read_text(encoding="utf-8")


def arrears_told(text: str, **more: Any) -> list[str]:
    return list(arrears_notices(compile_deal(parse_deal(text)), scenario(**more)))


def test_arrears_that_an_expression_reads_stay_where_nothing_rolls() -> None:
    late = DEAL.replace("age: 6}", "age: 6, days_past_due: 40}")
    read = late.replace("pool.cumulative_net_loss_ratio > 0.03", "pool.dpd_30_plus_ratio > 0.03")
    assert read != late != DEAL
    (told,) = arrears_told(read, assumptions=[{"default": {"cdr_pct": 3}}])
    assert "pool loans" in told and "triggers.losses" in told and "roll_rates do" in told
    assert not arrears_told(late, assumptions=[{"default": {"cdr_pct": 3}}])
    assert not arrears_told(read.replace(", days_past_due: 40", ""), assumptions=[{"default": {"cdr_pct": 3}}])
    assert not arrears_told(read, assumptions=[{"default": {"roll_rates": "prime"}}])

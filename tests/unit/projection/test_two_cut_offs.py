"""Pools with cut-offs of their own, against a plain computation of the deal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from abssim.deal.load import load_deal, parse_deal
from abssim.errors import DealError
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.note import note_measures
from abssim.policy.policy import Policy
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.paths import PathSource
from abssim.projection.prepare import expected_flows, horizon
from abssim.projection.settings import Settings
from abssim.projection.single import run
from abssim.scenario.load import parse_scenario
from abssim.scenario.scenario import Scenario
from tests.engine.naive_compare import compare

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "two-cut-offs"
TEXT = (FOLDER / "deal.yaml").read_text(encoding="utf-8")
QUIET = Scenario(name="quiet", reason="nobody prepays, nobody defaults")


def balances(balance: float, rate: float, term: int, smm: Callable[[int], float]) -> list[float]:
    """Balance of a level-pay pool at the end of month 0, 1, ..., of which a share prepays each month."""
    growth = 1.0 + rate / 12.0
    scheduled = [(growth**term - growth**m) / (growth**term - 1.0) for m in range(term + 1)]
    survival = accumulate((1.0 - smm(m) for m in range(1, term + 1)), lambda a, b: a * b, initial=1.0)
    return [balance * part * left for part, left in zip(scheduled, survival, strict=True)]


def absolute(age: int) -> Callable[[int], float]:
    """SMM of month m at an ABS of 1.5 % for loans of this age."""
    return lambda m: 0.015 / (1.0 - 0.015 * (age + m - 1))


FIRST = balances(60e6, 0.096, 60, absolute(4))
SECOND = balances(40e6, 0.12, 72, absolute(0))


def at(series: list[float], month: int) -> float:
    return series[min(month, len(series) - 1)]


@pytest.fixture(scope="module")
def compiled() -> CompiledDeal:
    return compile_deal(load_deal(FOLDER))


@pytest.fixture(scope="module")
def scenario(compiled: CompiledDeal) -> Scenario:
    assert compiled.deal.document is not None
    return parse_scenario(compiled.deal.document.part("scenario"))


def test_the_deal_is_as_computed_by_hand(compiled: CompiledDeal, scenario: Scenario) -> None:
    result = compare(compiled, scenario)
    assert result.dates.pool_cut_offs == (("first", date(2025, 1, 1)), ("second", date(2025, 2, 1)))
    a, b, lived = 70e6, 25e6, 0.0
    pool = 100e6
    for t in range(40):
        months = [(1, 2), (1,)] if t == 0 else [(t + 2,), (t + 1,)]
        interest = sum(at(FIRST, m - 1) for m in months[0]) * 0.008 + sum(at(SECOND, m - 1) for m in months[1]) * 0.01
        opened = (at(FIRST, months[0][0] - 1), at(SECOND, months[1][0] - 1))
        fee = 0.0225 / 12.0 * (len(months[0]) * opened[0] + opened[1])
        custody = 0.0012 / 12.0 * len(months[0]) * opened[0]
        due = a * 0.03 * (28 if t == 0 else 30) / 360.0  # 20 February to 18 March
        pool = at(FIRST, months[0][-1]) + at(SECOND, months[1][-1])
        paid_a = min(a, max(0.0, a + b - pool))
        paid_b = min(b, max(0.0, a + b - paid_a - pool))
        flow, fees = result.pool_flow[t, 0] / 100.0, result.fee_flow[t, :, FeeField.ACCRUED] / 100.0
        assert flow[PoolField.INTEREST] == pytest.approx(interest, abs=0.06), t
        assert flow[PoolField.CLOSING_BALANCE] == pytest.approx(pool, abs=0.06), t
        assert fees == pytest.approx([fee, custody, 2100.0 if t == 0 else 1100.0], abs=0.06), t
        notes = result.note_flow[t] / 100.0
        assert notes[0, NoteField.ACCRUED_INTEREST] == pytest.approx(due, abs=0.06), t
        assert notes[:2, NoteField.PRINCIPAL_PAID] == pytest.approx([paid_a, paid_b], abs=0.08), t
        a, b = a - paid_a, b - paid_b
        lived += paid_a * (28 + 30 * t) / 360.0
    assert a < 0.05
    assert note_measures(result)[0].wal == pytest.approx(lived / 70e6, abs=1e-7)


def test_curves_begin_with_the_pools_own_first_month(compiled: CompiledDeal) -> None:
    """Nobody prepays in the first month of a pool, 12 % a year after it: by March only the first pool has prepaid."""
    late = {"prepayment": {"cpr_pct": "0 for 1, 12"}}
    found = run(compiled, Scenario.model_validate({"name": "late", "reason": "test", "assumptions": [late]}))
    plain = balances(60e6, 0.096, 60, lambda m: 0.0)
    prepaid = found.pool_flow[0, 1:, PoolField.PREPAYMENT] / 100.0
    assert prepaid == pytest.approx([plain[2] * (1.0 - 0.88 ** (1 / 12)), 0.0], abs=0.02)


def test_policies_go_by_the_deals_months(compiled: CompiledDeal) -> None:
    """One that stops prepayment from the deal's month 2 on: of the first pool from its third month on."""
    base = {"name": "p", "reason": "test", "assumptions": [{"prepayment": {"smm_pct": 1}}]}
    policy = Policy.model_validate({"month": 1, "prepay_multiple": 0})
    found = run(compiled, Scenario.model_validate(base | {"policies": {"hold": policy}}))
    assert (found.pool_flow[0, 1:, PoolField.PREPAYMENT] > 0).all()
    assert not found.pool_flow[1:, :, PoolField.PREPAYMENT].any()


def test_paths_collect_the_same_months() -> None:
    """Where nobody prepays or defaults, a path is the contracts: equal to what is expected, to the cent."""
    exact = compile_deal(parse_deal(TEXT.replace("rounding: none, ", "")))
    periods = horizon(exact, QUIET)
    paths = PathSource(exact, QUIET, periods, Settings(1)).block(0, 2)
    assert np.array_equal(paths.flow[1], expected_flows(exact, QUIET, periods, 1.0))


@pytest.mark.parametrize("day", ["2024-02-01", "2025-02-02"])
def test_a_cut_off_far_from_the_deals_is_refused(day: str) -> None:
    with pytest.raises(DealError, match="E178"):
        parse_deal(TEXT.replace("first: {cut_off: 2025-01-01", f"first: {{cut_off: {day}"))


def test_a_yearly_fee_on_pools_of_different_months_is_refused() -> None:
    with pytest.raises(DealError, match="E182"):
        parse_deal(TEXT.replace("of: opening.pool.balance", "of: pool.first.balance + pool.second.balance"))

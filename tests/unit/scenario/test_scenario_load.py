"""Scenario documents: overriding, rates, schema, and those that are shipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from abssim.document import parse_document
from abssim.errors import ScenarioError
from abssim.scenario.load import load_scenario, parse_scenario, scenario_names, scenario_schema
from abssim.scenario.roll import FROM, NAMED, TO, RollRates, matrix_rows
from abssim.scenario.scenario import Scenario

DATES = [date(2026, 1, 15), date(2026, 2, 15), date(2027, 1, 15)]
CUT_OFF = date(2026, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "low.yaml").write_text(
        "name: low\nreason: expected\nprepay_multiple: 3\n"
        "assumptions:\n  - {default: {cdr_pct: 1}, prepayment: {cpr_pct: 10}}\n"
        "rates: {sofr: {forward_pct: 4, shock_bps: 10}, estr: {forward_pct: 2}}\n"
        "stress: {default: 2, recovery: 0.5}\n"
    )
    (tmp_path / "mid.yaml").write_text(
        "name: mid\nreason: worse\nbase: low\ndefault_multiple: 2\n"
        "assumptions:\n  - {default: {cdr_pct: 3}}\nrates: {sofr: {shock_bps: 200}}\nstress: {recovery: 0.25}\n"
    )
    (tmp_path / "high.yaml").write_text("name: high\nreason: worst\nbase: mid\nprepay_multiple: 0\n")
    return tmp_path


def test_overrides_follow_their_base(folder: Path) -> None:
    high = load_scenario("high", folder)
    assert (high.name, high.reason, high.base) == ("high", "worst", "mid")
    assert (high.default_multiple, high.prepay_multiple) == (2.0, 0.0)
    assert [rule.default.curve.values for rule in high.assumptions if rule.default] == [(1.0,), (3.0,)]
    assert high.stress.default is not None and high.stress.default.values == (2.0,)
    assert high.stress.recovery is not None and high.stress.recovery.values == (0.25,)


def test_base_deal_stands_for_the_scenario_of_the_deal(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\nreason: expected\nprepay_multiple: 3\n")
    (tmp_path / "worse.yaml").write_text("name: worse\nreason: twice\nbase: deal\ndefault_multiple: 2\n")
    own = Scenario.model_validate({"name": "own", "reason": "the deal's", "prepay_multiple": 5})
    on_deal, alone = load_scenario("worse", tmp_path, own), load_scenario("worse", tmp_path)
    assert (on_deal.prepay_multiple, on_deal.default_multiple) == (5.0, 2.0)
    assert (alone.prepay_multiple, alone.default_multiple) == (3.0, 2.0)
    assert not on_deal.has_defaults


def test_rates_keep_their_forward_under_a_shock(folder: Path) -> None:
    mid = load_scenario(folder / "mid.yaml")
    assert mid.index_rates("sofr", DATES, CUT_OFF) == pytest.approx([0.06] * 3)
    assert mid.index_rates("estr", DATES, CUT_OFF) == pytest.approx([0.02] * 3)


def test_rates_of_the_deal_and_shocks_for_all() -> None:
    up = Scenario.model_validate(
        {"name": "up", "reason": "x", "rates": {"all": {"shock_bps": 200}, "b": {"shock_bps": 0}}}
    )
    assert up.index_rates("a", DATES, CUT_OFF, 4.3) == pytest.approx([0.063] * 3)
    assert up.index_rates("b", DATES, CUT_OFF, 4.3) == pytest.approx([0.043] * 3)


def test_zero_is_a_forward() -> None:
    flat = Scenario.model_validate({"name": "flat", "reason": "x", "rates": {"a": {"forward_pct": 0}}})
    assert flat.index_rates("a", DATES, CUT_OFF, 4.3) == pytest.approx([0.0] * 3)


@pytest.mark.parametrize(
    ("forward", "rates"),
    [
        ({date(2026, 2, 1): 3.0, date(2026, 6, 1): 5.0}, [3.0, 3.0, 5.0]),
        ("1, 2 for 5, 9", [1.0, 2.0, 9.0]),
    ],
)
def test_forwards_by_date_and_by_month(forward: object, rates: list[float]) -> None:
    scenario = Scenario.model_validate({"name": "x", "reason": "x", "rates": {"a": {"forward_pct": forward}}})
    assert scenario.index_rates("a", DATES, CUT_OFF) * 100 == pytest.approx(rates)


@pytest.mark.parametrize("cut_off", [date(2025, 12, 31), CUT_OFF, date(2026, 1, 10)])
def test_month_one_of_a_forward_is_the_first_month_of_the_projection(cut_off: date) -> None:
    scenario = Scenario.model_validate({"name": "x", "reason": "x", "rates": {"a": {"forward_pct": [1, 2, 3, 4]}}})
    starts = [date(2026, month, 15) for month in (1, 2, 3, 4, 5)]
    assert scenario.index_rates("a", starts, cut_off) * 100 == pytest.approx([1.0, 2.0, 3.0, 4.0, 4.0])


def test_a_scenario_inside_a_deal(folder: Path) -> None:
    text = "name: deal\nscenario:\n  name: own\n  reason: inline\n  base: low\n  default_multiple: 9\n"
    deal = parse_document(text, folder / "deal.yaml", ScenarioError, "E1")
    own = parse_scenario(deal.part("scenario"), folder)
    assert own.default_multiple == 9.0 and len(own.assumptions) == 1
    broken = parse_document(text.replace("default_multiple: 9", "default_multiple: x"), "d.yaml", ScenarioError, "E1")
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(broken.part("scenario"), folder)
    (problem,) = caught.value.problems
    assert (problem.where, problem.path, problem.code) == ("d.yaml:6", "scenario.default_multiple", "E309")


@pytest.mark.parametrize("name", scenario_names(Path(__file__).resolve().parents[3] / "scenarios"))
def test_shipped_scenarios_load_and_give_their_reason(name: str, root: Path) -> None:
    scenario = load_scenario(name, root / "scenarios")
    assert scenario.name == name and len(scenario.reason) > 40


def test_named_matrices_are_complete() -> None:
    for name in NAMED:
        rows = matrix_rows(name)
        assert len(rows) == len(FROM)
        assert all(len(row) == len(TO) and sum(row) == pytest.approx(1.0) and min(row) >= 0.0 for row in rows)


def test_roll_rates_by_seasoning() -> None:
    rolls = RollRates.model_validate({"from_age": {7: "base", 0: {"current": {"dpd_1_30": 1}}}})
    assert rolls.ages == (0, 7)
    assert rolls.matrices[0][0] == pytest.approx((0.99, 0.01, 0, 0, 0, 0))
    assert rolls.matrices[0][3] == (0, 0, 0, 1, 0, 0)


def test_schema_describes_every_field() -> None:
    schema = scenario_schema()
    fields = schema["properties"] | schema["$defs"]["Rule"]["properties"] | schema["$defs"]["Recovery"]["properties"]
    assert all("description" in field for field in fields.values())
    assert schema["additionalProperties"] is False

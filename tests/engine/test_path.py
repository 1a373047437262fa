"""The deal kernel on deals worked by hand, on shipped deals and the five priorities of payment, against its twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.document import read_document
from abssim.errors import DealError
from abssim.kind.clock import ClockField
from abssim.kind.pool import PoolField
from abssim.kind.step import StepField
from abssim.kind.table import KINDS
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import load_scenario, parse_scenario
from abssim.scenario.scenario import Scenario
from tests.engine.naive_compare import compare

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
WORKED = sorted(path.parent for path in CASES.glob("*/expected.yaml"))
PRIORITIES = sorted((CASES / "waterfalls").glob("*.yaml"))
SHIPPED = [ROOT / "deals" / name for name in ("honda-2009-1", "carmax-2025-2", "template", "card-trust")]
QUIET = Scenario(name="quiet", reason="nobody prepays, nobody defaults")


def figure(result: RunResult, name: str) -> list[float]:
    """A figure of a result by its observable's name, one a date, as stored."""
    kind, item, field = ([*name.split(".", 2), ""] if name.count(".") == 1 else name.split(".", 2))[:3]
    names = result.names
    if kind == "pool":
        return result.pool_flow[:, 0, PoolField[item.upper()]].tolist()
    if kind == "clock":
        return result.clock[:, ClockField[item.upper()]].tolist()
    if kind == "step":
        steps = [step.name.replace(" ", "_") for step in result.steps_terms]
        if field.startswith("from."):
            return result.draw_flow[:, steps.index(item), names["account"].index(field[5:])].tolist()
        return result.step_flow[:, steps.index(item), StepField[field.upper()]].tolist()
    return result.flow(kind)[:, names[kind].index(item), KINDS[kind].enum[field.upper()]].tolist()


@pytest.mark.parametrize("folder", WORKED, ids=lambda folder: folder.name)
def test_deal_worked_by_hand(folder: Path) -> None:
    deal = load_deal(folder)
    own = isinstance(deal.scenario, dict) and deal.document is not None
    result = compare(compile_deal(deal), parse_scenario(deal.document.part("scenario")) if own else QUIET)
    expected = read_document(folder / "expected.yaml", DealError, "E1").data
    for name, amounts in expected.items():
        scale = 1 if name.startswith(("clock.", "trigger.")) else 100
        found = figure(result, name)
        assert found[: len(amounts)] == [round(amount * scale) for amount in amounts], f"{name}: {found}"
        assert len(found) == len(amounts), name


@pytest.mark.parametrize("file", PRIORITIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("scenario", ["base", "severe", "rates-up-200"])
def test_priority_of_payments_is_as_its_twin(file: Path, scenario: str) -> None:
    compiled = compile_deal(load_deal(file))
    assumed = load_scenario(scenario, ROOT / "scenarios")
    called = compare(compiled, assumed)
    kept = compare(compiled, assumed, calls="never")
    assert all(check.passed for check in (*called.checks, *kept.checks))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
@pytest.mark.parametrize("scenario", ["base", "severe"])
def test_shipped_deal_is_as_its_twin(folder: Path, scenario: str) -> None:
    assumed = load_scenario(scenario, ROOT / "scenarios")
    compare(compile_deal(load_deal(folder)), assumed)


def test_calls_can_be_left_out() -> None:
    compiled = compile_deal(load_deal(CASES / "clean-up-call"))
    assert not figure(run(compiled, QUIET, calls="never"), "clock.called")[-1]

"""Why steps paid: conditions with the values they were judged by, against what the waterfall did."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim import load_deal, run
from abssim.deal.load import parse_deal
from abssim.kind.step import StepField
from abssim.kind.trigger import TriggerField
from abssim.measure.reason import Known, known, reason
from abssim.measure.waterfall import steps_in_force
from abssim.report.explanation import payment_date_document
from abssim.result import RunResult

TEMPLATE = Path("deals/template/deal.yaml")


@pytest.fixture(scope="module")
def stressed() -> RunResult:
    """The template at three times its defaults: the trigger on losses fires on the way."""
    deal = load_deal("template")
    return run(deal.with_({"scenario": {**deal.scenario, "default_multiple": 3}}))  # type: ignore[dict-item]


def step_of(result: RunResult, name: str) -> int:
    return [step.name for step in result.steps_terms].index(name)


def test_a_step_without_a_condition_has_no_reason(stressed: RunResult) -> None:
    assert reason(stressed, 0, step_of(stressed, "A interest")) is None


def test_a_condition_on_a_trigger_holds_from_the_date_on_which_it_is_active(stressed: RunResult) -> None:
    step = step_of(stressed, "turbo")
    active = stressed.trigger_flow[:, 0, TriggerField.ACTIVE]
    assert 0 < active.sum() < stressed.periods
    for t in range(stressed.periods):
        found = reason(stressed, t, step)
        assert found is not None
        assert (found.condition, found.held) == ("trigger.losses", bool(active[t]))
        assert found.known == (Known("trigger.losses", "flag", float(active[t])),)
        assert found.held or not stressed.step_flow[t, step, StepField.DUE]


def test_called_or_final_holds_on_the_last_date_alone(stressed: RunResult) -> None:
    step = step_of(stressed, "reserve release")
    held = [reason(stressed, t, step).held for t in range(stressed.periods)]  # type: ignore[union-attr]
    assert held == [False] * (stressed.periods - 1) + [True]


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("period > 3", [False, False, False, True, True]),
        ("period <= 2 or final", [True, True, False, False, False]),
        ("not (regime.amortization and months >= 1)", [False] * 5),
        ("early", [True, True, False, False, False]),
        ("twice > 2.5", [False, True, True, True, True]),
        ("note.A.balance > 1000", [None] * 5),
        ("note.A.balance > 1000 and period > 2", [False, False, None, None, None]),
        ("note.A.balance > 1000 or early", [True, True, None, None, None]),
        ("much > 5", [None] * 5),
    ],
)
def test_what_is_told_of_a_condition_is_what_the_waterfall_did(condition: str, held: list[bool | None]) -> None:
    """`residual` books an amount on a ledger under the condition, so that a step shows whether it held."""
    text = TEMPLATE.read_text(encoding="utf-8")
    text += '\ndefinitions: {early: "period < 3", twice: "2 * period", much: "notes.balance"}\nledgers: {seen: {}}\n'
    step = f'    - {{name: seen, rule: book, payees: [seen], amount: 7, when: "{condition}"}}\n'
    text = text.replace("  amortization:\n", f"  amortization:\n{step}", 1)
    result = run(parse_deal(text, TEMPLATE))
    step_number = step_of(result, "seen")
    told = [reason(result, t, step_number).held for t in range(5)]  # type: ignore[union-attr]
    assert told == held
    did = [bool(result.step_flow[t, step_number, StepField.DUE]) for t in range(5)]
    assert all(each is None or each == paid for each, paid in zip(told, did, strict=True))


def test_definitions_have_their_dimension() -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    share = "notes.balance / pool.initial_balance"
    text += f'\ndefinitions: {{half: "0.5 * notes.balance", share: "{share}", on: "period > 1"}}\n'
    result = run(parse_deal(text, TEMPLATE))
    assert [known(result, 1, name).dimension for name in ("half", "share", "on")] == ["amount", "number", "flag"]
    document = payment_date_document(result, 1)
    half = sum(note["opening_balance"] for note in payment_date_document(result, 1)["notes"]) / 2
    assert document["definitions"]["half"] == pytest.approx(half, abs=0.01)
    assert document["definitions"]["on"] is True


def test_an_end_trigger_is_not_told_by_what_it_became() -> None:
    """It is judged after the steps have paid: the run keeps its status at the end of the date."""
    text = TEMPLATE.read_text(encoding="utf-8").replace('ratio > 0.06"}', 'ratio > 0.06", test: end}')
    result = run(parse_deal(text, TEMPLATE))
    found = reason(result, 3, step_of(result, "turbo"))
    assert found is not None and found.held is None and found.known[0].value is None


def test_the_document_of_a_date_has_triggers_ledgers_and_conditions(stressed: RunResult) -> None:
    t = int(stressed.trigger_flow[:, 0, TriggerField.ACTIVE].argmax())
    document = payment_date_document(stressed, t)
    (trigger,) = document["triggers"]
    assert (trigger["trigger"], trigger["status"], trigger["threshold"]) == ("losses", "active", 0.06)
    assert trigger["cushion"] == pytest.approx(0.06 - trigger["actual"], abs=1e-9)
    conditions = {step["step"]: step.get("condition") for step in document["steps"]}
    assert conditions["turbo"] == {"when": "trigger.losses", "values": {"trigger.losses": True}, "held": True}
    assert conditions["A interest"] is None
    assert document["ledgers"] == []
    assert len(document["steps"]) == len(steps_in_force(stressed, t))

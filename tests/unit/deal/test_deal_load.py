"""Loading: five priorities of payment on paper, the schema, what a deal remembers of its document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from abssim.deal.deal import Deal
from abssim.deal.load import deal_schema, load_deal, parse_deal
from abssim.deal.payee import leaves
from abssim.errors import DealError

CASES = Path(__file__).resolve().parents[2] / "cases" / "waterfalls"
FIVE = ("carmax-style", "uk-pdl", "china-split", "card-trust", "switch")


@pytest.mark.parametrize("name", FIVE)
def test_five_priorities_of_payment_can_be_written(name: str) -> None:
    deal = load_deal(CASES / f"{name}.yaml")
    assert deal.file == CASES / f"{name}.yaml"
    assert deal.folder == CASES
    assert deal.waterfalls["amortization"]


def test_every_rule_and_modifier_is_used_in_the_five() -> None:
    steps = [s for name in FIVE for w in load_deal(CASES / f"{name}.yaml").waterfalls.values() for s in w]
    assert {step.rule for step in steps} == {
        *("pay_due", "pay_amount", "pay_down_to", "pay_in_full", "top_up", "book", "pay_remainder", "carry")
    }
    used = {field for step in steps for field in step.model_fields_set if getattr(step, field)}
    assert used >= {"order", "cap", "caps", "when", "support", "books", "into", "target", "amount"}


def test_payees_may_be_nested() -> None:
    step = load_deal(CASES / "carmax-style.yaml").waterfalls["amortization"][4]
    assert step.payees == ("A1", ("A2a", "A2b"), "A3", "A4")
    assert [(leaf.text, leaf.path) for leaf in leaves(step.payees)][1] == ("A2a", (1, 0))


def test_a_folder_is_its_deal_yaml(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text((CASES / "switch.yaml").read_text())
    assert load_deal(tmp_path).folder == tmp_path
    assert load_deal(tmp_path).canonical() == load_deal(CASES / "switch.yaml").canonical()


def test_a_deal_is_frozen_and_knows_its_lines() -> None:
    deal = load_deal(CASES / "switch.yaml")
    with pytest.raises(ValidationError):
        deal.name = "other"  # type: ignore[misc]
    problem = deal.problem("E400", ("notes", "IO"), "for example")
    line = next(i for i, text in enumerate((CASES / "switch.yaml").read_text().splitlines(), 1) if "IO: {" in text)
    assert problem.where == f"{CASES / 'switch.yaml'}:{line}"


def test_canonical_form_ignores_layout_and_comments() -> None:
    text = (CASES / "switch.yaml").read_text()
    deal = parse_deal(text)
    assert deal.canonical() == parse_deal("# a comment\n" + text.replace("425_000_000", "425000000.0")).canonical()
    assert deal.canonical() != parse_deal(text.replace("425_000_000", "425_000_001")).canonical()
    assert Deal.model_validate_json(deal.canonical()).canonical() == deal.canonical()


def test_schema_describes_every_field() -> None:
    schema = deal_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["properties"]["pools"]["description"]
    undescribed = [
        f"{name}.{field}"
        for name, part in {**schema["$defs"], "Deal": schema}.items()
        for field, about in part.get("properties", {}).items()
        if "description" not in about
    ]
    assert undescribed == []


def test_models_do_not_compute() -> None:
    """Parts are data: no methods beside those of pydantic (the deal itself knows its document)."""

    def parts(model: type[BaseModel]) -> list[type[BaseModel]]:
        return [model, *(each for below in model.__subclasses__() for each in parts(below))]

    from abssim.deal.base import Part

    own: dict[str, Any] = {
        f"{part.__name__}.{name}": value
        for part in parts(Part)
        if part is not Deal and part.__module__.startswith("abssim.deal")
        for name, value in vars(part).items()
        if not name.startswith(("_", "model_")) and callable(value)
    }
    assert own == {}


def test_long_chains_of_definitions() -> None:
    """A chain as long as a document may have, and one that is longer."""
    text = (CASES / "switch.yaml").read_text()
    for count, problems in ((290, 0), (400, 1)):
        chain = "".join(f'  d{i}: "d{i + 1} + 1"\n' for i in range(count)) + f'  d{count}: "pool.balance"\n'
        try:
            parse_deal(text.replace("definitions:\n", "definitions:\n" + chain))
            found = 0
        except DealError as error:
            found = len(error.problems)
        assert found == problems


LINES = (CASES / "switch.yaml").read_text().splitlines()
JUNK = st.sampled_from(["", "x", "-1", "[]", "{}", "null", "1e30", "note.A", "pay_due", "[A, [A]]", "true"])


@settings(max_examples=60)
@given(st.data())
def test_any_spoiled_document_is_a_deal_or_a_deal_error(data: st.DataObject) -> None:
    """One value of a sound document is replaced, or one line dropped or doubled."""
    number = data.draw(st.integers(2, len(LINES) - 1))
    spots = [m.span(1) for m in re.finditer(r": ([^,{}\[\]]+)", LINES[number])]
    line = LINES[number]
    if spots:
        first, last = data.draw(st.sampled_from(spots))
        line = line[:first] + data.draw(JUNK) + line[last:]
    kept = data.draw(st.sampled_from([[line], [], [LINES[number]] * 2]))
    try:
        parse_deal("\n".join([*LINES[:number], *kept, *LINES[number + 1 :]]))
    except DealError as error:
        assert error.problems
        assert all(problem.code.startswith("E1") and problem.where for problem in error.problems)


def test_other_names_of_day_counts_are_told() -> None:
    """What is accepted stands in the list of what is: `act/act-isda` is `act/act`."""
    text = (CASES.parent / "invalid" / "E109-day-count-known.yaml").read_text(encoding="utf-8")
    with pytest.raises(DealError) as caught:
        parse_deal(text)
    assert "act/act-isda (act/act)" in str(caught.value) and "12x30" in str(caught.value)
    assert parse_deal(text.replace("monthly", "Actual/Actual ISDA")).notes["A"].day_count == "act/act"

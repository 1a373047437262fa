"""Numbers of documents are written as numbers: a flag or a text of digits is not taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

import abssim.policy.policy
import abssim.reading
import abssim.scenario.scenario  # noqa: F401
from abssim.deal.deal import Deal
from abssim.errors import AbssimError
from abssim.part import Part, _kinds
from abssim.scenario.load import load_scenario


def models(model: type[Part]) -> Iterator[type[Part]]:
    yield model
    for each in model.__subclasses__():
        yield from models(each)


NUMBERS = [
    (model, field.alias or name)
    for model in dict.fromkeys(models(Part))
    for name, field in model.model_fields.items()
    if _kinds(model, name) & {int, float} and not _kinds(model, name) & {bool, str, object}
]


def test_the_fields_of_numbers_are_found() -> None:
    names = {f"{model.__name__}.{field}" for model, field in NUMBERS}
    assert {"Scenario.default_multiple", "Policy.months", "Factor.persistence", "Note.balance"} <= names
    assert Deal in models(Part) and len(NUMBERS) > 100


@pytest.mark.parametrize(("model", "field"), NUMBERS, ids=lambda each: getattr(each, "__name__", each))
@pytest.mark.parametrize("written", [True, "3"])
def test_neither_a_flag_nor_a_text_is_a_number(model: type[Part], field: str, written: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({field: written})
    told = {error["loc"][0]: error["type"] for error in caught.value.errors() if error["loc"]}
    assert field in told and told[field] != "missing"


@pytest.mark.parametrize(
    "part",
    [
        {"assumptions": [{"where": {"rate": {"min": "0.1"}}, "default": {"cdr_pct": 3}}]},
        {"assumptions": [{"where": {"rate": {"min": True}}, "default": {"cdr_pct": 3}}]},
        {"rates": {"all": {"forward_pct": {"2026-01-01": "4"}}}},
        {"rates": {"all": {"forward_pct": True}}},
        {"assumptions": [{"default": {"roll_rates": {"current": {"dpd_1_30": "2", "prepaid": 1}}}}]},
        {"assumptions": [{"default": {"roll_rates": {"current": {"dpd_1_30": True, "prepaid": 1}}}}]},
        {"assumptions": [{"default": {"roll_rates": {"from_age": {0: "base", True: "prime"}}}}]},
    ],
)
def test_nor_where_a_date_or_a_curve_could_stand(part: dict[str, Any]) -> None:
    with pytest.raises(AbssimError):
        load_scenario({"name": "x", "reason": "y", "base": "base", **part})


def test_the_message_says_what_was_written() -> None:
    with pytest.raises(AbssimError) as caught:
        load_scenario({"name": "x", "reason": "y", "base": "base", "default_multiple": True, "cure_multiple": "3"})
    told = [(problem.code, problem.message) for problem in caught.value.problems]
    assert told == [("E309", "must be a number, not yes"), ("E309", 'must be a number, not "3"')]

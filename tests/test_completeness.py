"""Nothing the language offers goes without a case: what is added to the code must be added here or the suite fails.

Cases are the documents of `deals`, `scenarios` and `tests/cases`, and the tests themselves. Observables are compared
with the state one by one in `tests/unit/program/test_observable_values.py`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from abssim.deal.base import REGIMES
from abssim.deal.deal import Deal
from abssim.deal.expression import FUNCTIONS
from abssim.deal.load import load_deal
from abssim.deal.observable import observables
from abssim.deal.waterfall import RuleName
from abssim.engine.layout import Amortization
from abssim.scenario.assumption import TIMINGS, Default, Prepayment
from abssim.scenario.recovery import Recovery
from abssim.scenario.roll import NAMED
from abssim.scenario.scenario import Scenario
from abssim.tape.recipe import RECIPES

ROOT = Path(__file__).resolve().parents[1]
INVALID = ROOT / "tests" / "cases" / "invalid"
DEALS = sorted(folder.parent.name for folder in (ROOT / "deals").glob("*/deal.yaml"))
PACKAGES = ("calibrate", "cli", "deal", "program", "scenario", "tape")
"""Those with a `codes.py`."""


@cache
def documents() -> str:
    """Every valid document, as text without comments."""
    files = [*(ROOT / "deals").rglob("*.yaml"), *(ROOT / "scenarios").glob("*.yaml")]
    files += [file for file in (ROOT / "tests" / "cases").rglob("*.yaml") if INVALID not in file.parents]
    return "\n".join(re.sub(r"#.*", "", file.read_text(encoding="utf-8")) for file in files)


@cache
def code_of_tests() -> str:
    """Every test, this one left out."""
    files = [file for file in (ROOT / "tests").rglob("*.py") if file != Path(__file__)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def has_case(word: str) -> bool:
    """The word stands in a document or a test."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", documents() + code_of_tests()) is not None


def fields(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[tuple[str, str, Any]]:
    """(model, name in the document, type) of every field of a document, all the way down."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield model.__name__, field.alias or name, field.annotation
        for part in parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from fields(part, seen)


def parts(annotation: Any) -> Iterator[Any]:
    """A type and all it is made of."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from parts(inner)


FIELDS = [(owner, name) for model in (Deal, Scenario) for owner, name, _ in fields(model) if owner != "RollRates"]
"""Roll rates are written as a name, as rows or by age, not by the names of their model."""
WORDS = sorted(
    {
        str(word)
        for model in (Deal, Scenario)
        for _, _, annotation in fields(model)
        for part in parts(annotation)
        if get_origin(part) is Literal
        for word in get_args(part)
    }
)


@pytest.mark.parametrize("name", [member.name for member in Amortization])
def test_amortization_type(name: str) -> None:
    assert has_case(name) or has_case(name.lower())


@pytest.mark.parametrize("rule", get_args(RuleName))
def test_step_rule(rule: str) -> None:
    assert re.search(rf"rule: {rule}\b", documents())


@pytest.mark.parametrize("regime", REGIMES)
def test_regime(regime: str) -> None:
    assert re.search(rf"^  {regime}:", documents(), flags=re.MULTILINE)


@pytest.mark.parametrize("kind", [*Prepayment.model_fields, *Default.model_fields, *Recovery.model_fields])
def test_curve_kind(kind: str) -> None:
    assert has_case(kind)


@pytest.mark.parametrize("name", [*TIMINGS, *NAMED, *RECIPES, *FUNCTIONS])
def test_named_curve_matrix_recipe_or_function(name: str) -> None:
    assert has_case(name)


@pytest.mark.parametrize(("owner", "name"), FIELDS, ids=lambda value: value)
def test_field_of_a_document(owner: str, name: str) -> None:
    written = re.search(rf"(?<!\w){name}\"?\s*:", documents() + code_of_tests()) is not None
    assert written, f"{owner}.{name} stands in no document or test"


@pytest.mark.parametrize("word", WORDS)
def test_word_of_a_document(word: str) -> None:
    assert has_case(word)


def test_observables() -> None:
    """One deal has them all but those of a trust with series, which another has."""
    cases = [load_deal(ROOT / "tests" / "cases" / name) for name in ("observables.yaml", "two-series")]
    names = "\n".join(row.name for case in cases for row in observables(case))
    patterns = {row.name: re.sub(r"\b[A-Z]+\b", r"\\w+", re.escape(row.name)) for row in observables()}
    missing = [name for name, pattern in patterns.items() if not re.search(f"^{pattern}$", names, flags=re.MULTILINE)]
    assert missing == ["schedule.NAME"]
    assert has_case("schedule.limit")


def codes() -> dict[str, str]:
    """Every error code with its meaning."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        found |= importlib.import_module(f"abssim.{package}.codes").CODES
    return found


def test_every_package_with_codes_is_looked_at() -> None:
    assert sorted(file.parent.name for file in (ROOT / "abssim").glob("*/codes.py")) == sorted(PACKAGES)
    raised = {code for file in (ROOT / "abssim").rglob("*.py") for code in re.findall(r'"(E\d{3})"', file.read_text())}
    assert raised <= codes().keys()


@pytest.mark.parametrize("code", sorted(codes()))
def test_error_code(code: str) -> None:
    """A broken input in `tests/cases/invalid`; a broken command or path in a test that expects the code."""
    expected = f'"{code}"' in code_of_tests()
    assert expected or any(file.name.startswith(code) for file in INVALID.iterdir())


@pytest.mark.parametrize("deal", DEALS)
def test_deal(deal: str) -> None:
    assert has_case(deal)
    told = (ROOT / "deals" / deal / "README.md").read_text(encoding="utf-8")
    assert "abssim run" in told


@pytest.mark.parametrize("scenario", sorted(file.stem for file in (ROOT / "scenarios").glob("*.yaml")))
def test_scenario(scenario: str) -> None:
    assert has_case(scenario)

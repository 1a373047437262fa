"""Nothing the language offers goes without a case: what is added to the code must be added here or the suite fails.

Cases are the documents that tests run (`deals`, `scenarios`, and those below `tests`), and the code of the tests;
neither comments nor docstrings count, and a word counts only as the value of its own field. That every field of a
document is read and acts is shown in `tests/effect`; observables are compared with the state one by one in
`tests/unit/program/test_observable_values.py`.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from abssim.deal.base import REGIMES
from abssim.deal.deal import Deal
from abssim.deal.expression import FUNCTIONS
from abssim.deal.load import load_deal
from abssim.deal.observable import observables
from abssim.engine.layout import Amortization
from abssim.scenario.assumption import Default, Prepayment
from abssim.scenario.recovery import Recovery
from abssim.scenario.roll import NAMED
from abssim.scenario.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
INVALID = ROOT / "tests" / "cases" / "invalid"
DEALS = sorted(folder.parent.name for folder in (ROOT / "deals").glob("*/deal.yaml"))
PACKAGES = ("calibrate", "cli", "deal", "disclosure", "policy", "program", "scenario", "study", "tape", "valuation")
"""Those with a `codes.py`."""


@cache
def documents() -> str:
    """Every valid document, as text without comments."""
    files = [file for folder in ("deals", "scenarios", "tests") for file in (ROOT / folder).rglob("*.yaml")]
    valid = [file for file in files if INVALID not in file.parents]
    return "\n".join(re.sub(r"#.*", "", file.read_text(encoding="utf-8")) for file in valid)


@cache
def statements() -> tuple[frozenset[str], ...]:
    """The names and texts of each statement at the top of a test's module, this one and all docstrings left out."""
    files = [file for file in (ROOT / "tests").rglob("*.py") if file != Path(__file__)]
    return tuple(frozenset(words(node)) for file in files for node in ast.parse(file.read_text(encoding="utf-8")).body)


def words(node: ast.AST) -> Iterator[str]:
    """Names and constants of a statement, its docstrings left out."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.keyword | ast.arg) and node.arg:
        yield node.arg
    elif isinstance(node, ast.Name | ast.Attribute):
        yield node.id if isinstance(node, ast.Name) else node.attr
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from words(child)


@cache
def texts() -> str:
    """Every text of a test: parts of documents are among them."""
    return "\n".join(text for statement in statements() for text in statement)


def has_value(name: str, word: str) -> bool:
    """The field has this value, or one that contains it, in a document; or one statement of a test has both words."""
    pattern = rf"""(?<![\w]){name}["']?: *(?:\[[^]\n]*|{{[^}}\n]*)?["']?{re.escape(word)}(?![\w/])"""
    found = re.search(pattern, documents()) or re.search(pattern, texts())
    return found is not None or any({name, word} <= statement for statement in statements())


def has_text(word: str) -> bool:
    """The word stands in a text of a test."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", texts()) is not None


def fields(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[tuple[str, str, FieldInfo]]:
    """(model, name in the document, field) of every field of a document, all the way down."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield model.__name__, field.alias or name, field
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
        (name, str(word))
        for model in (Deal, Scenario)
        for _, name, field in fields(model)
        for part in parts(field.annotation)
        if get_origin(part) is Literal and name != "waterfalls"
        for word in get_args(part)
        if word != field.default
    }
)
"""(field, word); a word that holds where nothing is written is that of every document without it."""
AMORTIZATIONS = [member.name.lower() for member in Amortization]
CURVES = [*Prepayment.model_fields, *Default.model_fields, *Recovery.model_fields]


@pytest.mark.parametrize("name", AMORTIZATIONS)
def test_amortization_type(name: str) -> None:
    assert has_value("amortization", name)


@pytest.mark.parametrize("regime", REGIMES)
def test_regime(regime: str) -> None:
    assert re.search(rf"^  {regime}:", documents(), flags=re.MULTILINE)


@pytest.mark.parametrize("kind", CURVES)
def test_curve_kind(kind: str) -> None:
    assert re.search(rf"(?<!\w){kind}: *[^ ]", documents())


@pytest.mark.parametrize("matrix", NAMED)
def test_named_matrix(matrix: str) -> None:
    assert has_value("roll_rates", matrix)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_of_expressions(function: str) -> None:
    """In an expression of a document, or of a text in a test."""
    assert re.search(rf"(?<![\w.]){function}\(", documents() + texts())


@pytest.mark.parametrize(("field", "word"), WORDS, ids=str)
def test_word_of_a_document(field: str, word: str) -> None:
    assert has_value(field, word)


def test_observables() -> None:
    """One deal has them all but those of a trust with series, which another has."""
    cases = [load_deal(ROOT / "tests" / "cases" / name) for name in ("observables.yaml", "two-series")]
    names = "\n".join(row.name for case in cases for row in observables(case))
    patterns = {row.name: re.sub(r"\b[A-Z]+\b", r"\\w+", re.escape(row.name)) for row in observables()}
    missing = [name for name, pattern in patterns.items() if not re.search(f"^{pattern}$", names, flags=re.MULTILINE)]
    assert missing == ["schedule.NAME"]
    assert "schedule.limit" in documents()


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
    assert has_text(code) or any(file.name.startswith(code) for file in INVALID.iterdir())


@pytest.mark.parametrize("deal", DEALS)
def test_deal(deal: str) -> None:
    assert has_text(deal)
    told = (ROOT / "deals" / deal / "README.md").read_text(encoding="utf-8")
    assert "abssim run" in told


@pytest.mark.parametrize("scenario", sorted(file.stem for file in (ROOT / "scenarios").glob("*.yaml")))
def test_scenario(scenario: str) -> None:
    assert has_text(scenario)

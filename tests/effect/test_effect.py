"""Nothing that is written is without effect and without a word.

Every field of every document is found in the documents of `deals`, `scenarios` and `tests/cases` (or in
`fragments.yaml`, merged into `deal.yaml`), changed or taken out there, and the deal is run again: the result must
differ, or a notice must, or every change must be refused. A new field that nothing reads fails here by its own name.
"""

from __future__ import annotations

import copy
import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from ruamel.yaml import YAML

from abssim import simulate
from abssim.deal.deal import Deal
from abssim.deal.load import deal_of
from abssim.disclosure.disclose import disclose
from abssim.document import Document
from abssim.errors import AbssimError, DealError, DisclosureError, ScenarioError
from abssim.part import Part
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import Origin
from abssim.scenario.load import parse_scenario
from abssim.scenario.scenario import Scenario
from abssim.study.scenarios import base_scenario
from abssim.template.load import load_template, template_names
from tests.test_completeness import FIELDS, ROOT

HERE = Path(__file__).parent
LEFT_OUT = {("Deal", "description"), ("Scenario", "base"), ("Curve", "values")}
"""Words for readers; the name of the document below, whose figures are merged before anything is read; what is never
written by its name."""
MONTH = re.compile(r"\d{4}-\d{2}")
MOST = 40
"""Documents tried for a field."""
WORDS_OF = dict[tuple[str, str], list[tuple["Case", tuple[Any, ...], Any]]]


class Case:
    """A deal and its scenario as plain data; `root` is where the document that is changed stands in it."""

    def __init__(self, file: Path, deal: dict[str, Any], scenario: dict[str, Any] | None = None) -> None:
        self.file, self.deal, self.scenario = file, deal, scenario

    def outcome(self, drawn: bool = False) -> bytes | None:
        """A hash of all that comes out of a run, or of a simulation; None if the documents are refused."""
        try:
            deal = deal_of(Document(self.file, copy.deepcopy(self.deal), {(): 1}, DealError, "E1"))
            scenario = base_scenario(deal)
            if self.scenario is not None:
                document = Document(self.file, copy.deepcopy(self.scenario), {(): 1}, ScenarioError, "E3")
                scenario = parse_scenario(document, deal=scenario)
            compiled = compile_deal(deal)
            if deal.parties or deal.disclosure:
                return reported(deal) + digest(run(compiled, scenario))
            if drawn:
                return digest(simulate(compiled, scenario, paths=16, seed=1, vintage_loans=30, threads=1))
            return digest(run(compiled, scenario))
        except AbssimError:
            return None


def digest(result: Origin) -> bytes:
    """sha256 of every figure and word of a result, what identifies its inputs left out."""
    found = hashlib.sha256()
    for field in fields(result):
        value = getattr(result, field.name)
        if field.name not in ("fingerprint", "versions"):
            found.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
            for terms in value if field.name == "notes_terms" else ():
                found.update(terms.coupon_rates.tobytes() + terms.year_fractions.tobytes())
    return found.digest()


def reported(deal: Deal) -> bytes:
    """sha256 of every report of the deal, or of what it lacks for one."""
    found = hashlib.sha256()
    for name in template_names():
        with TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as told:
            try:
                period = None if load_template(name).loan_level else 1
                done = disclose(deal, name, Path(folder) / "report", period=period)
            except DisclosureError as error:
                found.update(str(error).encode())
            else:
                found.update(b"".join((Path(folder) / "report" / file).read_bytes() for file in done.files))
                found.update("".join([*done.notes, *(str(each.message) for each in told)]).encode())
    return found.digest()


def read(file: Path) -> Any:
    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


def deal_files() -> list[Path]:
    found = [*(ROOT / "tests" / "cases").rglob("*.yaml"), *(ROOT / "deals").glob("*/deal.yaml"), HERE / "deal.yaml"]
    found += (ROOT / "tests" / "published").rglob("*.yaml")
    return sorted((file for file in found if "invalid" not in file.parts), key=lambda file: file.stat().st_size)


def merged(below: Any, above: Any) -> Any:
    """`above` on top of `below`: mappings key by key, everything else replaced; nothing (`null`) takes out."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    found = {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}
    return {key: value for key, value in found.items() if value is not None}


def cases() -> Iterator[Case]:
    base = read(HERE / "deal.yaml")
    for fragment in read(HERE / "fragments.yaml"):
        file = HERE / fragment.get("base", "deal.yaml")
        deal = merged(read(file), fragment.get("deal", {}))
        scenario = fragment.get("scenario")
        words = {"name": "fragment", "reason": "one field", "base": "deal"}
        yield Case(file.resolve(), deal, None if scenario is None else {**words, **scenario})
    for file in deal_files():
        data = read(file)
        if isinstance(data, dict) and {"pools", "notes"} <= data.keys():
            yield Case(file, data)
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        yield Case(HERE / "deal.yaml", base, {**read(file), "base": "deal"})


@cache
def places() -> WORDS_OF:
    """Where each field is written, by (model, field): case, path from its top, annotation of the field."""
    found: WORDS_OF = {}
    for case in cases():
        try:
            deal = deal_of(Document(case.file, copy.deepcopy(case.deal), {(): 1}, DealError, "E1"))
            if case.scenario is not None:
                own = {key: value for key, value in case.scenario.items() if key != "base"}
                walk(found, case, Scenario.model_validate(own), ("scenario of the run",))
                continue
            walk(found, case, deal, ())
            if isinstance(deal.scenario, dict):
                walk(found, case, Scenario.model_validate(deal.scenario), ("scenario",))
        except (AbssimError, ValueError):
            continue
    return found


def walk(found: WORDS_OF, case: Case, value: Any, path: tuple[Any, ...]) -> None:
    if isinstance(value, Part):
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                key = field.alias or name
                for model in type(value).__mro__:
                    if model is not Part and issubclass(model, Part):
                        found.setdefault((model.__name__, key), []).append((case, (*path, key), field.annotation))
                walk(found, case, vars(value)[name], (*path, key))
    elif isinstance(value, Mapping | tuple):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            walk(found, case, item, (*path, key))


def changed(case: Case, path: tuple[Any, ...], annotation: Any) -> Iterator[tuple[Case, bool]]:
    """The case with the field at `path` taken out, and with other values in it; True if such a value cannot be wrong
    by itself, so that a refusal means that the field was compared with another."""
    written = at(case, path)
    if written is None:
        return  # written in short, or made of something else: a bare word for a mapping, a file of reports
    for value in (None, *(value for value in others(written, annotation) if value != written)):
        other = Case(case.file, copy.deepcopy(case.deal), copy.deepcopy(case.scenario))
        holder, key = at(other, path[:-1]), path[-1]
        if value is None:
            del holder[key]
        else:
            holder[key] = value
        yield other, isinstance(value, bool | int | float | date) or MONTH.fullmatch(str(value)) is not None


def at(case: Case, path: tuple[Any, ...]) -> Any:
    """What stands at a path, None where nothing does."""
    data: Any = case.deal
    if path and path[0] == "scenario of the run":
        data, path = case.scenario, path[1:]
    for key in path:
        found = isinstance(data, dict) and key in data
        found = found or (isinstance(data, list) and isinstance(key, int) and key < len(data))
        data = data[key] if found else None
    return data


def others(value: Any, annotation: Any) -> Iterator[Any]:
    """Other values of the same kind."""
    words = {word for part in parts(annotation) if get_origin(part) is Literal for word in get_args(part)}
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value * 2, value * 0.5, int(value // 2))
    elif isinstance(value, date):
        yield from (value + timedelta(days=365), value + timedelta(days=31), value - timedelta(days=31))
    elif isinstance(value, str) and MONTH.fullmatch(value):
        yield f"{int(value[:4]) + 1}{value[4:]}"
    elif isinstance(value, str) and words:
        yield from sorted(words - {value})
    elif isinstance(value, str):
        yield from (f"2 * ({value})", f"not ({value})", "0", "1")
    elif isinstance(value, dict | list) and any(isinstance(item, dict) for item in values_of(value)):
        return  # a part made of parts: their fields have tests of their own
    elif isinstance(value, dict) and value:
        for key in value:
            yield {**value, key: double(value[key])}
            yield {other: item for other, item in value.items() if other != key}
    elif isinstance(value, list) and value:
        yield from (value[:-1], [double(item) for item in value])


def values_of(value: dict[Any, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def double(value: Any) -> Any:
    return value * 2 if isinstance(value, int | float) and not isinstance(value, bool) else value


def parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from parts(inner)


@cache
def unchanged(case: Case, drawn: bool) -> bytes | None:
    return case.outcome(drawn)


@pytest.mark.parametrize(("owner", "name"), sorted(set(FIELDS) - LEFT_OUT), ids=str)
def test_a_field_has_an_effect_or_a_word(owner: str, name: str) -> None:
    written = [place for place in places().get((owner, name), []) if place[2] is not None]
    assert written, f"no document writes {owner}.{name}: add it to tests/effect/fragments.yaml"
    silent = []
    for case, path, annotation in written[:MOST]:
        for drawn in (False, True) if case.scenario is not None else (False,):
            before, outcomes = unchanged(case, drawn), []
            for other, compared in changed(case, path, annotation) if before is not None else ():
                outcomes.append(other.outcome(drawn))
                if outcomes[-1] not in ((before,) if compared else (before, None)):
                    return
        if before in outcomes:
            silent.append(f"{case.file.relative_to(ROOT)} {'.'.join(map(str, path))}")
    assert not silent, f"{owner}.{name} changes nothing, and nothing is said of it: {'; '.join(silent)}"

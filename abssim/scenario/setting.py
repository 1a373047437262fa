"""A scenario with values set from outside, each in the document that says it: its own, or one that it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from abssim.document import Document
from abssim.errors import AbssimError, Problem, ScenarioError
from abssim.node import DocumentPath
from abssim.scenario.load import PREFIX, standing, written_in
from abssim.scenario.scenario import Scenario
from abssim.setting import OPTION, in_words, joined, places_of, with_values

WORD = "scenario"
"""Prefix of a path that means the scenario."""
RULES = "assumptions"
"""Rules are numbered through all documents, those of the lowest base first."""
BY_NAME = ("policies",)
"""Fields whose parts replace those of the same name in a base as a whole."""


def set_scenario(scenario: Scenario, settings: Mapping[str, Any], indexes: Iterable[str] = ()) -> Scenario:
    """The scenario with values by path (`assumptions.0.default.cdr_pct`) in place of what it and its bases say.

    `indexes` are names that `rates` may have beside `all`. Raises AbssimError E551 to E554 for paths, ScenarioError
    with everything that is wrong with the scenario then.

    >>> from abssim import load_scenario
    >>> set_scenario(load_scenario("stress"), {"default_multiple": 3}).default_multiple
    3.0
    """
    own = {path.removeprefix(f"{WORD}."): value for path, value in joined(settings, {}).items()}
    if "base" in own:
        text = "the bases of a scenario are not set"
        raise AbssimError(Problem("E554", f"{OPTION} base", "", text, "choose a scenario with -s"))
    documents = _documents(scenario)
    said = reduce(_merged, (document.data for document in documents))
    what = f"scenario {scenario.name}"
    placed = places_of(said, Scenario, own, what, {"rates": ["all", *indexes]})
    found: Scenario | None = None
    for document, values in zip(documents, _by_document(documents, placed), strict=True):
        told = {local: in_words(place) for local, (place, _) in values.items()}
        document = with_values(document, {local: value for local, (_, value) in values.items()}, told)
        found = standing(document, written_in(document), found)
    assert found is not None
    found._own, found._settings = scenario.own_policies, {**scenario.settings, **placed}
    return found


def _documents(scenario: Scenario) -> list[Document]:
    """The documents that make up a scenario, its lowest base first; one changed in Python is its own."""
    if scenario._changed:
        return [_dumped(scenario, scenario)]
    below = [] if scenario.on is None else _documents(scenario.on)
    return [*below, scenario.document or _dumped(scenario, scenario.written)]


def _dumped(scenario: Scenario, said: Scenario) -> Document:
    data = said.model_dump(by_alias=True, exclude_unset=True)
    return Document(Path(f"scenario {scenario.name}"), data, {}, ScenarioError, PREFIX)


def _merged(below: Any, own: Any) -> Any:
    """What both documents say together, for looking up places."""
    if not isinstance(below, Mapping) or not isinstance(own, Mapping):
        return own
    together = {key: _merged(below[key], value) if key in below else value for key, value in own.items()}
    rules = [*below.get(RULES, ()), *own.get(RULES, ())]
    return {**below, **together, **({RULES: rules} if rules else {})}


def _by_document(
    documents: Sequence[Document], placed: Mapping[DocumentPath, Any]
) -> list[dict[DocumentPath, tuple[DocumentPath, Any]]]:
    """For each document the values that belong in it, by their place there, with their place in the whole."""
    values: list[dict[DocumentPath, tuple[DocumentPath, Any]]] = [{} for _ in documents]
    for place, value in placed.items():
        number, local = _home(documents, place)
        values[number][local] = (place, value)
    return values


def _home(documents: Sequence[Document], place: DocumentPath) -> tuple[int, DocumentPath]:
    """The topmost document that says what is set, or the top one, and the place in it."""
    if place[0] == RULES and len(place) > 1:
        left = place[1]
        for number, document in enumerate(documents):
            count = len(document.data.get(RULES) or ())
            if left < count:
                return number, (RULES, left, *place[2:])
            left -= count
    depth = 2 if place[0] in BY_NAME else 1
    for number in reversed(range(len(documents))):
        if _says(documents[number].data, place[:depth]):
            return number, place
    return len(documents) - 1, place


def _says(data: Any, place: DocumentPath) -> bool:
    for key in place:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True

"""Scenarios from files: `scenarios/<name>.yaml`, each an override of its base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abssim.document import Document, document_of, model_problems, read_document
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.file import no_file
from abssim.lookup import places
from abssim.scenario.scenario import Scenario, factor_faults, override

PREFIX = "E3"
_SUFFIXES = (".yaml", ".yml")


DEAL = "deal"
"""The base that stands for the deal's own scenario."""


def load_scenario(
    path_or_name: str | Path | Mapping[str, Any], folder: str | Path | None = None, deal: Scenario | None = None
) -> Scenario:
    """The scenario of a file, or of a name in `folder` (default: the `scenarios` folders), on top of its bases; or of a
    dict with the fields of a document.

    `deal` is the base scenario of the deal it is run on: the word `deal`, and its own name, mean it before any file;
    `base: deal` stands for it (without one: for the scenario `base`). Raises ScenarioError with every problem of the
    document, `file:line` each.
    """
    if isinstance(path_or_name, Mapping):
        return parse_scenario(document_of(path_or_name, "scenario", ScenarioError, PREFIX), folder, deal)
    if deal is not None and str(path_or_name) in (DEAL, deal.name):
        return deal
    return _load(_find(str(path_or_name), _folders(folder), "", ""), folder, (), deal)


def parse_scenario(document: Document, folder: str | Path | None = None, deal: Scenario | None = None) -> Scenario:
    """The scenario of a document that is read already, such as the `scenario` mapping of a deal; `deal` as above."""
    return _resolve(replace(document, error=ScenarioError, prefix=PREFIX), folder, (), deal)


def scenario_files(name: str) -> list[Path]:
    """Files that a name without a path may mean, nearest first: the first one is read, the others are hidden."""
    files = [folder / f"{name}{suffix}" for folder in places("scenarios") for suffix in _SUFFIXES]
    by_path: dict[Path, Path] = {}
    for file in files:
        if file.is_file():
            by_path.setdefault(file.resolve(), file)
    return list(by_path.values())


def scenario_names(folder: str | Path | None = None) -> list[str]:
    """Names of the scenarios in `folder`, or wherever scenarios are looked for."""
    return _names(_folders(folder))


def scenario_schema() -> dict[str, Any]:
    """JSON schema of the document, for editors."""
    return Scenario.model_json_schema()


def _folders(folder: str | Path | None) -> list[Path]:
    return [Path(folder)] if folder is not None else places("scenarios")


def _names(folders: list[Path]) -> list[str]:
    return sorted({path.stem for folder in folders for path in folder.glob("*") if path.suffix in _SUFFIXES})


def _find(name: str, folders: list[Path], where: str, path: str) -> Path:
    given = Path(name)
    named = given.suffix in _SUFFIXES
    if named and (given.exists() or given.parent != Path()):
        return given
    for folder in folders:
        for file in [folder / given] if named else [folder / f"{name}{suffix}" for suffix in _SUFFIXES]:
            if file.is_file():
                return file
    known = did_you_mean(name, _names(folders))
    if not name.strip():
        raise ScenarioError(Problem("E318", where or "-s", path, "the name is empty", known))
    if given.exists():
        text, hint = f"is {no_file(given) or 'a file of another ending'}, not a scenario", "name a .yaml or .yml file"
        raise ScenarioError(Problem("E318", where or name, path, text, hint))
    message = f'no scenario "{name}" in {", ".join(f"{folder}/" for folder in folders) or "scenarios/"}'
    raise ScenarioError(Problem("E318", where or name, path, message, known))


def _load(file: Path, folder: str | Path | None, seen: tuple[Path, ...], deal: Scenario | None) -> Scenario:
    return _resolve(read_document(file, ScenarioError, PREFIX), folder, (*seen, file.resolve()), deal)


def _resolve(document: Document, folder: str | Path | None, seen: tuple[Path, ...], deal: Scenario | None) -> Scenario:
    own = written_in(document)
    return standing(document, own, _base(document, own, folder, seen, deal))


def standing(document: Document, own: Scenario, base: Scenario | None) -> Scenario:
    """What a document says, `own`, on top of its base."""
    scenario = own.model_copy() if base is None else override(base, own)
    _check_factors(document, scenario, len(scenario.assumptions) - len(own.assumptions))
    scenario._written, scenario._document = own, document
    return scenario


def _check_factors(document: Document, scenario: Scenario, inherited: int) -> None:
    """What the bases and the document say together of factors; the first `inherited` rules are those of the bases."""
    problems = []
    for place, code, message, hint in factor_faults(scenario):
        path = place
        if place[0] == "assumptions":
            number = int(place[1]) - inherited
            path = ("assumptions", number, *place[2:]) if number >= 0 else ("factors",)
        problems.append(document.problem(code, path, message, hint))
    if problems:
        raise ScenarioError(problems)


def _base(
    document: Document, scenario: Scenario, folder: str | Path | None, seen: tuple[Path, ...], deal: Scenario | None
) -> Scenario | None:
    """The scenario that a document names as its base."""
    if scenario.base is None:
        return None
    if scenario.base == DEAL and deal is not None:
        return deal
    where = document.where(("base",))
    folders = _folders(folder) if folder is not None else [document.file.parent, *places("scenarios")]
    file = _find("base" if scenario.base == DEAL else scenario.base, folders, where, "base")
    if file.resolve() in seen:
        raise ScenarioError(Problem("E317", where, "base", f'base "{scenario.base}" leads back to this scenario'))
    return _load(file, folder, seen, deal)


def written_in(document: Document) -> Scenario:
    """What a document says by itself; ScenarioError with all its problems."""
    try:
        return Scenario.model_validate(document.data)
    except ValidationError as invalid:
        problems = [problem for problem, _ in model_problems(document, Scenario, invalid)]
        raise ScenarioError(problems) from None

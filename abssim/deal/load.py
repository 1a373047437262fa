"""Reading a deal: from a folder or file to a checked `Deal`, or an error that lists all its problems."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abssim.deal.check_division import check_divisions
from abssim.deal.check_series import check_series
from abssim.deal.check_sign import check_signs
from abssim.deal.check_steps import check_steps
from abssim.deal.check_terms import check_terms
from abssim.deal.check_unit import check_units
from abssim.deal.check_waterfall import check_waterfalls
from abssim.deal.deal import Deal
from abssim.deal.expression import parse
from abssim.deal.formulas import expressions
from abssim.deal.order import order_of
from abssim.deal.report import Placed, with_reports
from abssim.deal.series_parts import with_series
from abssim.deal.support import check_supports
from abssim.deal.symbols import Symbols
from abssim.document import Document, dotted, model_problems, parse_document, read_document
from abssim.errors import DealError, Problem
from abssim.node import DocumentPath

PREFIX = "E1"
FILE = "deal.yaml"


def load_deal(path: str | Path) -> Deal:
    """The deal in a folder (its `deal.yaml`) or a file; raises `DealError` with every problem found."""
    file = Path(path)
    return deal_of(read_document(file / FILE if file.is_dir() else file, DealError, PREFIX))


def parse_deal(text: str, file: str | Path = FILE) -> Deal:
    """The deal in a text; `file` stands in problems, and relative files start from its folder."""
    return deal_of(parse_document(text, file, DealError, PREFIX))


def deal_of(document: Document) -> Deal:
    """The deal of a document that has been read."""
    document, unread = with_reports(document)
    deal, placed = _validated(document)
    placed += unread
    if deal is not None:
        deal._document = document
        spoiled = [path for _, path in placed]
        wrong = list(check_series(deal))
        deal = deal if wrong else with_series(deal)
        wrong += check_deal(deal) if not wrong else []
        placed += [(p, ()) for p in wrong if not any(_follows(document, p.path, path) for path in spoiled)]
    if placed or deal is None:
        problems = sorted((problem for problem, _ in placed), key=_line)
        raise DealError(problems)
    return deal


def check_deal(deal: Deal) -> list[Problem]:
    """Everything that is wrong with a deal whose fields are well formed."""
    symbols = Symbols(deal)
    problems = [*check_terms(deal), *check_supports(deal), *check_waterfalls(deal), *_expressions(deal, symbols)]
    return [
        *problems,
        *order_of(deal, symbols).problems,
        *check_steps(deal, symbols),
        *check_signs(deal),
        *check_divisions(deal),
        *check_units(deal, symbols),
    ]


def deal_schema() -> dict[str, Any]:
    """JSON schema of a deal document, for editors."""
    schema = Deal.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "abssim deal", **schema}


def _validated(document: Document) -> tuple[Deal | None, list[Placed]]:
    """The deal; where fields are wrong, their problems and what the rest says without them."""
    try:
        return Deal.model_validate(document.data), []
    except ValidationError as invalid:
        problems = model_problems(document, Deal, invalid)
    rest = copy.deepcopy(document.data)
    for problem, path in problems:
        _remove(rest, path, problem)
    try:
        return (Deal.model_validate(rest) if all(len(path) > 2 for _, path in problems) else None), problems
    except ValidationError:
        return None, problems


def _remove(data: Any, path: DocumentPath, problem: Problem) -> None:
    """Take a wrong value out, or give a misspelt field its name, so that the rest can be looked at."""
    for key in path[:-1]:
        if not isinstance(data, dict | list) or (isinstance(data, dict) and key not in data):
            return
        data = data[key]
    if path and isinstance(data, dict) and path[-1] in data:
        value = data.pop(path[-1])
        meant = re.fullmatch(r'did you mean "(\w+)"\?', problem.hint)
        if meant and problem.code == f"{PREFIX}07":
            data.setdefault(meant[1], value)


def _follows(document: Document, place: str, path: DocumentPath) -> bool:
    """A problem may only be a consequence of what was taken out at `path`: it stands there, or what stands in its place
    names the part that lacks it now."""
    if _touches(place, path):
        return True
    said, name = _said(document.data, place), path[1] if len(path) > 2 else None
    return isinstance(name, str) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said) is not None


def _said(data: Any, place: str) -> str:
    """The text at a place of a document, or of the smallest part of it that can be found."""
    for key in re.findall(r"[^.\[\]]+", place):
        if isinstance(data, dict) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        else:
            break
    return data if isinstance(data, str) else ""


def _touches(place: str, path: DocumentPath) -> bool:
    """A problem stands above, at or below a part that was taken out: it may only be a consequence."""
    spoiled = dotted(path)
    above = dotted(path[:-1])
    return place.startswith(spoiled) or place == above or spoiled.startswith(f"{place}.") or place == ""


def _line(problem: Problem) -> int:
    line = problem.where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0


def _expressions(deal: Deal, symbols: Symbols) -> Iterator[Problem]:
    for path, text, expected in expressions(deal):
        try:
            symbols.typed(text, expected)
            symbols.expand(parse(text))
        except DealError as error:
            for problem in error.problems:
                yield _at(deal, problem, path, text)


def _at(deal: Deal, problem: Problem, path: DocumentPath, text: str) -> Problem:
    """A problem of an expression, with its place in the document and the expression itself."""
    shown = text if len(text) <= 60 else f"{text[:57]}…"
    return deal.problem(problem.code, path, f'{problem.message} ({problem.where} of "{shown}")', problem.hint)

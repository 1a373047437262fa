"""Documents in time: what is read before it is known is read of the date before."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.load import check_deal
from abssim.errors import Problem
from tests.property.random_words import Document

UNTIMELY = ("E115", "E160", "E161", "E162")


def in_time(document: Document) -> Document:
    """The document with `previous.` (or `opening.`) before every name that is read before it is known."""
    for _ in range(60):
        problems = [each for each in check_deal(Deal.model_validate(dated(document))) if each.code in UNTIMELY]
        if not problems:
            return document
        for problem in {each.path: each for each in problems}.values():
            _postpone(document, problem)
    raise AssertionError(problems)


def _postpone(document: Document, problem: Problem) -> None:
    """Let the expression where a chain begins read the date before."""
    path, _, payee = problem.path.partition(".caps.")
    *path, last = [int(key) if key.isdigit() else key for key in re.findall(r"\w+", path)]
    if payee:
        path, last = [*path, last, "caps"], payee
    place: Any = document
    for key in path:
        place = place[key]
    if problem.code == "E162":
        place[last] = f"max(0, {place[last]})"
        return
    chain = re.search(r"(?:before it is known \(|back to itself: )([^)]*)", problem.message)
    links = chain[1].split(" → ") if chain else re.findall(r"(?:reads) ([\w.]+)", problem.message)
    name = next(link for link in links if re.search(rf"(?<![\w.]){re.escape(link)}(?![\w.(])", str(place[last])))
    earlier = "opening" if "opening." in problem.hint else "previous"
    plain = name.partition(".")[2] if name.startswith("opening.") else re.sub(r"^at\.\w+\.", "", name)
    place[last] = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"{earlier}.{plain}", str(place[last]))


def dated(value: Any) -> Any:
    """Dates out of their ISO text, keys included."""
    if isinstance(value, dict):
        return {dated(key): dated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [dated(item) for item in value]
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    return value

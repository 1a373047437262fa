"""Every expression of a deal, where it stands, and what its place expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from abssim.deal.base import Part, expected
from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension, names_in, parse
from abssim.deal.waterfall import Step
from abssim.kind.step import STEP
from abssim.kind.table import KINDS
from abssim.node import DocumentPath


class Formula(NamedTuple):
    """An expression and its place."""

    path: DocumentPath
    text: str
    expected: Dimension | None
    """Dimension the place needs; none for definitions, which have their own."""


def expressions(deal: Deal) -> Iterator[Formula]:
    """All expressions, definitions first."""
    for name, text in deal.definitions.items():
        yield Formula(("definitions", name), text, None)
    yield from _fields(deal)
    for regime, steps in deal.waterfalls.items():
        for index, step in enumerate(steps):
            yield from _step(("waterfalls", regime, index), step)


def trigger_readers(deal: Deal, trigger: str) -> list[str]:
    """Who reads a trigger, as `trigger.NAME` or `at.NAME`: `step turbo`, `definition sequential`."""
    readers: dict[str, None] = {}
    for placed in expressions(deal):
        parts = [name.name.split(".") for name in names_in(parse(placed.text))]
        if any(
            (prefix, name) in (("trigger", trigger), ("at", trigger)) for p in parts for prefix, name in pairwise(p)
        ):
            readers[_owner(deal, placed.path)] = None
    return list(readers)


def _owner(deal: Deal, path: DocumentPath) -> str:
    """The part of the deal an expression stands in, in words."""
    if path[0] == "waterfalls":
        steps = deal.waterfalls[path[1]]
        return f"step {steps[int(path[2])].name}"
    return f"{str(path[0]).removesuffix('s')} {path[1]}"


def _fields(deal: Deal) -> Iterator[Formula]:
    """Of everything the deal has by name."""
    for part in (*(kind.plural for kind in KINDS.values() if kind is not STEP), "calls"):
        entries = getattr(deal, part)
        for name in entries if isinstance(entries, dict) else ():
            yield from _of((part, name), entries[name])


def _step(path: DocumentPath, step: Step) -> Iterator[Formula]:
    yield from _of(path, step)
    for payee, cap in step.caps.items():
        yield Formula((*path, "caps", payee), cap, "amount")


def _of(path: DocumentPath, part: Part) -> Iterator[Formula]:
    """The expressions of one part of the deal."""
    for field, dimension in expected(type(part)).items():
        text = getattr(part, field)
        if text is not None:
            yield Formula((*path, field), text, dimension)

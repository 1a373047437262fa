"""Every expression of a deal, where it stands, and what its place expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension, names_in, parse
from abssim.deal.waterfall import Step
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
    for name, note in deal.notes.items():
        yield from _given(("notes", name, "notional"), note.notional, "amount")
        yield from _given(("notes", name, "capitalizes"), note.capitalizes, "flag")
    for name, account in deal.accounts.items():
        yield from _given(("accounts", name, "target"), account.target, "amount")
        yield from _given(("accounts", name, "receives"), account.receives, "amount")
    for name, ledger in deal.ledgers.items():
        yield from _given(("ledgers", name, "limit"), ledger.limit, "amount")
    for name, fee in deal.fees.items():
        yield from _given(("fees", name, "of"), fee.of, "amount")
        yield from _given(("fees", name, "amount"), fee.amount, "amount")
        yield from _given(("fees", name, "when"), fee.when, "flag")
    for name, trigger in deal.triggers.items():
        yield Formula(("triggers", name, "when"), trigger.when, "flag")
    for name, call in deal.calls.items():
        yield Formula(("calls", name, "when"), call.when, "flag")
        yield Formula(("calls", name, "price"), call.price, "amount")


def _step(path: DocumentPath, step: Step) -> Iterator[Formula]:
    yield from _given((*path, "amount"), step.amount, "amount")
    yield from _given((*path, "target"), step.target, "amount")
    yield from _given((*path, "cap"), step.cap, "amount")
    yield from _given((*path, "when"), step.when, "flag")
    for payee, cap in step.caps.items():
        yield Formula((*path, "caps", payee), cap, "amount")


def _given(path: DocumentPath, text: str | None, expected: Dimension) -> Iterator[Formula]:
    if text is not None:
        yield Formula(path, text, expected)

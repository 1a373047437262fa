"""Every expression of a deal, where it stands, and what its place expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension
from abssim.deal.waterfall import Step
from abssim.node import DocumentPath


class Placed(NamedTuple):
    """An expression and its place."""

    path: DocumentPath
    text: str
    expected: Dimension | None
    """Dimension the place needs; none for definitions, which have their own."""


def expressions(deal: Deal) -> Iterator[Placed]:
    """All expressions, definitions first."""
    for name, text in deal.definitions.items():
        yield Placed(("definitions", name), text, None)
    yield from _fields(deal)
    for regime, steps in deal.waterfalls.items():
        for index, step in enumerate(steps):
            yield from _step(("waterfalls", regime, index), step)


def _fields(deal: Deal) -> Iterator[Placed]:
    for name, note in deal.notes.items():
        yield from _given(("notes", name, "notional"), note.notional, "amount")
        yield from _given(("notes", name, "capitalizes"), note.capitalizes, "flag")
    for name, account in deal.accounts.items():
        yield from _given(("accounts", name, "target"), account.target, "amount")
    for name, fee in deal.fees.items():
        yield from _given(("fees", name, "of"), fee.of, "amount")
        yield from _given(("fees", name, "amount"), fee.amount, "amount")
        yield from _given(("fees", name, "when"), fee.when, "flag")
    for name, trigger in deal.triggers.items():
        yield Placed(("triggers", name, "when"), trigger.when, "flag")
    for name, call in deal.calls.items():
        yield Placed(("calls", name, "when"), call.when, "flag")
        yield Placed(("calls", name, "price"), call.price, "amount")


def _step(path: DocumentPath, step: Step) -> Iterator[Placed]:
    yield from _given((*path, "amount"), step.amount, "amount")
    yield from _given((*path, "target"), step.target, "amount")
    yield from _given((*path, "cap"), step.cap, "amount")
    yield from _given((*path, "when"), step.when, "flag")
    for payee, cap in step.caps.items():
        yield Placed((*path, "caps", payee), cap, "amount")


def _given(path: DocumentPath, text: str | None, expected: Dimension) -> Iterator[Placed]:
    if text is not None:
        yield Placed(path, text, expected)

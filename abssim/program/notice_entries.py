"""Parts of a deal, and terms of parts, that no step and no expression of it names: they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse
from abssim.deal.formulas import expressions
from abssim.deal.payee import leaves
from abssim.deal.waterfall import Step
from abssim.kind.claim import Rule
from abssim.kind.table import KINDS
from abssim.node import DocumentPath

_IDLE = [
    kind.plural
    for kind in KINDS.values()
    if kind.payable and not kind.drawable and not any(Rule.PAY_DUE in claim.alone for claim in kind.claims)
]
"""Kinds of which nothing falls due that a step has to pay (that is refused)."""


class _Reading(NamedTuple):
    """A name that an expression reads, by its parts: `note.A.balance`."""

    place: DocumentPath
    parts: list[str]


def entry_notices(deal: Deal) -> Iterator[str]:
    """A line for each thing, and each term of one, that nobody calls by its name; what the series of a trust make is
    left out."""
    readings = list(_readings(deal))
    read, stepped = {part for reading in readings for part in reading.parts}, _stepped(deal)
    for part in ("schedules", *_IDLE):
        for name in getattr(deal, part):
            if name not in read | stepped and "." not in name:
                yield f"{part}.{name}: without effect, no step and no expression names it"
    yield from _definitions(deal, readings)
    yield from _terms(deal, readings)


def _readings(deal: Deal) -> Iterator[_Reading]:
    """Everything that expressions read."""
    for formula in expressions(deal):
        for name in names_in(parse(formula.text)):
            yield _Reading(formula.path, name.name.split("."))


def _definitions(deal: Deal, readings: Sequence[_Reading]) -> Iterator[str]:
    """Definitions that only results in Python show; one that reads itself a date earlier is not read by that."""
    for name in deal.definitions:
        others = (reading for reading in readings if reading.place != ("definitions", name))
        if "." not in name and not any(name in reading.parts for reading in others):
            yield f"definitions.{name}: no expression names it, so only `result.definitions` shows it"


def _terms(deal: Deal, readings: Sequence[_Reading]) -> Iterator[str]:
    """Terms of notes, pools and accounts that come to a figure nobody reads."""
    for name, note in deal.notes.items():
        if note.schedule and not _reads(readings, name, "scheduled_balance"):
            yield f"notes.{name}.schedule: without effect, no expression reads note.{name}.scheduled_balance"
    for name, pool in deal.pools.items():
        if pool.hurdle_rate_pct is not None and not _reads_pool(deal, readings, name):
            yield f"pools.{name}.hurdle_rate_pct: without effect, no expression reads pool.adjusted_balance"
    topped = [step for step in _steps(deal) if step.rule == "top_up" and step.target is None]
    filled = {leaf.text for step in topped for leaf in leaves(step.payees)}
    for name, account in deal.accounts.items():
        if account.target is not None and name not in filled and not _reads(readings, name, "target"):
            yield f"accounts.{name}.target: without effect, no top_up fills the account and no expression reads it"


def _reads(readings: Sequence[_Reading], name: str, field: str) -> bool:
    return any(name in reading.parts and field in reading.parts for reading in readings)


def _reads_pool(deal: Deal, readings: Sequence[_Reading], name: str) -> bool:
    """The discounted balance is read, of this pool or of all."""
    found = [reading.parts for reading in readings if "adjusted_balance" in reading.parts and "pool" in reading.parts]
    return any(name in parts or not set(deal.pools) & set(parts) for parts in found)


def _steps(deal: Deal) -> list[Step]:
    return [step for steps in deal.waterfalls.values() for step in steps]


def _stepped(deal: Deal) -> set[str]:
    """What steps pay, or book with what they pay; and ledgers that take what is beyond the limit of another."""
    paid = {leaf.text for step in _steps(deal) for leaf in leaves(step.payees)}
    booked = {ledger for step in _steps(deal) for ledger in step.books}
    return paid | booked | {ledger.beyond for ledger in deal.ledgers.values() if ledger.beyond is not None}

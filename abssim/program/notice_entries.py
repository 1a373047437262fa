"""Schedules, ledgers and holders that no step and no expression of a deal names: they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse
from abssim.deal.formulas import expressions
from abssim.deal.payee import leaves


def entry_notices(deal: Deal) -> Iterator[str]:
    """A line for each thing that nobody calls by its name; what the series of a trust make is left out."""
    used = _read(deal) | _stepped(deal)
    things: dict[str, Iterable[str]] = {"schedules": deal.schedules, "ledgers": deal.ledgers, "holders": deal.holders}
    for kind, names in things.items():
        for name in names:
            if name not in used and "." not in name:
                yield f"{kind}.{name}: without effect, no step and no expression names it"


def _read(deal: Deal) -> set[str]:
    """Every part of every name that expressions read."""
    texts = [formula.text for formula in expressions(deal)]
    return {part for text in texts for name in names_in(parse(text)) for part in name.name.split(".")}


def _stepped(deal: Deal) -> set[str]:
    """What steps pay, or book with what they pay; and ledgers that take what is beyond the limit of another."""
    steps = [step for steps in deal.waterfalls.values() for step in steps]
    paid = {leaf.text for step in steps for leaf in leaves(step.payees)}
    booked = {ledger for step in steps for ledger in step.books}
    return paid | booked | {ledger.beyond for ledger in deal.ledgers.values() if ledger.beyond is not None}

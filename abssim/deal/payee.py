"""Who a step pays: kinds of payees, and which rules can pay them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from abssim.deal.base import REGIMES, RegimeName
from abssim.deal.deal import Deal
from abssim.deal.thing import payable
from abssim.deal.waterfall import Step
from abssim.node import DocumentPath

COMPONENTS = ("interest", "principal", "premium", "residual")
"""Parts of a note a payee can name: `A.interest`."""

PAYABLE = {
    "pay_due": ("fee", "note", "note.interest", "note.premium"),
    "pay_amount": ("note", "note.principal", "note.residual", "account", "ledger", "holder", "purchase"),
    "pay_down_to": ("note", "note.principal", "ledger"),
    "pay_in_full": ("note",),
    "top_up": ("account",),
    "book": ("ledger", "note"),
    "pay_remainder": ("note", "note.residual", "holder", "account", "purchase"),
    "carry": (),
}
"""Kinds of payees by rule."""


Tree = Sequence[Any]
"""Payees by name, or lists of payees."""


class Leaf(NamedTuple):
    """A payee as written, and its place inside `payees`."""

    text: str
    path: DocumentPath


def leaves(payees: Tree, path: DocumentPath = ()) -> Iterator[Leaf]:
    """Every name in a tree of payees."""
    for index, item in enumerate(payees):
        if isinstance(item, str):
            yield Leaf(item, (*path, index))
        else:
            yield from leaves(item, (*path, index))


def sharing(payees: Tree, pro_rata: bool) -> Iterator[str]:
    """Every name in a tree that stands in a group whose members share pro rata."""
    for item in payees:
        if not isinstance(item, str):
            yield from sharing(item, not pro_rata)
        if pro_rata and len(payees) > 1:
            yield from (leaf.text for leaf in leaves((item,)))


def kind_of(deal: Deal, payee: str) -> str | None:
    """A kind that can be paid, note.COMPONENT or purchase; none if nobody has the name."""
    if payee == "purchase":
        return "purchase"
    name, _, component = payee.partition(".")
    if name in deal.notes and component:
        return f"note.{component}" if component in COMPONENTS else None
    return next((kind for kind, names in payable(deal).items() if payee in names), None)


def buys_in(deal: Deal) -> set[RegimeName]:
    """Regimes in whose waterfall something is bought; one without waterfall has that of the next less severe."""
    regimes: set[RegimeName] = set()
    steps: tuple[Step, ...] = ()
    for regime in REGIMES:
        steps = deal.waterfalls.get(regime, steps)
        if any(leaf.text == "purchase" for step in steps for leaf in leaves(step.payees)):
            regimes.add(regime)
    return regimes


def payee_names(deal: Deal) -> list[str]:
    """Everybody a step can pay."""
    components = [f"{note}.{component}" for note in deal.notes for component in COMPONENTS]
    return [*chain.from_iterable(payable(deal).values()), "purchase", *components]

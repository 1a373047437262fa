"""Who a step pays: names of payees, what of them it pays, and which rules can pay them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from abssim.deal.base import REGIMES, RegimeName
from abssim.deal.deal import Deal
from abssim.deal.thing import payable
from abssim.deal.waterfall import Step
from abssim.kind.claim import Claim, Rule
from abssim.kind.table import CLAIMS, KINDS
from abssim.node import DocumentPath


def _payable_under(rule: Rule) -> tuple[str, ...]:
    alone = [claim.word or kind.name for claim, kind in CLAIMS.items() if rule in claim.alone]
    return (*alone, *(f"{kind.name}.{claim.part}" for claim, kind in CLAIMS.items() if rule in claim.named))


PAYABLE = {rule.name.lower(): _payable_under(rule) for rule in Rule}
"""Kinds of payees by rule."""
_WORDS = {claim.word: claim for claim in CLAIMS if claim.word}

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
    """A kind that can be paid, `note.interest` or `purchase`; none if nobody has the name."""
    if payee in _WORDS:
        return payee
    kind, part = _owner(deal, payee)
    if not kind or (part and all(claim.part != part for claim in KINDS[kind].claims)):
        return None
    return f"{kind}.{part}" if part else kind


def thing_of(deal: Deal, payee: str) -> str:
    """Name of the thing that a payee is, or is a part of."""
    part = _owner(deal, payee)[1]
    return payee.removesuffix(f".{part}") if part else payee


def claim_of(deal: Deal, rule: str, payee: str) -> Claim | None:
    """What a payee is paid under a rule; none if the rule cannot pay it."""
    kind, part = _owner(deal, payee)
    claims = KINDS[kind].claims if kind else [_WORDS[payee]] if payee in _WORDS else []
    own = Rule[rule.upper()]
    fits = (claim for claim in claims if own in (claim.named if part else claim.alone) and part in ("", claim.part))
    return next(fits, None)


def _owner(deal: Deal, payee: str) -> tuple[str, str]:
    """Kind of the thing that is named, and the part of it; nothing if there is none."""
    kinds = {name: kind for kind, names in reversed(payable(deal).items()) for name in names}
    name, _, part = payee.partition(".")
    return (kinds[payee], "") if payee in kinds else (kinds.get(name, ""), part if name in kinds else "")


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
    names = payable(deal)
    parts = {kind: [claim.part for claim in KINDS[kind].claims if claim.part] for kind in names}
    named = [f"{name}.{part}" for kind, own in names.items() for name in own for part in parts[kind]]
    return [*chain.from_iterable(names.values()), *_WORDS, *named]

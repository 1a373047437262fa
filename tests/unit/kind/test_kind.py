"""The rows of the table of kinds: complete, and consistent with themselves and with the documents."""

from __future__ import annotations

import pytest

from abssim.deal.deal import Deal
from abssim.deal.payee import PAYABLE
from abssim.engine.state import state_layout
from abssim.kind.base import Before, Kind, Opening
from abssim.kind.clock import CLOCK
from abssim.kind.table import KINDS

ALL = [*KINDS.values(), CLOCK]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_row_has_all_fields_in_order_and_words_in_both_languages(kind: Kind) -> None:
    assert list(kind.fields) == list(kind.enum)
    assert all(field.english and field.chinese for field in kind.fields.values())


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_what_a_row_names_are_its_own_fields(kind: Kind) -> None:
    named = [term.field if isinstance(term, Before) else term for i in kind.identities for term in (*i.left, *i.right)]
    named += [*kind.brings, *kind.withheld, *kind.takes, *kind.never_negative]
    named += [field.opens for field in kind.fields.values() if not isinstance(field.opens, Opening)]
    for claim in kind.claims:
        named += [*claim.raises, *claim.lowers, *filter(None, (claim.due, claim.less, claim.weight, claim.shortfall))]
    assert all(isinstance(member, kind.enum) for member in named)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_name_means_one_claim_under_a_rule(kind: Kind) -> None:
    """The thing's own name, and each of its parts."""
    alone = [rule for claim in kind.claims for rule in claim.alone]
    parts = [(claim.part, rule) for claim in kind.claims for rule in claim.named]
    assert len({*alone}) == len(alone) and len({*parts}) == len(parts)
    assert all(part for part, _ in parts)


def test_what_rules_can_pay() -> None:
    """The rules of a waterfall, and whom of the first kinds each can pay."""
    expected: dict[str, set[str]] = {
        "pay_due": {"fee", "note", "note.interest", "note.premium"},
        "pay_amount": {"note", "note.principal", "note.residual", "account", "ledger", "holder", "purchase"},
        "pay_down_to": {"note", "note.principal", "ledger"},
        "pay_in_full": {"note"},
        "top_up": {"account"},
        "book": {"ledger", "note"},
        "pay_remainder": {"note", "note.residual", "holder", "account", "purchase"},
        "carry": set(),
    }
    first = set().union(*expected.values())
    assert {rule: {*kinds} & first for rule, kinds in PAYABLE.items()} == expected


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_field_that_opens_from_another_opens_from_one_that_is_carried(kind: Kind) -> None:
    origins = [field.opens for field in kind.fields.values() if not isinstance(field.opens, Opening)]
    assert all(kind.fields[origin].opens is Opening.CARRY for origin in origins)


def test_every_kind_has_its_place_in_documents_and_in_the_state() -> None:
    layout = state_layout(dict.fromkeys(KINDS, 2))
    for kind in KINDS.values():
        assert len(layout[kind.name]) == 2 + (kind.name == "pool")
        assert kind.name == "step" or kind.plural in Deal.model_fields

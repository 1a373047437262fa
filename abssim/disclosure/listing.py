"""Which templates there are, and what a deal does not yet say for each."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.disclosure.facts import Facts
from abssim.disclosure.tell import hint_for
from abssim.template.field import Field, Template
from abssim.template.load import load_template, template_names


def missing(template: Template, facts: Facts) -> Iterator[tuple[Field, str]]:
    """Fields that need a fact which the deal does not say, and where to say it. What a tape tells is not asked."""
    for field in template.fields:
        told = field.source.partition(".")[0] in ("deal", "party")
        if told and not template.may_omit and not facts.value(field) and not facts.nothing(field):
            yield field, hint_for(field)


def listed(deal: Deal) -> list[tuple[Template, list[tuple[Field, str]]]]:
    """Every template with what is missing for this deal."""
    facts = Facts(deal)
    return [(each, list(missing(each, facts))) for each in map(load_template, template_names())]

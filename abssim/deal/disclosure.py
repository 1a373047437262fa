"""What investors and regulators are told and no computation knows: who the parties are, and facts by field."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from abssim.deal.base import Part, Words
from abssim.reading import as_text

MOST_FACTS = 1_000
_SCALAR = {"anyOf": [{"type": kind} for kind in ("string", "number", "boolean")]}


def _facts(value: object) -> object:
    """A value or several, as the template's forms spell them: `2026`, `true`, a date as 2026-01-31."""
    if isinstance(value, list | tuple):
        return tuple(each if isinstance(each, dict | list) else as_text(each) for each in value)
    return value if isinstance(value, dict) else (as_text(value),)


Line = Annotated[str, Strict(), Field(min_length=1, max_length=1000)]
Facts = Annotated[
    tuple[Line, ...],
    BeforeValidator(_facts),
    Field(min_length=1, max_length=100),
    WithJsonSchema({"anyOf": [*_SCALAR["anyOf"], {"type": "array", "items": _SCALAR}]}),
]
NoData = Annotated[str, Strict(), Field(pattern=r"^ND([1235]|4-\d{4}-\d{2}-\d{2})$")]


class Party(Part):
    """A legal entity, as reports name it."""

    name: Line
    """Full legal name, as in its LEI record."""
    lei: Annotated[str, Strict(), Field(pattern="^[A-Z0-9]{18}[0-9]{2}$")] | None = None
    """Legal entity identifier (ISO 17442)."""
    country: Annotated[str, Strict(), Field(pattern="^[A-Z]{2}$")] | None = None
    """Where it is established (ISO 3166)."""
    contact: Words = ()
    """Whom to ask, by name."""
    telephone: Words = ()
    """`+1-2125550100`."""
    email: Words = ()
    """Addresses of the contacts."""


class Parties(Part):
    """Who takes part in the deal, as reports name them. No cash flow goes by it."""

    originator: Party | None = None
    """Who made the loans or bought them to securitize them."""
    original_lender: Party | None = None
    """Who lent, where that was not the originator."""
    servicer: Party | None = None
    """Who collects."""
    reporting_entity: Party | None = None
    """Who answers for the reports to investors (Regulation (EU) 2017/2402 Art 7(2))."""


class Disclosure(Part):
    """Facts of the deal that its reports need and no computation knows. No cash flow goes by them."""

    identifier: Line | None = None
    """Unique identifier of the securitization in the EU: LEI of the reporting entity, N, year of first issue, two
    digits (Regulation (EU) 2020/1224 Art 11)."""
    values: Annotated[dict[str, Facts], Field(max_length=MOST_FACTS)] = Field(default={})
    """Values by code of a template's field: `{IVSS8: FLTR, IVSS11: true}`; of loan-level fields for every loan whose
    tape says nothing else. Several values of a field that may repeat are a list."""
    no_data: Annotated[dict[str, NoData], Field(max_length=MOST_FACTS)] = Field(default={})
    """Why a field has no value, by code, where the template allows it: `{CMRL15: ND2}`; without it the template's own
    (ND5, or ND1 where only these are allowed), which is told."""

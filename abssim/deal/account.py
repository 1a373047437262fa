"""Where cash and promises are kept: accounts hold cash, ledgers record it."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, WithJsonSchema

from abssim.deal.base import Amount, Once, Part, Percent, Signed, Sum, Words

Collection = Literal[
    "interest",
    "fees",
    "penalty",
    "scheduled_principal",
    "prepayment",
    "repurchase",
    "recovery",
    "advances",
    "discount",
    "sale",
    "all",
]
"""Keys of `engine.layout.COLLECTIONS`, and `all` of them."""
_WORD = {"type": "string", "enum": [*get_args(Collection)]}
Collections = Annotated[
    tuple[Collection, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [_WORD, {"type": "array", "items": _WORD}]}),
]


class Account(Part):
    """A bank account of the deal."""

    collects: Annotated[Collections, Once] = ()
    """Sources of cash that arrive here; `all` for every source no other account collects."""
    pools: Annotated[tuple[str, ...], Once] = ()
    """Pools whose cash arrives here; default: all."""
    balance: Amount = 0
    """Cash at closing (or at the start in mid-life), currency units."""
    target: Sum | None = None
    """What `top_up` fills it to."""
    supports: Annotated[Words | None, Once] = None
    """Notes whose credit enhancement its cash counts to; `[]` for none (a swap account). Default: of an account that
    takes no collections, the notes whose interest or principal a step may pay out of it."""
    reinvestment_pct: Percent = 0
    """Income on the opening balance, percent a year, by months."""
    income: tuple[Amount, ...] = ()
    """Income by period as reported, instead of `reinvestment_pct` for the periods given."""
    receives: Sum | None = None
    """Cash that a party outside pays in on every date before the waterfall, by formula: a guarantee, a swap, new money.
    Read as `ACCOUNT.posted`."""


class Ledger(Part):
    """A record of an amount owed between parties or accounts: a principal deficiency, money lent."""

    balance: Signed = 0
    """At closing (or at the start in mid-life)."""
    limit: Sum | None = None
    """Bookings raise it up to here; what is more raises `beyond`: losses rise from ledger to ledger, bottom up."""
    beyond: str | None = None
    """Ledger that takes what is beyond the limit."""

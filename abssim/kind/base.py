"""What a row of the table of kinds says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Any, NamedTuple

from abssim.kind.claim import Claim


class Unit(Enum):
    """What a field counts, as a whole number."""

    AMOUNT = "amount"
    """Minor units of the deal's currency."""
    COUNT = "number"
    FLAG = "flag"
    """0 or 1."""


class Opening(Enum):
    """What a field holds when a date opens."""

    ZERO = 0
    CARRY = 1
    """What it held at the close of the date before."""


class Phase(IntEnum):
    """The order of a date: after which phase a field is final. Expressions read no field before its phase."""

    OPEN = 0
    """Closing figures become opening ones; the clock moves on."""
    EVENTS = 1
    """What happened to parties since the last date."""
    CREDIT = 2
    """Months that ended are collected from the pools."""
    CASH = 3
    """Collections reach the accounts; account income."""
    PROTECT = 4
    """Protection on the pool."""
    ACCRUE = 5
    """Interest and fees accrue, interest is capitalized."""
    RECEIVE = 6
    """Cash from outside arrives."""
    JUDGE = 7
    """Definitions and triggers of the start."""
    ACT = 8
    """What triggers that fired bring about; the regime."""
    CALL = 9
    DUE = 10
    """Interest falls due, account targets are set."""
    PAY = 11
    """The waterfall."""
    CLOSE = 12
    """Shortfalls; triggers of the end; the audit."""


class Field(NamedTuple):
    """A figure of each thing of a kind, on each date."""

    english: str
    chinese: str
    opens: Opening | IntEnum = Opening.ZERO
    """What it holds when a date opens; a field: what that one held at the close."""
    phase: Phase = Phase.OPEN
    unit: Unit = Unit.AMOUNT
    given: str = ""
    """Field of the document that gives it at a start in mid-life."""


class Before(NamedTuple):
    """A field as it was at the close of the date before."""

    field: IntEnum


Term = IntEnum | Before


class Identity(NamedTuple):
    """An equality between sums of fields of one thing, tested on every date of every path."""

    name: str
    meaning: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]


class Drawable(NamedTuple):
    """What steps of a waterfall can pay out of a thing."""

    available: IntEnum
    drawn: IntEnum


class Kind(NamedTuple):
    """A kind of thing that a deal consists of."""

    name: str
    """As expressions write it: `note.A.balance`."""
    plural: str
    """Of the document, of results and of sums over all: `notes`."""
    fields: Mapping[Any, Field]
    """By member of the kind's enum, all of them, in order."""
    identities: tuple[Identity, ...] = ()
    brings: tuple[IntEnum, ...] = ()
    """Fields that are cash come from outside into the accounts."""
    withheld: tuple[IntEnum, ...] = ()
    """Fields that are kept back from what it brings."""
    takes: tuple[IntEnum, ...] = ()
    """Fields that are cash gone out of the accounts for good."""
    never_negative: tuple[IntEnum, ...] = ()
    claims: tuple[Claim, ...] = ()
    """What steps of a waterfall may pay."""
    drawable: Drawable | None = None
    """Out of which steps may pay."""
    summed: bool = False
    """Expressions may read the sum over all of the kind: `notes.balance`."""
    bare: bool = False
    """Expressions may leave the kind out: `income.balance`."""

    @property
    def enum(self) -> type[IntEnum]:
        """The fields as the engine numbers them."""
        return type(next(iter(self.fields)))

    @property
    def payable(self) -> bool:
        """Steps of a waterfall may name it as a payee."""
        return any(not claim.word for claim in self.claims)

    def words(self) -> dict[str, str]:
        """English words by field, in lower case."""
        return {member.name.lower(): field.english for member, field in self.fields.items()}

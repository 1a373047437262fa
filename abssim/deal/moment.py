"""What is judged on a date, in the order of the phases of a date; within it, each after what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.kind.base import Phase
from abssim.kind.table import KINDS

ONCE = ("",)
"""Entries of what is judged once."""


class Moment(NamedTuple):
    """Something judged on a date, once or for each entry of a part of the deal."""

    name: str
    phase: Phase
    known: str
    """What has happened then, in words."""
    entries: Callable[[Deal], Iterable[str]] = lambda _: ONCE
    """Names of those it is judged for."""
    of: str = ""
    """Part of the deal whose entries they are."""
    reads: tuple[str, ...] = ()
    """Parts of the deal (`fees`, or one field: `accounts.target`) whose expressions it evaluates."""
    after: tuple[str, ...] = ()
    """Moments it waits for, all of them."""

    @property
    def settles(self) -> bool:
        """It happens once on every date, and settles the fields of its phase all at once."""
        return self.phase >= Phase.ACT and not self.of


def _all(part: str) -> Callable[[Deal], Iterable[str]]:
    return lambda deal: getattr(deal, part)


ACCRUING = tuple(
    Moment(
        kind.name,
        Phase.ACCRUE,
        f"the {kind.name} has accrued",
        _all(kind.plural),
        kind.plural,
        (kind.plural,),
    )
    for kind in KINDS.values()
    if any(field.phase is Phase.ACCRUE for field in kind.fields.values())
)
"""Kinds with figures that accrue, thing by thing."""


def _tested(at: str) -> Callable[[Deal], Iterable[str]]:
    return lambda deal: [name for name, trigger in deal.triggers.items() if trigger.test == at]


def _with(field: str) -> Callable[[Deal], Iterable[str]]:
    return lambda deal: [name for name, account in deal.accounts.items() if getattr(account, field) is not None]


def _capitalized(deal: Deal) -> Iterable[str]:
    return ONCE if any(note.capitalizes for note in deal.notes.values()) else ()


_PAID_OUT = (*(moment.name for moment in ACCRUING), "receipt", "due", "target")
_RECEIVED = "the account has received cash from outside"
_CALLED = "calls have been judged, after the triggers of the start"
_TARGET = "account targets are set, after triggers and calls"
_ENDED = "the triggers of the end are tested, after the waterfall"

MOMENTS: tuple[Moment, ...] = (
    *ACCRUING,
    Moment("capitalize", Phase.ACCRUE, "interest has been capitalized", _capitalized, after=("note",)),
    Moment("receipt", Phase.RECEIVE, _RECEIVED, _with("receives"), "accounts", ("accounts.receives",)),
    Moment("definition", Phase.JUDGE, "it is defined", _all("definitions"), "definitions", ("definitions",)),
    Moment("window", Phase.JUDGE, "it is defined", lambda _: ()),
    Moment("trigger", Phase.JUDGE, "the trigger has been tested", _tested("start"), "triggers", ("triggers",)),
    Moment("regime", Phase.ACT, "the triggers of the start have been tested", after=("trigger",)),
    Moment("call", Phase.CALL, _CALLED, reads=("calls",), after=("note", "capitalize", "regime")),
    Moment("due", Phase.DUE, "interest falls due, after triggers and calls", after=("call",)),
    Moment("target", Phase.DUE, _TARGET, _with("target"), "accounts", ("accounts.target",), ("call",)),
    Moment("pay", Phase.PAY, "the waterfall has paid", reads=("waterfalls",), after=_PAID_OUT),
    Moment("end", Phase.CLOSE, _ENDED, _tested("end"), "triggers", ("triggers",), ("pay",)),
)
"""In the order in which they come where nothing is read of each other. A window is judged where something reads it."""
NAMED = {moment.name: number for number, moment in enumerate(MOMENTS)}
"""Place of each by its name."""

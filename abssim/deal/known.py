"""After what a name is known: which item of a date decides the figure an expression reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.moment import MOMENTS
from abssim.deal.observable import Slot
from abssim.deal.symbols import Symbols
from abssim.kind.base import Phase
from abssim.kind.clock import CLOCK
from abssim.kind.table import CLAIMS, KINDS

_SETTLED = {moment.phase: moment.name for moment in MOMENTS if moment.settles}
"""What settles fields of a phase, all at once; what accrues is settled thing by thing."""
FIXED = tuple(_SETTLED.values())
"""What happens once on every date, whatever the deal says."""
_KINDS = {**KINDS, "clock": CLOCK}
CARRIED = {
    f"{kind.name}.{claim.shortfall.name.lower()}": (claim.due.name.lower(), claim.less.name.lower())
    for claim, kind in CLAIMS.items()
    if claim.shortfall and claim.due and claim.less
}
"""Fields (`note.interest_shortfall`) that are booked at the close, before which they are those of the date before; and
what is due and what has been paid of it."""


class Item(NamedTuple):
    """Something judged on a date."""

    kind: str
    """Name of its moment (`abssim.deal.moment`)."""
    name: str = ""


def known_after(deal: Deal, symbols: Symbols, name: str, reader: Item) -> Iterator[Item]:
    """Items that must have been judged before `reader` reads `name`, a name that has a place."""
    prefix, slot = symbols.slot(name)
    if slot.block == "definition":
        if prefix not in ("previous", "earlier"):
            yield Item("definition", slot.item)
    elif prefix.startswith("at.") or not prefix:
        yield from _decided(deal, slot, reader)
    mark = prefix.removeprefix("at.")
    if mark in deal.triggers and mark != reader.name and deal.triggers[mark].test == "start":
        yield Item("trigger", mark)


def _decided(deal: Deal, slot: Slot, reader: Item) -> Iterator[Item]:
    """What decides a figure of the present date; the waterfall reads what it has paid so far."""
    for item in _settled(deal, slot, reader):
        if item.kind != "pay" or reader.kind != "pay":
            yield item


def _settled(deal: Deal, slot: Slot, reader: Item) -> Iterator[Item]:
    """What settles a figure; balances are stocks, read as they are at the moment."""
    block, item, field = slot
    if block == "trigger":
        yield from _trigger(deal, item, field, reader)
    elif block == "account" and field == "target":
        yield Item("target", item) if deal.accounts[item].target is not None else Item("pay")
    elif block == "account" and field in ("balance", "posted"):
        if deal.accounts[item].receives is not None and (field == "posted" or reader != Item("receipt", item)):
            yield Item("receipt", item)
    elif block == "note" and field == "balance":
        if deal.notes[item].capitalizes is not None and reader.kind != "note":
            yield Item("capitalize")
    elif block == "draw":
        yield Item("pay")
    elif block in _KINDS:
        yield from _of_phase(slot, reader)


def _of_phase(slot: Slot, reader: Item) -> Iterator[Item]:
    """What settles a field, by the phase of the date after which it is final."""
    kind = _KINDS[slot.block]
    phase = kind.fields[kind.enum[slot.field.upper()]].phase
    if phase == Phase.ACCRUE:
        yield Item(slot.block, slot.item)
    elif phase in _SETTLED and (slot.field, reader.kind) != ("called", "call"):
        yield Item(_SETTLED[phase])


def _trigger(deal: Deal, name: str, field: str, reader: Item) -> Iterator[Item]:
    """A trigger of the end is in force from the next date on: until then it is as it was."""
    if deal.triggers[name].test == "start":
        yield Item("trigger", name)
    elif field == "breached" or (reader.kind == "end" and reader.name != name):
        yield Item("end", name)

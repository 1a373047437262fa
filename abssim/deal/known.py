"""After what a name is known: which item of a date decides the figure an expression reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.observable import Slot
from abssim.deal.symbols import Symbols

FIXED = ("regime", "call", "due", "pay")
"""What happens once on every date, whatever the deal says."""
_NOTE = {"interest_due": "due", "accrued_not_due": "due", "premium_due": "call"}
_NOTE |= dict.fromkeys(("accrued_interest", "notional", "capitalized"), "note")
_NOTE |= dict.fromkeys(("interest_paid", "principal_paid", "write_down", "residual_paid", "premium_paid"), "pay")
_POOL = {"purchase": "pay", "purchase_cost": "pay", "sale_proceeds": "call", "sold_balance": "call"}
_CLOCK = {"regime": "regime", "regime_period": "regime", "called": "call"}
_PAID = {"account": ("paid_in", "paid_out"), "ledger": ("debited", "credited"), "fee": ("paid",), "holder": ("paid",)}
CARRIED = ("interest_shortfall", "shortfall")
"""Fields of notes and fees that are booked at the close: before it they are those of the date before."""


class Item(NamedTuple):
    """Something judged on a date."""

    kind: str
    """note, capitalize, receipt, fee, definition, window, trigger, regime, call, due, target,
    pay; `end`: trigger of the end."""
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
    if block == "note":
        if field in _NOTE:
            yield Item(_NOTE[field], item if _NOTE[field] == "note" else "")
        elif field == "balance" and deal.notes[item].capitalizes is not None and reader.kind != "note":
            yield Item("capitalize")
    elif block == "fee" and field in ("accrued", "due"):
        yield Item("fee", item)
    elif block == "account" and field in ("balance", "posted"):
        if deal.accounts[item].receives is not None and (field == "posted" or reader != Item("receipt", item)):
            yield Item("receipt", item)
    elif block == "account" and field == "target":
        yield Item("target", item) if deal.accounts[item].target is not None else Item("pay")
    elif block == "trigger":
        yield from _trigger(deal, item, field, reader)
    elif block in ("step", "draw") or field in _PAID.get(block, ()):
        yield Item("pay")
    elif block == "pool" and field in _POOL:
        yield Item(_POOL[field])
    elif block == "clock" and field in _CLOCK and (field, reader.kind) != ("called", "call"):
        yield Item(_CLOCK[field])


def _trigger(deal: Deal, name: str, field: str, reader: Item) -> Iterator[Item]:
    """A trigger of the end is in force from the next date on: until then it is as it was."""
    if deal.triggers[name].test == "start":
        yield Item("trigger", name)
    elif field == "breached" or (reader.kind == "end" and reader.name != name):
        yield Item("end", name)

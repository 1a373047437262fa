"""Averages of a balance by days: `daily_average`, as an expression over balances at the ends of dates."""

from __future__ import annotations

from typing import Protocol

from abssim.deal.expression import Binary, Name, Node, Number, Unary
from abssim.deal.observable import Observable, Slot
from abssim.errors import DealError, Problem
from abssim.kind.pool import FLOWS, PoolField
from abssim.kind.table import KINDS


class Lookup(Protocol):
    """Where names have their places."""

    table: dict[str, Observable]

    def slot(self, name: str) -> tuple[str, Slot]: ...  # noqa: D102


def averaged(symbols: Lookup, node: Node) -> Node:
    """An expression whose balances are replaced by their averages over the collection period.

    A pool changes on all its days: half of opening and closing. Anything else changes on payment dates: the balance
    before the one that falls into the period counts for the days up to it, the balance after it for the rest.
    """
    match node:
        case Number():
            return node
        case Name():
            return _average(symbols, node)
        case Unary(operator="-"):
            return Unary("-", averaged(symbols, node.operand), node.column)
        case Binary(operator="+" | "-"):
            return Binary(node.operator, averaged(symbols, node.left), averaged(symbols, node.right), node.column)
        case Binary(operator="*" | "/", right=Number()):
            return Binary(node.operator, averaged(symbols, node.left), node.right, node.column)
        case Binary(operator="*", left=Number()):
            return Binary("*", node.left, averaged(symbols, node.right), node.column)
    raise _refused(node)


def _average(symbols: Lookup, node: Name) -> Node:
    symbol = symbols.table.get(node.name)
    if symbol is None or symbol.slot is None:
        raise _refused(node)
    block, column = symbol.slot.block, node.column
    if block == "constant":
        return node
    previous = Name(f"previous.{node.name}", column)
    if block == "pool" and PoolField[symbol.slot.field.upper()] not in FLOWS:
        return Binary("/", Binary("+", previous, node, column), Number(2.0, column), column)
    if block in KINDS and symbol.slot.field == "balance":
        share = Binary("/", Name("days_before_payment", column), Name("collection_days", column), column)
        rest = Binary("-", Number(1.0, column), share, column)
        before = Binary("*", Name(f"earlier.{node.name}", column), share, column)
        return Binary("+", before, Binary("*", previous, rest, column), column)
    raise _refused(node)


def _refused(node: Node) -> DealError:
    text = "daily_average is of balances of pools, notes, accounts and ledgers, and of their sums"
    return DealError(Problem("E113", f"column {node.column}", "", text, "daily_average(notes.balance)"))

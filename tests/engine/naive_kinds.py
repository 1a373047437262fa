"""Naive kinds that accrue, or are owed, and are paid: what a date does to one of them, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = dict[str, int]
UNLIMITED = 2**60


class Holders:
    """Whatever is left."""

    part = "holders"
    accrued: tuple[str, ...] = ()
    """Figures that are known once it has accrued."""

    def first(self, entry: Any, minor: Callable[[float], int]) -> Row:
        """Before the first date."""
        return {"paid": 0}

    def open(self, row: Row) -> None:
        row["paid"] = 0

    def claim(self, row: Row) -> int:
        return UNLIMITED

    def pay(self, row: Row, amount: int) -> None:
        row["paid"] += amount

    def accrue(self, twin: Any, name: str) -> None:
        """What accrues on the date."""

    def close(self, row: Row) -> None:
        """After the waterfall."""


class Fees(Holders):
    """What has accrued, and what was left unpaid."""

    part = "fees"
    accrued = ("accrued", "due")

    def first(self, entry: Any, minor: Callable[[float], int]) -> Row:
        return {"accrued": 0, "due": 0, "paid": 0, "shortfall": minor(entry.opening_shortfall)}

    def open(self, row: Row) -> None:
        row |= {"accrued": 0, "paid": 0, "due": row["shortfall"]}

    def accrue(self, twin: Any, name: str) -> None:
        twin.accrue_fee(name)

    def claim(self, row: Row) -> int:
        return row["due"] - row["paid"]

    def close(self, row: Row) -> None:
        row["shortfall"] = row["due"] - row["paid"]


OTHERS = {"holder": Holders(), "fee": Fees()}
"""By kind; notes, accounts and ledgers have more to them."""


def first_rows(deal: Any, minor: Callable[[float], int]) -> dict[str, dict[str, Row]]:
    """By kind and name, before the first date."""
    rows: dict[str, dict[str, Row]] = {}
    for kind, other in OTHERS.items():
        entries = getattr(deal, other.part)
        rows[kind] = {n: other.first(entries[n] if isinstance(entries, dict) else None, minor) for n in entries}
    return rows

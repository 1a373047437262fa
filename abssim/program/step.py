"""Waterfalls to arrays: steps, payee trees, sources and books."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from abssim.deal.base import REGIMES
from abssim.deal.deal import Deal
from abssim.deal.payee import kind_of
from abssim.deal.waterfall import Step
from abssim.engine.program import BOOK, PAYEE, STEP, PayeeKind, Rule
from abssim.node import DocumentPath
from abssim.program.code import CodeBuilder
from abssim.program.place import Places

_NOTE_PART = {
    "pay_due": PayeeKind.NOTE_INTEREST,
    "pay_amount": PayeeKind.NOTE_PRINCIPAL,
    "pay_down_to": PayeeKind.NOTE_PRINCIPAL,
    "pay_in_full": PayeeKind.NOTE_IN_FULL,
    "book": PayeeKind.NOTE_PRINCIPAL,
    "pay_remainder": PayeeKind.NOTE_RESIDUAL,
}
"""What a note without component is paid under each rule."""
_COMPONENT = {
    "note.interest": PayeeKind.NOTE_INTEREST,
    "note.principal": PayeeKind.NOTE_PRINCIPAL,
    "note.premium": PayeeKind.NOTE_PREMIUM,
    "note.residual": PayeeKind.NOTE_RESIDUAL,
    "fee": PayeeKind.FEE,
    "account": PayeeKind.ACCOUNT,
    "ledger": PayeeKind.LEDGER,
    "purchase": PayeeKind.PURCHASE,
    "holder": PayeeKind.HOLDER,
}


class StepArrays(NamedTuple):
    """The parts of a `DealProgram` that come from the waterfalls."""

    payee: np.ndarray
    waterfall: np.ndarray
    step: np.ndarray
    source: np.ndarray
    book: np.ndarray


class _Tables:
    """Rows of the arrays as they grow."""

    def __init__(self, deal: Deal, places: Places, code: CodeBuilder) -> None:
        self.deal, self.places, self.code = deal, places, code
        self.path: DocumentPath = ()
        """Place of the step at hand."""
        self.payee: list[list[int]] = []
        self.step: list[tuple[int, ...]] = []
        self.source: list[int] = []
        self.book: list[tuple[int, int, int]] = []
        self.first: dict[tuple[Hashable, Hashable], int] = {}
        """Row of each member of each group that shares, in the first step that pays the group."""

    def add_step(self, step: Step, *path: str | int) -> None:
        """A step at a place of the document."""
        self.path = path
        root = self._payees(step)
        first_source, first_book = len(self.source), len(self.book)
        self.source += [self.places.row("account", name) for name in (*step.source, *step.support)]
        self.book += [self._book(ledger, what) for ledger, what in step.books.items()]
        self.step.append(
            (
                Rule[step.rule.upper()],
                self._amount(step),
                self.code.claim(step.cap, *path, "cap"),
                self.code.expression(step.when, "flag", *path, "when"),
                root,
                self.places.row("account", step.into) if step.into else -1,
                first_source,
                len(self.source),
                first_book,
                len(self.book),
            )
        )

    def _amount(self, step: Step) -> int:
        """What is owed or led to. A booking can be negative; a balance led down to less than nothing is nothing."""
        field = "target" if step.amount is None else "amount"
        if step.rule in ("book", "pay_down_to"):
            return self.code.expression(getattr(step, field), "amount", *self.path, field)
        return self.code.claim(getattr(step, field), *self.path, field)

    def _book(self, ledger: str, what: str) -> tuple[int, int, int]:
        sign = -1 if what.startswith("-") else 1
        giver = what.lstrip("-").strip()
        account = -1 if giver == "paid" else self.places.row("account", giver.removeprefix("from."))
        return (self.places.row("ledger", ledger), account, sign)

    def _payees(self, step: Step) -> int:
        """Root of the step's payee tree, -1 if it has none; a single payee is its own root."""
        if not step.payees:
            return -1
        root, item, pro_rata = len(self.payee), step.payees, step.order == "pro_rata"
        while len(item) == 1 and not isinstance(item, str):
            item, pro_rata = item[0], not pro_rata
        self._node(step, item, pro_rata, "")
        return root

    def _node(self, step: Step, item: Any, pro_rata: bool, group: Hashable) -> None:
        """The rows of a payee, which is a member of `group`."""
        node = len(self.payee)
        shared = self.first.setdefault((group, self._members(step, item)), node) if group else node
        by_original = int(step.pro_rata_by == "original_balance")
        if isinstance(item, str):
            kind, index = self._leaf(step, item)
            cap = self.code.claim(step.caps.get(item), *self.path, "caps", item)
            self.payee.append([kind, index, node + 1, 0, cap, by_original, shared])
            return
        own: Hashable = (step.rule == "book", by_original, self._members(step, item)) if pro_rata else ""
        self.payee.append([PayeeKind.GROUP, -1, -1, int(pro_rata), -1, by_original, shared])
        for child in item:
            self._node(step, child, not pro_rata, own)
        self.payee[node][2] = len(self.payee)

    def _members(self, step: Step, item: Any) -> Hashable:
        """A payee as a group knows it: who belongs to it, in any order."""
        if isinstance(item, str):
            return self._leaf(step, item)
        return frozenset(self._members(step, each) for each in item)

    def _leaf(self, step: Step, payee: str) -> tuple[int, int]:
        kind = kind_of(self.deal, payee)
        assert kind is not None, payee
        if kind == "note":
            return _NOTE_PART[step.rule], self.places.row("note", payee)
        if kind.startswith("note."):
            return _COMPONENT[kind], self.places.row("note", payee.partition(".")[0])
        return _COMPONENT[kind], 0 if kind == "purchase" else self.places.row(kind, payee)


def compile_steps(deal: Deal, places: Places, code: CodeBuilder) -> StepArrays:
    """All waterfalls, one after the other; a missing one is that of the next less severe regime."""
    tables = _Tables(deal, places, code)
    spans: dict[str, tuple[int, int]] = {}
    for regime, steps in deal.waterfalls.items():
        first = len(tables.step)
        for index, step in enumerate(steps):
            tables.add_step(step, "waterfalls", regime, index)
        spans[regime] = (first, len(tables.step))
    waterfall = np.zeros((len(REGIMES), 2), dtype=np.int64)
    for number, regime in enumerate(REGIMES):
        waterfall[number] = spans.get(regime, waterfall[max(0, number - 1)])
    return StepArrays(
        np.array([tuple(row) for row in tables.payee], dtype=PAYEE),
        waterfall,
        np.array(tables.step, dtype=STEP),
        np.array(tables.source, dtype=np.int64),
        np.array(tables.book, dtype=BOOK),
    )

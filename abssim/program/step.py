"""Waterfalls to arrays: steps, payee trees, sources and books."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from abssim.deal.base import REGIMES
from abssim.deal.deal import Deal
from abssim.deal.payee import claim_of, thing_of
from abssim.deal.waterfall import Step
from abssim.engine.program import BOOK, GROUP, PAYEE, STEP
from abssim.kind.claim import Claim, Rule
from abssim.kind.table import CLAIMS
from abssim.node import DocumentPath
from abssim.program.code import CodeBuilder
from abssim.program.place import Places
from abssim.program.terms import original_balance, payment_unit

_NUMBER = {claim: number for number, claim in enumerate(CLAIMS)}


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
        self.source += [self.places.row("draw", name) for name in (*step.source, *step.support)]
        self.book += [self._book(ledger, what) for ledger, what in step.books.items()]
        self.step.append(
            (
                Rule[step.rule.upper()],
                self._amount(step),
                self.code.claim(step.cap, *path, "cap"),
                self.code.judged(step.when, "flag", *path, "when"),
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
        account = -1 if giver == "paid" else self.places.row("draw", giver.removeprefix("from."))
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
        by_original = step.pro_rata_by == "original_balance"
        if isinstance(item, str):
            self._leaf(step, item, shared)
            return
        own: Hashable = (step.rule == "book", by_original, self._members(step, item)) if pro_rata else ""
        self.payee.append([GROUP, -1, -1, int(pro_rata), -1, -1, 1, shared])
        for child in item:
            self._node(step, child, not pro_rata, own)
        self.payee[node][2] = len(self.payee)

    def _leaf(self, step: Step, payee: str, shared: int) -> None:
        """The row of somebody who is paid."""
        claim, name, kind = self._claim(step, payee)
        index = 0 if claim.word else self.places.row(kind, name)
        cap = self.code.claim(step.caps.get(payee), *self.path, "caps", payee)
        weight = -1
        if claim.weight is not None and step.pro_rata_by == "original_balance":
            weight = original_balance(self.deal, kind, name)
        unit = payment_unit(self.deal, kind, name)
        self.payee.append([_NUMBER[claim], index, len(self.payee) + 1, 0, cap, weight, unit, shared])

    def _members(self, step: Step, item: Any) -> Hashable:
        """A payee as a group knows it: who belongs to it, in any order, whatever the rules call it."""
        if isinstance(item, str):
            claim, name, kind = self._claim(step, item)
            return kind, name, claim.part
        return frozenset(self._members(step, each) for each in item)

    def _claim(self, step: Step, payee: str) -> tuple[Claim, str, str]:
        """What is paid, the name of the thing and its kind."""
        claim = claim_of(self.deal, step.rule, payee)
        assert claim is not None, payee
        return claim, thing_of(self.deal, payee), CLAIMS[claim].name


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

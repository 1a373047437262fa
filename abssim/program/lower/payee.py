"""Payee trees: what each payee can claim, how an amount is shared among them, and how each is paid."""

from __future__ import annotations

from typing import NamedTuple

from abssim.engine.deal.operation import Amount, List, Share, Whole
from abssim.engine.program import UNLIMITED, PayeeKind, Rule
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.expression import amount
from abssim.program.lower.judge import purchases_allowed

_BY_BALANCE = (PayeeKind.NOTE_PRINCIPAL, PayeeKind.NOTE_RESIDUAL, PayeeKind.NOTE_IN_FULL)


class Step(NamedTuple):
    """A step while it is lowered."""

    number: int
    rule: int
    root: int
    """Of its payee tree; the last row follows in the table."""
    end: int
    mask: int
    """Slot of the lanes in which it runs."""


class Tree:
    """Slots of the needs and shares of a step's payees."""

    def __init__(self, asm: Assembler, step: Step, carried: dict[int, tuple[int, int]]) -> None:
        self.asm, self.step, self.payee = asm, step, asm.program.payee
        self.carried = carried
        """Slots of what a member is owed of whole units, and of what of, by the row that remembers it."""
        self.need: dict[int, int] = {}
        self.given: dict[int, int] = {}
        for node in range(step.end - 1, step.root - 1, -1):
            self.need[node] = self._sum(node) if self._is_group(node) else self._claim(node)
        self._claimed = dict(self.need)

    @property
    def leaves(self) -> list[int]:
        """Rows of those who are paid."""
        return [node for node in range(self.step.root, self.step.end) if not self._is_group(node)]

    def kind(self, node: int) -> int:
        """PayeeKind of a row."""
        return int(self.payee[node]["kind"])

    def row(self, node: int) -> int:
        """Row of the state that a payee has."""
        lay, kind = self.asm.layout, self.kind(node)
        if PayeeKind.NOTE_INTEREST <= kind <= PayeeKind.NOTE_IN_FULL:
            first = lay["note"].start
        else:
            blocks = {
                PayeeKind.FEE: lay["fee"].start,
                PayeeKind.ACCOUNT: lay["account"].start,
                PayeeKind.LEDGER: lay["ledger"].start,
            }
            first = blocks.get(PayeeKind(kind), lay["holder"].start)
        return first + int(self.payee[node]["index"])

    def _is_group(self, node: int) -> bool:
        return self.kind(node) == PayeeKind.GROUP

    def _children(self, node: int) -> list[int]:
        found, child = [], node + 1
        while child < self.payee[node]["end"]:
            found.append(child)
            child = int(self.payee[child]["end"])
        return found

    def _sum(self, node: int) -> int:
        children = self._children(node)
        if len(children) == 1:
            return self.need[children[0]]
        return self.asm.result(List.ADD_UP, *self.asm.entries(self.need[child] for child in children))

    def _claim(self, node: int) -> int:
        """What a leaf can claim under the rule: UNLIMITED where it has no claim of its own."""
        asm, kind, row = self.asm, self.kind(node), self.row(node)
        if kind in (PayeeKind.NOTE_INTEREST, PayeeKind.NOTE_PRINCIPAL, PayeeKind.NOTE_PREMIUM, PayeeKind.NOTE_IN_FULL):
            return note_claim(asm, row, kind)
        if kind == PayeeKind.PURCHASE:
            return purchases_allowed(asm)
        if kind == PayeeKind.FEE:
            return asm.result(Whole.SUBTRACT, asm.at(row, FeeField.DUE), asm.at(row, FeeField.PAID))
        if kind == PayeeKind.LEDGER and self.step.rule != Rule.BOOK:
            return asm.result(Whole.DEFICIT, asm.at(row, LedgerField.BALANCE), asm.zero)
        if kind == PayeeKind.ACCOUNT and self.step.rule == Rule.TOP_UP:
            return asm.result(Whole.DEFICIT, asm.at(row, AccountField.TARGET), asm.at(row, AccountField.BALANCE))
        return asm.constant(UNLIMITED)

    def limit(self) -> None:
        """Apply the caps of single payees to their claims, then add the groups up again."""
        limited = False
        for node in range(self.step.end - 1, self.step.root - 1, -1):
            cap = int(self.payee[node]["cap"])
            if cap >= 0:
                most = amount(self.asm, Amount.LIMIT, cap, self.step.mask)
                self.need[node] = self.asm.result(Whole.MINIMUM, self.need[node], most)
                limited = True
            elif limited and self._is_group(node):
                self.need[node] = self._sum(node)

    def without_bound(self, negative: int) -> None:
        """In the lanes of a mask, everybody takes whatever is booked."""
        unlimited = self.asm.constant(UNLIMITED)
        for node, need in self.need.items():
            if need != unlimited:
                self.need[node] = self.asm.result(Whole.CHOOSE, negative, unlimited, need)

    def share(self, paying: int) -> None:
        """What each payee takes of an amount."""
        weight = self._weights()
        self.given[self.step.root] = paying
        for node in range(self.step.root, self.step.end):
            if self._is_group(node):
                self._share_group(node, weight)

    def _share_group(self, node: int, weight: dict[int, int]) -> None:
        children, asm = self._children(node), self.asm
        for child in children:
            self.given[child] = asm.scratch()
        if self.payee[node]["pro_rata"] and len(children) > 1:
            members = [
                each
                for child in children
                for each in (self.need[child], weight[child], self.given[child], *self._carried(child))
            ]
            asm.emit(Share.PRO_RATA, self.given[node], self.step.mask, *asm.entries(members))
            return
        left = asm.result(Whole.MOVE, self.given[node])
        for child in children:
            asm.emit(Whole.TAKE, self.given[child], left, self.need[child])

    def _carried(self, child: int) -> tuple[int, int]:
        """What earlier steps of the date owe a member is kept with the first row that names it."""
        first = int(self.payee[child]["shared"])
        if first not in self.carried:
            self.carried[first] = self.asm.slot(), self.asm.slot()
        return self.carried[first]

    def _weights(self) -> dict[int, int]:
        """What each payee counts for when a group shares pro rata."""
        nodes = range(self.step.end - 1, self.step.root - 1, -1)
        if not any(self.payee[node]["pro_rata"] for node in nodes):
            return {}
        found: dict[int, int] = {}
        for node in nodes:
            if self._is_group(node):
                found[node] = self.asm.result(
                    List.ADD_UP, *self.asm.entries(found[child] for child in self._children(node))
                )
            else:
                found[node] = self._weight(node)
        return found

    def _weight(self, node: int) -> int:
        """By opening or original balance where principal is shared, else by what is claimed; never nothing."""
        asm, need = self.asm, self._claimed[node]
        if self.kind(node) in _BY_BALANCE:
            need = asm.at(self.row(node), NoteField.OPENING_BALANCE)
            if self.payee[node]["by_original_balance"]:
                need = asm.constant(int(asm.program.note[self.payee[node]["index"]]["initial_balance"]))
        return asm.result(Whole.WEIGHT, need)


def note_claim(asm: Assembler, row: int, kind: int) -> int:
    """Slot of what a note can claim as interest, principal, premium or all of them."""
    interest = asm.at(row, NoteField.INTEREST_DUE), asm.at(row, NoteField.INTEREST_PAID)
    premium = asm.at(row, NoteField.PREMIUM_DUE), asm.at(row, NoteField.PREMIUM_PAID)
    if kind == PayeeKind.NOTE_PRINCIPAL:
        return asm.at(row, NoteField.BALANCE)
    if kind == PayeeKind.NOTE_IN_FULL:
        due = (interest[0], premium[0], asm.at(row, NoteField.BALANCE))
        return asm.result(List.SUM, *asm.signed(due, (interest[1], premium[1])))
    return asm.result(Whole.SUBTRACT, *(premium if kind == PayeeKind.NOTE_PREMIUM else interest))

"""Payee trees: what each payee can claim, how an amount is shared among them, and how each is paid."""

from __future__ import annotations

from typing import NamedTuple

from abssim.engine.deal.operation import Amount, List, Share, Whole
from abssim.engine.program import GROUP, UNLIMITED
from abssim.kind.claim import Claim
from abssim.kind.table import CLAIMS
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.claim import wanted
from abssim.program.lower.expression import amount

_CLAIMS = tuple(CLAIMS)


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
            self.need[node] = self._sum(node) if self._is_group(node) else wanted(asm, self.claim(node), self.row(node))
        self._claimed = dict(self.need)

    @property
    def leaves(self) -> list[int]:
        """Rows of those who are paid."""
        return [node for node in range(self.step.root, self.step.end) if not self._is_group(node)]

    def claim(self, node: int) -> Claim:
        """What a row is paid."""
        return _CLAIMS[int(self.payee[node]["claim"])]

    def row(self, node: int) -> int:
        """Row of the state that a payee has."""
        return self.asm.layout[CLAIMS[self.claim(node)].name].start + int(self.payee[node]["index"])

    def _is_group(self, node: int) -> bool:
        return int(self.payee[node]["claim"]) == GROUP

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
        asm, need, weight = self.asm, self._claimed[node], self.claim(node).weight
        if weight is not None:
            original = int(self.payee[node]["weight"])
            need = asm.at(self.row(node), weight) if original < 0 else asm.constant(original)
        return asm.result(Whole.WEIGHT, need)

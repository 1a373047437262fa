"""The waterfall of a date: steps in order, each by its rule, out of its sources, to its payees.

Cash leaves accounts only in `_draw` and arrives only in `claim.hand_over`, by the same whole amount, so sources equal
uses is an identity. Twin: `tests/engine/naive_step.py`.
"""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, List, Share, Whole
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.claim import Rule
from abssim.kind.clock import ClockField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.claim import book, close_claims, hand_over, wanted
from abssim.program.lower.expression import amount, number, settle
from abssim.program.lower.ledger import book_ledger
from abssim.program.lower.payee import Step, Tree

Carried = dict[int, tuple[int, int]]


def pay(asm: Assembler, _: int) -> None:
    """The waterfall; then what is due and unpaid is known."""
    run_steps(asm)
    close_claims(asm)


def run_steps(asm: Assembler) -> None:
    """The waterfalls of all regimes, each in the lanes that are in it."""
    carried: Carried = {}
    before = asm.take()
    for first, last in sorted({tuple(span) for span in asm.program.waterfall.tolist()}):
        regimes = sum(1 << r for r, span in enumerate(asm.program.waterfall.tolist()) if tuple(span) == (first, last))
        mask = asm.slot()
        with asm.jump(Amount.STEP, mask, regimes, -1, 0, _regime(asm)):
            for s in range(first, last):
                _run_step(asm, s, regimes, carried)
    steps, asm.code = asm.take(), before
    asm.emit(List.CLEAR, *asm.entries(slot for owed, _ in carried.values() for slot in (owed,)))
    asm.code += steps


def _regime(asm: Assembler) -> int:
    return asm.at(asm.layout["clock"].start, ClockField.REGIME)


def _run_step(asm: Assembler, s: int, regimes: int, carried: Carried) -> None:
    """A step, in the lanes whose condition holds and that are still on their way."""
    terms = asm.program.step[s]
    if terms["rule"] == Rule.CARRY:
        return
    when = number(asm, int(terms["when"])) if terms["when"] >= 0 else -1
    mask, root = asm.scratch(), int(terms["root"])
    step = Step(s, int(terms["rule"]), root, int(asm.program.payee[root]["end"]), mask)
    with asm.jump(Amount.STEP, mask, regimes, when, 0, _regime(asm)):
        if when >= 0:
            settle(asm, when, mask, int(terms["when"]))
            asm.emit(Amount.MASK, mask, mask, when)
        (_book if step.rule == Rule.BOOK else _pay)(asm, step, carried)
    asm.release()


def _limit(asm: Assembler, step: Step, field: str) -> int:
    """Slot of an amount of a step that cannot be negative."""
    return amount(asm, Amount.LIMIT, int(asm.program.step[step.number][field]), step.mask)


def _sources(asm: Assembler, step: Step) -> list[int]:
    """What a step pays out of, by place among all that is drawn on: sources in order, then supports in order."""
    terms = asm.program.step[step.number]
    return [int(each) for each in asm.program.source[terms["source_first"] : terms["source_last"]]]


def _due(asm: Assembler, step: Step, carried: Carried) -> tuple[Tree, int]:
    """The payees, and what the step owes them before its caps: the sum over them under its rule."""
    asked = _limit(asm, step, "amount") if asm.program.step[step.number]["amount"] >= 0 else -1
    if step.rule == Rule.TOP_UP and asked >= 0:
        row = asm.layout["account"][int(asm.program.payee[step.root]["index"])]
        target = asm.at(row, AccountField.TARGET)
        asm.emit(Whole.CHOOSE, target, step.mask, asked, target)
    tree = Tree(asm, step, carried)
    claim = tree.need[step.root]
    if step.rule == Rule.PAY_AMOUNT:
        return tree, asm.result(Whole.MINIMUM, claim, asked)
    if step.rule == Rule.PAY_DOWN_TO:
        return tree, asm.result(Whole.DEFICIT, claim, asked)
    return tree, claim


def _pay(asm: Assembler, step: Step, carried: Carried) -> None:
    """A step that moves cash."""
    sources = _sources(asm, step)
    drawn_on = [asm.layout.sources[a] for a in sources]
    available = asm.result(List.CASH, *asm.entries(asm.at(row, fields.available) for row, fields in drawn_on))
    tree, due = _due(asm, step, carried)
    if step.rule == Rule.PAY_REMAINDER:
        due = asm.result(Whole.MINIMUM, due, available)
    tree.limit()
    allowed = due if tree.need[step.root] == due else asm.result(Whole.MINIMUM, due, tree.need[step.root])
    if asm.program.step[step.number]["cap"] >= 0:
        allowed = asm.result(Whole.MINIMUM, allowed, _limit(asm, step, "cap"))
    paying = asm.result(Whole.MINIMUM, allowed, available)
    tree.share(asm.result(Whole.CHOOSE, step.mask, paying, asm.zero))
    paid = _whole_quanta(asm, tree)
    asm.emit(Whole.RECORD, asm.at(asm.layout["step"][step.number]), due, paid, step.mask)
    _draw(asm, step, sources, paid)
    for node in tree.leaves:
        into = int(asm.program.step[step.number]["into"])
        hand_over(asm, tree.claim(node), tree.row(node), tree.given[node], into)
    _move_books(asm, step, paid)


def _whole_quanta(asm: Assembler, tree: Tree) -> int:
    """What has a payment unit goes down to it, unless it repays; returns the sum of all leaves."""
    for node in tree.leaves:
        quantum, claim = int(asm.program.payee[node]["quantum"]), tree.claim(node)
        if quantum > 1:
            whole = wanted(asm, claim, tree.row(node)) if claim.repays else asm.zero
            asm.emit(Share.QUANTA, tree.given[node], whole, quantum, claim.repays)
    if len(tree.leaves) == 1:
        return tree.given[tree.leaves[0]]
    return asm.result(List.SUM, *asm.signed((tree.given[node] for node in tree.leaves), ()))


def _draw(asm: Assembler, step: Step, sources: list[int], paid: int) -> None:
    """Take what is paid out of the sources in order, then out of the supports in order."""
    left = asm.result(Whole.MOVE, paid)
    for a in sources:
        row, fields = asm.layout.sources[a]
        drawn = asm.at(asm.layout["step"][step.number], DRAW + a)
        asm.emit(Whole.DRAW, left, asm.at(row, fields.available), asm.at(row, fields.drawn), drawn)


def _move_books(asm: Assembler, step: Step, paid: int) -> None:
    """Ledgers that move with the step: by what it paid, or by what one of its accounts gave."""
    terms, row = asm.program.step[step.number], asm.layout["step"][step.number]
    for ledger, account, sign in asm.program.book[terms["book_first"] : terms["book_last"]].tolist():
        moved = paid if account < 0 else asm.at(row, DRAW + account)
        if account >= 0:
            moved = asm.result(Whole.CHOOSE, step.mask, moved, asm.zero)
        if sign < 0:
            moved = asm.result(Whole.SUBTRACT, asm.zero, moved)
        book_ledger(asm, ledger, moved)


def _book(asm: Assembler, step: Step, carried: Carried) -> None:
    """A step without cash: raise ledgers and write notes down, or the other way round for a negative amount."""
    terms = asm.program.step[step.number]
    stated = amount(asm, Amount.BOOKING, int(terms["amount"]), step.mask)
    size = asm.result(Whole.ABSOLUTE, stated)
    negative = asm.result(Whole.DEFICIT, size, stated)
    tree = Tree(asm, step, carried)
    tree.without_bound(negative)
    tree.limit()
    booked = asm.result(Whole.MINIMUM, size, tree.need[step.root])
    if terms["cap"] >= 0:
        booked = asm.result(Whole.MINIMUM, booked, _limit(asm, step, "cap"))
    tree.share(booked)
    for node in tree.leaves:
        given = tree.given[node]
        moved = asm.result(Whole.CHOOSE, negative, asm.result(Whole.SUBTRACT, asm.zero, given), given)
        book(asm, tree.claim(node), tree.row(node), moved)
    asm.emit(Whole.RECORD, asm.at(asm.layout["step"][step.number]), size, booked, step.mask)

"""The waterfall of a date: steps in order, each by its rule, out of its sources, to its payees.

Cash leaves accounts only in `_draw` and arrives only in `_pay_leaf`, by the same whole amount, so sources equal uses is
an identity. Twin: `tests/engine/naive_step.py`.
"""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, List, Share, Whole
from abssim.engine.program import PayeeKind, Rule
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.fee import FeeField
from abssim.kind.holder import HolderField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.books import deposit
from abssim.program.lower.expression import amount, number, require_number
from abssim.program.lower.judge import flow_slots, stock_slots
from abssim.program.lower.ledger import book_ledger
from abssim.program.lower.payee import Step, Tree, note_claim

_PAID = {
    PayeeKind.NOTE_INTEREST: NoteField.INTEREST_PAID,
    PayeeKind.NOTE_PREMIUM: NoteField.PREMIUM_PAID,
    PayeeKind.NOTE_RESIDUAL: NoteField.RESIDUAL_PAID,
    PayeeKind.FEE: FeeField.PAID,
    PayeeKind.HOLDER: HolderField.PAID,
}
"""Field that is raised, where nothing else moves."""
_REPAYS = (PayeeKind.NOTE_PRINCIPAL, PayeeKind.NOTE_IN_FULL)

Carried = dict[int, tuple[int, int]]


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
            require_number(asm, when, mask, int(terms["when"]))
        (_book if step.rule == Rule.BOOK else _pay)(asm, step, carried)
    asm.release()


def _limit(asm: Assembler, step: Step, field: str) -> int:
    """Slot of an amount of a step that cannot be negative."""
    return amount(asm, Amount.LIMIT, int(asm.program.step[step.number][field]), step.mask)


def _sources(asm: Assembler, step: Step) -> list[int]:
    """Accounts of a step: sources in order, then supports in order."""
    terms = asm.program.step[step.number]
    return [int(each) for each in asm.program.source[terms["source_first"] : terms["source_last"]]]


def _balance(asm: Assembler, account: int) -> int:
    return asm.at(asm.layout["account"][account], AccountField.BALANCE)


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
    available = asm.result(List.CASH, *asm.entries(_balance(asm, a) for a in sources))
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
        _pay_leaf(asm, step, tree, node)
    _move_books(asm, step, paid)


def _whole_quanta(asm: Assembler, tree: Tree) -> int:
    """What notes get down to their payment unit, except what repays them; returns the sum of all leaves."""
    for node in tree.leaves:
        kind = tree.kind(node)
        if PayeeKind.NOTE_INTEREST <= kind <= PayeeKind.NOTE_IN_FULL:
            quantum = int(asm.program.note[asm.program.payee[node]["index"]]["quantum"])
            if quantum > 1:
                repays = kind in _REPAYS
                whole = note_claim(asm, tree.row(node), kind) if repays else asm.zero
                asm.emit(Share.QUANTA, tree.given[node], whole, quantum, repays)
    if len(tree.leaves) == 1:
        return tree.given[tree.leaves[0]]
    return asm.result(List.SUM, *asm.signed((tree.given[node] for node in tree.leaves), ()))


def _draw(asm: Assembler, step: Step, sources: list[int], paid: int) -> None:
    """Take what is paid out of the sources in order, then out of the supports in order."""
    left = asm.result(Whole.MOVE, paid)
    for a in sources:
        row = asm.layout["account"][a]
        drawn = asm.at(asm.layout["step"][step.number], DRAW + a)
        asm.emit(Whole.DRAW, left, asm.at(row, AccountField.BALANCE), asm.at(row, AccountField.PAID_OUT), drawn)


def _pay_leaf(asm: Assembler, step: Step, tree: Tree, node: int) -> None:
    """Hand a leaf what it was given."""
    kind, row, given = tree.kind(node), tree.row(node), tree.given[node]
    if kind == PayeeKind.NOTE_PRINCIPAL:
        asm.emit(Whole.TRANSFER, given, asm.at(row, NoteField.BALANCE), asm.at(row, NoteField.PRINCIPAL_PAID))
    elif kind == PayeeKind.NOTE_IN_FULL:
        asm.emit(Share.PAY_IN_FULL, asm.at(row), given)
    elif kind == PayeeKind.PURCHASE:
        _buy(asm, given)
    elif kind == PayeeKind.ACCOUNT:
        deposit(asm, given, row - asm.layout["account"].start, AccountField.PAID_IN)
    elif kind == PayeeKind.LEDGER:
        lowered = asm.result(Whole.SUBTRACT, asm.zero, given)
        asm.emit(Share.MOVE_LEDGER, asm.at(row), lowered)
        deposit(asm, given, int(asm.program.step[step.number]["into"]), AccountField.PAID_IN)
    else:
        asm.emit(List.ADD_EACH, given, *asm.entries([asm.at(row, _PAID[PayeeKind(kind)])]))


def _buy(asm: Assembler, cost: int) -> None:
    """Spend cash on receivables at the end of the date, at the vintage's price."""
    pool, month = asm.program.revolving_pool, asm.program.date["month"]
    with asm.jump(Amount.JUMP_NONE, cost):
        face = asm.scratch()
        asm.emit(Share.BUY, cost, face, pool, asm.whole_by_date(month - month[0]))
        asm.emit(List.ADD_EACH, cost, *asm.entries(flow_slots(asm, pool, PoolField.PURCHASE_COST)))
        stocks = (PoolField.CLOSING_BALANCE, PoolField.CURRENT_BALANCE, PoolField.ADJUSTED_BALANCE)
        bought = [slot for field in stocks for slot in stock_slots(asm, pool, field)]
        asm.emit(List.ADD_EACH, face, *asm.entries([*flow_slots(asm, pool, PoolField.PURCHASE), *bought]))


def _move_books(asm: Assembler, step: Step, paid: int) -> None:
    """Ledgers that move with the step: by what it paid, or by what one of its accounts gave."""
    terms, row = asm.program.step[step.number], asm.layout["step"][step.number]
    for ledger, account, sign in asm.program.book[terms["book_first"] : terms["book_last"]].tolist():
        moved = paid if account < 0 else asm.at(row, DRAW + account)
        if account >= 0:
            moved = asm.result(Whole.CHOOSE, step.mask, moved, asm.zero)
        if sign < 0:
            moved = asm.result(Whole.SUBTRACT, asm.zero, moved)
        book_ledger(asm, step, ledger, moved)


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
        if tree.kind(node) == PayeeKind.LEDGER:
            book_ledger(asm, step, tree.row(node) - asm.layout["ledger"].start, moved)
        elif tree.kind(node) == PayeeKind.NOTE_PRINCIPAL:
            _write_down(asm, tree.row(node), moved)
    asm.emit(Whole.RECORD, asm.at(asm.layout["step"][step.number]), size, booked, step.mask)


def _write_down(asm: Assembler, row: int, moved: int) -> None:
    """Write a note down, or up by a negative amount."""
    fields = (NoteField.WRITE_DOWN, NoteField.CUMULATIVE_WRITE_DOWN)
    asm.emit(List.ADD_EACH, moved, *asm.entries(asm.at(row, field) for field in fields))
    asm.emit(List.SUBTRACT_EACH, moved, *asm.entries([asm.at(row, NoteField.BALANCE)]))

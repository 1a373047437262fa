"""What a date begins with: books are opened, the clock moves on, cash is collected, earned and posted."""

from __future__ import annotations

import numpy as np

from abssim.engine.deal.operation import Amount, Judge, List, Pool, Whole
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.base import Opening
from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import COLLECTIONS, POOL, PoolField
from abssim.kind.table import KINDS
from abssim.program.lower.assembler import END_OF_REVOLVING, Assembler

_SOURCES = list(COLLECTIONS)
_PRINCIPAL = {
    "scheduled_principal": PoolField.SCHEDULED_PRINCIPAL,
    "prepayment": PoolField.PREPAYMENT,
    "repurchase": PoolField.REPURCHASE,
}


def remember_dates(asm: Assembler) -> None:
    """What operations read of the two dates before. To be lowered last: it is known then what they read."""
    for slot in asm.latched.get(END_OF_REVOLVING, {}):
        asm.before(slot)
    asm.emit(List.COPY, *asm.entries(each for slot, two in asm.earlier.items() for each in (two, asm.previous[slot])))
    asm.emit(List.COPY, *asm.copies(asm.previous))


def open_books(asm: Assembler) -> None:
    """Closing figures become opening ones, flows start at zero; pools open with their flows."""
    copies: list[int] = []
    cleared: list[int] = []
    for kind in KINDS.values():
        for row in asm.layout[kind.name] if kind is not POOL else ():
            for member, field in kind.fields.items():
                if field.opens is Opening.ZERO:
                    cleared.append(asm.at(row, member))
                elif not isinstance(field.opens, Opening):
                    copies += (asm.at(row, member), asm.at(row, field.opens))
    asm.emit(List.COPY, *asm.entries(copies))
    asm.emit(List.CLEAR, *asm.entries([*cleared, *_drawn(asm)]))


def _drawn(asm: Assembler) -> list[int]:
    """What steps draw from their accounts."""
    found = []
    for s, step in enumerate(asm.program.step):
        accounts = {int(each) for each in asm.program.source[step["source_first"] : step["source_last"]]}
        found += [asm.at(asm.layout["step"][s], DRAW + each) for each in sorted(accounts)]
    return found


def move_clock(asm: Assembler) -> None:
    """Numbers and figures that the date itself brings."""
    program, lay = asm.program, asm.layout
    month = program.date["month"]
    before = int(program.code.initial[lay["clock"].start, ClockField.MONTH])
    columns = {
        ClockField.PERIOD: program.date["number"],
        ClockField.MONTHS: np.diff(month, prepend=before),
        ClockField.MONTH: month,
        ClockField.FINAL: program.date["final"],
    }
    for field, values in columns.items():
        asm.emit(Amount.DATE, asm.at(lay["clock"].start, field), asm.whole_by_date(values))
    for n in range(len(lay["note"])):
        scheduled = asm.whole_by_date(program.note_date["scheduled_balance"][:, n])
        asm.emit(Amount.DATE, asm.at(lay["note"][n], NoteField.SCHEDULED_BALANCE), scheduled)
    if program.revolving_pool >= 0:
        asm.emit(Pool.OFFERED, asm.at(lay["clock"].start, ClockField.OFFERED), asm.whole_by_date(month - month[0]))


def own_row(asm: Assembler, pool: int) -> int:
    """Row of a pool in its block: 0 is the sum, unless the pool is alone."""
    return 0 if len(asm.layout["pool"]) == 1 else pool + 1


def open_pools(asm: Assembler) -> None:
    """The collateral of the date into the state, its sum over pools, and the running sums."""
    lay, fields = asm.layout, len(PoolField)
    called = asm.at(lay["clock"].start, ClockField.CALLED)
    for k in range(len(asm.program.collects)):
        asm.emit(Pool.COLLECT, asm.at(lay["pool"][own_row(asm, k)]), called, k)
    if len(lay["pool"]) > 1:
        asm.emit(List.CLEAR, *asm.entries(asm.at(lay["pool"].start, field) for field in PoolField))
        for k in range(len(asm.program.collects)):
            asm.emit(List.ADD_ROW, asm.at(lay["pool"].start), asm.at(lay["pool"][own_row(asm, k)]), fields)
    for i in range(len(lay["pool"])):
        asm.emit(List.ADD_ROW, asm.at(lay["cumulative"][i]), asm.at(lay["pool"][i]), fields)


def earn(asm: Assembler) -> None:
    """What the accounts earned on their opening balances."""
    for a in range(len(asm.layout["account"])):
        terms, row = asm.program.account_date[: asm.periods, a], asm.layout["account"][a]
        if terms["reinvestment"].any() or terms["income"].any():
            columns = asm.number_by_date(terms["reinvestment"]), asm.whole_by_date(terms["income"])
            earned = asm.result(Amount.EARN, asm.at(row, AccountField.OPENING_BALANCE), *columns)
            deposit(asm, earned, a, AccountField.INCOME)


def deposit(asm: Assembler, amount: int, account: int, field: AccountField) -> None:
    """Cash into an account, booked under a field."""
    row = asm.layout["account"][account]
    asm.emit(Whole.DEPOSIT, amount, asm.at(row, field), asm.at(row, AccountField.BALANCE))


def collect(asm: Assembler) -> None:
    """The collections of each pool into the accounts the deal maps them to; nothing comes from what it does not map."""
    plus: dict[int, list[int]] = {}
    minus: dict[int, list[int]] = {}
    for k, accounts in enumerate(asm.program.collects.tolist()):
        row, to = asm.layout["pool"][own_row(asm, k)], dict(zip(_SOURCES, accounts, strict=True))
        for source, field in COLLECTIONS.items():
            if source != "sale":
                plus.setdefault(to[source], []).append(asm.at(row, field))
        plus.setdefault(to["advances"], []).append(asm.at(row, PoolField.ADVANCED_INTEREST))
        minus.setdefault(to["recovery"], []).append(asm.at(row, PoolField.COLLECTION_COST))
        if to["discount"] >= 0:
            _less_income(asm, row, to, minus)
    for a in sorted(each for each in plus if each >= 0):
        deposit(asm, asm.result(List.SUM, *asm.signed(plus[a], minus.get(a, []))), a, AccountField.COLLECTED)


def _less_income(asm: Assembler, row: int, to: dict[str, int], minus: dict[int, list[int]]) -> None:
    """Principal arrives less its share of the discount."""
    left = asm.result(Whole.MOVE, asm.at(row, PoolField.DISCOUNT))
    for source, field in _PRINCIPAL.items():
        minus.setdefault(to[source], []).append(asm.result(Whole.TAKE, left, asm.at(row, field)))


def post(asm: Assembler) -> None:
    """Cash that policies put into the accounts from outside, or take out: at most what is there."""
    for a in range(len(asm.layout["account"])):
        posted = asm.result(Judge.POST, asm.at(asm.layout["account"][a], AccountField.BALANCE), a)
        deposit(asm, posted, a, AccountField.POSTED)

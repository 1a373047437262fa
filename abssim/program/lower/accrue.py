"""What notes and fees accrue for a period, what arrives from outside, and when interest falls due."""

from __future__ import annotations

import numpy as np

from abssim.engine.deal.operation import Amount, Judge, List, Whole
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.books import deposit
from abssim.program.lower.expression import amount, condition


def accrue_note(asm: Assembler, n: int) -> None:
    """Interest of the period: balance (or notional) x rate x year fraction, rounded half up to the minor unit.

    Below zero nothing accrues, and it is counted: a note does not pay its issuer.
    """
    terms, dates = asm.program.terms["note"][n], asm.program.note_date[: asm.periods, n]
    row, base = asm.layout["note"][n], asm.at(asm.layout["note"][n], NoteField.OPENING_BALANCE)
    if terms["notional"] >= 0:
        base = amount(asm, Amount.CLAIM, int(terms["notional"]), asm.one)
    asm.emit(Whole.MOVE, asm.at(row, NoteField.NOTIONAL), base)
    if terms["interest_on_interest"]:
        base = asm.result(Whole.ADD, base, asm.at(row, NoteField.INTEREST_SHORTFALL))
    coupon = _coupon(terms, dates["fixed_rate"], asm.rates[:, n])
    rate, years = asm.number_by_date(coupon), asm.number_by_date(dates["year_fraction"])
    if (coupon < 0.0).any():
        asm.emit(Amount.COUNT_RATE, asm.negative + int(terms["counter"]), base, rate, asm.status)
    interest = asm.at(row, NoteField.ACCRUED_INTEREST)
    asm.emit(Amount.ACCRUE, interest, base, rate, years)
    if terms["capitalizes"] >= 0:
        adds = condition(asm, int(terms["capitalizes"]), asm.one)
        asm.emit(Whole.CHOOSE, asm.at(row, NoteField.CAPITALIZED), adds, interest, asm.zero)
        interest = asm.result(Whole.CHOOSE, adds, asm.zero, interest)
    not_due = asm.at(row, NoteField.ACCRUED_NOT_DUE)
    asm.emit(List.ADD_EACH, interest, *asm.entries([not_due]))
    asm.release()


def _coupon(terms: np.void, fixed_rate: np.ndarray, index_rate: np.ndarray) -> np.ndarray:
    """(T,) rate of a note: fixed, or index plus spread within floor and cap."""
    if terms["index"] < 0:
        return fixed_rate
    return np.asarray(np.minimum(terms["cap"], np.maximum(terms["floor"], index_rate + fixed_rate)))


def capitalize(asm: Assembler, _: int) -> None:
    """Interest that is added to the balances, once that of all notes is known: in no order among them."""
    for n in range(len(asm.layout["note"])):
        if asm.program.terms["note"][n]["capitalizes"] >= 0:
            row = asm.layout["note"][n]
            balance = asm.entries([asm.at(row, NoteField.BALANCE)])
            asm.emit(List.ADD_EACH, asm.at(row, NoteField.CAPITALIZED), *balance)


def close_interest(asm: Assembler, row: int) -> None:
    """What is due to a note and unpaid is its shortfall; less than its payment unit is put off."""
    terms = asm.program.terms["note"][row - asm.layout["note"].start]
    asm.emit(Judge.CLOSE_NOTE, asm.at(row), int(terms["quantum"]))


def accrue_fee(asm: Assembler, e: int) -> None:
    """What a fee or tax accrues on the date, on top of what was left unpaid."""
    terms, row = asm.program.terms["fee"][e], asm.layout["fee"][e]
    charged = asm.program.date["number"] % terms["every"] == 0
    with asm.jump(Amount.JUMP_DATE, asm.whole_by_date(charged)):
        mask = asm.one
        if terms["when"] >= 0:
            mask = condition(asm, int(terms["when"]), asm.one)
        accrued = amount(asm, Amount.CLAIM, int(terms["amount"]), mask)
        asm.emit(Whole.DEPOSIT, accrued, asm.at(row, FeeField.ACCRUED), asm.at(row, FeeField.DUE))
    asm.release()


def set_target(asm: Assembler, a: int) -> None:
    """What an account aims at."""
    target = amount(asm, Amount.LIMIT, int(asm.program.target[a]), asm.one)
    asm.emit(Whole.MOVE, asm.at(asm.layout["account"][a], AccountField.TARGET), target)
    asm.release()


def receive(asm: Assembler, a: int) -> None:
    """Cash that arrives in an account from outside, by its formula."""
    deposit(asm, amount(asm, Amount.CLAIM, int(asm.program.receives[a]), asm.one), a, AccountField.POSTED)
    asm.release()


def fall_due(asm: Assembler, _: int) -> None:
    """Accrued interest falls due on every n-th date of the deal's life (n by regime), all of it when the deal ends."""
    lay, date = asm.layout, asm.program.date
    regime, called = (
        asm.at(lay["clock"].start, ClockField.REGIME),
        asm.at(lay["clock"].start, ClockField.CALLED),
    )
    for n in range(len(lay["note"])):
        row, every = lay["note"][n], asm.program.pays_every[:, n]
        due = asm.at(row, NoteField.ACCRUED_NOT_DUE)
        if (every != 1).any():
            flags = [(date["number"] % each == 0) | (date["final"] == 1) for each in every]
            columns = [asm.whole_by_date(each) for each in flags]
            falls = asm.result(Judge.FALLS_DUE, regime, columns[0], called)
            due = asm.result(Whole.CHOOSE, falls, due, asm.zero)
        else:
            due = asm.result(Whole.MOVE, due)
        asm.emit(Whole.TRANSFER, due, asm.at(row, NoteField.ACCRUED_NOT_DUE), asm.at(row, NoteField.INTEREST_DUE))
    asm.release()

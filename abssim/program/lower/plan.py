"""A deal's tables to the micro-operations of a date: `lower`."""

from __future__ import annotations

import numpy as np

from abssim.engine.deal.lanes import Machine
from abssim.engine.deal.operation import Amount, Close, Whole
from abssim.engine.program import DealProgram, Judged
from abssim.kind.account import AccountField
from abssim.program.lower import accrue, books, close, judge
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.audit import audit
from abssim.program.lower.expression import amount
from abssim.program.lower.step import run_steps


def lower(program: DealProgram, rates: np.ndarray, history: np.ndarray) -> Machine:
    """The machine's program for the dates of `program`.

    `rates` (T, N) is the rate of each note's index for the accrual period of each date, decimal a year; `history`
    (H, C) the values of the definitions before the first date.
    """
    asm = Assembler(program, history)
    for row in range(len(program.plan)):
        _judge(asm, row, rates)
    close.keep(asm)
    close.bound(asm)
    audit(asm)
    recorded = close.remember(asm)
    body = asm.take()
    books.start_date(asm)
    asm.code += body
    return finish(asm, recorded)


def finish(asm: Assembler, recorded: int) -> Machine:
    """The operations collected so far, and a last one that stops the machine, as arrays."""
    program = asm.program
    asm.emit(Close.REMEMBER + 1)
    return Machine(
        code=np.array(asm.code, dtype=np.int64),
        item=np.array(asm.items, dtype=np.int64),
        initial=np.array(asm.initial, dtype=np.int64),
        number=np.array(asm.numbers, dtype=np.float64),
        whole_by_date=np.stack([*asm.whole_columns, np.zeros(asm.periods, dtype=np.int64)], axis=1),
        number_by_date=np.stack([*asm.number_columns, np.zeros(asm.periods)], axis=1),
        month=program.date["month"].copy(),
        table=program.code.table,
        history=asm.history,
        status=asm.status,
        negative=asm.negative,
        counters=asm.counters,
        recorded=recorded,
    )


def _judge(asm: Assembler, row: int, rates: np.ndarray) -> None:
    """One row of the plan."""
    kind, index = asm.program.plan[row].tolist()
    if kind == Judged.DEFINITION:
        judge.define(asm, index)
    elif kind == Judged.TRIGGER:
        judge.judge_trigger(asm, index)
    elif kind == Judged.NOTE:
        accrue.accrue_note(asm, index, rates[:, index])
    elif kind == Judged.CAPITALIZE:
        accrue.capitalize(asm)
    elif kind == Judged.FEE:
        accrue.accrue_fee(asm, index)
    elif kind == Judged.RECEIPT:
        accrue.receive(asm, index)
    elif kind == Judged.REGIME:
        judge.enter_regime(asm, row)
    elif kind == Judged.CALL:
        judge.judge_calls(asm, row)
    elif kind == Judged.DUE:
        accrue.fall_due(asm)
    elif kind == Judged.TARGET:
        _set_target(asm, index)
    else:
        run_steps(asm)
        close.close_books(asm)


def _set_target(asm: Assembler, a: int) -> None:
    """What an account aims at."""
    target = amount(asm, Amount.LIMIT, int(asm.program.target[a]), asm.one)
    asm.emit(Whole.MOVE, asm.at(asm.layout["account"][a], AccountField.TARGET), target)
    asm.release()

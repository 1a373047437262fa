"""A deal's tables to the micro-operations of a date: `lower`."""

from __future__ import annotations

import numpy as np

from abssim.dates import DateType
from abssim.deal.moment import MOMENTS
from abssim.engine.deal.lanes import Machine
from abssim.engine.deal.operation import Close
from abssim.engine.program import DealProgram
from abssim.program.lower import books, close
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.phases import JUDGED, PHASES, PHASES_OF


def lower(program: DealProgram, rates: np.ndarray, history: np.ndarray) -> Machine:
    """The machine's program for the dates of `program`.

    `rates` (T, N) is the rate of each note's index for the accrual period of each date, decimal a year; `history`
    (H, C) the values of the definitions before the first date.
    """
    asm = Assembler(program, history, rates)
    for asm.row, (moment, index) in enumerate(program.plan.tolist()):
        JUDGED[MOMENTS[moment].name](asm, index)
    for ending in (each for lowered in PHASES.values() for each in lowered.last):
        ending(asm)
    recorded = close.remember(asm)
    paying = asm.take()
    books.remember_dates(asm)
    for each in np.unique(program.date["type"]).tolist():
        with asm.where(program.date["type"] == each):
            _begin(asm, DateType(each))
            asm.code += paying if each == DateType.PAYMENT else []
    return finish(asm, recorded)


def _begin(asm: Assembler, date: DateType) -> None:
    """What comes before anything is judged on a date of a type."""
    for beginning in (each for phase in PHASES_OF[date] for each in PHASES[phase].first):
        beginning(asm)
    asm.release()


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
        months=program.months,
        revolving=program.revolving_pool,
        table=program.code.table,
        history=asm.history,
        status=asm.status,
        negative=asm.negative,
        counters=asm.counters,
        recorded=recorded,
    )

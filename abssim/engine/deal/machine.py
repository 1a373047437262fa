"""The deal machine: a block of paths through a deal, date by date, operation by operation.

Order of a date: open the books · collect · post; then what the plan says, in the order of what it reads
(`abssim.deal.order`): interest and fees accrue, definitions and triggers are judged, the regime is entered, calls are
judged, interest falls due, targets are set, the waterfall runs and the books are closed, triggers of the end; then the
date is checked and remembered. `abssim.program.lower` writes the operations. Twin: `tests/engine/naive_deal.py`.
"""

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.deal.amount import run_amount
from abssim.engine.deal.close import run_close
from abssim.engine.deal.judge import run_judge
from abssim.engine.deal.list import run_list
from abssim.engine.deal.number import run_number, run_past, run_round
from abssim.engine.deal.operation import Amount, Close, Judge, List, Number, Past, Pool, Share
from abssim.engine.deal.pool import run_pool
from abssim.engine.deal.share import run_share
from abssim.engine.deal.whole import run_whole


@borrowing
def _look_up(machine, lanes, t, pc):
    """What looks back, and what goes lane by lane."""
    if machine.code[pc, 0] < Past.ROUND:
        return run_past(machine.code, lanes.value, len(machine.history), t, lanes.slot, lanes.register, pc)
    return run_round(machine.code, machine.table, lanes.register, pc)


@borrowing
def _close(machine, lanes, t, pc):
    """What is kept and checked."""
    value, status = lanes.value[len(machine.history) + t], machine.status
    return run_close(machine.code, machine.item, status, value, lanes.record[t], t, lanes.slot, lanes.register, pc)


@borrowing
def run_date(machine, lanes, offer, t):
    """Run all operations of a date."""
    code, S, F = machine.code, lanes.slot, lanes.register
    pc = np.int64(0)  # no literal, for which every kernel would be compiled once more
    while code[pc, 0] <= Close.REMEMBER:
        op = code[pc, 0]
        if op < List.CASH:
            pc = run_whole(code, pc, S)
        elif op < Number.LOAD:
            pc = run_list(code, machine.item, pc, S)
        elif op < Past.PAST:
            pc = run_number(code, machine.number_by_date, t, S, F, pc)
        elif op < Amount.LIMIT:
            pc = _look_up(machine, lanes, t, pc)
        elif op < Judge.POST:
            pc = run_amount(code, pc, machine.whole_by_date, machine.number_by_date, machine.status, t, S, F)
        elif op < Share.PRO_RATA:
            pc = run_judge(code, pc, machine.whole_by_date, lanes.posted[t], t, S, F)
        elif op < Pool.COLLECT:
            pc = run_share(code, machine.item, pc, S)
        elif op < Close.KEEP:
            pc = run_pool(machine, lanes, offer, t, pc)
        else:
            pc = _close(machine, lanes, t, pc)


@borrowing
def run_lanes(machine, lanes, offer, trace, first):
    """Run the paths of a block; what each is at the end of the dates goes into `trace` `(T, X, P)` from column `first`
    on, if it has room for any date."""
    for t in range(len(machine.whole_by_date)):
        run_date(machine, lanes, offer, t)
        if trace.shape[0] > 0:
            for x in range(trace.shape[1]):
                for w in range(lanes.slot.shape[1]):
                    trace[t, x, first + w] = lanes.slot[x, w]

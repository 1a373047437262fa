"""Definitions, triggers, the regime and calls."""

from __future__ import annotations

from abssim.deal.moment import NAMED
from abssim.engine.deal.operation import Amount, Judge, List, Number, Whole
from abssim.engine.program import UNLIMITED, Op
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField, Regime
from abssim.kind.note import NoteField
from abssim.kind.pool import COLLECTIONS, PoolField
from abssim.kind.trigger import TriggerField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.books import deposit, own_row
from abssim.program.lower.expression import amount, condition, number, settle, value
from abssim.program.lower.regime import enter, in_revolving, regime_of_date

_DEFINES = (NAMED["definition"], NAMED["window"])
_SALE = list(COLLECTIONS).index("sale")


def define(asm: Assembler, d: int) -> None:
    """The value of a definition on the date."""
    column, expression = asm.program.code.definition[d].tolist()
    value(asm, expression, asm.kept[column])
    settle(asm, asm.kept[column], asm.one, expression)


def judge_again(asm: Assembler, mask: int) -> None:
    """Definitions judged by now, on the state as it has become in the lanes of a mask."""
    with asm.jump(Amount.JUMP_NONE, mask):
        for moment, index in asm.program.plan[: asm.row].tolist():
            if moment in _DEFINES:
                column, expression = asm.program.code.definition[index].tolist()
                asm.emit(Number.CHOOSE_WHERE, asm.kept[column], mask, number(asm, expression))
                settle(asm, asm.kept[column], mask, expression)


def judge_trigger(asm: Assembler, g: int) -> None:
    """Test a trigger on the date; its observed value and threshold are kept."""
    terms = asm.program.terms["trigger"][g]
    observed, threshold = asm.kept[len(asm.program.code.definition) + 2 * g :][:2]
    value(asm, int(terms["observed"]), observed)
    settle(asm, observed, asm.one, int(terms["observed"]))
    if terms["threshold"] == terms["observed"]:
        asm.emit(Number.MOVE, threshold, observed)
    else:
        value(asm, int(terms["threshold"]), threshold)
        settle(asm, threshold, asm.one, int(terms["threshold"]))
    breached = observed
    if terms["compare"] >= 0:
        breached = asm.temporary()
        asm.emit(Number[Op(int(terms["compare"])).name], breached, observed, threshold)
    row, patience = asm.at(asm.layout["trigger"][g]), (int(terms["persistence"]), int(terms["cure"]))
    asm.emit(Judge.TRIGGER, row, breached, *patience, asm.mark(int(terms["mark"])))


def enter_regime(asm: Assembler, _: int) -> None:
    """The regime that the calendar, triggers and an earlier call ask for; its beginning may change definitions."""
    judge_again(asm, enter(asm, regime_of_date(asm), asm.one))
    asm.release()


def judge_calls(asm: Assembler, _: int) -> None:
    """Exercise the first call whose condition holds, once in the deal's life."""
    called = asm.at(asm.layout["clock"].start, ClockField.CALLED)
    allowed = asm.program.call_allowed[: asm.periods]
    if not allowed.any():
        return
    before, sold = asm.result(Whole.MOVE, called), asm.scratch()
    for c in range(len(asm.program.call)):
        if not allowed[:, c].any():
            continue
        with asm.jump(Amount.JUMP_DATE, asm.whole_by_date(allowed[:, c])):
            free = asm.result(Whole.CHOOSE, called, asm.zero, asm.one)
            exercised = condition(asm, int(asm.program.call[c]["condition"]), free)
            with asm.jump(Amount.JUMP_NONE, exercised):
                _exercise(asm, c, exercised)
                asm.emit(Whole.CHOOSE, called, exercised, asm.one, called)
    asm.emit(Whole.SUBTRACT, sold, called, before)
    with asm.jump(Amount.JUMP_NONE, sold):
        enter(asm, asm.constant(Regime.AMORTIZATION), in_revolving(asm, sold))
        judge_again(asm, sold)
    asm.release()


def _exercise(asm: Assembler, c: int, mask: int) -> None:
    """Sell the pools at the call's price, shared by balance; the premium falls due if the call makes whole."""
    lay, pools = asm.layout, len(asm.program.collects)
    left = amount(asm, Amount.CLAIM, int(asm.program.call[c]["price"]), mask)
    price = asm.result(Whole.MOVE, left)
    premium = asm.program.call_premium[: asm.periods, c]
    if premium.any():
        rate = asm.number_by_date(premium)
        for row in lay["note"]:
            asm.emit(Amount.PREMIUM, asm.at(row, NoteField.PREMIUM_DUE), asm.at(row, NoteField.BALANCE), rate, mask)
    total = asm.result(Whole.MOVE, asm.at(lay["pool"].start, PoolField.CLOSING_BALANCE))
    for k in range(pools):
        share = left
        if k < pools - 1:
            balance = asm.at(lay["pool"][own_row(asm, k)], PoolField.CLOSING_BALANCE)
            share = asm.result(Whole.MINIMUM, left, asm.result(Judge.PORTION, price, balance, total))
            left = asm.result(Whole.SUBTRACT, left, share)
        account = int(asm.program.collects[k, _SALE])
        if account >= 0:
            deposit(asm, share, account, AccountField.COLLECTED)
        asm.emit(List.ADD_EACH, share, *asm.entries(flow_slots(asm, k, PoolField.SALE_PROCEEDS)))
    for k in range(pools):
        _sell(asm, k, mask)


def stock_slots(asm: Assembler, pool: int, field: PoolField) -> list[int]:
    """A figure of a pool on the date, and of the sum over pools."""
    rows = {asm.layout["pool"][own_row(asm, pool)], asm.layout["pool"].start}
    return [asm.at(row, field) for row in sorted(rows)]


def flow_slots(asm: Assembler, pool: int, field: PoolField) -> list[int]:
    """A flow of the date, and its running sum."""
    rows = {asm.layout["cumulative"][own_row(asm, pool)], asm.layout["cumulative"].start}
    return [*stock_slots(asm, pool, field), *(asm.at(row, field) for row in sorted(rows))]


def _sell(asm: Assembler, pool: int, mask: int) -> None:
    """Give up a pool at the end of the date: defaulted assets go with the rest."""
    own = asm.layout["pool"][own_row(asm, pool)]
    goes = {PoolField.SOLD_BALANCE: PoolField.CLOSING_BALANCE, PoolField.LOSS: PoolField.NON_PERFORMING_BALANCE}
    for flow, stock in goes.items():
        gone = asm.result(Whole.CHOOSE, mask, asm.at(own, stock), asm.zero)
        asm.emit(List.ADD_EACH, gone, *asm.entries(flow_slots(asm, pool, flow)))
    for field in range(PoolField.CURRENT_BALANCE, PoolField.RESTRUCTURED_BALANCE + 1):
        gone = asm.result(Whole.CHOOSE, mask, asm.at(own, field), asm.zero)
        asm.emit(List.SUBTRACT_EACH, gone, *asm.entries(stock_slots(asm, pool, PoolField(field))))


def purchases_allowed(asm: Assembler) -> int:
    """Slot that is unlimited where purchases are not stopped: by a trigger, a call, or because nothing is offered."""
    lay, stops = asm.layout, asm.program.terms["trigger"]["stops_purchases"].tolist()
    clock = asm.at(lay["clock"].start, ClockField.CALLED), asm.at(lay["clock"].start, ClockField.OFFERED)
    active = [asm.at(lay["trigger"][g], TriggerField.ACTIVE) for g, each in enumerate(stops) if each]
    stopped = asm.result(List.SOME, *asm.entries([clock[0], *active]))
    most = asm.result(Whole.CHOOSE, clock[1], asm.constant(UNLIMITED), asm.zero)
    return asm.result(Whole.CHOOSE, stopped, asm.zero, most)

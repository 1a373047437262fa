"""The deal kernel: one path of collateral through the deal, date by date.

Order of a date: open the books · collect · post; then what the plan says, in the order of what it reads
(`abssim.deal.order`): interest and fees accrue, definitions and triggers are judged, the regime is entered, calls are
judged, interest falls due, targets are set, the waterfall runs and the books are closed, triggers of the end. After a
sale, or where a trigger has ended the revolving period, the definitions judged by then are judged anew, triggers not
again. Twin: `tests/engine/naive_deal.py::run_path`.
"""

from abssim.engine._jit import borrowing, inlined
from abssim.engine.accrual import accrue_fee, accrue_note, capitalize, interest_falls_due, receive
from abssim.engine.expression import define
from abssim.engine.layout import PathStatus
from abssim.engine.program import LARGEST, Judged
from abssim.engine.purchase import add_to, book_pool_flow, offered, pool_row, sell_pools
from abssim.engine.rounding import portion, round_half_up
from abssim.engine.trigger import (
    end_of_revolving,
    enter,
    exercised_call,
    judge_trigger,
    premium_due,
    regime_of,
)
from abssim.engine.waterfall import deposit, positive_amount, post, run_steps, stated_claim
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField, Regime
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import COLLECTIONS, PoolField

_SOURCES = {name: position for position, name in enumerate(COLLECTIONS)}
_INTEREST, _FEES, _PENALTY = _SOURCES["interest"], _SOURCES["fees"], _SOURCES["penalty"]
_SCHEDULED, _PREPAYMENT, _REPURCHASE = (
    _SOURCES["scheduled_principal"],
    _SOURCES["prepayment"],
    _SOURCES["repurchase"],
)
_RECOVERY, _ADVANCES, _DISCOUNT, _SALE = (
    _SOURCES["recovery"],
    _SOURCES["advances"],
    _SOURCES["discount"],
    _SOURCES["sale"],
)

_PRINCIPAL = (
    (_SCHEDULED, PoolField.SCHEDULED_PRINCIPAL),
    (_PREPAYMENT, PoolField.PREPAYMENT),
    (_REPURCHASE, PoolField.REPURCHASE),
)


@inlined
def copy_state(target, source):
    """Copy one state (rows, width) into another."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            target[i, j] = source[i, j]


@inlined
def _keep(lay, kept, state):
    """Copy the state of a date; returns its largest amount. What steps ask for and accounts aim at has no bound."""
    copy_state(kept, state)
    largest = 0
    for i in range(lay.step):
        for j in range(state.shape[1]):
            if j != AccountField.TARGET or i < lay.account or i >= lay.ledger:
                largest = max(largest, abs(state[i, j]))
    return largest


@inlined
def _open_note(note, scheduled_balance):
    """A note's closing figures become opening ones; flows start at zero."""
    balance, cumulative = note[NoteField.BALANCE], note[NoteField.CUMULATIVE_WRITE_DOWN]
    not_due, shortfall = note[NoteField.ACCRUED_NOT_DUE], note[NoteField.INTEREST_SHORTFALL]
    note[:] = 0
    note[NoteField.OPENING_BALANCE] = balance
    note[NoteField.BALANCE] = balance
    note[NoteField.CUMULATIVE_WRITE_DOWN] = cumulative
    note[NoteField.ACCRUED_NOT_DUE] = not_due
    note[NoteField.INTEREST_SHORTFALL] = shortfall
    note[NoteField.INTEREST_DUE] = shortfall
    note[NoteField.SCHEDULED_BALANCE] = scheduled_balance


@inlined
def _open_account(account):
    """An account's closing balance becomes its opening one."""
    balance, target = account[AccountField.BALANCE], account[AccountField.TARGET]
    account[:] = 0
    account[AccountField.OPENING_BALANCE] = balance
    account[AccountField.BALANCE] = balance
    account[AccountField.TARGET] = target


@inlined
def _open_books(program, state, t):
    """Closing figures become opening ones, flows start at zero, the clock moves on."""
    lay = program.layout
    for n in range(lay.notes):
        _open_note(state[lay.note + n], program.note_date[t, n]["scheduled_balance"])
    for a in range(lay.accounts):
        _open_account(state[lay.account + a])
    for i in range(lay.ledgers):
        ledger = state[lay.ledger + i]
        balance = ledger[LedgerField.BALANCE]
        ledger[:] = 0
        ledger[LedgerField.OPENING_BALANCE] = balance
        ledger[LedgerField.BALANCE] = balance
    for e in range(lay.fees):
        fee = state[lay.fee + e]
        fee[FeeField.ACCRUED] = 0
        fee[FeeField.DUE] = fee[FeeField.SHORTFALL]
        fee[FeeField.PAID] = 0
    state[lay.step : lay.step + lay.steps, :] = 0
    state[lay.holder : lay.holder + lay.holders, :] = 0
    clock, date = state[lay.clock], program.date[t]
    clock[ClockField.PERIOD] = date["number"]
    clock[ClockField.MONTHS] = date["month"] - clock[ClockField.MONTH]
    clock[ClockField.MONTH] = date["month"]
    clock[ClockField.FINAL] = date["final"]


@inlined
def _open_pools(lay, state, flow, t):
    """Copy the collateral of date `t` into the state, its sum over pools, and the running sums."""
    pools = flow.shape[0]
    if pools > 1:
        state[lay.pool, :] = 0
    for k in range(pools):
        row = state[lay.pool + pool_row(lay, k)]
        opening = row[PoolField.CLOSING_BALANCE]
        for field in range(flow.shape[2]):
            row[field] = flow[k, t, field]
        row[PoolField.OPENING_BALANCE] = opening
        if pools > 1:
            add_to(state[lay.pool], row)
    for i in range(lay.pools):
        add_to(state[lay.cumulative + i], state[lay.pool + i])


@inlined
def _collect_into(lay, state, account, amount):
    """Collect into an account; the compiler has made sure that only nothing goes to `-1`."""
    if account >= 0 and amount != 0:
        deposit(state[lay.account + account], amount, AccountField.COLLECTED)


@inlined
def _collect(lay, collects, state, flow, t):
    """Deposit the collections of each pool where the deal maps them."""
    for k in range(flow.shape[0]):
        row, to = flow[k, t], collects[k]
        discount = row[PoolField.DISCOUNT]
        _collect_into(lay, state, to[_INTEREST], row[PoolField.INTEREST])
        _collect_into(lay, state, to[_FEES], row[PoolField.FEE])
        _collect_into(lay, state, to[_PENALTY], row[PoolField.PENALTY])
        _collect_into(lay, state, to[_RECOVERY], row[PoolField.RECOVERY] - row[PoolField.COLLECTION_COST])
        _collect_into(lay, state, to[_ADVANCES], row[PoolField.ADVANCED_PRINCIPAL] + row[PoolField.ADVANCED_INTEREST])
        _collect_into(lay, state, to[_DISCOUNT], discount)
        for source, field in _PRINCIPAL:
            income = min(discount, row[field])
            _collect_into(lay, state, to[source], row[field] - income)
            discount -= income


@inlined
def _earn(program, state, t):
    """Credit what the accounts earned on their opening balances."""
    for a in range(program.layout.accounts):
        account, terms = state[program.layout.account + a], program.account_date[t, a]
        earned = round_half_up(float(account[AccountField.OPENING_BALANCE]) * terms["reinvestment"])
        deposit(account, earned + terms["income"], AccountField.INCOME)


@borrowing
def _exercise(program, path, state, t, c):
    """Sell the pools at the call's price, shared by balance; the premium falls due if the call makes whole."""
    lay = program.layout
    price = stated_claim(program.code, path, state, t, program.call[c]["price"])
    premium_due(lay, program.call_premium[t, c], state)
    pools = path.flow.shape[0]
    total = max(1, state[lay.pool, PoolField.CLOSING_BALANCE])
    left = price
    for k in range(pools):
        balance = state[lay.pool + pool_row(lay, k), PoolField.CLOSING_BALANCE]
        share = left if k == pools - 1 else min(left, portion(price, balance, total)[0])
        left -= share
        _collect_into(lay, state, program.collects[k, _SALE], share)
        book_pool_flow(lay, state, k, PoolField.SALE_PROCEEDS, share)
    sell_pools(lay, path.flow, state, t)
    state[lay.clock, ClockField.CALLED] = 1


@borrowing
def _judge_again(program, path, state, t, row):
    """Definitions that stand before `row` of the plan, on the state as it has become."""
    for earlier in range(row):
        if program.plan[earlier]["kind"] == Judged.DEFINITION:
            define(program.code, path.memory, state, t, program.plan[earlier]["index"])


@inlined
def _enter_regime(program, path, state, t, row):
    """The regime that the calendar, triggers and an earlier call ask for; its beginning may change definitions."""
    lay, marks = program.layout, path.memory.marks
    before = marks[1]
    enter(state[lay.clock], marks, regime_of(lay, program.trigger, state, program.date[t]["regime"]), t)
    if marks[1] != before:
        _judge_again(program, path, state, t, row)


@inlined
def _judge_calls(program, path, state, t, row):
    """Exercise the first call whose condition holds, once in the deal's life."""
    lay = program.layout
    if state[lay.clock, ClockField.CALLED] == 1:
        return
    call = exercised_call(program.call, program.call_allowed, program.code, path.memory, state, t)
    if call < 0:
        return
    _exercise(program, path, state, t, call)
    if state[lay.clock, ClockField.REGIME] == Regime.REVOLVING:
        enter(state[lay.clock], path.memory.marks, Regime.AMORTIZATION, t)
    _judge_again(program, path, state, t, row)


@inlined
def _close_books(lay, terms, state):
    """What is due and unpaid is a shortfall, carried to the next date.

    Less than a note's payment unit is no shortfall: its rounding per 100 face put it off. `terms` (N,) NOTE.
    """
    for n in range(lay.notes):
        note = state[lay.note + n]
        unpaid = note[NoteField.INTEREST_DUE] - note[NoteField.INTEREST_PAID]
        if unpaid < terms[n]["quantum"]:
            note[NoteField.ACCRUED_NOT_DUE] += unpaid
            unpaid = 0
        note[NoteField.INTEREST_SHORTFALL] = unpaid
    for e in range(lay.fees):
        fee = state[lay.fee + e]
        fee[FeeField.SHORTFALL] = fee[FeeField.DUE] - fee[FeeField.PAID]


@inlined
def _fall_due(program, state, t):
    """Accrued interest falls due as the regime in force says, all of it when the deal ends."""
    clock, date = state[program.layout.clock], program.date[t]
    ends = clock[ClockField.CALLED] == 1 or date["final"] == 1
    interest_falls_due(program.layout, program.pays_every[clock[ClockField.REGIME]], state, date["number"], ends)


@inlined
def _pay(program, path, state, purchases, t):
    """The waterfall of the regime in force, if the arithmetic has held so far; then the books are closed."""
    if path.status[0] == PathStatus.OK:
        run_steps(program, path, state, purchases, t, state[program.layout.clock, ClockField.REGIME])
    _close_books(program.layout, program.note, state)


@inlined
def _start_date(program, path, state, t):
    """What comes before anything is judged: books are opened, cash is collected, earned and posted."""
    lay = program.layout
    path.status[1], path.status[2] = t, -1
    _open_books(program, state, t)
    if program.date[t]["regime"] != Regime.REVOLVING:
        end_of_revolving(path.memory.marks, t)
    _open_pools(lay, state, path.flow, t)
    _earn(program, state, t)
    _collect(lay, program.collects, state, path.flow, t)
    post(lay, path.posted[t], state)


@inlined
def _judge(program, path, state, purchases, t, row):
    """One row of the plan."""
    lay, code, memory = program.layout, program.code, path.memory
    kind, index = program.plan[row]["kind"], program.plan[row]["index"]
    if kind == Judged.DEFINITION:
        define(code, memory, state, t, index)
    elif kind == Judged.TRIGGER:
        judge_trigger(lay, program.trigger, code, memory, state, t, index)
    elif kind == Judged.NOTE:
        accrue_note(program, path, state, t, index)
    elif kind == Judged.CAPITALIZE:
        capitalize(lay, state)
    elif kind == Judged.FEE:
        accrue_fee(program, path, state, t, index)
    elif kind == Judged.RECEIPT:
        receive(program, path, state, t, index)
    elif kind == Judged.REGIME:
        _enter_regime(program, path, state, t, row)
    elif kind == Judged.CALL:
        _judge_calls(program, path, state, t, row)
    elif kind == Judged.DUE:
        _fall_due(program, state, t)
    elif kind == Judged.TARGET:
        target = positive_amount(code, path, state, t, program.target[index])
        state[lay.account + index, AccountField.TARGET] = target
    else:
        _pay(program, path, state, purchases, t)


@inlined
def run_path(program, path, purchases, state):
    """Run all dates of one path; `state` (rows, width) is scratch, `path.memory.trace[t]` receives it each date.

    Cash and balances are minor units; see `abssim.kind` for the fields. Stops at the first date whose
    arithmetic fails and says so in `path.status`.
    """
    copy_state(state, program.code.initial)
    for t in range(path.memory.trace.shape[0]):
        state[program.layout.clock, ClockField.OFFERED] = offered(program.date, purchases, t)
        _start_date(program, path, state, t)
        for row in range(len(program.plan)):
            _judge(program, path, state, purchases, t, row)
        if _keep(program.layout, path.memory.trace[t], state) > LARGEST and path.status[0] == PathStatus.OK:
            path.status[0], path.status[2] = PathStatus.BEYOND, -1
        if path.status[0] != PathStatus.OK:
            return

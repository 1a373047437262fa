"""The deal kernel: one path of collateral through the deal, date by date.

Order of a date: open the books · collect · post · accrue notes, then fees · freeze definitions · triggers, calls,
regime · interest falls due · waterfall · close the books · triggers of the end. After a sale the definitions are
frozen anew: the waterfall sees the pool as it is then. Definitions that accruals read are also frozen before the notes
and before the fees accrue. Twin: `tests/engine/naive_deal.py::run_path`.
"""

from abssim.engine._jit import inlined
from abssim.engine.accrual import accrue, interest_falls_due
from abssim.engine.expression import evaluate_definitions
from abssim.engine.layout import (
    COLLECTIONS,
    AccountField,
    ClockField,
    FeeField,
    LedgerField,
    NoteField,
    PathStatus,
    PoolField,
    Regime,
)
from abssim.engine.program import AT_CLOSING, NOT_YET
from abssim.engine.purchase import add_to, book_pool_flow, offered, pool_row, sell_pools
from abssim.engine.rounding import portion, round_half_up
from abssim.engine.trigger import exercised_call, premium_due, regime_of, run_triggers
from abssim.engine.waterfall import deposit, positive_amount, post, run_steps, stated_amount

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


@inlined
def _exercise(program, path, state, t, c):
    """Sell the pools at the call's price, shared by balance; the premium falls due if the call makes whole."""
    lay = program.layout
    price = max(0, stated_amount(program.code, path, state, t, program.call[c]["price"]))
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


@inlined
def _set_regime(clock, marks, regime, t):
    """Enter the regime of the date; remember the last date of the revolving period."""
    if t > 0 and clock[ClockField.REGIME] == regime:
        clock[ClockField.REGIME_PERIOD] += 1
        return
    if marks[1] == NOT_YET and (t == 0 or clock[ClockField.REGIME] == Regime.REVOLVING) and regime != Regime.REVOLVING:
        marks[1] = t - 1 if t > 0 else AT_CLOSING
    clock[ClockField.REGIME] = regime
    clock[ClockField.REGIME_PERIOD] = 1


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
def _start_date(program, path, state, t):
    """Everything before the waterfall: collections, accruals, definitions, triggers, calls; returns the regime."""
    lay, memory = program.layout, path.memory
    path.status[1], path.status[2] = t, -1
    _open_books(program, state, t)
    _open_pools(lay, state, path.flow, t)
    _earn(program, state, t)
    _collect(lay, program.collects, state, path.flow, t)
    post(lay, path.posted[t], state)
    accrue(program, path, state, t)
    evaluate_definitions(program.code, memory, state, t)
    run_triggers(lay, program.trigger, program.code, memory, state, t, False)
    call = (
        -1
        if state[lay.clock, ClockField.CALLED] == 1
        else exercised_call(program.call, program.call_allowed, program.code, memory, state, t)
    )
    if call >= 0:
        _exercise(program, path, state, t, call)
        evaluate_definitions(program.code, memory, state, t)
    regime = regime_of(lay, program.trigger, state, program.date[t]["regime"])
    _set_regime(state[lay.clock], memory.marks, regime, t)
    ends = state[lay.clock, ClockField.CALLED] == 1 or program.date[t]["final"] == 1
    interest_falls_due(lay, program.pays_every[regime], state, program.date[t]["number"], ends)
    for a in range(lay.accounts):
        if program.target[a] >= 0:
            target = positive_amount(program.code, path, state, t, program.target[a])
            state[lay.account + a, AccountField.TARGET] = target
    return regime


@inlined
def run_path(program, path, purchases, state):
    """Run all dates of one path; `state` (rows, width) is scratch, `path.memory.trace[t]` receives it each date.

    Cash and balances are minor units; see `abssim.engine.layout` for the fields. Stops at the first date whose
    arithmetic fails and says so in `path.status`.
    """
    copy_state(state, program.code.initial)
    for t in range(path.memory.trace.shape[0]):
        state[program.layout.clock, ClockField.OFFERED] = offered(program.date, purchases, t)
        regime = _start_date(program, path, state, t)
        if path.status[0] == PathStatus.OK:
            run_steps(program, path, state, purchases, t, regime)
        _close_books(program.layout, program.note, state)
        run_triggers(program.layout, program.trigger, program.code, path.memory, state, t, True)
        copy_state(path.memory.trace[t], state)
        if path.status[0] != PathStatus.OK:
            return

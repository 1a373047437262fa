"""One payment date's waterfall: steps in order, each by its rule, out of its sources, to its payees.

Cash leaves accounts only in `_draw` and arrives only in `_pay_leaf`, by the same whole amount, so
sources equal uses is an identity. Twin: `tests/engine/naive_deal.py::run_steps`.
"""

import math

from abssim.engine._jit import borrowing, inlined
from abssim.engine.expression import evaluate
from abssim.engine.layout import PathStatus
from abssim.engine.payee import add_up, claims, note_claim, share
from abssim.engine.program import UNLIMITED, ClaimField, PayeeKind, Rule
from abssim.engine.purchase import buy
from abssim.engine.rounding import round_half_up
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.holder import HolderField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.step import StepField

_LARGEST = 1.0e18


@inlined
def amount_of(code, path, state, t, expression):
    """An expression as whole minor units; a value that is no number ends the path with a status."""
    return _whole(path, evaluate(code, path.memory, state, t, expression))


@borrowing
def _whole(path, value):
    """Whole minor units of a value, `UNLIMITED` beyond the largest."""
    if value != value:
        path.status[0] = PathStatus.NOT_FINITE
        return 0
    return UNLIMITED if value > _LARGEST else -UNLIMITED if value < -_LARGEST else round_half_up(value)


@inlined
def stated_amount(code, path, state, t, expression):
    """An amount that becomes a claim of its own (a notional, a fee, a price, a booking): it must be finite."""
    value = evaluate(code, path.memory, state, t, expression)
    if abs(value) > _LARGEST:
        path.status[0] = PathStatus.INFINITE if math.isinf(value) else PathStatus.TOO_LARGE
    return _whole(path, value)


@inlined
def positive_amount(code, path, state, t, expression):
    """An expression as whole minor units; below zero it is counted, and nothing."""
    return _not_negative(code, path, expression, amount_of(code, path, state, t, expression))


@inlined
def stated_claim(code, path, state, t, expression):
    """An amount that becomes a claim of its own, counted and nothing where it is below zero."""
    return _not_negative(code, path, expression, stated_amount(code, path, state, t, expression))


@inlined
def _not_negative(code, path, expression, amount):
    if amount >= 0:
        return amount
    if code.counter[expression] >= 0:
        path.negative[code.counter[expression]] += 1
    return 0


@inlined
def _available(lay, source, terms, state):
    """Cash in the sources and supports of a step."""
    total = 0
    for i in range(terms["source_first"], terms["source_last"]):
        total += max(0, state[lay.account + source[i], AccountField.BALANCE])
    return total


@inlined
def _due(program, path, state, t, terms):
    """What a step owes, before its caps: the sum over its payees under its rule."""
    lay, payee, rule = program.layout, program.payee, terms["rule"]
    amount = positive_amount(program.code, path, state, t, terms["amount"]) if terms["amount"] >= 0 else 0
    if rule == Rule.TOP_UP and terms["amount"] >= 0:
        state[lay.account + payee[terms["root"]]["index"], AccountField.TARGET] = amount
    claim = claims(program, path.claim, state, rule, terms["root"])
    if rule == Rule.PAY_AMOUNT:
        return min(claim, amount)
    return max(0, claim - amount) if rule == Rule.PAY_DOWN_TO else claim


@inlined
def _limit_leaves(code, payee, path, state, t, root):
    """Apply the caps of single payees to their claims, then add the groups up again; returns the root's claim."""
    claim = path.claim
    limited = False
    for node in range(payee[root]["end"] - 1, root - 1, -1):
        cap = payee[node]["cap"]
        if cap >= 0:
            limit = positive_amount(code, path, state, t, cap)
            claim[node, ClaimField.NEED] = min(claim[node, ClaimField.NEED], limit)
            limited = True
        elif limited and payee[node]["kind"] == PayeeKind.GROUP:
            add_up(payee, claim, node, ClaimField.NEED)
    return claim[root, ClaimField.NEED]


@inlined
def _whole_quanta(lay, payee, note, claim, state, root):
    """Round what notes get down to their payment unit, except what repays them; returns the sum of all leaves."""
    total = 0
    for node in range(root, payee[root]["end"]):
        kind = payee[node]["kind"]
        if kind == PayeeKind.GROUP:
            continue
        if kind <= PayeeKind.NOTE_IN_FULL:
            index = payee[node]["index"]
            quantum = note[index]["quantum"]
            repays = kind == PayeeKind.NOTE_PRINCIPAL or kind == PayeeKind.NOTE_IN_FULL
            whole = note_claim(state[lay.note + index], kind)
            if quantum > 1 and not (repays and claim[node, ClaimField.GIVEN] == whole):
                claim[node, ClaimField.GIVEN] -= claim[node, ClaimField.GIVEN] % quantum
        total += claim[node, ClaimField.GIVEN]
    return total


@inlined
def _draw(lay, source, terms, state, s, amount):
    """Take `amount` out of the sources in order, then out of the supports in order."""
    for i in range(terms["source_first"], terms["source_last"]):
        account = state[lay.account + source[i]]
        taken = min(amount, max(0, account[AccountField.BALANCE]))
        account[AccountField.BALANCE] -= taken
        account[AccountField.PAID_OUT] += taken
        state[lay.step + s, DRAW + source[i]] += taken
        amount -= taken


@inlined
def deposit(account, amount, field):
    """Put cash into an account (its row of the state), booked under an `AccountField`."""
    account[field] += amount
    account[AccountField.BALANCE] += amount


@inlined
def post(lay, posted, state):
    """Cash that policies put into the accounts from outside, or take out: at most what is there. `posted` (A,)."""
    for a in range(lay.accounts):
        account = state[lay.account + a]
        if posted[a] != 0:
            deposit(account, max(posted[a], -max(0, account[AccountField.BALANCE])), AccountField.POSTED)


@inlined
def _pay_note(note, kind, amount):
    """Pay a note (its row of the state): interest, premium, then principal where it is paid in full."""
    interest = 0
    premium = 0
    if kind == PayeeKind.NOTE_INTEREST or kind == PayeeKind.NOTE_IN_FULL:
        interest = min(amount, note[NoteField.INTEREST_DUE] - note[NoteField.INTEREST_PAID])
    if kind == PayeeKind.NOTE_PREMIUM or kind == PayeeKind.NOTE_IN_FULL:
        premium = min(amount - interest, note[NoteField.PREMIUM_DUE] - note[NoteField.PREMIUM_PAID])
    rest = amount - interest - premium
    note[NoteField.INTEREST_PAID] += interest
    note[NoteField.PREMIUM_PAID] += premium
    if kind == PayeeKind.NOTE_RESIDUAL:
        note[NoteField.RESIDUAL_PAID] += rest
    else:
        note[NoteField.PRINCIPAL_PAID] += rest
        note[NoteField.BALANCE] -= rest


@inlined
def move_ledger(ledger, amount):
    """Raise a ledger (its row of the state; `amount` > 0) or lower it."""
    ledger[LedgerField.DEBITED if amount >= 0 else LedgerField.CREDITED] += abs(amount)
    ledger[LedgerField.BALANCE] += amount


@borrowing
def _book_ledger(program, path, state, t, ledger, amount):
    """Lower a ledger, or raise it up to its limit: what is beyond raises the next one."""
    first = program.layout.ledger
    while amount > 0 and program.ledger[ledger]["beyond"] >= 0:
        limit = positive_amount(program.code, path, state, t, program.ledger[ledger]["limit"])
        part = min(amount, max(0, limit - state[first + ledger, LedgerField.BALANCE]))
        move_ledger(state[first + ledger], part)
        amount -= part
        ledger = program.ledger[ledger]["beyond"]
    move_ledger(state[first + ledger], amount)


@inlined
def _pay_leaf(program, path, state, purchases, t, s, node):
    """Hand a leaf what `share` gave it."""
    lay = program.layout
    kind = program.payee[node]["kind"]
    index = program.payee[node]["index"]
    amount = path.claim[node, ClaimField.GIVEN]
    if kind <= PayeeKind.NOTE_IN_FULL:
        _pay_note(state[lay.note + index], kind, amount)
    elif kind == PayeeKind.FEE:
        state[lay.fee + index, FeeField.PAID] += amount
    elif kind == PayeeKind.HOLDER:
        state[lay.holder + index, HolderField.PAID] += amount
    elif kind == PayeeKind.PURCHASE:
        buy(program, path.flow[program.revolving_pool], state, purchases, t, amount)
    elif kind == PayeeKind.ACCOUNT:
        deposit(state[lay.account + index], amount, AccountField.PAID_IN)
    else:
        move_ledger(state[lay.ledger + index], -amount)
        deposit(state[lay.account + program.step[s]["into"]], amount, AccountField.PAID_IN)


@inlined
def _write_down(note, amount):
    """Write a note (its row of the state) down, or up by a negative amount."""
    note[NoteField.WRITE_DOWN] += amount
    note[NoteField.CUMULATIVE_WRITE_DOWN] += amount
    note[NoteField.BALANCE] -= amount


@inlined
def _book(program, path, state, t, s):
    """A step without cash: raise ledgers and write notes down, or the other way round for a negative amount."""
    lay, payee, claim, terms = program.layout, program.payee, path.claim, program.step[s]
    root = terms["root"]
    amount = stated_amount(program.code, path, state, t, terms["amount"])
    claims(program, claim, state, terms["rule"], root)
    if amount < 0:
        for node in range(root, payee[root]["end"]):
            claim[node, ClaimField.NEED] = UNLIMITED
    booked = min(abs(amount), _limit_leaves(program.code, payee, path, state, t, root))
    if terms["cap"] >= 0:
        booked = min(booked, positive_amount(program.code, path, state, t, terms["cap"]))
    share(payee, claim, root, booked)
    for node in range(root, payee[root]["end"]):
        moved = claim[node, ClaimField.GIVEN] if amount >= 0 else -claim[node, ClaimField.GIVEN]
        if payee[node]["kind"] == PayeeKind.LEDGER:
            _book_ledger(program, path, state, t, payee[node]["index"], moved)
        elif payee[node]["kind"] == PayeeKind.NOTE_PRINCIPAL:
            _write_down(state[lay.note + payee[node]["index"]], moved)
    _record(state[lay.step + s], abs(amount), booked)


@inlined
def _record(row, due, paid):
    """Keep what a step owed and paid (its row of the state)."""
    row[StepField.DUE] = due
    row[StepField.PAID] = paid
    row[StepField.SHORTFALL] = due - paid


@inlined
def _move_books(program, path, state, t, s, paid):
    """Ledgers that move with the step: by what it paid, or by what one of its accounts gave."""
    lay, book, terms = program.layout, program.book, program.step[s]
    for i in range(terms["book_first"], terms["book_last"]):
        account = book[i]["account"]
        amount = paid if account < 0 else state[lay.step + s, DRAW + account]
        _book_ledger(program, path, state, t, book[i]["ledger"], book[i]["sign"] * amount)


@inlined
def _pay(program, path, state, purchases, t, s):
    """A step that moves cash."""
    lay, payee, terms = program.layout, program.payee, program.step[s]
    root = terms["root"]
    available = _available(lay, program.source, terms, state)
    due = _due(program, path, state, t, terms)
    if terms["rule"] == Rule.PAY_REMAINDER:
        due = min(due, available)
    allowed = min(due, _limit_leaves(program.code, payee, path, state, t, root))
    if terms["cap"] >= 0:
        allowed = min(allowed, positive_amount(program.code, path, state, t, terms["cap"]))
    share(payee, path.claim, root, min(allowed, available))
    paid = _whole_quanta(lay, payee, program.note, path.claim, state, root)
    _draw(lay, program.source, terms, state, s, paid)
    for node in range(root, payee[root]["end"]):
        if payee[node]["kind"] != PayeeKind.GROUP and path.claim[node, ClaimField.GIVEN] > 0:
            _pay_leaf(program, path, state, purchases, t, s, node)
    _move_books(program, path, state, t, s, paid)
    _record(state[lay.step + s], due, paid)


@inlined
def run_steps(program, path, state, purchases, t, regime):
    """Run the waterfall of a regime on date `t`; stops at a step whose arithmetic fails."""
    path.claim[:, ClaimField.CARRIED] = 0
    for s in range(program.waterfall[regime, 0], program.waterfall[regime, 1]):
        path.status[2] = s
        rule, when = program.step[s]["rule"], program.step[s]["when"]
        if rule == Rule.CARRY or (when >= 0 and evaluate(program.code, path.memory, state, t, when) == 0.0):
            continue
        if rule == Rule.BOOK:
            _book(program, path, state, t, s)
        else:
            _pay(program, path, state, purchases, t, s)
        if path.status[0] != PathStatus.OK:
            return

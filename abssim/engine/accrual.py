"""What notes and fees accrue for a period, and when interest falls due. Twin: `tests/engine/naive_deal.py`."""

from abssim.engine._jit import borrowing, inlined
from abssim.engine.expression import evaluate
from abssim.engine.rounding import round_half_up
from abssim.engine.waterfall import deposit, stated_claim
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField


@inlined
def _coupon(terms, fixed_rate, index_rate):
    """Rate of a note for a period: fixed, or `index_rate` plus spread within floor and cap."""
    if terms["index"] < 0:
        return fixed_rate
    return min(terms["cap"], max(terms["floor"], index_rate + fixed_rate))


@inlined
def accrue_note(program, path, state, t, n):
    """Interest of the period: balance (or notional) x rate x year fraction, rounded half up to the minor unit.

    Below zero nothing accrues, and it is counted: a note does not pay its issuer.
    """
    terms, date = program.note[n], program.note_date[t, n]
    note = state[program.layout.note + n]
    base = note[NoteField.OPENING_BALANCE]
    if terms["notional"] >= 0:
        base = stated_claim(program.code, path, state, t, terms["notional"])
    note[NoteField.NOTIONAL] = base
    if terms["interest_on_interest"] == 1:
        base += note[NoteField.INTEREST_SHORTFALL]
    rate = _coupon(terms, date["fixed_rate"], path.rates[t, n])
    if rate < 0.0 and base > 0:
        path.negative[terms["counter"]] += 1
    interest = max(0, round_half_up(float(base) * rate * date["year_fraction"]))
    note[NoteField.ACCRUED_INTEREST] = interest
    capitalizes = terms["capitalizes"]
    if capitalizes >= 0 and evaluate(program.code, path.memory, state, t, capitalizes) != 0.0:
        note[NoteField.CAPITALIZED] = interest
    else:
        note[NoteField.ACCRUED_NOT_DUE] += interest


@inlined
def accrue_fee(program, path, state, t, e):
    """What a fee or tax accrues on the date, on top of what was left unpaid."""
    terms, fee = program.fee[e], state[program.layout.fee + e]
    if program.date[t]["number"] % terms["every"] != 0:
        return
    if terms["when"] < 0 or evaluate(program.code, path.memory, state, t, terms["when"]) != 0.0:
        accrued = stated_claim(program.code, path, state, t, terms["amount"])
        fee[FeeField.ACCRUED] = accrued
        fee[FeeField.DUE] += accrued


@borrowing
def receive(program, path, state, t, a):
    """Cash that arrives in an account from outside, by its formula."""
    amount = stated_claim(program.code, path, state, t, program.receives[a])
    deposit(state[program.layout.account + a], amount, AccountField.POSTED)


@inlined
def capitalize(lay, state):
    """Add to the balances what is capitalized, once the interest of all notes is known: in no order among them."""
    for n in range(lay.notes):
        note = state[lay.note + n]
        note[NoteField.BALANCE] += note[NoteField.CAPITALIZED]


@inlined
def interest_falls_due(lay, pays_every, state, number, ends):
    """Accrued interest falls due on every n-th date of the deal's life (n by regime), and when the deal ends."""
    for n in range(lay.notes):
        note = state[lay.note + n]
        if ends or number % pays_every[n] == 0:
            note[NoteField.INTEREST_DUE] += note[NoteField.ACCRUED_NOT_DUE]
            note[NoteField.ACCRUED_NOT_DUE] = 0

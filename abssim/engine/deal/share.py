"""Micro-operations that share an amount among payees, and hand it out.

A group pays pro rata by amount due for interest and fees and by opening (or original) balance for principal; the
largest remainder takes the odd unit. A group that several steps of a date pay remembers the remainders from step to
step, so that it is rounded once a date. Twin: `tests/engine/naive_step.py::share`.
"""

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import Share
from abssim.engine.deal.whole import names
from abssim.engine.rounding import portion
from abssim.kind.ledger import LedgerField

MEMBER = 5
"""Entries of a member in the side list."""
_NEED, _WEIGHT, _GIVEN, _CARRIED, _CARRIED_OF = range(MEMBER)
_OPEN = -1
"""What a member is given whose share is not settled yet."""
_SETTLED = -(2**62)
"""Remainder of a member that takes no odd unit: below any other."""


@borrowing
def _weight_of_open(item, first, last, S, w):
    """Weights of the members whose share is not settled yet."""
    total = 0
    for k in range(first, last, MEMBER):
        if S[item[k + _GIVEN], w] == _OPEN:
            total += S[item[k + _WEIGHT], w]
    return total


@borrowing
def _fill_small_claims(item, first, last, S, w, amount):
    """Members whose claim is below their share take all of it; returns what is left for the others.

    Each pass settles at least one member, so it ends.
    """
    for k in range(first, last, MEMBER):
        S[item[k + _GIVEN], w] = _OPEN
    settled = True
    while settled:
        settled = False
        total, left = _weight_of_open(item, first, last, S, w), amount
        for k in range(first, last, MEMBER):
            need, given = S[item[k + _NEED], w], item[k + _GIVEN]
            if S[given, w] == _OPEN and need <= portion(left, S[item[k + _WEIGHT], w], total)[0]:
                S[given, w] = need
                amount -= need
                settled = True
    return amount


@borrowing
def _share_rest(item, first, last, S, w, amount):
    """Split `amount` by weight among the members not yet settled; the largest remainder takes each odd unit.

    Remainders go on from those of earlier steps: two members come out as if the date's amounts were one.
    """
    total, left = _weight_of_open(item, first, last, S, w), amount
    for k in range(first, last, MEMBER):
        weight, given = item[k + _WEIGHT], item[k + _GIVEN]
        if S[given, w] == _OPEN:
            whole, remainder = portion(amount, S[weight, w], total)
            left -= whole
            S[given, w] = whole
            same = S[item[k + _CARRIED_OF], w] == total
            S[weight, w] = remainder + (S[item[k + _CARRIED], w] if same else 0)
        else:
            S[weight, w] = _SETTLED
    while left > 0:
        _hand_out(item, first, last, S, w, total)
        left -= 1
    for k in range(first, last, MEMBER):
        owed = S[item[k + _WEIGHT], w]
        S[item[k + _CARRIED], w] = 0 if owed == _SETTLED else owed
        S[item[k + _CARRIED_OF], w] = total


@borrowing
def _hand_out(item, first, last, S, w, total):
    """Give an odd unit: largest remainder (now in the weight) first, the earlier member where they are equal."""
    best = first
    for k in range(first + MEMBER, last, MEMBER):
        if S[item[k + _WEIGHT], w] > S[item[best + _WEIGHT], w]:
            best = k
    S[item[best + _GIVEN], w] += 1
    S[item[best + _WEIGHT], w] -= total


@borrowing
def _share(item, first, last, S, amount, mask):
    """An amount among the members of a group, in the lanes of a mask."""
    for w in range(S.shape[1]):
        if S[mask, w] != 0:
            rest = _fill_small_claims(item, first, last, S, w, S[amount, w])
            _share_rest(item, first, last, S, w, rest)
        else:
            for k in range(first, last, MEMBER):
                S[item[k + _GIVEN], w] = 0


@borrowing
def _move_ledger(S, a, b):
    """Raise a ledger, or lower it by a negative amount."""
    for w in range(S.shape[1]):
        amount = S[b, w]
        S[a + LedgerField.DEBITED, w] += max(0, amount)
        S[a + LedgerField.CREDITED, w] += max(0, -amount)
        S[a + LedgerField.BALANCE, w] += amount


@separate
def run_share(code, item, pc, S):
    """Run the operation at `pc`; returns the place of the next."""
    op = code[pc, 0]
    a, b, c, d = names(code, pc)
    if op == Share.PRO_RATA:
        _share(item, code[pc, 3], code[pc, 4], S, a, b)
    elif op == Share.QUANTA:
        for w in range(S.shape[1]):
            if not (code[pc, 4] == 1 and S[a, w] == S[b, w]):
                S[a, w] -= S[a, w] % code[pc, 3]
    elif op == Share.MOVE_LEDGER:
        _move_ledger(S, a, b)
    else:
        for w in range(S.shape[1]):
            amount = S[b, w]
            S[a, w] = min(amount, max(0, S[d, w] - S[c, w])) if amount > 0 else amount
    return pc + 1

"""Payee trees: what each payee can claim, and how an amount is shared among them.

A tree is stored in preorder (`PAYEE`). A group pays its children one after the other, or pro rata; pro rata
goes by amount due for interest and fees and by opening (or original) balance for principal, and the largest remainder
takes the odd unit. A group that several steps of a date pay remembers the remainders from step to step, so that it is
rounded once a date. Twin: `tests/engine/naive_step.py::share`.
"""

from abssim.engine._jit import inlined
from abssim.engine.program import UNLIMITED, ClaimField, PayeeKind, Rule
from abssim.engine.rounding import portion
from abssim.engine.trigger import purchases_stopped
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField

_HEAVIEST = 2**54
"""Weight of a payee without a claim of its own: above any balance, and sums of many stay within int64."""
_SETTLED = -(2**62)
"""Remainder of a child that takes no odd unit: below any other."""


@inlined
def note_interest_claim(note):
    """Interest due on this date and not yet paid."""
    return note[NoteField.INTEREST_DUE] - note[NoteField.INTEREST_PAID]


@inlined
def _premium_claim(note):
    return note[NoteField.PREMIUM_DUE] - note[NoteField.PREMIUM_PAID]


@inlined
def note_claim(note, kind):
    """What a note can claim as interest, principal, premium or all of them."""
    if kind == PayeeKind.NOTE_INTEREST:
        return note_interest_claim(note)
    if kind == PayeeKind.NOTE_PRINCIPAL:
        return note[NoteField.BALANCE]
    if kind == PayeeKind.NOTE_PREMIUM:
        return _premium_claim(note)
    return note_interest_claim(note) + _premium_claim(note) + note[NoteField.BALANCE]


@inlined
def _claim_of(lay, trigger, state, rule, kind, index):
    """What a leaf can claim under a rule: `UNLIMITED` where it has no claim of its own."""
    if kind == PayeeKind.NOTE_RESIDUAL or kind == PayeeKind.HOLDER:
        return UNLIMITED
    if kind == PayeeKind.PURCHASE:
        return 0 if purchases_stopped(lay, trigger, state) else UNLIMITED
    if kind == PayeeKind.FEE:
        return state[lay.fee + index, FeeField.DUE] - state[lay.fee + index, FeeField.PAID]
    if kind == PayeeKind.LEDGER:
        return UNLIMITED if rule == Rule.BOOK else max(0, state[lay.ledger + index, LedgerField.BALANCE])
    if kind == PayeeKind.ACCOUNT:
        account = state[lay.account + index]
        return (
            max(0, account[AccountField.TARGET] - account[AccountField.BALANCE]) if rule == Rule.TOP_UP else UNLIMITED
        )
    return note_claim(state[lay.note + index], kind)


@inlined
def _weight_of(program, state, leaf, need):
    """What a leaf (its row of `PAYEE`) counts for when a group shares pro rata; never nothing."""
    weight, kind = need, leaf["kind"]
    if kind == PayeeKind.NOTE_PRINCIPAL or kind == PayeeKind.NOTE_RESIDUAL or kind == PayeeKind.NOTE_IN_FULL:
        weight = state[program.layout.note + leaf["index"], NoteField.OPENING_BALANCE]
        if leaf["by_original_balance"] == 1:
            weight = program.note[leaf["index"]]["initial_balance"]
    return max(1, min(_HEAVIEST, weight))


@inlined
def add_up(payee, claim, node, field):
    """Set a group's need or weight to the sum over its children."""
    total = 0
    child = node + 1
    while child < payee[node]["end"]:
        total = min(UNLIMITED, total + claim[child, field])
        child = payee[child]["end"]
    claim[node, field] = total


@inlined
def claims(program, claim, state, rule, root):
    """Fill needs and weights of the tree under `root`, leaves first; returns what the root can claim."""
    payee = program.payee
    for node in range(payee[root]["end"] - 1, root - 1, -1):
        kind, index = payee[node]["kind"], payee[node]["index"]
        if kind == PayeeKind.GROUP:
            add_up(payee, claim, node, ClaimField.NEED)
            add_up(payee, claim, node, ClaimField.WEIGHT)
        else:
            need = _claim_of(program.layout, program.trigger, state, rule, kind, index)
            claim[node, ClaimField.NEED] = need
            claim[node, ClaimField.WEIGHT] = _weight_of(program, state, payee[node], need)
    return claim[root, ClaimField.NEED]


@inlined
def _share_in_order(payee, claim, node, amount):
    child = node + 1
    while child < payee[node]["end"]:
        claim[child, ClaimField.GIVEN] = min(amount, claim[child, ClaimField.NEED])
        amount -= claim[child, ClaimField.GIVEN]
        child = payee[child]["end"]


@inlined
def _weight_of_open(payee, claim, node):
    """Weights of the children of a group whose share is not settled yet (`given` -1)."""
    total = 0
    child = node + 1
    while child < payee[node]["end"]:
        if claim[child, ClaimField.GIVEN] < 0:
            total += claim[child, ClaimField.WEIGHT]
        child = payee[child]["end"]
    return total


@inlined
def _fill_small_claims(payee, claim, node, amount):
    """Children whose claim is below their share take all of it; returns what is left for the others.

    Marks the others with `given = -1`. Each pass settles at least one child, so it ends.
    """
    child = node + 1
    while child < payee[node]["end"]:
        claim[child, ClaimField.GIVEN] = -1
        child = payee[child]["end"]
    settled = True
    while settled:
        settled = False
        total = _weight_of_open(payee, claim, node)
        left = amount
        child = node + 1
        while child < payee[node]["end"]:
            if claim[child, ClaimField.GIVEN] < 0:
                whole, _ = portion(left, claim[child, ClaimField.WEIGHT], total)
                if claim[child, ClaimField.NEED] <= whole:
                    claim[child, ClaimField.GIVEN] = claim[child, ClaimField.NEED]
                    amount -= claim[child, ClaimField.GIVEN]
                    settled = True
            child = payee[child]["end"]
    return amount


@inlined
def _carried(payee, claim, child, total):
    """What earlier steps of the date owe a child; nothing if its group shared by other weights then."""
    shared = claim[payee[child]["shared"]]
    return shared[ClaimField.CARRIED] if shared[ClaimField.CARRIED_OF] == total else 0


@inlined
def _share_rest(payee, claim, node, amount):
    """Split `amount` by weight among the children not yet settled; the largest remainder takes each odd unit.

    Remainders go on from those of earlier steps: two children come out as if the date's amounts were one.
    """
    total = _weight_of_open(payee, claim, node)
    left = amount
    child = node + 1
    while child < payee[node]["end"]:
        if claim[child, ClaimField.GIVEN] < 0:
            whole, remainder = portion(amount, claim[child, ClaimField.WEIGHT], total)
            left -= whole
            claim[child, ClaimField.GIVEN] = whole
            claim[child, ClaimField.WEIGHT] = remainder + _carried(payee, claim, child, total)
        else:
            claim[child, ClaimField.WEIGHT] = _SETTLED
        child = payee[child]["end"]
    _hand_out(payee, claim, node, left, total)
    _carry(payee, claim, node, total)


@inlined
def _hand_out(payee, claim, node, left, total):
    """Give the `left` odd units, largest remainder (now in WEIGHT) first, the earlier child where they are equal."""
    while left > 0:
        best = -1
        largest = _SETTLED
        child = node + 1
        while child < payee[node]["end"]:
            if claim[child, ClaimField.WEIGHT] > largest:
                largest = claim[child, ClaimField.WEIGHT]
                best = child
            child = payee[child]["end"]
        claim[best, ClaimField.GIVEN] += 1
        claim[best, ClaimField.WEIGHT] -= total
        left -= 1


@inlined
def _carry(payee, claim, node, total):
    """Keep what the children of a group are owed now for later steps of the date; a settled one nothing."""
    child = node + 1
    while child < payee[node]["end"]:
        owed, shared = claim[child, ClaimField.WEIGHT], claim[payee[child]["shared"]]
        shared[ClaimField.CARRIED] = 0 if owed == _SETTLED else owed
        shared[ClaimField.CARRIED_OF] = total
        child = payee[child]["end"]


@inlined
def share(payee, claim, root, amount):
    """Write into `claim[:, GIVEN]` what each payee under `root` takes of `amount` (at most the claim of the root)."""
    claim[root, ClaimField.GIVEN] = amount
    for node in range(root, payee[root]["end"]):
        if payee[node]["kind"] != PayeeKind.GROUP:
            continue
        if payee[node]["pro_rata"] == 0:
            _share_in_order(payee, claim, node, claim[node, ClaimField.GIVEN])
        else:
            rest = _fill_small_claims(payee, claim, node, claim[node, ClaimField.GIVEN])
            _share_rest(payee, claim, node, rest)

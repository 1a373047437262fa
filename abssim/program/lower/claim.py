"""What a payee can claim, and what being paid or booked moves: as its kind's row says, or by a recipe of its own."""

from __future__ import annotations

from enum import IntEnum

from abssim.engine.deal.operation import List, Whole
from abssim.engine.program import UNLIMITED
from abssim.kind.account import AccountField
from abssim.kind.claim import Claim
from abssim.kind.table import CLAIMS
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.books import deposit
from abssim.program.lower.recipes import NONE, RECIPES, Recipe


def _recipe(claim: Claim) -> Recipe:
    return RECIPES.get(CLAIMS[claim].name, NONE)


def wanted(asm: Assembler, claim: Claim, row: int) -> int:
    """Slot of what can be claimed of the thing in a row of the state."""
    own = _recipe(claim).wanted
    if own is not None:
        return own(asm)
    due = [part.due for part in claim.parts or (claim,) if part.due is not None]
    less = [part.less for part in claim.parts or (claim,) if part.less is not None]
    plus, minus = ([asm.at(row, field) for field in fields] for fields in (due, less))
    if not plus:
        return asm.constant(UNLIMITED)
    if len(plus) > 1:
        return asm.result(List.SUM, *asm.signed(plus, minus))
    if not minus and due[0] in CLAIMS[claim].never_negative:
        return plus[0]
    return asm.result(Whole.DEFICIT, plus[0], minus[0] if minus else asm.zero)


def hand_over(asm: Assembler, claim: Claim, row: int, given: int, into: int) -> None:
    """Hand a payee the amount in slot `given`; `into` is the account that cash against a ledger goes to."""
    own = _recipe(claim).pay
    if own is not None:
        own(asm, given)
    elif claim.parts:
        left = asm.result(Whole.MOVE, given)
        for part in claim.parts:
            hand_over(asm, part, row, asm.result(Whole.TAKE, left, wanted(asm, part, row)), into)
    else:
        _move(asm, row, claim, given)
        if claim.into:
            deposit(asm, given, into, AccountField.PAID_IN)


def book(asm: Assembler, claim: Claim, row: int, moved: int) -> None:
    """Move an amount without cash; below zero the other way round."""
    own = _recipe(claim).book
    if own is not None:
        own(asm, row - asm.layout[CLAIMS[claim].name].start, moved)
    else:
        _move(asm, row, claim, moved)


def close_claims(asm: Assembler) -> None:
    """What is due and unpaid when the waterfall has paid."""
    for claim, kind in CLAIMS.items():
        for row in asm.layout[kind.name] if claim.shortfall is not None else ():
            _close(asm, claim, row)


def _close(asm: Assembler, claim: Claim, row: int) -> None:
    """What is due and unpaid is a shortfall."""
    own = _recipe(claim).close
    if own is not None:
        own(asm, row)
        return
    fields: tuple[IntEnum | None, ...] = (claim.shortfall, claim.due, claim.less)
    slots = [asm.at(row, field) for field in fields if field is not None]
    asm.emit(Whole.SUBTRACT, *slots)


def _move(asm: Assembler, row: int, claim: Claim, moved: int) -> None:
    """Raise and lower what a claim says, by the amount in a slot."""
    raised, lowered = ([asm.at(row, field) for field in fields] for fields in (claim.raises, claim.lowers))
    if len(raised) == len(lowered) == 1:
        asm.emit(Whole.TRANSFER, moved, *lowered, *raised)
        return
    asm.emit(List.ADD_EACH, moved, *asm.entries(raised))
    if lowered:
        asm.emit(List.SUBTRACT_EACH, moved, *asm.entries(lowered))

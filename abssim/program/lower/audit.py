"""Conservation checks of a date: the equalities of `abssim.check`, tested on every path of a simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum

from abssim.engine.deal.operation import Close
from abssim.engine.state import DRAW
from abssim.kind.account import AccountField
from abssim.kind.base import Before, Kind, Term
from abssim.kind.pool import POOL, PoolField
from abssim.kind.table import KINDS
from abssim.program.lower.assembler import Assembler

_SUM_OF_POOLS, _COLLECTIONS, _USES, _STEPS, _NEGATIVE = (
    "sum of pools",
    "collections",
    "sources and uses",
    "steps",
    "no negative balance",
)
CHECKS = (
    "",
    *(identity.name for kind in KINDS.values() for identity in kind.identities),
    *(_SUM_OF_POOLS, _COLLECTIONS, _USES, _STEPS, _NEGATIVE),
)
"""Names of the checks, by the number a path has that fails one; 0 where it fails none."""


def audit(asm: Assembler) -> None:
    """All checks of a date; the last that fails is told."""
    for kind in KINDS.values():
        for row in asm.layout[kind.name]:
            for identity in kind.identities:
                _equal(asm, identity.name, _terms(asm, row, identity.left), _terms(asm, row, identity.right))
    _pools(asm)
    _cash(asm)
    slots = (
        asm.at(row, field) for kind in KINDS.values() for row in asm.layout[kind.name] for field in kind.never_negative
    )
    asm.emit(Close.NOT_NEGATIVE, asm.scratch(), *asm.entries(slots), 0, CHECKS.index(_NEGATIVE))
    asm.release()


def _equal(asm: Assembler, check: str, left: Iterable[int], right: Iterable[int]) -> None:
    asm.emit(Close.BALANCED, asm.scratch(), *asm.signed(left, right), CHECKS.index(check))
    asm.release()


def _terms(asm: Assembler, row: int, terms: Sequence[Term]) -> list[int]:
    """Slots of fields, now or on the date before."""
    return [asm.before(asm.at(row, term.field)) if isinstance(term, Before) else asm.at(row, term) for term in terms]


def _pools(asm: Assembler) -> None:
    """The sum of pools is their sum."""
    total, *parts = asm.layout["pool"]
    if parts:
        for field in PoolField:
            _equal(asm, _SUM_OF_POOLS, [asm.at(total, field)], (asm.at(row, field) for row in parts))


def _flows(asm: Assembler, fields: Callable[[Kind], Sequence[IntEnum]]) -> list[int]:
    """Slots of certain fields of everything there is; of pools of their sum alone."""
    found = []
    for kind in KINDS.values():
        rows = asm.layout[kind.name][:1] if kind is POOL else asm.layout[kind.name]
        found += [asm.at(row, field) for row in rows for field in fields(kind)]
    return found


def _cash(asm: Assembler) -> None:
    """What comes from outside reaches the accounts, and what leaves them reaches somebody."""
    accounts = asm.layout["account"]
    collected = [asm.at(row, AccountField.COLLECTED) for row in accounts]
    withheld, brought = _flows(asm, lambda kind: kind.withheld), _flows(asm, lambda kind: kind.brings)
    _equal(asm, _COLLECTIONS, [*collected, *withheld], brought)
    paid = [asm.at(row, fields.drawn) for row, fields in asm.layout.sources]
    taken = _flows(asm, lambda kind: kind.takes)
    _equal(asm, _USES, paid, [*taken, *(asm.at(row, AccountField.PAID_IN) for row in accounts)])
    for a, own in enumerate(paid):
        _equal(asm, _STEPS, [own], (asm.at(row, DRAW + a) for row in asm.layout["step"]))

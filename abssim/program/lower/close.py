"""What a date ends with: it is kept, checked and remembered."""

from __future__ import annotations

from abssim.engine.deal.operation import Close, List
from abssim.engine.deal.summary import NoteRecord, PoolRecord
from abssim.kind.account import AccountField
from abssim.kind.base import Unit
from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import FLOWS, PoolField
from abssim.kind.step import STEP
from abssim.kind.table import KINDS
from abssim.kind.trigger import TriggerField
from abssim.program.lower.assembler import END_OF_REVOLVING, Assembler

_ASSETS = (PoolField.CLOSING_BALANCE, PoolField.NON_PERFORMING_BALANCE)
_PRESENT = ("CLOSING_BALANCE", "DPD_31_60_BALANCE", "DPD_61_90_BALANCE")
_TO_DATE = ("DEFAULT", "RECOVERY", "LOSS", "PREPAYMENT", "PURCHASE")


def keep(asm: Assembler) -> None:
    """Values that later dates look back on, and what is latched where a trigger first was active on this date."""
    asm.emit(Close.KEEP, *asm.entries(each for column, register in enumerate(asm.kept) for each in (column, register)))
    for mark, own in asm.latched.items():
        if mark != END_OF_REVOLVING:
            asm.emit(Close.LATCH, asm.mark(mark), *asm.copies(own))


def bound(asm: Assembler) -> None:
    """All amounts but what steps ask for and accounts aim at, and sums of stocks over time, which have no bound."""
    slots = [
        asm.at(row, member)
        for kind in KINDS.values()
        for row in (asm.layout[kind.name] if kind is not STEP else ())
        for member, field in kind.fields.items()
        if field.unit is Unit.AMOUNT and member is not AccountField.TARGET
    ]
    slots += [asm.at(row, field) for row in asm.layout["cumulative"] for field in FLOWS]
    asm.emit(Close.BOUND, asm.scratch(), *asm.entries(slots))


def remember(asm: Assembler) -> int:
    """What summaries read of the date, in the order of `abssim.engine.deal.summary`; returns how much it is."""
    lay = asm.layout
    notes = [asm.at(lay["note"][n], NoteField[each.name]) for n in range(len(lay["note"])) for each in NoteRecord]
    pool = {PoolRecord.CASH: _cash(asm), PoolRecord.CALLED: asm.at(lay["clock"].start, ClockField.CALLED)}
    pool |= {PoolRecord[name]: asm.at(lay["pool"].start, PoolField[name]) for name in _PRESENT}
    pool |= {PoolRecord[name]: asm.at(lay["cumulative"].start, PoolField[name]) for name in _TO_DATE}
    triggers = [asm.at(lay["trigger"][g], TriggerField.ACTIVE) for g in range(len(lay["trigger"]))]
    first, last = asm.entries([*notes, *(pool[each] for each in PoolRecord), *triggers])
    asm.emit(Close.REMEMBER, first, last)
    return last - first


def _cash(asm: Assembler) -> int:
    """Slot that is 1 where an account received or paid anything, or assets are left."""
    lay = asm.layout
    moves = range(AccountField.COLLECTED, AccountField.BALANCE)
    slots = [asm.at(row, field) for row in lay["account"] for field in moves]
    slots += [asm.at(row, field) for row in lay["pool"] for field in _ASSETS]
    return asm.result(List.SOME, *asm.entries(slots))

"""The regime of a date, and the end of the revolving period."""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, Judge, List, Whole
from abssim.kind.clock import ClockField, Regime
from abssim.kind.trigger import TriggerField
from abssim.program.lower.assembler import END_OF_REVOLVING, Assembler


def latch_end_of_revolving(asm: Assembler) -> None:
    """Where the calendar ends the revolving period, the date before is remembered; where it never began, the closing
    is from the start."""
    ended = asm.program.date["regime"] != Regime.REVOLVING
    if ended.any() and not ended[0]:
        with asm.jump(Amount.JUMP_DATE, asm.whole_by_date(ended)):
            newly = asm.scratch()
            asm.emit(Judge.END_REVOLVING, asm.mark(END_OF_REVOLVING), newly)
            latch(asm, newly)


def latch(asm: Assembler, newly: int) -> None:
    """What is read at the end of the revolving period is what the date before has left."""
    own = asm.latched.get(END_OF_REVOLVING, {})
    if own:
        asm.emit(List.COPY_WHERE, newly, *asm.entries(each for slot in own for each in (own[slot], asm.before(slot))))


def enter(asm: Assembler, regime: int, mask: int) -> int:
    """Enter a regime in the lanes of a mask; returns the mask of those in which that ended the revolving period."""
    newly = asm.scratch()
    clock = asm.at(asm.layout["clock"].start)
    asm.emit(Judge.ENTER, clock, regime, mask, asm.mark(END_OF_REVOLVING), newly)
    latch(asm, newly)
    return newly


def regime_of_date(asm: Assembler) -> int:
    """Slot of the most severe of the scheduled regime and those that active triggers or an earlier call ask for."""
    lay = asm.layout
    regime = asm.scratch()
    asm.emit(Amount.DATE, regime, asm.whole_by_date(asm.program.date["regime"]))
    for g, asked in enumerate(asm.program.terms["trigger"]["regime"].tolist()):
        if asked > 0:
            asm.emit(Judge.RAISE, regime, asm.at(lay["trigger"][g], TriggerField.ACTIVE), asked)
    asm.emit(Judge.RAISE, regime, asm.at(lay["clock"].start, ClockField.CALLED), Regime.AMORTIZATION)
    return regime


def in_revolving(asm: Assembler, mask: int) -> int:
    """The lanes of a mask that are in the revolving period."""
    regime = asm.at(asm.layout["clock"].start, ClockField.REGIME)
    amortizing = asm.result(Whole.CHOOSE, regime, asm.zero, asm.one)
    return asm.result(Whole.BOTH, mask, amortizing)

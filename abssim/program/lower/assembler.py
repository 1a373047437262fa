"""Where operations are collected, and where everything stands in the slots and registers of the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from abssim.engine.deal.close import Status
from abssim.engine.deal.operation import WIDTH, Amount
from abssim.engine.program import AT_CLOSING, COLUMN_BITS, NOT_YET, DealProgram, Op

END_OF_REVOLVING = 1
"""The mark that remembers the last date of the revolving period; 0 is the closing, the triggers follow."""


class Assembler:
    """Collects the operations of a date.

    Slots: the state (row x width + column), then constants, memory and scratch as they are asked for.
    """

    def __init__(self, program: DealProgram, history: np.ndarray, rates: np.ndarray) -> None:
        self.program, self.layout, self.history = program, program.layout, history
        self.rates = rates
        """(T, N) rate of each note's index, decimal a year."""
        self.row = 0
        """Of the plan: what is lowered at the moment."""
        self.periods = len(program.date)
        self.code: list[list[int]] = []
        self.items: list[int] = []
        self.initial: list[int] = program.code.initial.reshape(-1).tolist()
        self.numbers: list[float] = []
        self.whole_columns: list[np.ndarray] = []
        self.number_columns: list[np.ndarray] = []
        self._constants: dict[int, int] = {}
        self._literals: dict[float, int] = {}
        self._scratch: list[int] = []
        self._temporary: list[int] = []
        self._used = self._taken = 0
        self.zero, self.one = self.constant(0), self.constant(1)
        self.status = self.slots(len(Status))
        self.initial[self.status + Status.PLACE] = -1
        self.counters = max([1, *(program.code.counter + 1).tolist(), *(program.terms["note"]["counter"] + 1).tolist()])
        self.negative = self.slots(self.counters)
        self.previous: dict[int, int] = {}
        """Slot of what was on the date before, by slot."""
        self.earlier: dict[int, int] = {}
        """The same of two dates before."""
        self._marks = self._mark_slots()
        self.latched = self._latches()
        self.kept = [self.register() for _ in range(history.shape[1])]
        """Register of each column of the values that are kept."""

    def _mark_slots(self) -> list[int]:
        """Each mark has a slot of its own, and scratch behind it."""
        lay, program = self.layout, self.program
        fired = program.code.initial[lay["trigger"].start : lay["trigger"].stop, 0].tolist()
        began = AT_CLOSING if program.date[0]["regime"] else NOT_YET
        dates = [AT_CLOSING, began, *(AT_CLOSING if each else NOT_YET for each in fired)]
        slots = [self.slots(2) for _ in dates]
        for slot, date in zip(slots, dates, strict=True):
            self.initial[slot] = date
        return slots

    def _latches(self) -> dict[int, dict[int, int]]:
        """By mark: where a slot that is read at the mark is latched."""
        found: dict[int, dict[int, int]] = {}
        for op, arg, mark in self.program.code.instruction.tolist():
            if op == Op.LOAD_MARK and mark > 0:
                own, slot = found.setdefault(mark, {}), self.position(arg)
                if slot not in own:
                    own[slot] = self.slot(self.initial[slot])
        return found

    def at(self, row: int, field: int = 0) -> int:
        """Slot of a field of a row of the state."""
        return row * self.layout.width + int(field)

    def position(self, place: int) -> int:
        """Slot of a position as instructions have it."""
        return self.at(place >> COLUMN_BITS, place & ((1 << COLUMN_BITS) - 1))

    def mark(self, mark: int) -> int:
        """Slot of a mark."""
        return self._marks[mark]

    def slot(self, value: int = 0) -> int:
        """A new slot, and what it is before the first date."""
        self.initial.append(value)
        return len(self.initial) - 1

    def slots(self, count: int) -> int:
        """The first of so many new slots."""
        first = len(self.initial)
        self.initial += [0] * count
        return first

    def constant(self, value: int) -> int:
        """Slot of a number that never changes."""
        if value not in self._constants:
            self._constants[value] = self.slot(value)
        return self._constants[value]

    def scratch(self) -> int:
        """A slot until the next `release`."""
        if self._used == len(self._scratch):
            self._scratch.append(self.slot())
        self._used += 1
        return self._scratch[self._used - 1]

    def release(self) -> None:
        """Scratch may be used anew."""
        self._used = 0

    def register(self, value: float = 0.0) -> int:
        """A new register."""
        self.numbers.append(value)
        return len(self.numbers) - 1

    def literal(self, value: float) -> int:
        """Register of a number that never changes."""
        key = float(value)
        if key not in self._literals:
            self._literals[key] = self.register(key)
        return self._literals[key]

    def temporary(self) -> int:
        """A register until the next expression."""
        if self._taken == len(self._temporary):
            self._temporary.append(self.register())
        self._taken += 1
        return self._temporary[self._taken - 1]

    def begin_expression(self) -> None:
        """Temporary registers may be used anew."""
        self._taken = 0

    def before(self, slot: int) -> int:
        """Slot of what was in a slot at the end of the date before."""
        if slot not in self.previous:
            self.previous[slot] = self.slot(self.initial[slot])
        return self.previous[slot]

    def two_before(self, slot: int) -> int:
        """Slot of what was in a slot two dates ago."""
        self.before(slot)
        if slot not in self.earlier:
            self.earlier[slot] = self.slot(self.initial[slot])
        return self.earlier[slot]

    def whole_by_date(self, values: Sequence[int] | np.ndarray) -> int:
        """Column of a whole number of each date."""
        self.whole_columns.append(np.asarray(values, dtype=np.int64)[: self.periods])
        return len(self.whole_columns) - 1

    def number_by_date(self, values: np.ndarray) -> int:
        """Column of a number of each date."""
        self.number_columns.append(np.asarray(values, dtype=np.float64)[: self.periods])
        return len(self.number_columns) - 1

    def emit(self, op: int, *arguments: int) -> int:
        """Add an operation; returns its place."""
        row = [int(each) for each in (op, *arguments)]
        self.code.append(row + [0] * (WIDTH - len(row)))
        return len(self.code) - 1

    def result(self, op: int, *arguments: int) -> int:
        """Add an operation that writes into a scratch slot; returns the slot."""
        slot = self.scratch()
        self.emit(op, slot, *arguments)
        return slot

    def entries(self, slots: Iterable[int]) -> tuple[int, int]:
        """Entries `[first, last)` of the side list."""
        first = len(self.items)
        self.items += slots
        return first, len(self.items)

    def signed(self, plus: Iterable[int], minus: Iterable[int]) -> tuple[int, int, int]:
        """Entries of what is added, then of what is subtracted."""
        first, middle = self.entries(plus)
        return first, middle, self.entries(minus)[1]

    def copies(self, copies: dict[int, int]) -> tuple[int, int]:
        """Entries of copies from the keys into the values."""
        return self.entries(each for source, target in copies.items() for each in (target, source))

    @contextmanager
    def jump(self, op: int, *arguments: int) -> Iterator[None]:
        """Operations that are jumped over as the first one says."""
        place = self.emit(op, *arguments)
        yield
        column = 4 if op == Amount.STEP else 2
        self.code[place][column] = len(self.code) - place - 1

    @contextmanager
    def where(self, dates: np.ndarray) -> Iterator[None]:
        """Operations for some of the dates; no jump where they are for all."""
        if dates.all():
            yield
            return
        with self.jump(Amount.JUMP_DATE, self.whole_by_date(dates)):
            yield

    def take(self) -> list[list[int]]:
        """The operations so far, to be put elsewhere."""
        code, self.code = self.code, []
        return code

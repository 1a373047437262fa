"""Expressions to postfix code: names become places, literals minor units, windows definitions of their own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abssim.dates import PeriodDates
from abssim.deal.deal import Deal
from abssim.deal.expression import RATIO, WINDOWS, Binary, Dimension, FunctionCall, Name, Node, Number, Unary, spelled
from abssim.deal.observable import Slot
from abssim.deal.symbols import Symbols
from abssim.engine.program import INSTRUCTION, STACK, Code, Op
from abssim.errors import CompileError, Problem
from abssim.money import minor_value, to_minor
from abssim.node import DocumentPath
from abssim.program.calendar import calendar_row
from abssim.program.place import Places

BINARY = {
    "+": Op.ADD,
    "-": Op.SUBTRACT,
    "*": Op.MULTIPLY,
    "/": Op.DIVIDE,
    RATIO: Op.RATIO,
    "<": Op.LESS,
    "<=": Op.LESS_EQUAL,
    ">": Op.GREATER,
    ">=": Op.GREATER_EQUAL,
    "==": Op.EQUAL,
    "!=": Op.NOT_EQUAL,
    "and": Op.AND,
    "or": Op.OR,
}
_WINDOW = {"average": Op.AVERAGE, "highest": Op.HIGHEST, "lowest": Op.LOWEST, "total": Op.TOTAL}
_ROUNDING = {"round": Op.ROUND, "floor": Op.FLOOR, "ceil": Op.CEIL}
_LOAD = {"": Op.LOAD, "opening": Op.LOAD_PREVIOUS, "previous": Op.LOAD_PREVIOUS, "earlier": Op.LOAD_EARLIER}
_DEFINITION = {"": Op.DEFINITION, "opening": Op.DEFINITION, "previous": Op.DEFINITION_PREVIOUS}
_DEFINITION |= {"earlier": Op.DEFINITION_EARLIER}

Instruction = tuple[int, int, int]


class Counted(NamedTuple):
    """What is not taken as it comes out."""

    path: DocumentPath
    words: str
    """With a place for how often."""


BELOW_ZERO = "was negative {}, and taken as 0"
DIVIDED = "had something divided by nothing {}, taken as without bound"


class CodeBuilder:
    """Collects the expressions of a deal; `expression` answers the index the kernels know them by."""

    def __init__(self, deal: Deal, places: Places) -> None:
        self.deal = deal
        self.symbols = Symbols(deal)
        self.places = places
        self.columns = {name: column for column, name in enumerate(deal.definitions)}
        """Column of `values` of each definition; windows over other expressions follow."""
        self._instructions: list[Instruction] = []
        self._constants: dict[float, int] = {}
        self._spans: list[tuple[int, int]] = []
        self._definitions: dict[int, int] = {}
        """Expression by column."""
        self.windows: dict[str, int] = {}
        """Column of what windows look back on, other than definitions, by how it is spelled."""
        self.indexes: dict[str, int] = {}
        """Row of `schedule` of each index that is read; a scenario says its rates."""
        self._calendar: dict[Slot, int] = {}
        """Row of each day or fraction that is read, behind those of the schedules."""
        self._table: list[tuple[float, float]] = []
        self.counted: list[Counted] = []
        """What is counted where something is not taken as it comes out."""
        self._counter: dict[int, int] = {}
        """Counter of an expression that has one."""
        self._place: DocumentPath = ()
        self.places_of: dict[int, DocumentPath] = {}
        """Where each expression stands in the document; what windows look back on is not in it."""
        for name in deal.definitions:
            self._define(name)

    def expression(self, text: str | None, expected: Dimension | None, *path: str | int) -> int:
        """Index of an expression at a place of the document, -1 for none."""
        if text is None:
            return -1
        outer, self._place = self._place, path
        index = self._add(self.symbols.compiled(text, expected).node)
        self._place, self.places_of[index] = outer, path
        return index

    def judged(self, text: str | None, expected: Dimension | None, *path: str | int) -> int:
        """Index of a condition or definition, -1 for none: what it divides by nothing is without bound and counted."""
        index = self.expression(text, expected, *path)
        return index if index < 0 else self._counting(index, path)

    def _counting(self, index: int, path: DocumentPath) -> int:
        self.places_of[index] = path
        first, last = self._spans[index]
        if any(op == Op.DIVIDE for op, _, _ in self._instructions[first:last]):
            self._counter[index] = self.counter(DIVIDED, *path)
        return index

    def claim(self, text: str | None, *path: str | int) -> int:
        """Index of an amount that cannot be negative, at a place of the document; -1 for none."""
        index = self.expression(text, "amount", *path)
        if index >= 0:
            self._counter[index] = self.counter(BELOW_ZERO, *path)
        return index

    def counter(self, words: str, *path: str | int) -> int:
        """A new counter of the dates on which something at a place of the document was not taken as it came out."""
        self.counted.append(Counted(path, words))
        return len(self.counted) - 1

    def comparison(self, text: str) -> tuple[str, str, str, bool] | None:
        """Both sides of a condition that compares, its operator, and whether it compares money."""
        node = self.symbols.typed(text, "flag").node
        if not isinstance(node, Binary) or node.operator not in ("<", "<=", ">", ">="):
            return None
        at = node.column - 1
        left, right = text[:at].strip(), text[at + len(node.operator) :].strip()
        return left, node.operator, right, self._is_amount(left) or self._is_amount(right)

    def code(self, initial: np.ndarray, dates: PeriodDates) -> Code:
        """All expressions as arrays; `initial` is the state before the first date."""
        counter = np.full(max(1, len(self._spans)), -1, dtype=np.int64)
        for expression, place in self._counter.items():
            counter[expression] = place
        return Code(
            np.array(self._instructions or [(0, 0, 0)], dtype=INSTRUCTION),
            np.array([*self._constants] or [0.0], dtype=np.float64),
            np.array(self._spans or [(0, 0)], dtype=np.int64).reshape(-1, 2),
            np.concatenate([self._schedules(list(dates.number)), self._days(dates)]),
            np.array(self._table or [(0.0, 0.0)]),
            counter,
            len(self.columns),
            np.array([*self._definitions.items()], dtype=np.int64).reshape(-1, 2),
            initial,
            self._history_rows(),
            self._known(),
        )

    def history(self, rows: int, columns: int) -> np.ndarray:
        """(rows, columns) values of the definitions before the first date, newest last."""
        values = np.zeros((rows, columns))
        for name, given in self.deal.history.items():
            scale = self._scale(name)
            values[rows - len(given) :, self.columns[name]] = [each * scale for each in given]
        return values

    def definition_of(self, column: int) -> int:
        """Which definition, in the order of the program, is kept in a column."""
        return list(self._definitions).index(column)

    def _history_rows(self) -> int:
        return max((len(values) for values in self.deal.history.values()), default=0)

    def _known(self) -> np.ndarray:
        """(D,) first row of the values in which each definition has one."""
        rows = np.full(len(self.columns) + len(self.windows), self._history_rows(), dtype=np.int64)
        for name, given in self.deal.history.items():
            rows[self.columns[name]] -= len(given)
        return rows

    def is_amount(self, name: str) -> bool:
        """True if a definition or schedule is money."""
        return self.symbols.dimension_of(name) == "amount"

    def _is_amount(self, text: str) -> bool:
        typed = self.symbols.typed(text)
        return typed.dimension == "amount" and not typed.is_open

    def _scale(self, name: str) -> float:
        return float(to_minor(1, self.deal.currency)) if self.is_amount(name) else 1.0

    def _schedules(self, periods: list[int]) -> np.ndarray:
        rows = np.zeros((len(self.deal.schedules) + len(self.deal.indexes), len(periods)))
        for i, (name, steps) in enumerate(self.deal.schedules.items()):
            scale = self._scale(f"schedule.{name}")
            starts = sorted(steps)
            for t, period in enumerate(periods):
                reached = [start for start in starts if start <= period] or starts[:1]
                rows[i, t] = steps[reached[-1]] * scale
        return rows

    def _days(self, dates: PeriodDates) -> np.ndarray:
        """(rows, T) days and fractions of the year that expressions read."""
        rows = [calendar_row(self.deal, dates, slot) for slot in self._calendar]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(dates.number))

    def _define(self, name: str) -> int:
        """Column of a definition."""
        column = self.columns[name]
        if column not in self._definitions:
            dimension = self.symbols.dimension_of(name)
            assert dimension in ("amount", "number", "flag")
            self._definitions[column] = self.judged(self.deal.definitions[name], dimension, "definitions", name)
        return column

    def _add(self, node: Node) -> int:
        return self._span(self._emit(node))

    def _span(self, body: list[Instruction]) -> int:
        if _depth(body) > STACK:
            text = "an expression needs too many values at once"
            raise CompileError(Problem("E401", str(self.deal.file), "", text, "split it into definitions"))
        first = len(self._instructions)
        self._instructions += body
        self._spans.append((first, len(self._instructions)))
        return len(self._spans) - 1

    def _emit(self, node: Node) -> list[Instruction]:
        match node:
            case Number():
                return [self._constant(self._value(node))]
            case Name():
                return [self._name(node.name)]
            case Unary():
                return [*self._emit(node.operand), (Op.NEGATE if node.operator == "-" else Op.NOT, 0, 0)]
            case Binary():
                return [*self._emit(node.left), *self._emit(node.right), (BINARY[node.operator], 0, 0)]
            case FunctionCall():
                return self._call(node)

    def _call(self, node: FunctionCall) -> list[Instruction]:
        if node.function in WINDOWS:
            return [self._window(node)]
        if node.function == "table":
            return [*self._emit(node.arguments[0]), self._steps(node.arguments[1:])]
        parts = [self._emit(argument) for argument in node.arguments]
        if node.function in _ROUNDING:
            return [*parts[0], *parts[1], (_ROUNDING[node.function], 0, 0)]
        if node.function == "abs":
            return [*parts[0], (Op.ABSOLUTE, 0, 0)]
        if node.function == "if":
            return [*parts[0], *parts[1], *parts[2], (Op.SELECT, 0, 0)]
        op = Op.MINIMUM if node.function == "min" else Op.MAXIMUM
        code = parts[0]
        for part in parts[1:]:
            code = [*code, *part, (op, 0, 0)]
        return code

    def _steps(self, nodes: tuple[Node, ...]) -> Instruction:
        """Looks a value up in a step table."""
        values = [self._value(node) for node in nodes if isinstance(node, Number)]
        first, steps = len(self._table), list(zip(values[::2], values[1::2], strict=True))
        self._table += steps
        return (Op.TABLE, first, len(steps))

    def _value(self, node: Number) -> float:
        return minor_value(node.value, self.deal.currency) if node.is_amount else node.value

    def _window(self, node: FunctionCall) -> Instruction:
        """A window looks back over the values of a definition; any other expression becomes one."""
        inner, length = node.arguments
        assert isinstance(length, Number)
        column = self._column_of(inner)
        return (_WINDOW[node.function], column, int(length.value))

    def _column_of(self, inner: Node) -> int:
        if isinstance(inner, Name) and inner.name in self.deal.definitions:
            return self._define(inner.name)
        column = self.windows.setdefault(spelled(inner), len(self.columns) + len(self.windows))
        if column not in self._definitions:
            self._definitions[column] = self._counting(self._add(inner), self._place)
        return column

    def _constant(self, value: float) -> Instruction:
        return (Op.CONSTANT, self._constants.setdefault(float(value), len(self._constants)), 0)

    def _name(self, name: str) -> Instruction:
        prefix, slot = self.symbols.slot(name)
        mark = self.places.mark(prefix.removeprefix("at.")) if prefix.startswith("at.") else 0
        if slot.block == "constant":
            return self._constant(self.places.constant(slot))
        if slot.block == "schedule":
            return (Op.SCHEDULE, list(self.deal.schedules).index(slot.item), 0)
        if slot.block == "index":
            row = len(self.deal.schedules) + list(self.deal.indexes).index(slot.item)
            return (Op.SCHEDULE, self.indexes.setdefault(slot.item, row), 0)
        if slot.block == "calendar":
            row = (
                len(self.deal.schedules) + len(self.deal.indexes) + self._calendar.setdefault(slot, len(self._calendar))
            )
            return (Op.SCHEDULE, row, 0)
        if slot.block == "definition":
            op = _DEFINITION.get(prefix, Op.DEFINITION_MARK)
            return (op, self.columns[slot.item], mark)
        return (_LOAD.get(prefix, Op.LOAD_MARK), self.places.position(slot), mark)


def _depth(body: list[Instruction]) -> int:
    """Values waiting at the deepest point."""
    height = deepest = 0
    for op, _, _ in body:
        if op <= Op.SCHEDULE:
            height += 1
        elif op == Op.SELECT:
            height -= 2
        elif op not in (Op.NEGATE, Op.NOT, Op.ABSOLUTE, Op.TABLE):
            height -= 1
        deepest = max(deepest, height)
    return deepest

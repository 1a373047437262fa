"""The names of one deal: what each means, its dimension, and expressions with every formula written out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from abssim.deal.average import averaged
from abssim.deal.base import REGIMES
from abssim.deal.deal import Deal
from abssim.deal.dimension import Meaning, Typed, infer
from abssim.deal.expression import (
    FUNCTIONS,
    RATIO,
    Binary,
    Dimension,
    FunctionCall,
    Name,
    Node,
    Number,
    Unary,
    names_in,
    parse,
    written,
)
from abssim.deal.formulas import expressions
from abssim.deal.observable import Observable, Slot, observables
from abssim.deal.quantity import CALENDAR
from abssim.errors import DealError
from abssim.kind.clock import CLOCK
from abssim.kind.table import CLAIMS, KINDS

RESERVED = frozenset(
    {
        *KINDS,
        *(kind.plural for kind in KINDS.values() if kind.summed),
        *(claim.word for claim in CLAIMS if claim.word),
        *("schedule", "index", "series", "this", "regime"),
        *(
            "opening",
            "previous",
            "earlier",
            "at",
            "closing",
            "end_of_revolving",
            "excess_spread",
            "paid",
            "from",
            "all",
        ),
        *("and", "or", "not"),
        *FUNCTIONS,
        *CLOCK.words(),
        *CALENDAR,
        *REGIMES,
    }
)
"""Words of the language: no part of a deal may have one as its name."""

_BY_DATE = ("schedule", "calendar", "index")
"""Blocks that are known for the present date alone."""


class Symbols:
    """Name lookup for the expressions of a deal."""

    def __init__(self, deal: Deal) -> None:
        self._marks = {"closing", "end_of_revolving", *deal.triggers}
        self.table: dict[str, Observable] = {row.name: row for row in observables(deal)}
        for name in deal.schedules:
            doc = "schedule of the deal"
            row = Observable(f"schedule.{name}", "number", doc, Slot("schedule", name, ""))
            self.table[row.name] = row
        for name, text in deal.definitions.items():
            self.table[name] = Observable(name, "number", text, Slot("definition", name, ""))
        self.order: list[str] = []
        """Definitions, each after those it reads."""
        self._own: dict[str, Meaning] = {}
        self._pending = set(deal.definitions)
        self._defining: set[str] = set()
        self._settle(deal)

    def split(self, name: str) -> tuple[str, str]:
        """Prefix (`opening`, `previous`, `at.MARK` or empty) and the name behind it."""
        first, _, rest = name.partition(".")
        if first in ("opening", "previous", "earlier") and rest:
            return first, rest
        mark, _, behind = rest.partition(".")
        if first == "at" and mark in self._marks and behind:
            return f"at.{mark}", behind
        return "", name

    def dimension_of(self, name: str) -> Meaning | None:
        """Dimension of a name, prefix and all; none if it is unknown."""
        prefix, base = self.split(name)
        symbol = self.table.get(base)
        if prefix and symbol is not None and symbol.slot is not None and symbol.slot.block in _BY_DATE:
            return None
        if base in self._own:
            return self._own[base]
        if base in self._pending:  # being defined: itself a date earlier, or leading back to itself
            return "open" if prefix in ("previous", "earlier") else "broken"
        return symbol.dimension if symbol else None

    def definition(self, name: str) -> Dimension | None:
        """Dimension of a definition; none if it is broken."""
        found = self._own[name]
        return None if found == "open" or found == "broken" else found

    def slot(self, name: str) -> tuple[str, Slot]:
        """Prefix and place of a name without formula."""
        prefix, base = self.split(name)
        slot = self.table[base].slot
        assert slot is not None, f"{name} is a formula: expand it first"
        return prefix, slot

    def names(self) -> Iterator[str]:
        """All known names, without prefixes and without their longer spellings."""
        bare = [kind.name for kind in KINDS.values() if kind.bare]
        return (written(name) for name in self.table if name.partition(".")[0] not in bare)

    def typed(self, text: str, expected: Dimension | None = None) -> Typed:
        """An expression checked and typed, names as written; raises `DealError`."""
        return infer(parse(text), self.dimension_of, expected, self.names)

    def compiled(self, text: str, expected: Dimension | None = None) -> Typed:
        """An expression typed, every formula written out: each name has a place (see `slot`)."""
        return infer(self.expand(parse(text)), self.dimension_of, expected, self.names)

    def expand(self, node: Node) -> Node:
        """The expression with formulas in the place of derived observables."""
        match node:
            case Name():
                return self._expand_name(node)
            case Unary():
                return Unary(node.operator, self.expand(node.operand), node.column)
            case Binary():
                return Binary(node.operator, self.expand(node.left), self.expand(node.right), node.column)
            case FunctionCall(function="daily_average"):
                return averaged(self, self.expand(node.arguments[0]))
            case FunctionCall():
                return FunctionCall(
                    node.function, tuple(self.expand(argument) for argument in node.arguments), node.column
                )
            case Number():
                return node

    def _expand_name(self, node: Name) -> Node:
        prefix, base = self.split(node.name)
        symbol = self.table.get(base)
        if symbol is None or not symbol.formula:
            return node
        return self.expand(_prefixed(_formula(symbol.formula), prefix, node.column))

    def _settle(self, deal: Deal) -> None:
        """Dimensions of definitions, from the leaves up; those made of literals, and schedules, from their use."""
        self._own |= {f"schedule.{name}": "open" for name in deal.schedules}
        for name in deal.definitions:
            self._define(deal, name)
        self._open_again(deal)
        placed = list(expressions(deal))
        while any(dimension == "open" for dimension in self._own.values()):
            demands: dict[str, Dimension] = {}
            for path, text, expected in placed:
                own = self._own[path[1]] if path[0] == "definitions" else expected
                if own is not None and own != "open" and own != "broken":
                    demands |= self._demands(text, own)
            if not demands:
                break
            self._own.update({self.split(name)[1]: dimension for name, dimension in demands.items()})
        self._own.update({name: "number" for name, dimension in self._own.items() if dimension == "open"})

    def _define(self, deal: Deal, name: str) -> None:
        if name in self._own or name in self._defining:
            return
        self._defining.add(name)
        for prefix, base in self._reads(deal.definitions[name]):
            if base in deal.definitions and prefix not in ("previous", "earlier"):
                self._define(deal, base)
        self._own[name] = self._meaning(deal.definitions[name])
        self.order.append(name)

    def _reads(self, text: str) -> list[tuple[str, str]]:
        """Prefix and name of everything an expression reads; nothing if it is malformed."""
        try:
            return [self.split(reference.name) for reference in names_in(parse(text))]
        except DealError:
            return []

    def _open_again(self, deal: Deal) -> None:
        """Definitions that read others a date earlier: look again now that those are known."""
        for _ in deal.definitions:
            for name in [key for key in deal.definitions if self._own[key] == "open"]:
                self._own[name] = self._meaning(deal.definitions[name])

    def _meaning(self, text: str) -> Meaning:
        try:
            typed = infer(parse(text), self.dimension_of)
        except DealError:
            return "broken"
        return "open" if typed.is_open else typed.dimension

    def _demands(self, text: str, expected: Dimension | None) -> dict[str, Dimension]:
        try:
            return infer(parse(text), self.dimension_of, expected).demands
        except DealError:
            return {}


@lru_cache(maxsize=1000)
def _formula(text: str) -> Node:
    return parse(text, longest=1_000_000)


def _prefixed(node: Node, prefix: str, column: int) -> Node:
    """A formula with a prefix before each of its names (a window's length and literals stay), its divisions ratios."""
    match node:
        case Name():
            return Name(f"{prefix}.{node.name}" if prefix else node.name, column)
        case Unary():
            return Unary(node.operator, _prefixed(node.operand, prefix, column), column)
        case Binary():
            left, right = _prefixed(node.left, prefix, column), _prefixed(node.right, prefix, column)
            return Binary(RATIO if node.operator == "/" else node.operator, left, right, column)
        case FunctionCall():
            return FunctionCall(
                node.function, tuple(_prefixed(argument, prefix, column) for argument in node.arguments), column
            )
        case Number():
            return Number(node.value, column, node.is_amount)

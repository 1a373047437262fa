"""The language of amounts and conditions: tokens, and a Pratt parser.

    expression := number | name | -e | not e | e op e | ( e ) | function(e, …)
    op         := or | and | < <= > >= == != | + - | * /            (weakest first; comparisons do not chain)
    function   := min max if abs round floor ceil table daily_average average highest lowest total
    table      := table(e, number: number, …)
    name       := part(.part)*       `x.3m` is average(x, 3)
    part       := word | [name with a -]

`abssim.deal.dimension` finds out what is money and what is a plain number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from abssim.errors import DealError, Problem, did_you_mean

Dimension = Literal["amount", "number", "flag"]
"""Money, a ratio or count, a condition."""

MAX_LENGTH = 2000
MAX_DEPTH = 40
MAX_WINDOW = 600

WINDOWS = ("average", "highest", "lowest", "total")
ROUNDINGS = ("round", "floor", "ceil")
FUNCTIONS = {"min": (2, 50), "max": (2, 50), "if": (3, 3), "abs": (1, 1), "table": (3, 101), "daily_average": (1, 1)}
FUNCTIONS |= dict.fromkeys((*WINDOWS, *ROUNDINGS), (2, 2))
"""Smallest and largest number of arguments."""
MEANINGS = {
    "min(a, b, …)": "the smallest",
    "max(a, b, …)": "the largest",
    "if(condition, a, b)": "a where the condition holds, else b",
    "abs(a)": "without its sign",
    "round(x, unit)": "the nearest multiple of a unit, halves away from zero: round(x, 0.01)",
    "floor(x, unit)": "the multiple of a unit at or below x",
    "ceil(x, unit)": "the multiple of a unit at or above x",
    "table(x, 0: a, 10: b, …)": "a step table: b where x is at least 10, …; a below",
    "daily_average(x)": "average of a balance by days of the collection period, with the payment date that falls into "
    "it; of a pool, half of opening and closing",
    "average(x, n)": "mean of x over the last n payment dates, this one included; x.3m is average(x, 3)",
    "highest(x, n)": "largest of x over the last n payment dates",
    "lowest(x, n)": "smallest of x over the last n payment dates",
    "total(x, n)": "sum of x over the last n payment dates",
    "+ - * /": "0 / 0 is 0; anything else over 0 is without bound in conditions and definitions, which is told, and an "
    "error in amounts; unless it is not asked for: if(b > 0, a / b, 0), or b > 0 and a / b > 0.05",
    "< <= > >= == !=": "comparisons; they do not chain",
    "and or not": "conditions; what one side decides does not ask for the other",
    "note.[2016-04].balance": "a name with a - stands in square brackets",
}
"""Functions and operators in words."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, in currency units if `is_amount`."""

    value: float
    column: int
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """An observable, definition or schedule, with its prefixes."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`-` or `not`."""

    operator: str
    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two parts."""

    operator: str
    left: Node
    right: Node
    column: int


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    column: int


Node = Number | Name | Unary | Binary | FunctionCall


class Token(NamedTuple):
    """A piece of the text; `column` counts from 1."""

    kind: str
    """number, name, operator or end."""
    text: str
    column: int


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>(?:[^\W\d]\w*|\[[\w-]+\])(?:\.\w+|\.?\[[\w-]+\])*)"
    r"|(?P<operator><=|>=|==|!=|[-+*/<>(),:]))"
)
_WORDS = ("and", "or", "not")
RATIO = "per"
"""Division in formulas of the language's own: a ratio of something to nothing is without bound, and nothing is said.
Nobody can write it: what a deal divides by nothing itself is told, or an error."""
_BINDING = {"or": 1, "and": 2, **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4), "+": 5, "-": 5, "*": 6, "/": 6}
_NOT, _COMPARISON, _MINUS = 3, 4, 7
_HINTS = {
    "=": "write == to compare",
    "&": "write and",
    "|": "write or",
    "!": "write not, or !=",
    "%": "write a percentage as a decimal: 0.05",
    "^": "write a product",
    "[": "in square brackets stands a name with a -, and nothing else",
    "'": "names need no quotes",
    '"': "names need no quotes",
}


def _error(code: str, column: int, message: str, hint: str = "") -> DealError:
    return DealError(Problem(code, f"column {column}", "", message, hint))


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, ended by one of kind `end`."""
    tokens: list[Token] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            position += len(stripped[position:]) - len(stripped[position:].lstrip())
            letter = stripped[position]
            raise _error("E110", position + 1, f'"{letter}" is not understood', _HINTS.get(letter, ""))
        kind = match.lastgroup or "operator"
        word = match.group(kind)
        if kind == "name":
            word = re.sub(r"\.?\[([\w-]+)\]", r".\1", word).removeprefix(".")
        tokens.append(Token("operator" if word in _WORDS else kind, word, match.start(kind) + 1))
        position = match.end()
    return [*tokens, Token("end", "", len(stripped) + 1)]


def parse(text: str, longest: int = MAX_LENGTH) -> Node:
    """The tree of an expression; raises `DealError` (E110, E113) with the column."""
    if len(text) > longest:
        raise _error("E110", longest, f"expression is longer than {longest} characters", "use definitions")
    parser = _Parser(tokenize(text), longest // 10)
    node = parser.expression(0, 0)
    parser.expect_end()
    return node


class _Parser:
    """Pratt parser: each operator binds its neighbors by a number."""

    def __init__(self, tokens: list[Token], most: int) -> None:
        self._tokens = tokens
        self._most = most
        self._next = 0
        self._operators = 0

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _expect(self, text: str) -> None:
        token = self._take()
        if token.text != text or token.kind != "operator":
            met = f'"{token.text}"' if token.text else "the end"
            raise _error("E110", token.column, f'expected "{text}", found {met}')

    def expect_end(self) -> None:
        """Raise if anything is left."""
        token = self._peek()
        if token.kind != "end":
            hint = "write * to multiply" if token.text == "(" else ""
            hint = "write * to multiply, and [A-1] for a name with a -" if token.kind == "name" else hint
            raise _error("E110", token.column, f'"{token.text}" was not expected here', hint)

    def expression(self, binding: int, depth: int) -> Node:
        """The longest expression whose operators bind tighter than `binding`."""
        if depth > MAX_DEPTH:
            raise _error("E110", self._peek().column, f"nested deeper than {MAX_DEPTH} levels", "use definitions")
        left = self._start(depth)
        while (strength := _BINDING.get(self._peek().text, 0)) > binding and self._peek().kind == "operator":
            token = self._take()
            self._operators += 1
            if self._operators > self._most:
                raise _error("E110", token.column, f"more than {self._most} operators", "use definitions")
            right = self.expression(strength, depth + 1)
            left = Binary(token.text, left, right, token.column)
            if strength == _COMPARISON and _BINDING.get(self._peek().text) == _COMPARISON:
                raise _error("E110", self._peek().column, "comparisons do not chain", "write a < b and b < c")
        return left

    def _start(self, depth: int) -> Node:
        token = self._take()
        if token.kind == "number":
            return _number(token)
        if token.kind == "name":
            following = self._peek()
            if following.text == "(" and following.kind == "operator":
                return self._call(token, depth)
            return _name(token)
        if token.text == "(":
            inner = self.expression(0, depth + 1)
            self._expect(")")
            return inner
        if token.text == "-":
            return Unary("-", self.expression(_MINUS, depth + 1), token.column)
        if token.text == "not":
            return Unary("not", self.expression(_NOT, depth + 1), token.column)
        text = f'"{token.text}" needs a value before it' if token.text else "a value is missing at the end"
        raise _error("E110", token.column, text)

    def _call(self, name: Token, depth: int) -> Node:
        if name.text not in FUNCTIONS:
            hint = did_you_mean(name.text, FUNCTIONS)
            raise _error("E113", name.column, f'there is no function "{name.text}"', hint)
        self._expect("(")
        arguments = [self.expression(0, depth + 1)]
        while self._peek().text == ",":
            self._take()
            arguments += self._step() if name.text == "table" else [self.expression(0, depth + 1)]
        self._expect(")")
        least, most = FUNCTIONS[name.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            raise _error("E113", name.column, f"{name.text} takes {wanted} arguments, not {len(arguments)}")
        if name.text in WINDOWS:
            _check_window(name.text, arguments[1])
        if name.text in ROUNDINGS:
            _check_unit(name.text, arguments[1])
        if name.text == "table":
            _check_table(arguments)
        return FunctionCall(name.text, tuple(arguments), name.column)

    def _step(self) -> list[Node]:
        """A step of a table: from which value on, and what."""
        start = self._literal()
        self._expect(":")
        return [start, self._literal()]

    def _literal(self) -> Number:
        token = self._take()
        sign = -1.0 if token.text == "-" else 1.0
        number = self._take() if token.text == "-" else token
        if number.kind != "number":
            met = f'"{number.text}"' if number.text else "the end"
            raise _error("E113", number.column, f"a table has numbers only, not {met}", "table(x, 0: 0.01, 10: 0.02)")
        return Number(sign * _number(number).value, number.column)


def _check_unit(function: str, unit: Node) -> None:
    if not isinstance(unit, Number) or not unit.value > 0:
        raise _error("E113", unit.column, f"{function} needs a unit above 0, as a number", f"{function}(x, 0.01)")


def _check_table(arguments: list[Node]) -> None:
    starts = [argument.value for argument in arguments[1::2] if isinstance(argument, Number)]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise _error("E113", arguments[0].column, "the steps of a table must ascend", "put them in order, each once")


def _check_window(function: str, length: Node) -> None:
    if not isinstance(length, Number) or length.value != int(length.value) or not 1 <= length.value <= MAX_WINDOW:
        message = f"{function} looks back over a whole number of payment dates, from 1 to {MAX_WINDOW}"
        raise _error("E113", length.column, message, f"{function}(x, 3)")


def _number(token: Token) -> Number:
    try:
        value = float(token.text)
    except ValueError:
        raise _error("E110", token.column, f'"{token.text}" is not a number') from None
    if value > 1e18:
        raise _error("E110", token.column, f'"{token.text[:30]}" is too large')
    return Number(value, token.column)


def _name(token: Token) -> Node:
    """A name; a last part such as `3m` is a window of that many payment dates."""
    base, _, last = token.text.rpartition(".")
    if base and re.fullmatch(r"\d+m", last):
        length = Number(float(last[:-1]), token.column + len(base) + 1)
        _check_window("average", length)
        return FunctionCall("average", (Name(base, token.column), length), token.column)
    return Name(token.text, token.column)


def children(node: Node) -> tuple[Node, ...]:
    """The parts an expression is made of, in the order of the text."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case FunctionCall():
            return node.arguments
    return ()


def written(name: str) -> str:
    """A name as expressions spell it: parts that are no words of theirs in brackets."""
    first, *rest = name.split(".")
    head = first if first.isidentifier() else f"[{first}]"
    return ".".join([head, *(part if re.fullmatch(r"\w+", part) else f"[{part}]" for part in rest)])


def names_in(node: Node) -> list[Name]:
    """Every name of an expression, in the order of the text."""
    if isinstance(node, Name):
        return [node]
    return [name for child in children(node) for name in names_in(child)]


def spelled(node: Node) -> str:
    """An expression as text that tells it from any other: columns left out, money marked, every part in parentheses."""
    match node:
        case Number():
            return f"{node.value!r}{' money' if node.is_amount else ''}"
        case Name():
            return node.name
        case Unary():
            return f"({node.operator} {spelled(node.operand)})"
        case Binary():
            return f"({spelled(node.left)} {node.operator} {spelled(node.right)})"
        case FunctionCall():
            return f"{node.function}({', '.join(spelled(argument) for argument in node.arguments)})"

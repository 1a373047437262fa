"""What is money, what is a plain number, what is a condition: the dimension of every part of an expression.

A literal takes the dimension its context needs, so `pool.balance > 1000` compares money and `0.1 * pool.balance`
scales it. Money is only added to and compared with money; money times money has no meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from abssim.deal.expression import RATIO, ROUNDINGS, WINDOWS, Binary, Dimension, FunctionCall, Name, Node, Number, Unary
from abssim.errors import DealError, Problem, did_you_mean

Inferred = Dimension | Literal["open"]
"""`open`: made of literals only, so it takes the dimension its context needs."""
Meaning = Inferred | Literal["broken"]
"""`broken`: a name whose own definition is wrong, which is reported there."""


class Typed(NamedTuple):
    """What `infer` found out."""

    dimension: Dimension
    node: Node
    """The expression, every literal knowing whether it is money."""
    demands: dict[str, Dimension]
    """Open names (definitions made of literals, schedules) and the dimension this expression needs of them."""
    is_open: bool
    """Made of literals and open names only: nothing but its use says what it is."""


def infer(
    node: Node,
    dimension_of: Callable[[str], Meaning | None],
    expected: Dimension | None = None,
    known: Callable[[], Iterable[str]] = tuple,
) -> Typed:
    """Dimension of an expression and its literals; raises `DealError` with all problems (E111, E112, E114).

    The error is without problems where the only fault is a broken name.
    """
    inference = _Inference(dimension_of, known)
    part = inference.visit(node)
    if expected and part and part.dimension not in (expected, "open"):
        hint = _EXPECTED_HINTS.get((expected, part.dimension), "")
        text = f"must be {_A[expected]}, but this is {_A[part.dimension]}"
        inference.problems.append(Problem("E114", f"column {node.column}", "", text, hint))
    if expected == "flag" and part and part.dimension == "open":
        text = f"must be {_A['flag']}, but this is {_A['number']}"
        inference.problems.append(Problem("E114", f"column {node.column}", "", text, "write a comparison"))
    if inference.problems or part is None:
        raise DealError(inference.problems)
    if part.dimension != "open":
        return Typed(part.dimension, part.settle(part.dimension), inference.demands, False)
    dimension: Dimension = expected or "number"
    return Typed(dimension, part.settle(dimension), inference.demands if expected else {}, True)


_QUOTIENTS = ("/", RATIO)
_A = {"amount": "an amount", "number": "a number", "flag": "a condition", "open": "a number"}
_EXPECTED_HINTS = {
    ("amount", "number"): "multiply it with an amount, such as 0.02 * pool.initial_balance",
    ("amount", "flag"): "use if(condition, amount, 0)",
    ("number", "amount"): "divide it by an amount, such as pool.initial_balance",
    ("number", "flag"): "use if(condition, 1, 0)",
    ("flag", "amount"): "compare it with something",
    ("flag", "number"): "compare it with something",
}


class _Part(NamedTuple):
    """A part's dimension, and how to write its literals once an open dimension is decided."""

    dimension: Inferred
    settle: Callable[[Dimension], Node]


def _closed(dimension: Inferred, node: Node) -> _Part:
    return _Part(dimension, lambda _: node)


class _Inference:
    """Walks an expression from its leaves up; `None` stands for a part with a problem already reported."""

    def __init__(self, dimension_of: Callable[[str], Meaning | None], known: Callable[[], Iterable[str]]) -> None:
        self._dimension_of = dimension_of
        self._known = known
        self.problems: list[Problem] = []
        self.demands: dict[str, Dimension] = {}

    def visit(self, node: Node) -> _Part | None:
        """The part that `node` is."""
        match node:
            case Number():
                return _Part("open", lambda d: Number(node.value, node.column, d == "amount"))
            case Name():
                return self._name(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case FunctionCall():
                return self._call(node)

    def _report(self, code: str, column: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(code, f"column {column}", "", message, hint))

    def _name(self, node: Name) -> _Part | None:
        dimension = self._dimension_of(node.name)
        if dimension is None:
            self._report("E111", node.column, f'unknown name "{node.name}"', did_you_mean(node.name, self._known()))
            return None
        if dimension == "broken":
            return None
        if dimension != "open":
            return _closed(dimension, node)

        def settle(decided: Dimension) -> Node:
            self.demands.setdefault(node.name, decided)
            return node

        return _Part("open", settle)

    def _unary(self, node: Unary) -> _Part | None:
        part = self.visit(node.operand)
        if part is None:
            return None
        if (node.operator == "not") != (part.dimension == "flag"):
            self._report("E112", node.column, f"{node.operator} cannot be applied to {_A[part.dimension]}")
            return None
        return _Part(part.dimension, lambda d: Unary(node.operator, part.settle(d), node.column))

    def _binary(self, node: Binary) -> _Part | None:
        left, right = self.visit(node.left), self.visit(node.right)
        if left is None or right is None:
            return None
        if node.operator in ("and", "or"):
            return self._logic(node, left, right)
        if node.operator in ("*", *_QUOTIENTS):
            return self._product(node, left, right)
        shared = self._same(node, left, right)
        if shared is None:
            return None
        if node.operator in ("+", "-"):
            if shared != "open":
                return _closed(shared, self._joined(node, left, right, shared))
            return _Part("open", lambda d: self._joined(node, left, right, d))
        decided: Dimension = "number" if shared == "open" else shared
        return _closed("flag", self._joined(node, left, right, decided))

    @staticmethod
    def _joined(node: Binary, left: _Part, right: _Part, dimension: Dimension) -> Node:
        return Binary(node.operator, left.settle(dimension), right.settle(dimension), node.column)

    def _same(self, node: Binary, left: _Part, right: _Part) -> Inferred | None:
        """The dimension both sides share, or none with a problem."""
        flags = "flag" in (left.dimension, right.dimension)
        shared: Inferred = left.dimension if left.dimension != "open" else right.dimension
        fits = shared == right.dimension or right.dimension == "open"
        if flags and node.operator in ("==", "!=") and left.dimension == right.dimension:
            return "flag"
        if flags or not fits:
            verb = "compared with" if node.operator not in ("+", "-") else "added to or subtracted from"
            hint = "use if(condition, 1, 0)" if flags else "multiply or divide by an amount to make them alike"
            text = f"{_A[right.dimension]} cannot be {verb} {_A[left.dimension]}"
            self._report("E112", node.column, text, hint)
            return None
        return shared

    def _logic(self, node: Binary, left: _Part, right: _Part) -> _Part | None:
        if left.dimension != "flag" or right.dimension != "flag":
            other = left if left.dimension != "flag" else right
            text = f"{node.operator} joins conditions, but one side is {_A[other.dimension]}"
            self._report("E112", node.column, text, "write a comparison on both sides")
            return None
        return _closed("flag", self._joined(node, left, right, "flag"))

    def _product(self, node: Binary, left: _Part, right: _Part) -> _Part | None:
        a, b = left.dimension, right.dimension
        divides = node.operator in _QUOTIENTS
        if "flag" in (a, b) or (a == b == "amount" and not divides) or (a == "number" and b == "amount" and divides):
            words = "divided by" if divides else "multiplied with"
            hint = "use if(condition, 1, 0)" if "flag" in (a, b) else "one of them must be a plain number"
            self._report("E112", node.column, f"{_A[a]} cannot be {words} {_A[b]}", hint)
            return None
        return _ratio(node, left, right) if divides else _multiple(node, left, right)

    def _call(self, node: FunctionCall) -> _Part | None:
        if node.function in (*WINDOWS, *ROUNDINGS, "abs", "daily_average", "table"):
            return self._one(node, self.visit(node.arguments[0]))
        parts = [self.visit(argument) for argument in node.arguments]
        if node.function == "if":
            return self._choice(node, parts)
        return self._alike(node, parts, ())

    def _one(self, node: FunctionCall, part: _Part | None) -> _Part | None:
        """A function of one thing; what else it has are numbers."""
        if part is None:
            return None
        if part.dimension == "flag":
            hint = "use if(condition, 1, 0)"
            self._report("E112", node.column, f"{node.function} cannot be taken of a condition", hint)
            return None
        if node.function == "table":
            return _steps(node, part)

        def settle(decided: Dimension) -> Node:
            rest = node.arguments[1:]
            units = _numbers(rest, decided) if node.function in ROUNDINGS else rest
            return FunctionCall(node.function, (part.settle(decided), *units), node.column)

        return _Part(part.dimension, settle)

    def _choice(self, node: FunctionCall, parts: list[_Part | None]) -> _Part | None:
        condition = parts[0]
        if condition is not None and condition.dimension != "flag":
            self._report("E112", node.column, f"if needs a condition first, not {_A[condition.dimension]}")
            return None
        first = () if condition is None else (condition.settle("flag"),)
        result = self._alike(node, parts[1:], first)
        return None if condition is None else result

    def _alike(self, node: FunctionCall, parts: list[_Part | None], first: tuple[Node, ...]) -> _Part | None:
        """A function whose arguments (after `first`) have one dimension, which is its own."""
        sound = [part for part in parts if part is not None]
        if len(sound) < len(parts):
            return None
        kinds = {part.dimension for part in sound if part.dimension != "open"}
        flagged = "flag" in kinds and (node.function != "if" or len(sound) != sum(p.dimension == "flag" for p in sound))
        if len(kinds) > 1 or flagged:
            listed = " and ".join(_A[kind] for kind in sorted(kinds | ({"open"} if flagged else set())))
            self._report("E112", node.column, f"{node.function} cannot mix {listed}", "make its arguments alike")
            return None
        shared: Inferred = next(iter(kinds), "open")

        def settle(decided: Dimension) -> Node:
            return FunctionCall(node.function, (*first, *(part.settle(decided) for part in sound)), node.column)

        return _Part("open", settle) if shared == "open" else _closed(shared, settle(shared))


def _multiple(node: Binary, left: _Part, right: _Part) -> _Part:
    """number times amount; beside a number or another open side, an open one becomes the amount if need be."""

    def build(a: Dimension, b: Dimension) -> Node:
        return Binary("*", left.settle(a), right.settle(b), node.column)

    dimensions = (left.dimension, right.dimension)
    if "amount" in dimensions:
        return _closed("amount", build("number", "number"))
    if "open" not in dimensions:
        return _closed("number", build("number", "number"))
    if left.dimension == "open":
        return _Part("open", lambda d: build(d, "number"))
    return _Part("open", lambda d: build("number", d))


def _ratio(node: Binary, left: _Part, right: _Part) -> _Part:
    """amount / amount is a number, amount / number an amount; an open divisor is a plain number."""
    a, b = left.dimension, right.dimension
    if b == "amount":
        return _closed("number", Binary(node.operator, left.settle("amount"), right.settle("amount"), node.column))
    if a == "open":
        return _Part("open", lambda d: Binary(node.operator, left.settle(d), right.settle("number"), node.column))
    return _closed(a, Binary(node.operator, left.settle("number"), right.settle("number"), node.column))


def _numbers(nodes: Iterable[Node], decided: Dimension) -> tuple[Node, ...]:
    """Literals that are money where their context is."""
    return tuple(Number(node.value, node.column, decided == "amount") for node in nodes if isinstance(node, Number))


def _steps(node: FunctionCall, part: _Part) -> _Part:
    """A step table: its steps begin at values of what it looks up, and are what its use makes of them."""
    looked_up: Dimension = "amount" if part.dimension == "amount" else "number"

    def settle(decided: Dimension) -> Node:
        starts, values = _numbers(node.arguments[1::2], looked_up), _numbers(node.arguments[2::2], decided)
        steps = [each for step in zip(starts, values, strict=True) for each in step]
        return FunctionCall("table", (part.settle(looked_up), *steps), node.column)

    return _Part("open", settle)

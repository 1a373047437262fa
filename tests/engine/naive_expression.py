"""Naive reader of expressions: walks the parsed tree of a deal's own text, names looked up in nested dicts."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from abssim.deal.expression import WINDOWS, Binary, FunctionCall, Name, Node, Number, Unary
from abssim.deal.formulas import expressions
from abssim.money import minor_digits, round_half_up, to_minor
from tests.engine.naive_order import NotKnown, Stopped

if TYPE_CHECKING:
    from tests.engine.naive_deal import Twin

State = dict[str, Any]


def written_division(a: float, b: float) -> float:
    """What a deal divides itself: 0 / 0 is 0, anything else over nothing is no number."""
    return divide(a, b) if b != 0.0 or a == 0.0 else math.nan


def divide(a: float, b: float) -> float:
    """0 / 0 is 0, anything else over nothing is infinite."""
    if a == 0.0:
        return 0.0
    return a / b if b != 0.0 else math.copysign(math.inf, a)


def rounded(function: str, value: float, unit: float) -> float:
    """The multiple of a unit that a decimal reader would find; a float within 4 ulp of a multiple is meant as it."""
    if not abs(value / unit) < 2.0**52:
        return value
    size = value / unit
    whole = math.floor(size + 0.5)
    if abs(size - whole) > 2.0**-50 * max(1.0, abs(size)):
        near = round_half_up(size)
        whole = {"round": near, "floor": math.floor(size), "ceil": math.ceil(size)}[function]
    parts = Fraction(1) / Fraction(str(unit)) if unit < 1.0 else Fraction(0)
    return whole / float(parts) if parts and parts.denominator == 1 else float(whole) * unit


CALENDAR = ("period_days", "collection_days", "days_before_payment", "year_days")


def spelled(node: Node) -> str:
    """An expression without its columns."""
    match node:
        case Number():
            return f"{node.value!r}{'$' if node.is_amount else ''}"
        case Name():
            return node.name
        case Unary():
            return f"({node.operator} {spelled(node.operand)})"
        case Binary():
            return f"({spelled(node.left)} {node.operator} {spelled(node.right)})"
        case FunctionCall():
            return f"{node.function}({', '.join(spelled(each) for each in node.arguments)})"


def windows_in(node: Node) -> list[Node]:
    """What windows look back on, other than definitions."""
    match node:
        case Unary():
            return windows_in(node.operand)
        case Binary():
            return windows_in(node.left) + windows_in(node.right)
        case FunctionCall():
            own = [node.arguments[0]] if node.function in WINDOWS else []
            return own + [found for each in node.arguments for found in windows_in(each)]
    return []


class Reader:
    """Evaluates a deal's expressions against a `Twin`'s present and past states."""

    def __init__(self, twin: Twin) -> None:
        self.twin, self.deal, self.symbols = twin, twin.deal, twin.symbols
        self.trees: dict[tuple[str, str | None], Node] = {}
        self.series: dict[str, list[float]] = {name: [] for name in self.deal.definitions}
        """Values of definitions and of what windows look back on, date by date, history first."""
        self.past: dict[str, int] = dict.fromkeys(self.deal.definitions, 0)
        """Values known before the first date."""
        for name, values in self.deal.history.items():
            scale = float(to_minor(1, self.deal.currency)) if self.symbols.dimension_of(name) == "amount" else 1.0
            self.series[name] = [value * scale for value in values]
            self.past[name] = len(values)
        self.looked_back: dict[str, Node] = {}
        for name, text in self.deal.definitions.items():
            self._find_windows(self.tree(text, self.symbols.dimension_of(name)))
        for path, text, expected in expressions(self.deal):
            if path[0] != "definitions":
                self._find_windows(self.tree(text, expected))
        self.fresh: dict[str, float] = {}
        self.bounded = True
        """Something divided by nothing is no number; otherwise without bound."""

    def _find_windows(self, tree: Node) -> None:
        for inner in windows_in(tree):
            if not (isinstance(inner, Name) and inner.name in self.deal.definitions):
                self.looked_back[spelled(inner)] = inner
                self.series.setdefault(spelled(inner), [])
                self.past.setdefault(spelled(inner), 0)

    def tree(self, text: str, expected: Any) -> Node:
        """An expression as a tree whose literals know whether they are money."""
        if (text, expected) not in self.trees:
            self.trees[text, expected] = self.symbols.typed(text, expected).node
        return self.trees[text, expected]

    def define(self, name: str) -> None:
        """Value a definition, or what a window looks back on, on the present state."""
        tree = self.looked_back.get(name)
        if tree is None:
            tree = self.tree(self.deal.definitions[name], self.symbols.dimension_of(name))
        self.fresh[name] = self.settled(tree)

    def end_of_date(self) -> None:
        """Today's values become the past."""
        for key, value in self.fresh.items():
            self.series[key].append(value)
        self.fresh = {}

    def defined(self, name: str) -> float:
        """Today's value of a definition, or of what a window looks back on."""
        if name not in self.fresh:
            raise NotKnown
        return self.fresh[name]

    def number(self, text: str, expected: str) -> float:
        """Value of an expression; what a condition divides by nothing is without bound."""
        tree = self.tree(text, expected)
        return self.settled(tree) if expected == "flag" else self.value(tree)

    def settled(self, tree: Node) -> float:
        """Value of a condition or definition: divided by nothing, without bound, where that is what decides it."""
        value = self.value(tree)
        if math.isnan(value):
            self.bounded = False
            value = self.value(tree)
            self.bounded = True
        if math.isnan(value):
            raise Stopped
        return value

    def value(self, node: Node) -> float:
        """Value of a tree; conditions are 1 and 0."""
        match node:
            case Number():
                digits = minor_digits(self.deal.currency) if node.is_amount else 0
                return float(Fraction(str(node.value)) * 10**digits)
            case Name() if self.symbols.split(node.name)[1].startswith(("series.", "transferor.")):
                written_out = self._written_out(node)
                same = isinstance(written_out, Name) and written_out.name == node.name
                return float(self.named(node.name)) if same else self.value(written_out)
            case Name():
                return float(self.named(node.name))
            case Unary():
                inside = self.value(node.operand)
                return -inside if node.operator == "-" else 1.0 - inside
            case Binary():
                return self._operated(node.operator, self.value(node.left), self.value(node.right))
            case FunctionCall():
                return self._called(node)

    def _written_out(self, node: Name) -> Node:
        """A formula over notes, ledgers and accounts; of these and of definitions the name itself."""
        if (node.name, "formula") not in self.trees:
            self.trees[node.name, "formula"] = self.symbols.expand(node)
        return self.trees[node.name, "formula"]

    def _operated(self, operator: str, a: float, b: float) -> float:
        answers = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: written_division(a, b) if self.bounded else divide(a, b),
            "per": lambda: divide(a, b),
            "<": lambda: a < b,
            "<=": lambda: a <= b,
            ">": lambda: a > b,
            ">=": lambda: a >= b,
            "==": lambda: a == b,
            "!=": lambda: a != b,
            "and": lambda: 0.0 if 0.0 in (a, b) else a * b,
            "or": lambda: 1.0 if 1.0 in (a, b) else a + b,
        }
        unknown = math.isnan(a) or math.isnan(b)
        if unknown and operator not in ("and", "or"):
            return math.nan
        return float(answers[operator]())

    def _called(self, node: FunctionCall) -> float:
        if node.function in WINDOWS:
            inner, length = node.arguments
            assert isinstance(length, Number)
            return self._window(node.function, inner, int(length.value))
        if node.function == "daily_average":
            return self._daily(node.arguments[0])
        values = [self.value(each) for each in node.arguments]
        if node.function == "table" and math.isnan(values[0]):
            return math.nan
        if node.function in ("round", "floor", "ceil"):
            return rounded(node.function, *values)
        if node.function == "table":
            steps = list(zip(values[1::2], values[2::2], strict=True))
            return ([value for start, value in steps if start <= values[0]] or [steps[0][1]])[-1]
        if node.function == "if":
            return math.nan if math.isnan(values[0]) else values[1] if values[0] != 0.0 else values[2]
        if any(map(math.isnan, values)):
            return math.nan
        if node.function == "abs":
            return abs(values[0])
        return min(values) if node.function == "min" else max(values)

    def _daily(self, node: Node) -> float:
        """The average of what is spelled, name by name."""
        if isinstance(node, Name):
            base = node.name
            if base.startswith("pool."):
                return (self._previous(base) + self.value(node)) / 2.0
            if base.endswith("initial_balance"):
                return self.value(node)
            share = self.named("days_before_payment") / self.named("collection_days")
            return self._earlier(base) * share + self._previous(base) * (1.0 - share)
        if isinstance(node, Binary):
            return float({"+": 1, "-": -1}[node.operator] * self._daily(node.right) + self._daily(node.left))
        raise AssertionError(node)

    def _window(self, function: str, inner: Node, length: int) -> float:
        named = isinstance(inner, Name) and inner.name in self.deal.definitions
        key = inner.name if isinstance(inner, Name) and named else spelled(inner)
        today = self.defined(key)
        values = [today, *(self.series[key][-(length - 1) :] if length > 1 else [])]
        if any(map(math.isnan, values)):
            return math.nan
        if function == "highest":
            return max(values)
        if function == "lowest":
            return min(values)
        total = values[0]
        for value in values[1:]:
            total += value
        return total / len(values) if function == "average" else total

    def named(self, name: str) -> float:
        """Value of a name with its prefix."""
        first, _, rest = name.partition(".")
        if first in ("opening", "previous", "earlier"):
            return {"opening": self._opening, "previous": self._previous, "earlier": self._earlier}[first](rest)
        if first == "at":
            mark, _, base = rest.partition(".")
            return self._marked(mark, base)
        if name in self.deal.definitions:
            return self.defined(name)
        if first == "schedule":
            return self._scheduled(rest)
        if first == "index":
            return self.twin.given.indexes[rest][self.twin.t]
        if name in CALENDAR or name.endswith("year_fraction") or first == "year_fraction":
            return self.twin.calendar(name)
        return self._present(name)

    def _present(self, name: str) -> float:
        if not self.twin.is_known(name):
            raise NotKnown
        return observe(self.deal, self.twin, self.twin.state, name)

    def _opening(self, base: str) -> float:
        if base in self.deal.definitions:
            return self.defined(base)
        return observe(self.deal, self.twin, self.twin.before, base)

    def _previous(self, base: str) -> float:
        if base in self.deal.definitions:
            return self.series[base][-1] if self.series[base] else 0.0
        return observe(self.deal, self.twin, self.twin.before, base)

    def _earlier(self, base: str) -> float:
        """Two dates ago."""
        if base in self.deal.definitions:
            return self.series[base][-2] if len(self.series[base]) > 1 else 0.0
        history = self.twin.history
        return observe(self.deal, self.twin, history[-2] if len(history) > 1 else self.twin.initial, base)

    def _marked(self, mark: str, base: str) -> float:
        """On a remembered date: `None` not yet, -1 at closing."""
        date, today = self.twin.marks[mark], self.twin.t
        if self.twin.waits_for(mark):
            raise NotKnown
        if base in self.deal.definitions:
            date = max(0, today if date is None else date)
            return self.defined(base) if date == today else self.series[base][self.past[base] + date]
        if date is None or date == today:
            return self._present(base)
        return observe(self.deal, self.twin, self.twin.initial if date < 0 else self.twin.history[date], base)

    def _scheduled(self, name: str) -> float:
        period, values = self.twin.state["clock"]["period"], self.deal.schedules[name]
        start = max((each for each in values if each <= period), default=min(values))
        money = self.symbols.dimension_of(f"schedule.{name}") == "amount"
        return values[start] * (float(to_minor(1, self.deal.currency)) if money else 1.0)


def observe(deal: Any, twin: Twin, state: State, name: str) -> float:
    """Value of an observable without prefix in a state."""
    parts = name.split(".")
    kind, last = parts[0], parts[-1]
    if kind == "pool":
        return _pool(twin, state, parts[1] if len(parts) == 3 else "", last)
    if name == "excess_spread":
        pool = state["pool"][""]
        gained = sum(pool[field] for field in ("interest", "fee", "penalty", "discount", "recovery"))
        gained -= pool["collection_cost"] + pool["default"] + pool["dilution"]
        gained -= _total(state, "fee", "accrued") + _total(state, "note", "accrued_interest")
        yearly = divide(float(gained), float(pool["opening_balance"])) * 12.0
        return divide(yearly, twin.months(state, ""))
    if kind in ("notes", "fees"):
        return twin.issue_size if last == "initial_balance" else _total(state, kind[:-1], last)
    if kind == "note" and last in ("initial_balance", "factor"):
        initial = twin.issued[parts[1]]
        return initial if last != "factor" else divide(float(state["note"][parts[1]]["balance"]), float(initial))
    if kind == "step":
        return _step(deal, state, parts[1:])
    if kind == "trigger":
        return state["trigger"][parts[1]][last if len(parts) == 3 else "active"]
    if kind == "regime":
        order = ("revolving", "amortization", "early_amortization", "enforcement")
        regime = state["clock"]["regime"]
        return regime if last == "number" else float(order[regime] == last)
    owner = name.rpartition(".")[0]
    if owner in deal.accounts or owner in deal.ledgers:
        return state["account" if owner in deal.accounts else "ledger"][owner][last]
    return state["clock"][name] if len(parts) == 1 else state[kind][parts[1]][last]


def _total(state: State, kind: str, field: str) -> int:
    return sum(row[field] for row in state[kind].values())


def _step(deal: Any, state: State, parts: list[str]) -> int:
    """`[regime.]step.field`: without regime the sum over those that have the step."""
    regimes = [parts[0]] if parts[0] in deal.waterfalls else list(deal.waterfalls)
    words = parts[1:] if parts[0] in deal.waterfalls else parts
    rows = [state["step"][regime, words[0]] for regime in regimes if (regime, words[0]) in state["step"]]
    return sum(row["from"][words[2]] if words[1] == "from" else row[words[1]] for row in rows)


def _pool(twin: Twin, state: State, item: str, field: str) -> float:
    own, sums, initial = state["pool"][item], state["cumulative"][item], float(twin.pool_initial[item])
    f = {name: float(value) for name, value in own.items()}
    net_loss = float(sums["default"] - sums["recovery"])
    gained = f["discount"] + f["recovery"] - f["collection_cost"]
    lost = f["default"] + f["dilution"]
    charges = f["interest"] + f["fee"] + f["penalty"]
    derived = {
        "initial_balance": lambda: initial,
        "months": lambda: twin.months(state, item),
        "balance": lambda: f["closing_balance"],
        "performing_balance": lambda: f["closing_balance"],
        "defaulted_amount": lambda: f["default"],
        "finance_charges": lambda: charges,
        "principal_collections": lambda: f["scheduled_principal"] + f["prepayment"] + f["repurchase"],
        "cumulative_net_loss": lambda: net_loss,
        "factor": lambda: divide(f["closing_balance"], initial),
        "cumulative_default_ratio": lambda: divide(float(sums["default"]), initial + float(sums["purchase"])),
        "npl_to_issue_ratio": lambda: divide(f["non_performing_balance"], float(twin.issue_size)),
        "npl_to_pool_ratio": lambda: divide(f["non_performing_balance"], f["closing_balance"]),
        "cumulative_net_loss_ratio": lambda: divide(net_loss, initial),
        "dpd_30_plus_ratio": lambda: divide(f["dpd_31_60_balance"] + f["dpd_61_90_balance"], f["closing_balance"]),
        "dpd_60_plus_ratio": lambda: divide(f["dpd_61_90_balance"], f["closing_balance"]),
        "restructured_ratio": lambda: divide(f["restructured_balance"], f["closing_balance"]),
        "principal_payment_rate": lambda: divide(
            f["scheduled_principal"] + f["prepayment"] + f["repurchase"], f["opening_balance"]
        ),
        "payment_rate": lambda: divide(charges + f["scheduled_principal"] + f["prepayment"], f["opening_balance"]),
        "portfolio_yield": lambda: divide(
            divide(charges + gained - lost, f["opening_balance"]) * 12.0, twin.months(state, item)
        ),
    }
    if field in derived:
        return derived[field]()
    return sums[field.removeprefix("cumulative_")] if field.startswith("cumulative_") else own[field]

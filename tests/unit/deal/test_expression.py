"""The grammar: precedence, errors with their column, and text that is anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.deal.dimension import Meaning, infer
from abssim.deal.expression import Binary, FunctionCall, Name, Node, Number, Unary, names_in, parse
from abssim.errors import DealError

DIMENSIONS: dict[str, Meaning] = {
    "pool.balance": "amount",
    "note.A.balance": "amount",
    "pool.factor": "number",
    "period": "number",
    "called": "flag",
    "limit": "open",
    "wrong": "broken",
}


def show(node: Node) -> str:
    """Fully bracketed; money literals end in $."""
    match node:
        case Number():
            return f"{node.value:g}{'$' if node.is_amount else ''}"
        case Name():
            return node.name
        case Unary():
            return f"({node.operator} {show(node.operand)})"
        case Binary():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case FunctionCall():
            return f"{node.function}({', '.join(show(each) for each in node.arguments)})"


def problem(text: str, expected: str | None = None) -> tuple[str, str, str]:
    with pytest.raises(DealError) as caught:
        infer(parse(text), DIMENSIONS.get, expected, lambda: DIMENSIONS)  # type: ignore[arg-type]
    first = caught.value.problems[0]
    return first.code, first.where, first.hint


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 / 2", "((8 / 4) / 2)"),
        ("-a * b", "((- a) * b)"),
        ("- - a", "(- (- a))"),
        ("a - -b", "(a - (- b))"),
        ("not a == b", "(not (a == b))"),
        ("not a and b or c", "(((not a) and b) or c)"),
        ("a or b and c", "(a or (b and c))"),
        ("a + 1 < b * 2 and c", "(((a + 1) < (b * 2)) and c)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("max(a, min(1, b), c)", "max(a, min(1, b), c)"),
        ("if(a < b, a, b)", "if((a < b), a, b)"),
        ("excess_spread.3m", "average(excess_spread, 3)"),
        ("at.end_of_revolving.pool.balance.12m", "average(at.end_of_revolving.pool.balance, 12)"),
        ("total(pool.default, 12)", "total(pool.default, 12)"),
        ("1_000.5 + 2e3 + .5 + 1.", "(((1000.5 + 2000) + 0.5) + 1)"),
        ("本金.balance >= 1", "(本金.balance >= 1)"),
        ("notes", "notes"),
    ],
)
def test_precedence(text: str, tree: str) -> None:
    assert show(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "code", "column", "hint"),
    [
        ("", "E110", 1, ""),
        ("1 +", "E110", 4, ""),
        ("(1", "E110", 3, ""),
        ("1)", "E110", 2, ""),
        ("a = 3", "E110", 3, "write == to compare"),
        ("a & b", "E110", 3, "write and"),
        ("5% of a", "E110", 2, "write a percentage as a decimal: 0.05"),
        ("a b", "E110", 3, "write * to multiply"),
        ("2(a)", "E110", 2, "write * to multiply"),
        ("a < b < c", "E110", 7, "write a < b and b < c"),
        ("a < (b < c) < d", "E110", 13, "write a < b and b < c"),
        ("1e999", "E110", 1, ""),
        ("a..b", "E110", 2, ""),
        ("* a", "E110", 1, ""),
        ("min()", "E110", 5, ""),
        ("min(a)", "E113", 1, ""),
        ("maxx(a, b)", "E113", 1, 'did you mean "max"?'),
        ("average(a, b)", "E113", 12, "average(x, 3)"),
        ("average(a, 0)", "E113", 12, "average(x, 3)"),
        ("a.0m", "E113", 3, "average(x, 3)"),
        ("__import__('os')", "E110", 12, "names need no quotes"),
        ("__import__(os)", "E113", 1, "known: "),
        ("(" * 100, "E110", 42, "use definitions"),
        ("-" * 100 + "a", "E110", 42, "use definitions"),
        ("+".join("a" * 300), "E110", 402, "use definitions"),
        ("a" * 2001, "E110", 2000, "use definitions"),
    ],
)
def test_errors(text: str, code: str, column: int, hint: str) -> None:
    with pytest.raises(DealError) as caught:
        parse(text)
    (found,) = caught.value.problems
    assert (found.code, found.where) == (code, f"column {column}")
    assert hint in found.hint


@pytest.mark.parametrize(
    ("text", "dimension", "typed"),
    [
        ("pool.balance > 1000", "flag", "(pool.balance > 1000$)"),
        ("0.1 * pool.balance - 5", "amount", "((0.1 * pool.balance) - 5$)"),
        ("pool.balance / 12", "amount", "(pool.balance / 12)"),
        ("1000 / pool.balance", "number", "(1000$ / pool.balance)"),
        ("pool.balance / note.A.balance - 1", "number", "((pool.balance / note.A.balance) - 1)"),
        ("max(0, pool.balance - 3 * 2)", "amount", "max(0$, (pool.balance - (3$ * 2)))"),
        ("1000 * pool.factor + pool.balance", "amount", "((1000$ * pool.factor) + pool.balance)"),
        ("pool.balance > 1000 * pool.factor", "flag", "(pool.balance > (1000$ * pool.factor))"),
        ("if(called, 5, pool.balance)", "amount", "if(called, 5$, pool.balance)"),
        ("if(period > 3, called, not called)", "flag", "if((period > 3), called, (not called))"),
        ("called == (period > 3)", "flag", "(called == (period > 3))"),
        ("abs(-5) + pool.balance", "amount", "(abs((- 5$)) + pool.balance)"),
        ("average(pool.balance, 3) < 7", "flag", "(average(pool.balance, 3) < 7$)"),
        ("2 * 3", "number", "(2 * 3)"),
        ("pool.factor * 3", "number", "(pool.factor * 3)"),
    ],
)
def test_dimensions(text: str, dimension: str, typed: str) -> None:
    found = infer(parse(text), DIMENSIONS.get)
    assert (found.dimension, show(found.node)) == (dimension, typed)


def test_literals_take_the_dimension_of_their_place() -> None:
    assert show(infer(parse("5 * pool.factor"), DIMENSIONS.get, "amount").node) == "(5$ * pool.factor)"
    assert show(infer(parse("5 * pool.factor"), DIMENSIONS.get, "number").node) == "(5 * pool.factor)"
    assert show(infer(parse("pool.factor * 5"), DIMENSIONS.get, "amount").node) == "(pool.factor * 5$)"
    assert show(infer(parse("6 / 2"), DIMENSIONS.get, "amount").node) == "(6$ / 2)"
    assert show(infer(parse("min(6, 2 + 1)"), DIMENSIONS.get, "amount").node) == "min(6$, (2$ + 1$))"


def test_open_names_are_decided_by_their_use() -> None:
    assert infer(parse("pool.balance > limit"), DIMENSIONS.get).demands == {"limit": "amount"}
    assert infer(parse("pool.factor > 2 * limit"), DIMENSIONS.get).demands == {"limit": "number"}
    assert infer(parse("2 * limit"), DIMENSIONS.get).is_open


@pytest.mark.parametrize(
    ("text", "expected", "code", "column"),
    [
        ("pool.balance * note.A.balance", None, "E112", 14),
        ("pool.balance + pool.factor", None, "E112", 14),
        ("pool.balance > pool.factor", None, "E112", 14),
        ("pool.factor / pool.balance", None, "E112", 13),
        ("called + 1", None, "E112", 8),
        ("called > 1", None, "E112", 8),
        ("not period", None, "E112", 1),
        ("-called", None, "E112", 1),
        ("period and called", None, "E112", 8),
        ("if(period, 1, 2)", None, "E112", 1),
        ("if(called, pool.balance, pool.factor)", None, "E112", 1),
        ("max(called, 1)", None, "E112", 1),
        ("max(called, called)", None, "E112", 1),
        ("abs(called)", None, "E112", 1),
        ("average(called, 3)", None, "E112", 1),
        ("pool.factor", "amount", "E114", 1),
        ("pool.balance", "flag", "E114", 1),
        ("3", "flag", "E114", 1),
        ("called", "amount", "E114", 1),
        ("pool.balanse", None, "E111", 1),
    ],
)
def test_dimension_errors(text: str, expected: str | None, code: str, column: int) -> None:
    found, where, hint = problem(text, expected)
    assert (found, where) == (code, f"column {column}")
    assert hint or code == "E112"


def test_all_unknown_names_are_reported_and_broken_ones_are_not() -> None:
    with pytest.raises(DealError) as caught:
        infer(parse("(a + pool.balance) * b + wrong"), DIMENSIONS.get)
    assert [each.where for each in caught.value.problems] == ["column 2", "column 22"]
    with pytest.raises(DealError) as caught:
        infer(parse("wrong + pool.balance"), DIMENSIONS.get)
    assert caught.value.problems == ()


def test_names() -> None:
    assert [name.name for name in names_in(parse("if(a > b.c, -d, max(e, f.3m)) + 1"))] == ["a", "b.c", "d", "e", "f"]


WORDS = st.sampled_from(
    [
        *("pool.balance", "pool.factor", "called", "limit", "x", "3", "1_0.5", "(", ")", ","),
        *("+", "-", "*", "/", "<", "=="),
        *("and", "or", "not", "max(", "if(", "average(", "abs(", ".", "=", "é", ".3m"),
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=30).map(" ".join), st.lists(WORDS).map("".join)))
def test_any_text_is_an_expression_or_a_deal_error(text: str) -> None:
    try:
        found = infer(parse(text), DIMENSIONS.get, None, lambda: DIMENSIONS)
    except DealError:
        return
    again = infer(parse(show(found.node).replace("$", "")), DIMENSIONS.get)
    assert again.dimension == found.dimension

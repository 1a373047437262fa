"""The YAML reader: lines, paths, hostile input."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from abssim.document import MAX_BYTES, Document, dotted, parse_document, read_document, validate
from abssim.errors import DealError, ScenarioError


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    size: int
    word: str = ""


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    items: list[Item] = []
    by_name: dict[str, Item] = {}
    by_number: dict[int, Item] = {}


def parse(text: str) -> Document:
    return parse_document(text, "x.yaml", DealError, "E1")


def problems(text: str) -> list[str]:
    with pytest.raises(DealError) as caught:
        validate(parse(text), Whole)
    return [str(problem) for problem in caught.value.problems]


def test_data_and_lines() -> None:
    document = parse("a: 1_000.5\nb:\n  - 2009-01-29\n  - [x, 0x10]\nc: {1: yes, 2018-01-15: true}\n")
    assert document.data == {"a": 1000.5, "b": [date(2009, 1, 29), ["x", 16]], "c": {1: "yes", date(2018, 1, 15): True}}
    assert document.line(("b", 1, 0)) == 4
    assert document.line(("c", date(2018, 1, 15))) == 5
    assert document.line(("b", 7, "nowhere")) == 2
    assert document.where(("a",)) == "x.yaml:1"


def test_part_keeps_lines_and_paths() -> None:
    part = parse("a:\n  b:\n    c: 3\n").part("a", "b")
    assert part.data == {"c": 3}
    problem = part.problem("E199", ("c",), "wrong")
    assert (problem.where, problem.path) == ("x.yaml:3", "a.b.c")


def test_all_problems_in_the_order_of_the_file() -> None:
    found = problems("items:\n  - {size: 1, colour: red}\n  - {size: big}\nby_number:\n  3: {wrd: x}\n")
    assert [line.split("  ")[0] for line in found] == ["x.yaml:1", "x.yaml:2", "x.yaml:3", "x.yaml:5", "x.yaml:5"]
    assert "E108" in found[0] and '"name" is missing' in found[0]
    assert "items[0].colour  E107" in found[1]
    assert 'items[1].size  E109  must be a whole number, not "big"' in found[2]
    assert any('did you mean "word"?' in line for line in found[3:])


def test_dotted() -> None:
    assert dotted(("waterfalls", "amortization", 7, "payees", 0)) == "waterfalls.amortization[7].payees[0]"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E105"),
        ("# only a comment\n", "E105"),
        ("- a list\n", "E105"),
        ("a: 1\na: 2\n", "E104"),
        ("a: &x [1]\nb: *x\n", "E106"),
        ("a: !!python/object:os.system x\n", "E106"),
        ("<<: {a: 1}\n", "E106"),
        ("a: [1\n", "E103"),
        ("a: 1\n---\nb: 2\n", "E103"),
        ("a: \x00\n", "E103"),
        ("[" * 5000, "E102"),
        ("a: " + "9" * 5000 + "\n", "E109"),
        ("a: 2009-02-30\n", "E109"),
        ("? [1, 2]\n: 3\n", "E103"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "E106"),
    ],
)
def test_hostile(text: str, code: str) -> None:
    with pytest.raises(DealError) as caught:
        parse(text)
    assert caught.value.code == code


def test_files(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_document(tmp_path / "none.yaml", ScenarioError, "E3")
    assert caught.value.code == "E300"
    with pytest.raises(ScenarioError) as caught:
        read_document("nul\x00byte", ScenarioError, "E3")
    assert caught.value.code == "E300"
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: " + b"x" * MAX_BYTES)
    with pytest.raises(ScenarioError) as caught:
        read_document(large, ScenarioError, "E3")
    assert caught.value.code == "E302"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ScenarioError) as caught:
        read_document(wrong, ScenarioError, "E3")
    assert (caught.value.code, caught.value.problems[0].where) == ("E301", f"{wrong}:2")
    marked = tmp_path / "marked.yaml"
    marked.write_bytes(b"\xef\xbb\xbfname: x\r\n")
    assert read_document(marked, ScenarioError, "E3").data == {"name": "x"}


@given(st.text(alphabet=st.sampled_from("ab:{}[],-#&*!|>'\"%@?~ \n\t0.é<=\\"), max_size=60))
def test_never_anything_but_its_own_error(text: str) -> None:
    try:
        validate(parse(text), Whole)
    except DealError as error:
        assert all(problem.code.startswith("E1") for problem in error.problems)

"""The YAML reader: lines, paths, hostile input."""

from __future__ import annotations

import os
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


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("~: 1", "E103", 'a key must be a word, a whole number or a date, not "~"; quote it'),
        ("true: 1", "E103", "a key must be a word, a whole number or a date"),
        ("1.5: 1", "E103", "a key must be a word, a whole number or a date"),
        ("2001-12-14t21:59:43Z: 1", "E103", "a key must be a word, a whole number or a date"),
        ("!!bool maybe: 1", "E109", "is no true or false"),
        ("x: !!bool maybe", "E109", '"maybe": is no true or false'),
        ("x: !!int [1]", "E106", "tag !!int is not read here"),
        ("x: !!int ''", "E109", "is no whole number"),
        ("x: !!float {a: 1}", "E106", "tag !!float is not read here"),
        ("x: !!seq x", "E106", "tag !!seq is not read here"),
        ("x: !!map x", "E106", "tag !!map is not read here"),
        ("x: !!timestamp abc", "E109", '"abc": is no date'),
        ("x: !!null foo", "E109", '"foo" is no null'),
        ("x: !<tag:example.org,2000:x> 1", "E106", "tag tag:example.org,2000:x is not read here"),
        ("x: a\0b", "E103", "a character that is no text (U+0000)"),
        ("x: a\ud800b", "E103", "a character that is no text (U+D800)"),
        ('x: "a\\0b"', "E109", "has a character that is no text (U+0000)"),
        ('x: "a\\ud800b"', "E109", "has a character that is no text (U+D800)"),
        ("x: 0x" + "f" * 5000, "E109", "is larger than any number here"),
        ("zip: [02134]", "E109", "begins with 0: quote it if it is a code, leave the 0 out if it is a number"),
        ("x: " + "{a: " * 3000, "E102", "is nested deeper than 30 levels"),
        ("x: [" + "1, " * 60_000 + "1]", "E102", "holds more than 50,000 keys and values; put loans into a tape file"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, code: str, words: str) -> None:
    with pytest.raises(DealError) as caught:
        parse(f"name: here\n# a line\n{text}\n")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == (code, "x.yaml:3")
    assert words in str(problem)


@pytest.mark.parametrize("key", ["2020-01-31", "7"])
def test_a_key_of_the_wrong_type_is_an_unknown_field(key: str) -> None:
    (found,) = problems(f"name: x\n{key}: 1\n")
    assert f'x.yaml:2  {"[7]" if key == "7" else key}  E107  unknown field "{key}"' in found
    (found,) = problems(f"name: x\nby_name: {{{key}: {{size: 1}}}}\n")
    assert f"x.yaml:2  by_name{'[7]' if key == '7' else '.' + key}  E109  as a key must be text, not {key}" in found


def test_of_many_problems_the_first_are_shown_and_the_rest_is_counted() -> None:
    text = "name: x\n" + "".join(f"k{number}: 1\n" for number in range(10_000))
    with pytest.raises(DealError) as caught:
        validate(parse(text), Whole)
    assert len(caught.value.problems) == 10_000
    lines = str(caught.value).splitlines()
    assert len(lines) == 51
    assert 'x.yaml:2  k0  E107  unknown field "k0"; known: by_name, by_number, items, name' in lines[0]
    assert lines[-1] == "… and 9,950 more problems"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for place, what in (
        (pipe, "a pipe or a device"),
        (Path("/dev/zero"), "a pipe or a device"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(ScenarioError) as caught:
            read_document(place, ScenarioError, "E3")
        assert str(caught.value) == f"{place}  E300  cannot be read: it is {what}; name a file"


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

"""From YAML text to plain data, with the line of every part and every problem of it.

Read: YAML 1.2, one document; no tags of other languages, no anchors, no merge keys. Whatever is wrong with a text, and
however large it is, ends in a problem with a number of `document.CODES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

Node = Any
"""A node of ruamel.yaml, whose own types leave most of it out."""
DocumentPath = tuple[Any, ...]
"""Keys and list positions from the top of a document: `("waterfalls", "amortization", 7, "payees", 0)`."""
Report = Callable[[str, DocumentPath, str, str], None]
"""Told the number of a problem, its place, what is wrong, and a hint."""

MAX_DEPTH = 30
MAX_VALUES = 50_000
"""Keys and values of a document: far more than any deal's, read in seconds."""

_KINDS = {"str", "int", "float", "bool", "null", "timestamp", "map", "seq"}
_PLAIN = {f"tag:yaml.org,2002:{name}": name for name in _KINDS}
_WORDS = {"int": "whole number", "float": "number", "bool": "true or false", "timestamp": "date", "null": "null"}
_NOTHING = ("", "~", "null", "Null", "NULL")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of a pair of UTF-16, and no characters at all."""


class Unreadable(Exception):
    """A text that cannot be read any further: the number of the problem, what is wrong, the line (0: none), a hint."""

    def __init__(self, number: str, message: str, line: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.number, self.message, self.line, self.hint = number, message, line, hint


def read_nodes(text: str, report: Report, lines: dict[DocumentPath, int]) -> Any:
    """Plain data of a text; fills `lines` (from 1) by path, and reports what is wrong; raises Unreadable."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    if letter := _NO_TEXT.search(text):
        line = text.count("\n", 0, letter.start()) + 1
        raise Unreadable("03", f"a character that is no text (U+{ord(letter[0]):04X})", line, "take it out")
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _composer()
    try:
        node = yaml.compose(text)
    except Unreadable:
        raise
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        message = str(problem.problem or problem.context).split(" in ")[0].strip()
        raise Unreadable("03", message, mark.line + 1 if mark else 0) from None
    except RecursionError:
        raise Unreadable("02", f"is nested deeper than {MAX_DEPTH} levels") from None
    except Exception as problem:  # ruamel.yaml stumbles over a text that is not YAML in many ways
        place = text.count("\n", 0, problem.position) + 1 if isinstance(problem, ReaderError) else 0
        raise Unreadable("03", str(problem).split("\n")[0] or "is not YAML", place) from None
    if node is None:
        raise Unreadable("05", "is empty")
    return _Reader(report, lines, yaml.constructor.construct_object).value(node, ())


def _composer() -> Any:
    """ruamel.yaml's composer, which ends where a document is too deep or too large."""
    from ruamel.yaml.composer import Composer

    class Bounded(Composer):
        depth = values = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.depth += 1
            self.values += 1
            line = self.parser.peek_event().start_mark.line + 1
            if self.depth > MAX_DEPTH + 1:
                raise Unreadable("02", f"is nested deeper than {MAX_DEPTH} levels", line)
            if self.values > MAX_VALUES:
                text = f"holds more than {MAX_VALUES:,} keys and values"
                raise Unreadable("02", text, line, "put loans into a tape file")
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    return Bounded


class _Reader:
    """Turns composed nodes into plain data."""

    def __init__(self, report: Report, lines: dict[DocumentPath, int], construct: Callable[[Node], Any]) -> None:
        self._report, self.lines, self._construct = report, lines, construct
        self._reported = 0

    def value(self, node: Node, path: DocumentPath) -> Any:
        """Data of `node`, which stands at `path`."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        tag, holds = str(node.tag), {"map": "mapping", "seq": "sequence"}
        if node.anchor is not None or tag not in _PLAIN or holds.get(_PLAIN[tag], "scalar") != node.id:
            what = "an anchor" if node.anchor is not None else f"tag {tag.replace('tag:yaml.org,2002:', '!!')}"
            return self._problem("06", path, f"{what} is not read here", "write the value out")
        if node.id == "mapping":
            return self._mapping(node, path)
        if node.id == "sequence":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, _PLAIN[tag], path)

    def _mapping(self, node: Node, path: DocumentPath) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._key(key_node, path)
            if key is None:
                continue
            inside = (*path, key)
            if key in data:
                first = self.lines[inside]
                self.lines[inside] = line
                self._problem("04", inside, f'"{key}" is already given on line {first}', "keep one of them")
                continue
            self.lines[inside] = line
            data[key] = self.value(value_node, inside)
        return data

    def _key(self, node: Node, path: DocumentPath) -> Any:
        """A key that a document may have, or None."""
        scalar, before = node.id == "scalar", self._reported
        at = (*path, str(node.value)) if scalar else path
        key = self.value(node, at) if scalar else None
        if type(key) in (str, int, date):
            return key
        if self._reported == before:
            self.lines[at] = node.start_mark.line + 1
            shown = f', not "{node.value}"' if scalar else ""
            self._problem("03", at, f"a key must be a word, a whole number or a date{shown}", "quote it")
        return None

    def _scalar(self, node: Node, kind: str, path: DocumentPath) -> Any:
        shown = str(node.value) if len(node.value) <= 40 else f"{node.value[:39]}…"
        try:
            value = self._construct(node)
        except Exception as problem:  # each type has its own way to fail
            known = type(problem) in (ValueError, OverflowError)
            return self._problem("09", path, f'"{shown}": {problem if known else f"is no {_WORDS[kind]}"}')
        if wrong := _out_of_range(value, kind, node.value):
            return self._problem("09", path, f'"{_NO_TEXT.sub("�", shown)}" {wrong}')
        return value

    def _problem(self, number: str, path: DocumentPath, message: str, hint: str = "") -> None:
        self._reported += 1
        self._report(number, path, message, hint)


def _out_of_range(value: Any, kind: str, text: str) -> str:
    """What is wrong with a value of the right type."""
    if kind == "null" and text not in _NOTHING:
        return "is no null"
    if isinstance(value, str) and (letter := _NO_TEXT.search(value)):
        return f"has a character that is no text (U+{ord(letter[0]):04X})"
    if kind == "int" and re.fullmatch(r"[-+]?0[0-9_]+", text):
        return "begins with 0: quote it if it is a code, leave the 0 out if it is a number"
    if isinstance(value, int) and abs(value) >= 2**63:
        return "is larger than any number here"
    return ""

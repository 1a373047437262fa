"""Reports as XML messages, written row by row: memory does not grow with the pool.

A row is a text whose constant parts are made once; every value is escaped. What the elements are and in which order
they stand is the template's.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO, cast
from xml.sax.saxutils import escape, quoteattr

from abssim.disclosure.rows import Once, Rows
from abssim.template.field import SEPARATOR, Field, Template, is_no_data, no_data_date

Elements = tuple[str, ...]
_CURRENCY = "@Ccy"
_MOST_KEPT = 5_000
"""Fragments of a field that are kept; a column with more different values is made anew."""


class MessageWriter:
    """The report as a message: `.xml`, or `.xml.gz` packed."""

    def __init__(self, template: Template, path: Path, currency: str) -> None:
        self._template, self._path, self._currency = template, path, currency
        self._stack: list[str] = []
        self._records: dict[str, _Record] = {}

    def __enter__(self) -> Self:
        """Open the file and the outermost elements."""
        self._stream = _opened(self._path)
        self._stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        space = f" xmlns={quoteattr(self._template.namespace)}"
        first, *others = self._template.root
        self._stream.write(f"<{first}{space}>")
        self._stack.append(first)
        self._stream.write("".join(self._to((first, *others))))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the elements that are open, and the file."""
        with self._stream:
            if kind is None:
                self._stream.write("".join(self._to(())) + "\n")

    def once(self, values: Once) -> None:
        """Write the fields that stand once."""
        for field in self._template.in_order:
            cell = values.get(field.code, "")
            if cell and not self._template.sections[field.section]:
                self._stream.write("".join(self._to((*self._template.root, *field.path[:-1]))))
                self._stream.write(_fragment(field, cell, self._currency))

    def rows(self, section: str, rows: Rows) -> None:
        """Write some rows of a section, a line each."""
        record = self._records.get(section)
        if record is None:
            record = self._records[section] = _Record(self._template, section, self._currency)
        self._stream.write("".join(self._to(self._template.record(section)[:-1])))
        self._stream.writelines(record.lines(rows))

    def _to(self, path: Elements) -> Iterator[str]:
        """Tags that lead from the elements that are open to those of `path`."""
        yield from _between(tuple(self._stack), path)
        self._stack = list(path)


class _Record:
    """The elements of one row: constant texts, and between them the fragments of fields."""

    def __init__(self, template: Template, section: str, currency: str) -> None:
        top = template.sections[section]
        own = [field for field in template.in_order if field.section == section and field.path[: len(top)] == top]
        self._currency = currency
        self._currencies = {
            field.path[: field.path.index("Val")]: field for field in own if field.path[-1] == _CURRENCY
        }
        self._parts: list[tuple[str, Field]] = []
        self._kept: dict[str, dict[tuple[str, str], str]] = {}
        stack: Elements = ()
        for field in (field for field in own if field.path[-1] != _CURRENCY):
            inside = field.path[len(top) - 1 : -1]
            self._parts.append(("".join(_between(stack, inside)), field))
            stack = inside
        self._end = "".join(_between(stack, ())) + "\n"

    def lines(self, rows: Rows) -> Iterator[str]:
        """The rows as text."""
        columns: list[Sequence[str] | repeat[str]] = []
        for before, field in self._parts:
            columns += [repeat(before), self._fragments(field, rows)]
        for parts in zip(*columns, strict=False):
            yield "".join(parts) + self._end

    def _fragments(self, field: Field, rows: Rows) -> Sequence[str]:
        cells = rows[field.code]
        money = self._currencies.get(field.path)
        currencies = rows[money.code] if money is not None else (self._currency,) * len(cells)
        kept = self._kept.setdefault(field.code, {})
        if len(kept) > _MOST_KEPT:
            kept.clear()
        found = []
        for pair in zip(cells, currencies, strict=True):
            text = kept.get(pair)
            if text is None:
                text = kept[pair] = _fragment(field, *pair) if pair[0] else ""
            found.append(text)
        return found


def _between(old: Elements, new: Elements) -> Iterator[str]:
    """Closing and opening tags that lead from one place to another."""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    yield from (f"</{tag}>" for tag in reversed(old[same:]))
    yield from (f"<{tag}>" for tag in new[same:])


def _fragment(field: Field, cell: str, currency: str) -> str:
    """A field's element, or its elements where it has several values."""
    values = cell.split(SEPARATOR) if field.repeats else [cell]
    write: Callable[[Field, str, str], str] = _amount if field.value[-1:] == ("Amt",) else _value
    return "".join(
        _inside(field.path[-1:], _nothing(v) if is_no_data(v) else write(field, v, currency)) for v in values
    )


def _value(field: Field, value: str, currency: str) -> str:
    return _inside(field.value, escape(value))


def _amount(field: Field, value: str, currency: str) -> str:
    """Amounts are not negative; a sign after them says which are meant to be."""
    sign = "<Sgn>false</Sgn>" if value.startswith("-") else ""
    amount = f"<Amt Ccy={quoteattr(currency)}>{escape(value.removeprefix('-'))}</Amt>{sign}"
    return _inside(field.value[:-1], amount)


def _nothing(code: str) -> str:
    """The elements of a no-data code; that of a later date tells it first."""
    day = no_data_date(code)
    inner = f"<NoData4><Dt>{day}</Dt><NoData>{code[:3]}</NoData></NoData4>" if day else f"<NoData>{code}</NoData>"
    return _inside(("NoDataOptn",), inner)


def _inside(tags: Sequence[str], text: str) -> str:
    for tag in reversed(tags):
        text = f"<{tag}>{text}</{tag}>"
    return text


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "wt", encoding="utf-8", newline="\n", compresslevel=6))
    return path.open("w", encoding="utf-8", newline="\n")

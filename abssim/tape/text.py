"""Tables in text files, with Arrow: only the columns that are wanted, every value as text."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.reading import Reading
from abssim.tape.encoding import Octets, encoding_hint, lines_of, no_text, read_octets
from abssim.tape.fault import RowFault
from abssim.tape.footer import cells_of, footer_of
from abssim.tape.layout import LOOKED_AT, check_header
from abssim.tape.say import say
from abssim.tape.table import Rows, Table, UnreadableCells
from abssim.word import counted

if TYPE_CHECKING:
    import pyarrow as pa

_DELIMITERS = ",;\t|"
_TAIL_BYTES = 1 << 16
_BLOCK = 1 << 22
_MOST = 2**31 - 1
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR = re.compile(rb"sep=(.)\s*")
"""A first line that spreadsheets write and read."""
_CONTENT = re.compile(rb"[^\r\n]")


class TextFile:
    """A file of delimited text. Codes: E241, E243, E244, E250, E251 where it is none."""

    def __init__(self, path: Path, how: Reading) -> None:
        self.where = path.name
        self._octets, note = read_octets(path, how.encoding)
        self.notes = [note] if note else []
        self._guessed, self._decimal = how.encoding is None, how.decimal
        start, line, separator = _beginning(self._octets, how.skip)
        self.delimiter = self._delimiter(start, how.delimiter or separator)
        self._find_rows(start, line)
        self._find_end(how.skip_end)

    def _delimiter(self, start: int, declared: str) -> str:
        """What is declared, or what is most frequent in the header outside quotes (below a title, in the next line
        that has any)."""
        lines = itertools.islice(lines_of(self._octets, start), LOOKED_AT)
        try:
            text = next(lines, b"").decode("utf-8")
        except UnicodeDecodeError:
            raise no_text(self._octets, self.where) from None
        if "\0" in text:
            raise no_text(self._octets, self.where, "E244", "the file is not text")
        if declared:
            return "\t" if declared == "tab" else declared
        bare = (_QUOTED.sub("", line) for line in (text, *(line.decode("utf-8", "replace") for line in lines)))
        return max(_DELIMITERS, key=next((line for line in bare if set(line) & set(_DELIMITERS)), "").count)

    def _find_rows(self, start: int, line: int) -> None:
        records = self._records(start, line)
        head = next(records, None)
        if head is None:
            raise TapeError(Problem("E241", self.where, "", "the file has no header"))
        _, self.names, self._first, self._line = head
        below = [(place, record) for (place, record, _, _), _ in zip(records, range(LOOKED_AT), strict=False)]
        check_header(self.names, self.where, below, line)

    def _records(self, start: int, line: int) -> Iterator[tuple[int, list[str], int, int]]:
        """(line, fields, place after it, line after it) of every record that is not blank."""
        place, after = start, line

        def feed() -> Iterator[str]:
            nonlocal place, after
            for octets in lines_of(self._octets, start):
                place, after = place + len(octets), after + 1
                yield octets.decode("utf-8", "replace").replace("\0", "")

        with _long_fields():
            reader = csv.reader(feed(), delimiter=self.delimiter)
            while True:
                begun = after
                try:
                    record = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    continue
                if record:
                    yield begun, record, place, after

    def _find_end(self, skip_end: int) -> None:
        """Finds where the rows end, and what rows of totals hold."""
        self._last = len(self._octets)
        for _ in range(skip_end):
            self._last = self._before(self._last)
        first = max(self._first, self._last - _TAIL_BYTES)
        lines = [line for line in lines_of(self._octets[first : self._last]) if line.strip()]
        texts = [line.decode("utf-8", "replace").replace("\0", "") for line in lines[-LOOKED_AT:]]
        with _long_fields():
            records = [_fields(text, self.delimiter) for text in texts]
        left_out, sparse = footer_of(records)
        rows = records[: len(records) - left_out]
        self.totals = cells_of(self.names, records[len(rows) :])
        self.sparse = cells_of(self.names, rows[len(rows) - sparse :])
        for _ in self.totals:
            self._last = self._before(self._last)

    def _before(self, end: int) -> int:
        """Where the last line that is not blank begins."""
        place = end
        while place > self._first:
            begin = self._octets.rfind(b"\n", self._first, place - 1) + 1 or self._first
            if self._octets[begin:place].strip():
                return begin
            place = begin
        return self._first

    def read(self, columns: Sequence[str]) -> Table:
        """The named columns of every row; values that are no text are absent, and remembered."""
        table = self._read(columns)
        if self.delimiter == ";" and self._decimal is None:
            self.notes += _comma_notes(table)
        return table

    def _read(self, columns: Sequence[str]) -> Table:
        import pyarrow as pa

        buffer = pa.py_buffer(self._octets).slice(self._first, self._last - self._first)
        if _CONTENT.search(self._octets, self._first, self._last) is None:
            return Table(pa.table({name: pa.array([], pa.string()) for name in columns}), np.zeros(0, dtype=np.int64))
        skipped: list[tuple[int, int]] = []
        try:
            return _table(self._parsed(buffer, columns, None, "utf-8"), skipped)
        except pa.ArrowInvalid:
            pass
        try:
            bytes(buffer).decode("utf-8")
            return _table(self._parsed(buffer, columns, skipped, "utf-8"), skipped)
        except UnicodeDecodeError:
            data = self._parsed(buffer, columns, skipped, "latin-1")
            return self._decoded(_table(data, skipped))

    def _parsed(
        self, buffer: pa.Buffer, columns: Sequence[str], skipped: list[tuple[int, int]] | None, encoding: str
    ) -> pa.Table:
        """Arrow's table; with `skipped`, rows with another number of fields are left out and listed there."""
        import pyarrow as pa
        from pyarrow import csv as arrow

        def skip(row: arrow.InvalidRow) -> str:
            if skipped is not None:
                skipped.append((row.number or 0, row.actual_columns))
            return "skip"

        single = skipped is not None
        convert = arrow.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        )
        parse = arrow.ParseOptions(
            delimiter=self.delimiter, newlines_in_values=single, invalid_row_handler=skip if single else None
        )
        size = min(_MOST, max(_BLOCK, 2 * buffer.size + 2)) if single else _BLOCK
        read = arrow.ReadOptions(use_threads=not single, block_size=size, column_names=self.names, encoding=encoding)
        return arrow.read_csv(pa.BufferReader(buffer), read_options=read, parse_options=parse, convert_options=convert)

    def _decoded(self, table: Table) -> Table:
        """Columns read byte by byte as their UTF-8 text."""
        import pyarrow as pa

        columns, unreadable = {}, []
        hint = encoding_hint(self._octets) if self._guessed else ""
        for name in table.data.column_names:
            texts = [_utf8(text) for text in table.data.column(name).to_pylist()]
            mask = np.asarray([text is None for text in texts], dtype=bool)
            unreadable.append(UnreadableCells("E225", name, "not UTF-8 text", mask, hint))
            columns[name] = pa.array(texts, pa.string())
        return Table(pa.table(columns), table.rows, table.faults, unreadable)

    def lines(self, rows: Sequence[int]) -> Mapping[int, int]:
        """Lines on which some rows begin."""
        wanted, line_of = set(rows), {}
        for row, (line, *_) in enumerate(self._records(self._first, self._line), 1):
            if row in wanted:
                line_of[row] = line
            if row >= max(wanted):
                break
        return line_of


def _beginning(octets: Octets, skip: int) -> tuple[int, int, str]:
    """(place, line, separator where the file names it) of the first line after `skip` lines that is not blank."""
    place, line, separator = 0, 1, ""
    for text in lines_of(octets):
        said = _SEPARATOR.fullmatch(text)
        if line > skip and text.strip() and not said:
            break
        separator = said[1].decode("latin-1") if said else separator
        place, line = place + len(text), line + 1
    return place, line, separator


@contextmanager
def _long_fields() -> Iterator[None]:
    """Python's reader of delimited text with fields of any length."""
    before = csv.field_size_limit(_MOST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _fields(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]


def _table(data: pa.Table, skipped: Sequence[tuple[int, int]]) -> Table:
    """The rows, numbered from 1 with those that were skipped."""
    if not skipped:
        return Table(data, np.arange(1, data.num_rows + 1, dtype=np.int64))
    numbers: Rows = np.asarray([number for number, _ in skipped], dtype=np.int64)
    every = np.arange(1, data.num_rows + numbers.size + 1, dtype=np.int64)
    values = tuple(counted(fields, "field") for _, fields in skipped[:20])
    fault = RowFault("E249", "", "not as many fields as the header", numbers, values, "is a quote or comma missing?")
    return Table(data, np.setdiff1d(every, numbers), (fault,))


def _comma_notes(table: Table) -> Iterator[str]:
    """Where fields are separated by semicolons, commas are seldom marks of thousands."""
    import pyarrow.compute as pc

    for name in table.data.column_names:
        grouped = pc.match_substring_regex(table.data.column(name), pattern=r"^\s*\d{1,3},\d{3}\s*$")
        if pc.any(grouped).as_py():
            yield f"{name}: a comma is read as a mark of thousands; if it is the decimal mark, {say('decimal=,')}"


def _utf8(text: str) -> str | None:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return None

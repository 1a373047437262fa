"""Columns out of a file: header first, then only the columns that are wanted, with Arrow."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, TapeError
from abssim.tape.fault import LineOf, RowFault
from abssim.tape.raw import ArrowColumn

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (".csv", ".csv.gz", ".txt", ".tsv", ".parquet", ".pq")
_HEADER_BYTES = 1 << 20
Mask = npt.NDArray[np.bool_]
T = TypeVar("T")


@dataclass
class Table:
    """Columns as Arrow has them, and the rows that could not even be split into columns."""

    data: pa.Table
    rows: npt.NDArray[np.int64]
    """File rows, 1 being the first after the header."""
    faults: tuple[RowFault, ...] = ()
    """Rows that are not in `data`."""
    unreadable: list[tuple[str, str, str, Mask]] = field(default_factory=list)
    """(code, column, reason, rows) of values that are no text."""

    def column(self, name: str) -> ArrowColumn:
        """A column; its memory is freed with it."""
        return ArrowColumn(name, self.data.column(name))


def is_parquet(path: Path) -> bool:
    """By the ending of the name."""
    return path.suffix.lower() in (".parquet", ".pq")


def _check_file(path: Path) -> None:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        raise TapeError(Problem("E200", str(path), "", what))
    if not path.name.lower().endswith(KINDS):
        hint = f"known: {', '.join(KINDS)}"
        raise TapeError(Problem("E242", path.name, "", f'"{path.suffix}" is no kind of tape file', hint))
    if path.stat().st_size == 0:
        raise TapeError(Problem("E241", path.name, "", "the file is empty"))


def _guarded(path: Path, action: Callable[[], T]) -> T:
    """Runs a reader; what Arrow, gzip or the system say becomes a problem of the file."""
    import pyarrow as pa

    try:
        return action()
    except PermissionError:
        raise TapeError(Problem("E200", str(path), "", "no permission to read it")) from None
    except (pa.ArrowException, OSError, EOFError) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise TapeError(Problem("E244", path.name, "", said)) from None


def read_header(path: Path) -> list[str]:
    """Names of the columns, as written."""
    _check_file(path)
    if is_parquet(path):
        import pyarrow.parquet as pq

        return list(_guarded(path, lambda: pq.read_schema(path)).names)
    line, delimiter = _first_line(path)
    import csv

    names = next(csv.reader([line], delimiter=delimiter), [])
    if not any(name.strip() for name in names):
        raise TapeError(Problem("E241", path.name, "", "the file has no header"))
    return names


def _first_line(path: Path) -> tuple[str, str]:
    """The header without byte order mark, and the delimiter most frequent in it."""

    def head() -> bytes:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            return bytes(stream.readline(_HEADER_BYTES))

    start = _guarded(path, head)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TapeError(Problem("E243", path.name, "", "the file is UTF-16", "save it as CSV UTF-8"))
    try:
        line = start.removeprefix(codecs.BOM_UTF8).decode("utf-8").partition("\r")[0].rstrip("\n")
    except UnicodeDecodeError:
        raise TapeError(Problem("E243", path.name, "", "not UTF-8", "save it as CSV UTF-8")) from None
    if "\0" in line:
        raise TapeError(Problem("E244", path.name, "", "the file is not text"))
    return line, max(",;\t|", key=line.count)


def read_columns(path: Path, names: Sequence[str]) -> Table:
    """The named columns of every row."""
    table = _guarded(path, lambda: _parquet(path, names) if is_parquet(path) else _csv(path, names))
    if table.rows.size == 0 and not table.faults:
        raise TapeError(Problem("E241", path.name, "", "a header and no rows"))
    return table


def _parquet(path: Path, names: Sequence[str]) -> Table:
    import pyarrow.parquet as pq

    data = pq.ParquetFile(path).read(columns=list(names), use_threads=True)
    return Table(data, np.arange(1, data.num_rows + 1, dtype=np.int64))


def _csv(path: Path, names: Sequence[str]) -> Table:
    """Values as text: what they mean is decided by the column they become, so that every bad one can be named."""
    import pyarrow as pa

    _, delimiter = _first_line(path)
    skipped: list[tuple[int, int]] = []
    try:
        data = _read_csv(path, names, delimiter, pa.string(), None)
    except pa.ArrowInvalid:
        data = _read_csv(path, names, delimiter, pa.binary(), skipped)
    faults, rows = _ragged(skipped, data.num_rows)
    table = Table(data, rows, faults)
    return _decoded(table) if names and data.schema.types[0] == pa.binary() else table


def _read_csv(
    path: Path, names: Sequence[str], delimiter: str, kind: Any, skipped: list[tuple[int, int]] | None
) -> pa.Table:
    from pyarrow import csv

    def skip(row: csv.InvalidRow) -> str:
        if skipped is not None:
            skipped.append((row.number or 0, row.actual_columns))
        return "skip"

    single = skipped is not None
    convert = csv.ConvertOptions(
        include_columns=list(names), column_types=dict.fromkeys(names, kind), strings_can_be_null=False
    )
    parse = csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=single, invalid_row_handler=skip if single else None
    )
    options = csv.ReadOptions(use_threads=not single, block_size=1 << 22)
    return csv.read_csv(path, read_options=options, parse_options=parse, convert_options=convert)


def _ragged(skipped: Sequence[tuple[int, int]], kept: int) -> tuple[tuple[RowFault, ...], npt.NDArray[np.int64]]:
    """Faults of rows that were skipped (numbered with the header as row 1), and the numbers of those that were not."""
    if not skipped:
        return (), np.arange(1, kept + 1, dtype=np.int64)
    numbers = np.asarray([number - 1 for number, _ in skipped], dtype=np.int64)
    every = np.arange(1, kept + numbers.size + 1, dtype=np.int64)
    values = tuple(f"{fields} fields" for _, fields in skipped[:20])
    fault = RowFault("E249", "", "not as many fields as the header", numbers, values, "is a quote or comma missing?")
    return (fault,), np.setdiff1d(every, numbers)


def _decoded(table: Table) -> Table:
    """Binary columns as text; values that are not UTF-8 become absent and are remembered by row."""
    import pyarrow as pa

    columns = {}
    for name in table.data.column_names:
        binary = table.data.column(name).combine_chunks()
        try:
            columns[name] = binary.cast(pa.string())
        except pa.ArrowInvalid:
            texts = [_utf8(value) for value in binary.to_pylist()]
            mask = np.asarray([text is None for text in texts], dtype=bool)
            table.unreadable.append(("E225", name, "not UTF-8 text", mask))
            columns[name] = pa.array(texts, pa.string())
    return Table(pa.table(columns), table.rows, table.faults, table.unreadable)


def row_lines(path: Path) -> LineOf:
    """Finds the lines of a text file on which some rows begin; Parquet has none."""

    def lines(rows: Sequence[int]) -> dict[int, int]:
        if is_parquet(path):
            return {}
        import csv

        wanted, found, row, start = set(rows), {}, -1, 1
        _, delimiter = _first_line(path)
        opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
        with opener(path, "rt", encoding="utf-8", errors="replace", newline="") as stream:
            reader = csv.reader((line.replace("\0", "") for line in stream), delimiter=delimiter)
            for record in reader:
                row += bool(record)
                if row in wanted and record:
                    found[row] = start
                if row >= max(wanted):
                    break
                start = reader.line_num + 1
        return found

    return lines


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None

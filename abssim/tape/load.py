"""Files that hold tables: which kind one is, and whatever can be wrong with it as a TapeError."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.guard import shortened
from abssim.reading import Reading
from abssim.tape import message, sheet
from abssim.tape.table import Table, TableFile
from abssim.tape.text import TextFile

_PARQUET = (".parquet", ".pq")
KINDS = (".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz", *_PARQUET, *sheet.KINDS, *message.KINDS)
T = TypeVar("T")


class ParquetFile:
    """A Parquet file: its columns have types, its rows no lines."""

    def __init__(self, path: Path, _: Reading) -> None:
        import pyarrow.parquet as pq

        self._path = path
        self.names: list[str] = list(pq.read_schema(path).names)
        self.notes: list[str] = []
        self.totals: list[dict[str, str]] = []
        self.sparse: list[dict[str, str]] = []

    def read(self, columns: Sequence[str]) -> Table:
        """The named columns of every row."""
        import pyarrow.parquet as pq

        data = pq.ParquetFile(self._path).read(columns=list(columns), use_threads=True)
        return Table(data, np.arange(1, data.num_rows + 1, dtype=np.int64))

    def lines(self, rows: Sequence[int]) -> Mapping[int, int]:
        """None."""
        return {}


def open_table(path: Path, how: Reading) -> TableFile:
    """The table in a file, its header read. Settings that are for another kind of file are refused."""
    _check_file(path)
    ending = path.suffix.lower()
    tree = path.name.lower().endswith(message.KINDS)
    text = not tree and ending not in (*_PARQUET, *sheet.KINDS)
    _check_settings(path, how, text=text, book=ending in sheet.KINDS)
    if tree:
        return _guarded(path, lambda: message.MessageFile(path, how))
    if ending in _PARQUET:
        return _guarded(path, lambda: ParquetFile(path, how))
    return _guarded(path, lambda: sheet.SheetFile(path, how) if ending in sheet.KINDS else TextFile(path, how))


def read_columns(path: Path, file: TableFile, names: Sequence[str]) -> Table:
    """The named columns of every row."""
    table = _guarded(path, lambda: file.read(names))
    if table.rows.size == 0 and not table.faults:
        raise TapeError(Problem("E241", path.name, "", "a header and no rows"))
    return table


def _check_file(path: Path) -> None:
    if what := _no_file(path):
        raise TapeError(Problem("E200", shortened(str(path)), "", what))
    if not path.name.lower().endswith(KINDS):
        hint = f"known: {', '.join(KINDS)}"
        raise TapeError(Problem("E242", path.name, "", f'"{path.suffix}" is no kind of tape file', hint))
    if path.stat().st_size == 0:
        raise TapeError(Problem("E241", path.name, "", "the file is empty"))


def _no_file(path: Path) -> str:
    """Why a path is no file that can be read; empty if it is one."""
    try:
        if path.is_file():
            return ""
        return "is a folder" if path.is_dir() else "is no plain file" if path.exists() else "there is no such file"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _check_settings(path: Path, how: Reading, text: bool, book: bool) -> None:
    """Every setting acts, or is refused."""
    without = {"encoding": text, "delimiter": text, "skip": text or book, "skip_end": text or book, "sheet": book}
    default = Reading()
    problems = [
        Problem("E227", path.name, name, f"{name} is not for this kind of file", "leave it out")
        for name, acts in without.items()
        if not acts and getattr(how, name) != getattr(default, name)
    ]
    if problems:
        raise TapeError(problems)


def _guarded(path: Path, action: Callable[[], T]) -> T:
    """Runs a reader; what Arrow, gzip or the system say becomes a problem of the file."""
    import pyarrow as pa

    try:
        return action()
    except PermissionError:
        raise TapeError(Problem("E200", str(path), "", "no permission to read it")) from None
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise TapeError(Problem("E244", path.name, "", said)) from None

"""How far the cells of a workbook reach, looked up before it is opened.

The reader of workbooks keeps every cell from the first to the last in memory: one stray value in the last row of the
last column would be seventeen thousand million of them.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from abssim.errors import Problem, TapeError

MAX_CELLS = 60_000_000
_MAX_BYTES = 4 << 30
_CHUNK = 1 << 24
_OVERLAP = 200
_OPEN = rb"[^>]{0,120}?(?<!/)>"
"""The end of a tag that is not empty: without a value a cell does not count."""
_CELL = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]{1,9})(\d{1,12})\s*[\"']" + _OPEN)
_ROW = re.compile(rb"row\b[^>]{0,120}?\br\s*=\s*[\"']\s*(\d{1,12})\s*[\"']" + _OPEN)


def check_extent(path: Path) -> None:
    """Raises TapeError where a sheet reaches too far, or is no sheet of a workbook at all."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [part for part in archive.infolist() if part.filename.startswith("xl/worksheets/")]
            largest = max((_cells(archive, part) for part in sheets), default=0)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, KeyError) as error:
        raise TapeError(Problem("E244", path.name, "", f"not a workbook that can be read: {error}")) from None
    if largest > MAX_CELLS:
        text = f"the sheet reaches over {largest:,} cells, more than {MAX_CELLS:,}"
        raise TapeError(Problem("E258", path.name, "", text, "delete what stands far off, or save it as CSV UTF-8"))


def _cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Cells from the first of the sheet to the last that holds a value."""
    if part.file_size > _MAX_BYTES:
        return part.file_size
    row = column = 0
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            cells, rows = _CELL.findall(rest + chunk), _ROW.findall(rest + chunk)
            row = max([row, *(int(number) for _, number in cells), *map(int, rows)])
            column = max([column, *(_number(letters) for letters in {letters for letters, _ in cells})])
            rest = chunk[-_OVERLAP:]
    return row * column


def _number(letters: bytes) -> int:
    """Column A is 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number

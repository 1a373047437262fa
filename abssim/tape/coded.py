"""Numbers that a workbook shows as codes: 2134 under the format `00000` is the zip code 02134, as in a CSV of it.

calamine gives values without formats. openpyxl gives both and is far slower, so it is asked only where the styles of
the workbook have such a format.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_STYLES = "xl/styles.xml"
_MAX_STYLES = 1 << 24
_FORMAT = re.compile(r'formatCode\s*=\s*"([^"]*)"')
_PLACE = re.compile(r'0|\\.|"[^"]*"|[-/ ]')
_PADDED = re.compile(rf"(?:\[\$-[0-9A-Fa-f]+\])?(0(?:{_PLACE.pattern})*0)(?:;.*)?")
"""Zeros, and literal text between them; further sections are for negative numbers and texts."""


class CodedCell(NamedTuple):
    """A cell of a sheet by row and column, 0 being the first."""

    row: int
    column: int
    text: str


def has_codes(path: Path) -> bool:
    """True if some format of the workbook shows numbers with leading zeros."""
    with zipfile.ZipFile(path) as archive:
        part = archive.NameToInfo.get(_STYLES)
        if part is None or part.file_size > _MAX_STYLES:
            return False
        styles = archive.read(part).decode("utf-8", "replace")
    return any(_PADDED.fullmatch(html.unescape(code)) for code in _FORMAT.findall(styles))


def coded_cells(path: Path, sheet: str) -> Iterator[CodedCell]:
    """Whole numbers of a sheet that it shows with leading zeros, as it shows them."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for row in book[sheet].iter_rows():
            for cell in row:
                value = cell.value
                if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) >= 0:
                    match = _PADDED.fullmatch(cell.number_format)
                    if match:
                        yield CodedCell(cell.row - 1, cell.column - 1, _shown(int(value), match[1]))
    finally:
        book.close()


def _shown(number: int, code: str) -> str:
    """The number in the places of the zeros of a format, from the right; digits beyond them stand before."""
    places = [found[0] for found in _PLACE.finditer(code)]
    digits = str(number).zfill(places.count("0"))
    beyond = len(digits) - places.count("0")
    rest = iter(digits[beyond:])
    return digits[:beyond] + "".join(next(rest) if place == "0" else place.strip('\\"') for place in places)

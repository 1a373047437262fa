"""A servicer's reports in a file beside the deal: rows of a pool's `collections`, read before the deal is validated."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abssim.deal.pool import CollectionPeriod, Reports
from abssim.document import MAX_BYTES, Document, model_problems
from abssim.errors import Problem, did_you_mean
from abssim.file import no_file
from abssim.node import DocumentPath

_DELIMITERS = ",;\t"
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?|[+-]?\.\d+")
_WORDS = ("month", "payment_date")
Placed = tuple[Problem, DocumentPath]
"""A problem, and the part of the deal it is about."""
Rows = list[tuple[int, list[str]]]
"""Cells of each row, with its line."""


class _Unread(Exception):
    """A file that cannot be read."""

    def __init__(self, code: str, message: str, hint: str = "", line: int = 0, place: str = "") -> None:
        self.code, self.message, self.hint = code, message, hint
        self.line = line
        """Line of the file, 0 where the document is at fault."""
        self.place: DocumentPath = ("columns", place) if place else ("file",)


def with_reports(document: Document) -> tuple[Document, list[Placed]]:
    """The document with rows in place of `collections: {file: …}`, and what is wrong with the files.

    A pool whose file cannot be read is left without `collections`, and the path of its problem is the pool.
    """
    placed: list[Placed] = []
    pools = document.data.get("pools")
    for name, pool in pools.items() if isinstance(pools, dict) else ():
        if isinstance(pool, dict) and isinstance(pool.get("collections"), dict):
            document, problems = _with_file(document, ("pools", name, "collections"))
            placed += problems
    return document, placed


def _with_file(document: Document, path: DocumentPath) -> tuple[Document, list[Placed]]:
    pools, (_, name, key) = document.data["pools"], path
    try:
        terms = Reports.model_validate(pools[name][key])
        file = document.file.parent / terms.file
        rows = _periods(_cells(file), terms)
    except ValidationError as invalid:
        problems = model_problems(document.part(*path), Reports, invalid)
        return _replaced(document, path, None), [(problem, path[:-1]) for problem, _ in problems]
    except _Unread as fault:
        problem = document.problem(fault.code, (*path, *fault.place), fault.message, fault.hint)
        if fault.line:
            problem = replace(problem, where=f"{file}:{fault.line}")
        return _replaced(document, path, None), [(problem, path[:-1])]
    places = {(*path, index): line for index, (line, _) in enumerate(rows)}
    document = _replaced(document, path, [row for _, row in rows])
    lines, files = {**document.lines, **places}, {**document.files, **dict.fromkeys(places, file)}
    return replace(document, lines=lines, files=files), []


def _replaced(document: Document, path: DocumentPath, rows: list[dict[str, Any]] | None) -> Document:
    pools, (_, name, key) = document.data["pools"], path
    return replace(document, data={**document.data, "pools": {**pools, name: {**pools[name], key: rows}}})


def _cells(file: Path) -> Rows:
    """Rows of the file that hold something, the header first."""
    try:
        if kind := no_file(file):
            raise _Unread("E138", f"{file} cannot be read: it is {kind}", "name a file")
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise _Unread("E138", "is not UTF-8 text", "save the file as CSV in UTF-8", line) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _Unread("E138", f"{file} cannot be read: {reason}", "it is looked for beside the deal") from None
    if len(raw) > MAX_BYTES:
        raise _Unread("E138", f"{file} is larger than {MAX_BYTES:,} bytes", "it holds a row a collection period")
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise _Unread("E138", f"is malformed: {problem}", "", reader.line_num) from None
    if len(rows) < 2:
        raise _Unread("E138", f"{file} has no reports", "a header, and a row a collection period")
    return rows


def _periods(rows: Rows, terms: Reports) -> list[tuple[int, dict[str, Any]]]:
    """Line and fields of each report; blank cells are left out."""
    place = _columns([cell.strip() for cell in rows[0][1]], terms, rows[0][0])
    width, reports = len(rows[0][1]), []
    for line, cells in rows[1:]:
        if len(cells) != width:
            raise _Unread("E138", f"{len(cells)} cells under {width} headers", "quote cells with a comma", line)
        written = {name: cells[column].strip() for name, column in place.items() if cells[column].strip()}
        reports.append((line, {name: _value(name, text) for name, text in written.items()}))
    return reports


def _columns(header: list[str], terms: Reports, line: int) -> dict[str, int]:
    """Column of each field."""
    wanted = {name: name for name in header} if terms.columns is None else terms.columns
    twice = sorted({name for name in header if header.count(name) > 1 and name in wanted.values()})
    if twice:
        raise _Unread("E139", f'two columns are called "{twice[0]}"', "name each once", line)
    for name, column in wanted.items():
        said = {"place": name} if terms.columns else {"line": line}
        if name not in CollectionPeriod.model_fields:
            text = f'"{name}" is no field of a report'
            text += "" if terms.columns else ", and columns does not say which headers are"
            raise _Unread("E139", text, did_you_mean(name, CollectionPeriod.model_fields), **said)
        if column not in header:
            raise _Unread("E139", f'no column is called "{column}"', did_you_mean(column, header), **said)
    return {name: header.index(column) for name, column in wanted.items()}


def _value(name: str, text: str) -> Any:
    """A number where it is one; the model says what else is wrong."""
    return float(text.replace(",", "")) if name not in _WORDS and _NUMBER.fullmatch(text) else text

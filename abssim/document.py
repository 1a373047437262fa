"""YAML documents with line numbers: read defensively, validate against a model, report every problem with its place.

Deals and scenarios share this reader. Codes are `<prefix>00` to `<prefix>09` (`E1` for deals, `E3` for scenarios),
see `CODES`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from abssim.errors import MOST_SHOWN, AbssimError, Problem, did_you_mean
from abssim.file import no_file
from abssim.node import DocumentPath, Unreadable, read_nodes
from abssim.validation import coded

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 1_000_000

CODES = {
    "00": "the file cannot be read",
    "01": "the file is not UTF-8 text",
    "02": "the file is too large or nested too deeply",
    "03": "the YAML is malformed",
    "04": "a key is written twice",
    "05": "the document is empty or not a mapping",
    "06": "tags, anchors and merge keys are not read",
    "07": "unknown field",
    "08": "a field is missing",
    "09": "a value of the wrong type or out of range",
}
"""Problems of any document; the prefix of its kind comes before the number."""


@dataclass(frozen=True)
class Document:
    """A parsed document: plain data and the line of every part of it."""

    file: Path
    data: dict[Any, Any]
    lines: Mapping[DocumentPath, int]
    """Line (from 1) of every key and list item, by path from the top of the file."""
    error: type[AbssimError]
    prefix: str
    root: DocumentPath = ()
    """Where `data` stands in the file: not empty for a part of a larger document."""
    files: Mapping[DocumentPath, Path] = field(default_factory=dict)
    """Parts that stand in files of their own, by path from the top; their `lines` are those of these files."""
    settings: Mapping[DocumentPath, str] = field(default_factory=dict)
    """Where parts were set that stand in no file, by path from the top."""

    def line(self, path: DocumentPath) -> int:
        """Line of the deepest part of `path` that is written in the file."""
        full = (*self.root, *path)
        for length in range(len(full), -1, -1):
            if full[:length] in self.lines:
                return self.lines[full[:length]]
        return 1

    def says(self, path: DocumentPath) -> bool:
        """`path` is written in the document: not in another one that it rests on, nor made by something set in it."""
        full = (*self.root, *path)
        if full in self.lines:
            return True
        return not any(place[: len(full)] == full for place in self.settings) and _stands(self.data, path)

    def where(self, path: DocumentPath) -> str:
        """`file:line` of `path`, or the option that set it or something in it."""
        full = (*self.root, *path)
        above = [full[:n] for n in range(len(full), 0, -1)]
        for place in (*above, *(place for place in self.settings if path and place[: len(full)] == full)):
            if place in self.settings:
                return self.settings[place]
        file = next((self.files[place] for place in above if place in self.files), self.file)
        return f"{file}:{self.line(path)}"

    def problem(self, code: str, path: DocumentPath, message: str, hint: str = "") -> Problem:
        """A problem at `path`; `code` is complete (`E112`)."""
        return Problem(code, self.where(path), dotted((*self.root, *path)), message, hint)

    def part(self, *path: Any) -> Document:
        """The mapping at `path` as a document of its own, with the lines and paths of the whole file."""
        data: Any = self.data
        for key in path:
            data = data[key]
        return replace(self, data=data, root=(*self.root, *path))


def dotted(path: DocumentPath) -> str:
    """`waterfalls.amortization[7].payees[0]`; whole numbers that are keys of a mapping look like list positions."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def read_document(path: str | Path, error: type[AbssimError], prefix: str) -> Document:
    """Read one YAML file; raises `error` with codes `<prefix>00` to `<prefix>06`."""
    file = Path(path)
    fail = _failure(file, error, prefix)
    try:
        if kind := no_file(file):
            raise fail("00", f"cannot be read: it is {kind}", hint="name a file")
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise fail("00", f"cannot be read: {reason}") from None
    if len(raw) > MAX_BYTES:
        raise fail("02", f"is larger than {MAX_BYTES:,} bytes", hint="put loans into a tape file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise fail("01", f"is not UTF-8 text (byte {problem.start})", line, "save the file as UTF-8") from None
    return parse_document(text, file, error, prefix)


def parse_document(text: str, path: str | Path, error: type[AbssimError], prefix: str) -> Document:
    """As `read_document`, from text; `path` is the name used in problems."""
    file, problems = Path(path), list[Problem]()
    fail = _failure(file, error, prefix)
    lines: dict[DocumentPath, int] = {}
    document = Document(file, {}, lines, error, prefix)

    def report(number: str, path: DocumentPath, message: str, hint: str) -> None:
        problems.append(document.problem(f"{prefix}{number}", path, message, hint))

    try:
        data = read_nodes(text, report, lines)
    except Unreadable as problem:
        raise fail(problem.number, problem.message, problem.line, problem.hint) from None
    if problems:
        raise error(problems)
    if not isinstance(data, dict):
        raise fail("05", "is not a mapping of fields", lines[()], "start with `name: …`")
    return Document(file, data, lines, error, prefix)


def document_of(data: Mapping[str, Any], path: str | Path, error: type[AbssimError], prefix: str) -> Document:
    """A document written in Python: read like its text, so that the same is said of it."""
    try:
        text = json.dumps(_spelled(data), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as wrong:
        said = str(wrong) or type(wrong).__name__
        raise error(Problem(f"{prefix}05", str(path), "", f"holds what no document can: {said}")) from None
    return parse_document(text, path, error, prefix)


def _spelled(value: Any) -> Any:
    """Dates as their text, numpy's numbers as plain ones."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _spelled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(each) for each in value]
    if isinstance(value, date | Path):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def _failure(file: Path, error: type[AbssimError], prefix: str) -> Callable[..., AbssimError]:
    """Makes the error of a file that cannot be read any further."""

    def fail(number: str, message: str, line: int = 0, hint: str = "") -> AbssimError:
        return error(Problem(f"{prefix}{number}", f"{file}:{line}" if line else str(file), "", message, hint))

    return fail


_WORDS = {
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "date_type": "a date (2026-01-31)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_too_short": "longer text",
}
"""pydantic's messages that speak of Python, in the words of a document."""


def validate(document: Document, model: type[Model]) -> Model:
    """An instance of `model` made of the document; raises its error with every problem found (`07`, `08`, `09`)."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document.data)
    except ValidationError as invalid:
        raise document.error([problem for problem, _ in model_problems(document, model, invalid)]) from None


def model_problems(
    document: Document, model: type[BaseModel], invalid: ValidationError
) -> list[tuple[Problem, DocumentPath]]:
    """The problems of a failed validation, one per place in the document, in the order of the file, with its path.

    Where a value may be of several types, what is wrong inside it says more than that it is none of the others.
    """
    problems: dict[DocumentPath, Problem] = {}
    for detail in invalid.errors(include_url=False):
        path = _document_path(document.data, detail)
        if path not in problems:
            problems[path] = _model_problem(document, model, detail, path, len(problems) < MOST_SHOWN)
    around = {path[:length] for path in problems for length in range(len(path))}
    return [(problems[path], path) for path in sorted(problems, key=document.line) if path not in around]


def _model_problem(
    document: Document, model: type[BaseModel], detail: ErrorDetails, path: DocumentPath, hinted: bool
) -> Problem:
    """The problem of one detail; `hinted`: one that will be shown, and is worth looking for similar names."""
    name, kind = str(path[-1]) if path else "", detail["type"]
    if kind in ("extra_forbidden", "invalid_key"):
        known = _fields_at(model, detail["loc"][:-1]) if hinted else []
        return document.problem(f"{document.prefix}07", path, f'unknown field "{name}"', did_you_mean(name, known))
    if kind == "missing":
        return document.problem(f"{document.prefix}08", path, f'"{name}" is missing')
    hint = _SEVERAL if (*document.root, *path) in document.settings and _is_several(detail["input"]) else ""
    if kind == "literal_error" and isinstance(detail["input"], str):
        choices = str(detail.get("ctx", {}).get("expected", "")).replace(" or ", ", ").replace("'", "").split(", ")
        hint = did_you_mean(detail["input"], choices)
    return coded(document.problem(f"{document.prefix}09", path, _plain(detail), hint))


_SEVERAL = "one value is set here: lists and ranges of values are for `abssim sweep`"


def _is_several(value: object) -> bool:
    """True of `4:6:1` and `4,5`."""
    return isinstance(value, str) and re.fullmatch(r"[-+.\d]+(?:[:,] *[-+.\d]+)+", value) is not None


def _plain(detail: ErrorDetails) -> str:
    """pydantic's message in the words of a document, with the value that caused it."""
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    wanted = detail["msg"].partition(" should ")[2].split(", unable")[0].split(", not ")[0]
    if detail["type"] in _WORDS or not wanted:
        wanted = f"be {_WORDS.get(detail['type'], detail['msg'])}"
    key = "as a key " if detail["loc"][-1:] == ("[key]",) else ""
    return f"{key}must {wanted}, not {_shown(detail['input'])}"


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = f'"{value}"' if isinstance(value, str) else "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _document_path(data: Any, detail: ErrorDetails) -> DocumentPath:
    """Path in the document of a pydantic location, which also names union members, validators and keys as text."""
    path: list[Any] = []
    location = detail["loc"]
    for position, key in enumerate(location):
        last = position == len(location) - 1
        if isinstance(data, dict):
            named = [key] if key in data else [k for k in data if str(key) in (str(k), repr(k))]
            if named:
                path.append(named[0])
                data = data[named[0]]
                continue
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            path.append(key)
            data = data[key]
            continue
        if last and detail["type"] == "missing":
            path.append(key)
    return tuple(path)


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Field names of the model at a pydantic location inside `model`."""
    from pydantic import BaseModel as Base

    def models_in(annotation: Any) -> list[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, Base):
            return [annotation]
        return [found for inner in getattr(annotation, "__args__", ()) for found in models_in(inner)]

    here: list[type[BaseModel]] = [model]
    for key in location:
        below = [m for at in here if key in at.model_fields for m in models_in(at.model_fields[str(key)].annotation)]
        here = below or [at for at in here if at.__name__ == key] or here
    return sorted({name for at in here for name in at.model_fields})


def _stands(data: Any, path: DocumentPath) -> bool:
    """Plain data have something at a path."""
    for key in path:
        inside = isinstance(data, dict) and key in data
        if not inside and not (isinstance(data, list) and isinstance(key, int) and 0 <= key < len(data)):
            return False
        data = data[key]
    return True

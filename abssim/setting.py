"""Values set from outside in a document, in place of what its file says: `notes.A.coupon_pct=5.2`.

A path goes down by fields, names and positions in lists (from 0), with points between them; brackets as problems print
them are read too: `assumptions[0].default.cdr_pct`. It leads to what the document says or could say there.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin

import numpy as np
from pydantic import PrivateAttr

from abssim.document import Document
from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.guard import shortened
from abssim.node import DocumentPath, Unreadable, read_nodes
from abssim.part import Part
from abssim.public import public

OPTION = "--set"
_PATH = re.compile(r"[^.\[\]=]+(?:\.[^.\[\]=]+|\[[^\[\]=]+\])*")
_KEY = re.compile(r"[^.\[\]]+|(?<=\[)[^\[\]]+")
_RANGE = re.compile(r"([-+]?\d+(?:\.\d+)?):([-+]?\d+(?:\.\d+)?):([-+]?\d+(?:\.\d+)?)")
MOST_VALUES = 100_000
_HINT = "write --set notes.A.coupon_pct=5.2"
_CONVERT: dict[type, Callable[[str], Any]] = {int: int, date: date.fromisoformat}
"""Keys that are no words, which a document need not have yet: payment dates of a schedule, days of fixings."""
_SHOWN = 3
"""Paths named in a hint."""


class Settable(Part):
    """A document in which values can be set from outside."""

    setter: ClassVar[str]
    """Public name of the function that sets them."""
    _settings: dict[DocumentPath, Any] = PrivateAttr(default={})
    _changed: frozenset[str] = PrivateAttr(default=frozenset())
    """Fields that a copy gave other values than the document's."""

    @property
    def settings(self) -> dict[DocumentPath, Any]:
        """What was set from outside, by path."""
        return self._settings

    def with_(self, settings: Mapping[str, Any] | None = None, /, **values: Any) -> Self:
        """This document with values set by path, checked anew: `with_({"notes.A.coupon_pct": 5.2})`.

        AbssimError: E551 to E554 for paths, and whatever the document's own checks find.
        """
        found: Self = public(self.setter)(self, joined({} if settings is None else settings, values))
        return found

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed, which knows which."""
        copy = super().model_copy(update=update, deep=deep)
        copy._changed = self._changed | frozenset(update or ())
        return copy


def parse_lists(texts: Iterable[str]) -> dict[str, list[Any]]:
    """`["default_multiple=1,2,3", "notes.A.coupon_pct=4:6:0.5"]` as lists of values by path. Codes: E551, E552.

    Values stand between commas as in a list of YAML: what has a comma of its own is quoted.
    """
    return parse_settings(texts, _values)


def parse_settings(texts: Iterable[str], value_of: Callable[[str], Any] | None = None) -> dict[str, Any]:
    """`["notes.A.coupon_pct=5.2"]` as values by path, each read as YAML. Codes: E551, E552."""
    settings: dict[str, Any] = {}
    problems = []
    for text in texts:
        path, equal, value = text.partition("=")
        try:
            keys = keys_of(path.strip() if equal else "")
            read = (value_of or _value)(value)
        except ValueError as error:
            problems.append(Problem("E551", f"{OPTION} {text}", "", str(error), _HINT))
            continue
        name = ".".join(keys)
        if name in settings:
            problems.append(_twice(name))
        settings[name] = read
    if problems:
        raise AbssimError(problems)
    return settings


def joined(settings: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by path in one spelling; numbers and arrays of numpy as plain ones. Codes: E539, E551, E552."""
    if not isinstance(settings, Mapping):
        text = f"settings is a dict from a path to its value, not {shortened(repr(settings), 40)}"
        raise AbssimError(Problem("E539", "with_()", "settings", text, 'write {"notes.A.coupon_pct": 5.2}'))
    pairs, found = [*settings.items(), *values.items()], dict[str, Any]()
    problems = []
    for path, value in pairs:
        try:
            name = ".".join(keys_of(path))
        except ValueError as error:
            problems.append(Problem("E551", f"{OPTION} {path}", "", str(error), _HINT))
            continue
        if name in found:
            problems.append(_twice(name))
        found[name] = _plainly(value)
    if problems:
        raise AbssimError(problems)
    return found


def _plainly(value: Any) -> Any:
    """The value as a document would say it: arrays, series and ranges are lists."""
    if isinstance(value, range):
        return list(value)
    return np.asarray(value).tolist() if hasattr(value, "__array__") else value


def keys_of(path: str) -> list[str]:
    """Keys of a path; ValueError if it is none."""
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise ValueError("is not PATH=VALUE")
    return [key.strip() for key in _KEY.findall(path)]


def _value(text: str) -> Any:
    problems: list[str] = []
    try:
        value = read_nodes(text, lambda number, path, message, hint: problems.append(message), {})
    except Unreadable as error:
        raise ValueError("sets no value" if error.number == "05" else f"the value: {error.message}") from None
    if problems:
        raise ValueError(f"the value: {'; '.join(problems)}")
    return value


def _values(text: str) -> list[Any]:
    """The values of a list, ranges written out."""
    written = _value(f"[{text}]") if text.strip() else _value(text)
    values = [value for each in written for value in (_range(each) if isinstance(each, str) else [each])]
    seen = set()
    for value in values:
        if (key := _key(value)) in seen:
            raise ValueError(f"{_text(value)} stands in the list twice")
        seen.add(key)
    return values


def _key(value: Any) -> Any:
    """Equal for equal values: 1 and 1.0 are, 1 and true are not."""
    return (isinstance(value, bool), value) if isinstance(value, Hashable) else repr(value)


def _range(text: str) -> list[Any]:
    """`0.5:3:0.5` as 0.5, 1.0, … 3.0; any other text as it is."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return [text]
    first, last, step = (Decimal(number) for number in match.groups())
    count = int((last - first) / step) + 1 if step else 0
    if not 1 <= count <= MOST_VALUES:
        raise ValueError(f"{text} is no range of 1 to {MOST_VALUES:,} values: first:last:step")
    numbers = [first + i * step for i in range(count)]
    return [int(number) if number == number.to_integral() and "." not in text else float(number) for number in numbers]


def _twice(name: str) -> Problem:
    return Problem("E552", f"{OPTION} {name}", "", "is set twice", "keep one of them")


class _Unknown(Exception):
    """A key that does not lead on, and those that would."""

    def __init__(self, key: str, above: DocumentPath, known: Sequence[str]) -> None:
        super().__init__(key)
        self.key, self.above, self.known = key, above, known

    @property
    def hint(self) -> str:
        """What would lead on."""
        if not self.known:
            return "nothing stands there"
        if all(known.isdecimal() for known in self.known):
            return f"it has {', '.join(self.known)}" if len(self.known) < 3 else f"it has 0 to {self.known[-1]}"
        return did_you_mean(self.key, self.known)


def places_of(
    data: Any,
    model: type[Part],
    settings: Mapping[str, Any],
    what: str,
    names: Mapping[str, Iterable[str]] | None = None,
) -> dict[DocumentPath, Any]:
    """Values by their place in a document of `model` that says `data`; `what` it is stands in problems.

    `names` are those that a mapping may have and does not have yet, by its field. Codes: E552, E553.
    """
    placed: dict[DocumentPath, Any] = {}
    problems = []
    for path, value in settings.items():
        try:
            place = _place(data, model, path.split("."), names or {})
        except _Unknown as unknown:
            inside = ".".join(map(str, unknown.above)) or what
            text = f'no "{unknown.key}" in {inside}' + (f" of {what}" if unknown.above else "")
            problems.append(Problem("E553", f"{OPTION} {path}", "", text, unknown.hint))
            continue
        problems += [_twice(path) for other in placed if other[: len(place)] == place or place[: len(other)] == other]
        placed[place] = value
    if problems:
        raise AbssimError(problems)
    return placed


def _place(data: Any, model: Any, keys: Sequence[str], names: Mapping[str, Iterable[str]]) -> DocumentPath:
    path: list[Any] = []
    kinds = [model]
    for key in keys:
        below = _below(data, kinds)
        if len(path) == 1:
            below |= {name: (name, _inner(kinds, name)) for name in names.get(path[0], ()) if name not in below}
        if key not in below:
            below |= _converted(key, kinds)
        if key not in below:
            raise _Unknown(key, tuple(path), list(below))
        real, kinds = below[key]
        holds = (isinstance(data, dict) and real in data) or isinstance(data, list | tuple)
        data = data[real] if holds else None
        path.append(real)
    return tuple(path)


def _below(data: Any, kinds: Sequence[Any]) -> dict[str, tuple[Any, list[Any]]]:
    """What stands, or may stand, below a place: key and types by its word."""
    if isinstance(data, Mapping):
        here = list(data)
    elif isinstance(data, list | tuple):
        return {str(number): (number, _inner(kinds, number)) for number in range(len(data))}
    elif data is not None:
        return {}
    else:
        here = []
    fields = [name for kind in _alternatives(kinds) if _is_part(kind) for name in _fields(kind)]
    return {str(key): (key, _inner(kinds, key)) for key in dict.fromkeys([*here, *fields])}


def _converted(key: str, kinds: Sequence[Any]) -> dict[str, tuple[Any, list[Any]]]:
    for kind in _alternatives(kinds):
        convert = _CONVERT.get(_plain(get_args(kind)[0])) if get_origin(kind) is dict else None
        if convert is not None:
            try:
                return {key: (convert(key), [get_args(kind)[1]])}
            except ValueError:
                pass
    return {}


def _inner(kinds: Sequence[Any], key: Any) -> list[Any]:
    """Types of what stands at a key."""
    found = []
    for kind in _alternatives(kinds):
        if _is_part(kind):
            found += [_fields(kind)[key]] if key in _fields(kind) else []
        elif get_origin(kind) in (dict, tuple, list):
            found.append(get_args(kind)[1 if get_origin(kind) is dict else 0])
    return found


def _alternatives(kinds: Iterable[Any]) -> Iterator[Any]:
    for kind in kinds:
        plain = _plain(kind)
        if get_origin(plain) in (Union, types.UnionType):
            yield from _alternatives(get_args(plain))
        else:
            yield plain


def _plain(kind: Any) -> Any:
    return _plain(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)


def _fields(kind: type[Part]) -> dict[str, Any]:
    """Types of fields by their names in the document."""
    return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}


def ending_in(model: type[Part], field: str) -> list[str]:
    """Paths of a document that end in a field, in words: `notes.NAME.coupon_pct`."""
    return list(dict.fromkeys(path for path in _paths([model], (), ()) if path.split(".")[-1] == field))[:_SHOWN]


def _paths(kinds: Sequence[Any], above: tuple[str, ...], seen: tuple[Any, ...]) -> Iterator[str]:
    for kind in _alternatives(kinds):
        if _is_part(kind) and kind not in seen:
            for name, inner in _fields(kind).items():
                yield ".".join((*above, name))
                yield from _paths([inner], (*above, name), (*seen, kind))
        elif get_origin(kind) in (dict, tuple, list):
            word, at = ("NAME", 1) if get_origin(kind) is dict else ("0", 0)
            yield from _paths([get_args(kind)[at]], (*above, word), seen)


def with_values(document: Document, values: Mapping[DocumentPath, Any], told: Mapping[DocumentPath, str]) -> Document:
    """The document with values at places of its data; problems there lead to the option, by what is `told` of it."""
    data: Any = document.data
    for path, value in values.items():
        data = _put(data, path, value)
    places = {(*document.root, *path): f"{OPTION} {told[path]}" for path in values}
    return replace(document, data=data, settings={**document.settings, **places})


def _put(data: Any, path: DocumentPath, value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, list | tuple):
        return [_put(item, path[1:], value) if i == path[0] else item for i, item in enumerate(data)]
    inside = dict(data) if isinstance(data, Mapping) else {}
    return {**inside, path[0]: _put(inside.get(path[0]), path[1:], value)}


def in_words(path: DocumentPath) -> str:
    """A place as it is set: `assumptions.0.default.cdr_pct`."""
    return ".".join(str(key) for key in path)


def shown(settings: Mapping[str, Any]) -> list[str]:
    """`notes.A.coupon_pct = 5.2` for each value."""
    return [f"{path} = {value if isinstance(value, str) else _text(value)}" for path, value in settings.items()]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)

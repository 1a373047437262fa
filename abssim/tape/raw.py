"""A column as it was written, and the ways to understand it: numbers, words, ids.

Two kinds of source: Arrow columns (files) and plain values (replines, defaults). Nothing here decides whether a
value is allowed; what cannot be understood is marked `bad`, what is absent `missing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from abssim.guard import unguarded
from abssim.tape.arrow import codes_of, doubles, valid
from abssim.tape.number import PERCENT, is_code, parse_number
from abssim.tape.spelling import PLAIN, Spelling

if TYPE_CHECKING:
    import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

ABSENT = ("", "NA", "N/A", "#N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "NaT", "-")
"""Texts that mean there is no value."""
_ABSENT = f"^(?:{'|'.join(ABSENT)})$"


@dataclass(frozen=True, slots=True)
class Parsed:
    """Numbers `(L,)`: NaN where missing or bad."""

    values: Float64
    missing: Mask
    bad: Mask


class Raw(Protocol):
    """A column as written."""

    name: str
    spelling: Spelling

    def numbers(self, percent: float, units: Collection[str] = PERCENT) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point, other `units` are let pass."""

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""

    def holds_codes(self) -> bool:
        """True if numbers would not keep what is written: `02134`, or more digits than a number holds."""

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""

    def first_match(self, pattern: str) -> str:
        """The first text that matches a regular expression; empty if none does."""


def sorted_codes(codes: Int32, words: Sequence[str]) -> tuple[Int32, tuple[str, ...]]:
    """The same words in alphabetical order, equal ones (after trimming) merged; absent words become -1."""
    trimmed = [unguarded(word.strip()) for word in words]
    kept = sorted({word for word in trimmed if word not in ABSENT})
    place = {word: code for code, word in enumerate(kept)}
    moved = np.asarray([place.get(word, -1) for word in trimmed] + [-1], dtype=np.int32)
    return moved[codes], tuple(kept)


class PlainColumn:
    """Values of a document: numbers, texts, dates, lists, None."""

    spelling = PLAIN

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name = name
        self._values = values

    def numbers(self, percent: float, units: Collection[str] = PERCENT) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point, other `units` are let pass."""
        parsed = [_plain_number(value, percent, units) for value in self._values]
        missing = np.asarray([_plain_absent(value) for value in self._values], dtype=bool)
        bad = np.asarray([number is None for number in parsed], dtype=bool) & ~missing
        return Parsed(np.asarray([np.nan if n is None else n for n in parsed], dtype=np.float64), missing, bad)

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""
        texts = [_plain_text(value) for value in self._values]
        distinct = sorted(set(texts))
        place = {text: code for code, text in enumerate(distinct)}
        return sorted_codes(np.asarray([place[text] for text in texts], dtype=np.int32), distinct)

    def holds_codes(self) -> bool:
        """True if numbers would not keep what is written."""
        return any(isinstance(value, str) and is_code(value) for value in self._values)

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""
        texts = ["" if _plain_absent(value) else _plain_text(value) for value in self._values]
        return np.asarray([text.encode() for text in texts], dtype=np.bytes_)

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""
        return [_plain_text(self._values[place]) for place in places]

    def first_match(self, pattern: str) -> str:
        """The first text that matches a regular expression; empty if none does."""
        known = re.compile(pattern)
        return next((value for value in self._values if isinstance(value, str) and known.search(value)), "")


def _plain_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ABSENT) or value != value


def _plain_number(value: Any, percent: float, units: Collection[str]) -> float | None:
    if isinstance(value, bool) or _plain_absent(value):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else float("inf")
    return parse_number(value, percent, units) if isinstance(value, str) else None


def _plain_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ";".join(str(item) for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


class ArrowColumn:
    """A column of a file, its words and unknown values replaced as `spelling` says."""

    def __init__(self, name: str, values: pa.ChunkedArray, spelling: Spelling = PLAIN) -> None:
        import pyarrow as pa

        self.name = name
        self.spelling = spelling
        array = values.combine_chunks()
        self._values = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        if spelling.changes:
            coded = _texts(self._values).dictionary_encode()
            self._values = pa.array(spelling.meanings(coded.dictionary.to_pylist()), pa.string()).take(coded.indices)

    def numbers(self, percent: float, units: Collection[str] = PERCENT) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point, other `units` are let pass."""
        import pyarrow as pa

        kind = self._values.type
        if _is_number(kind):
            values = doubles(self._values.cast(pa.float64(), safe=False))
            return Parsed(values, np.isnan(values), np.zeros(values.size, dtype=bool))
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._text_numbers(percent, units)
        missing = ~valid(self._values)
        return Parsed(np.full(missing.size, np.nan), missing, ~missing)

    def _text_numbers(self, percent: float, units: Collection[str]) -> Parsed:
        import pyarrow as pa
        import pyarrow.compute as pc

        trimmed = pc.utf8_trim_whitespace(self._values)
        trimmed = pc.if_else(pc.match_substring_regex(trimmed, _ABSENT), pa.nulls(1, trimmed.type)[0], trimmed)
        missing = ~valid(trimmed)
        try:
            if self.spelling.mark != ".":
                raise pa.ArrowInvalid
            values = doubles(trimmed.cast(pa.float64()))
        except pa.ArrowInvalid:
            coded = trimmed.dictionary_encode()
            texts = coded.dictionary.to_pylist()
            parsed = [parse_number(text, percent, units, self.spelling.mark) for text in texts]
            table = np.asarray([np.nan if number is None else number for number in (*parsed, None)], dtype=np.float64)
            values = table[codes_of(coded)]
        bad = np.isnan(values) & ~missing
        return Parsed(values, missing, bad)

    def holds_codes(self) -> bool:
        """True if numbers would not keep what is written: `02134`, or more digits than a number holds."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if pa.types.is_floating(self._values.type):
            return False
        if _is_number(self._values.type):
            largest = pc.max(pc.abs(self._values.cast(pa.float64(), safe=False))).as_py()
            return largest is not None and largest >= 1e15
        return any(text is not None and is_code(text) for text in _texts(self._values).unique().to_pylist())

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""
        coded = _texts(self._values).dictionary_encode()
        return sorted_codes(codes_of(coded), coded.dictionary.to_pylist())

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""
        import pyarrow.compute as pc

        texts = pc.utf8_trim_whitespace(_texts(self._values))
        return fixed_width(pc.replace_substring_regex(texts, pattern=r"^'([=+\-@])", replacement=r"\1"))

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""
        return [_texts(self._values.slice(int(place), 1)).to_pylist()[0] or "" for place in places]

    def first_match(self, pattern: str) -> str:
        """The first text that matches a regular expression; empty if none does. Only texts are looked at."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not (pa.types.is_string(self._values.type) or pa.types.is_large_string(self._values.type)):
            return ""
        matches = self._values.filter(pc.match_substring_regex(self._values, pattern))
        return str(matches[0].as_py()).strip() if len(matches) else ""


def _texts(values: pa.Array) -> pa.Array:
    """Values of any type as text; whole floats without a point."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_nested(kind):
        return pa.array([_told(value) for value in values], pa.string())
    if pa.types.is_floating(kind):
        floats = doubles(values.cast(pa.float64()))
        if np.all((floats == np.rint(floats)) | np.isnan(floats)) and np.nanmax(np.abs(floats), initial=0) < 2**53:
            return values.cast(pa.int64(), safe=False).cast(pa.string())
    try:
        return values.cast(pa.string())
    except pa.ArrowException:
        return pa.array([_told(value) for value in values], pa.string())


def _told(value: pa.Scalar) -> str | None:
    """A value Arrow does not spell itself; what Python cannot hold is a question mark."""
    try:
        plain = value.as_py()
    except (ArithmeticError, ValueError):
        return "?"
    return None if plain is None else _plain_text(plain)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


MAX_ID_BYTES = 64
"""Longer ids are cut to this and one byte more, which marks them as too long."""


def fixed_width(texts: pa.Array) -> npt.NDArray[np.bytes_]:
    """(L,) `S` array of an Arrow text column, made 100 000 rows at a time; no Python object per row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    binary = texts.cast(pa.binary())
    longest = pc.max(pc.binary_length(binary)).as_py() or 1
    width = min(longest, MAX_ID_BYTES + 1)
    octets = np.zeros((len(binary), width), dtype=np.uint8)
    for first in range(0, len(binary), 100_000):
        part = pa.concat_arrays([pc.binary_slice(binary.slice(first, 100_000), 0, width)])
        _, offset_buffer, data = part.buffers()
        offsets = np.frombuffer(offset_buffer, dtype=np.int32)[part.offset : part.offset + len(part) + 1]
        if data is None or offsets[-1] == offsets[0]:
            continue
        lengths = np.diff(offsets)
        place = np.arange(offsets[0], offsets[-1]) - np.repeat(offsets[:-1], lengths)
        row = np.repeat(np.arange(first, first + len(part)), lengths)
        octets[row, place] = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    octets[~valid(binary)] = 0
    return octets.view(f"S{width}").reshape(-1)

"""A column as it was written, and the ways to understand it: numbers, words, months, ids.

Two kinds of source: Arrow columns (files) and plain values (replines, defaults). Nothing here decides whether a
value is allowed; what cannot be understood is marked `bad`, what is absent `missing`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from abssim.tape.arrow import codes_of, doubles, valid

if TYPE_CHECKING:
    import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

ABSENT = ("", "NA", "N/A", "#N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "NaT", "-")
"""Texts that mean there is no value."""
_ABSENT = f"^(?:{'|'.join(ABSENT)})$"

_NUMBER = re.compile(
    r"[$¥€£]?(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][-+]?\d{1,3})?)\s*(?P<unit>%|[^\W\d_]+)?"
)
_UNITS = {"%", "month", "months", "mo", "mos", "day", "days", "个月", "月", "期", "天", "日"}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DATE_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/]?(?P<m>\d{2})(?:[-/]?\d{2})?(?:[T ].*)?"),
    re.compile(r"(?P<m>\d{1,2})/(?:\d{1,2}/)?(?P<y>\d{4})"),
    re.compile(r"(?P<m>\d{2})-(?:\d{2}-)?(?P<y>\d{4})"),
    re.compile(r"(?P<n>[A-Za-z]{3})[a-z]*[- ](?P<y>\d{4})"),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Numbers `(L,)`: NaN where missing or bad."""

    values: Float64
    missing: Mask
    bad: Mask


class Raw(Protocol):
    """A column as written."""

    name: str

    def numbers(self, percent: float) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point."""

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""


def parse_number(text: str, percent: float) -> float | None:
    """A number as people write it: `1,234.50`, `$12`, `36 months`, `10.65%`; None if it is none."""
    match = _NUMBER.fullmatch(text.strip())
    unit = (match["unit"] or "") if match else ""
    if match is None or (unit and unit.lower() not in _UNITS) or not any(c.isdigit() for c in match["number"]):
        lowered = text.strip().lower().lstrip("+-")
        return float("inf") if lowered in ("inf", "infinity") else None
    try:
        number = float(match["number"].replace(",", ""))
    except ValueError:
        return None
    return number * percent if unit == "%" else number


def parse_month(text: str) -> np.datetime64 | None:
    """The month of a date: `08/2019`, `2019-08-15`, `07-31-2020`, `Aug-2019`, `201908`; None if it is none."""
    for form in _DATE_FORMS:
        match = form.fullmatch(text.strip())
        if match is None:
            continue
        parts = match.groupdict()
        month = _MONTHS.get(parts["n"].lower(), 0) if "n" in parts else int(parts["m"])
        if 1 <= month <= 12 and 1900 <= int(parts["y"]) <= 2200:
            return np.datetime64(f"{parts['y']}-{month:02d}", "M")
    return None


def sorted_codes(codes: Int32, words: Sequence[str]) -> tuple[Int32, tuple[str, ...]]:
    """The same words in alphabetical order, equal ones (after trimming) merged; absent words become -1."""
    trimmed = [_unguarded(word.strip()) for word in words]
    kept = sorted({word for word in trimmed if word not in ABSENT})
    place = {word: code for code, word in enumerate(kept)}
    moved = np.asarray([place.get(word, -1) for word in trimmed] + [-1], dtype=np.int32)
    return moved[codes], tuple(kept)


def _unguarded(word: str) -> str:
    """Takes back the apostrophe `write.guarded` put before a text a spreadsheet would run."""
    return word[1:] if len(word) > 1 and word[0] == "'" and word[1] in "=+-@\t\r" else word


def months_of(raw: Raw) -> tuple[npt.NDArray[np.datetime64], Mask]:
    """(L,) datetime64[M] (NaT where absent) and the rows whose text is no date."""
    codes, words = raw.words()
    months = [parse_month(word) for word in words]
    table = np.asarray([np.datetime64("NaT", "M") if m is None else m for m in (*months, None)], dtype="datetime64[M]")
    unread = np.asarray([*(month is None for month in months), False])
    return table[codes], unread[codes]


class PlainColumn:
    """Values of a document: numbers, texts, dates, lists, None."""

    def __init__(self, name: str, values: Sequence[Any]) -> None:
        self.name = name
        self._values = values

    def numbers(self, percent: float) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point."""
        parsed = [_plain_number(value, percent) for value in self._values]
        missing = np.asarray([_plain_absent(value) for value in self._values], dtype=bool)
        bad = np.asarray([number is None for number in parsed], dtype=bool) & ~missing
        return Parsed(np.asarray([np.nan if n is None else n for n in parsed], dtype=np.float64), missing, bad)

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""
        texts = [_plain_text(value) for value in self._values]
        found = sorted(set(texts))
        place = {text: code for code, text in enumerate(found)}
        return sorted_codes(np.asarray([place[text] for text in texts], dtype=np.int32), found)

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""
        texts = ["" if _plain_absent(value) else _plain_text(value) for value in self._values]
        return np.asarray([text.encode() for text in texts], dtype=np.bytes_)

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""
        return [_plain_text(self._values[place]) for place in places]


def _plain_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in ABSENT) or value != value


def _plain_number(value: Any, percent: float) -> float | None:
    if isinstance(value, bool) or _plain_absent(value):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else float("inf")
    return parse_number(value, percent) if isinstance(value, str) else None


def _plain_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ";".join(str(item) for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


class ArrowColumn:
    """A column of a file."""

    def __init__(self, name: str, values: pa.ChunkedArray) -> None:
        import pyarrow as pa

        self.name = name
        array = values.combine_chunks()
        self._values = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array

    def numbers(self, percent: float) -> Parsed:
        """Numbers; a text ending in % counts `percent` a point."""
        import pyarrow as pa

        kind = self._values.type
        if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            values = doubles(self._values.cast(pa.float64(), safe=False))
            return Parsed(values, np.isnan(values), np.zeros(values.size, dtype=bool))
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._text_numbers(percent)
        missing = ~valid(self._values)
        return Parsed(np.full(missing.size, np.nan), missing, ~missing)

    def _text_numbers(self, percent: float) -> Parsed:
        import pyarrow as pa
        import pyarrow.compute as pc

        trimmed = pc.utf8_trim_whitespace(self._values)
        trimmed = pc.if_else(pc.match_substring_regex(trimmed, _ABSENT), pa.nulls(1, trimmed.type)[0], trimmed)
        missing = ~valid(trimmed)
        try:
            values = doubles(trimmed.cast(pa.float64()))
        except pa.ArrowInvalid:
            coded = trimmed.dictionary_encode()
            parsed = [parse_number(text, percent) for text in coded.dictionary.to_pylist()]
            table = np.asarray([np.nan if number is None else number for number in (*parsed, None)], dtype=np.float64)
            values = table[codes_of(coded)]
        bad = np.isnan(values) & ~missing
        return Parsed(values, missing, bad)

    def _texts(self) -> pa.Array:
        import pyarrow as pa

        kind = self._values.type
        if pa.types.is_nested(kind):
            return pa.array([None if v is None else _plain_text(v) for v in self._values.to_pylist()], pa.string())
        if pa.types.is_floating(kind):
            values = doubles(self._values.cast(pa.float64()))
            if np.all((values == np.rint(values)) | np.isnan(values)) and np.nanmax(np.abs(values), initial=0) < 2**53:
                return self._values.cast(pa.int64(), safe=False).cast(pa.string())
        return self._values.cast(pa.string())

    def words(self) -> tuple[Int32, tuple[str, ...]]:
        """Codes (-1 absent) into words in alphabetical order."""
        coded = self._texts().dictionary_encode()
        return sorted_codes(codes_of(coded), coded.dictionary.to_pylist())

    def ids(self) -> npt.NDArray[np.bytes_]:
        """UTF-8 ids, empty where absent."""
        import pyarrow.compute as pc

        return fixed_width(pc.utf8_trim_whitespace(self._texts()))

    def tell(self, places: Rows) -> list[str]:
        """The values at some positions, as written."""
        return ["" if value is None else str(value) for value in (self._values[int(place)].as_py() for place in places)]


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

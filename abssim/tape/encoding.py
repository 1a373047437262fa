"""Text files in UTF-8, whatever they were written in; an encoding is suggested where none was said."""

from __future__ import annotations

import codecs
import gzip
import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from abssim.errors import Problem, TapeError
from abssim.guard import printable
from abssim.tape.say import say

Octets = bytes | mmap.mmap

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 1 << 20
_HIGH = re.compile(rb"[\x80-\xff]+")
_CONTROL = re.compile("[\0-\x08\x0e-\x19\x1b-\x1f\x7f]")
"""Characters that steer a device; the end of a file in DOS is none of them."""


def read_octets(path: Path, encoding: str | None) -> tuple[Octets, str]:
    """The file's text in UTF-8 with line feeds, and what is to be said of its encoding.

    A byte order mark speaks for itself. Bytes that are no text in a declared encoding stay as they are: no UTF-8.
    """
    octets = _stored(path)
    mark = next((known for known in _MARKS if octets[: len(known)] == known), b"")
    used = encoding or _MARKS.get(mark, "utf-8")
    note = f"read as {used}, as its byte order mark says" if not encoding and used != "utf-8" else ""
    if codecs.lookup(used).name not in ("utf-8", "utf-8-sig", "ascii"):
        octets = _transcoded(bytes(octets), used, path.name)
    elif mark == codecs.BOM_UTF8:
        octets = octets[len(mark) :]
    if octets.find(b"\n", 0, _SAMPLE) < 0 and octets.find(b"\r", 0, _SAMPLE) >= 0:
        octets = bytes(octets).replace(b"\r", b"\n")
    return octets, note


def _stored(path: Path) -> Octets:
    """What the file holds: mapped into memory, or unpacked."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as stream:
            return bytes(stream.read())
    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _transcoded(octets: bytes, encoding: str, where: str) -> bytes:
    try:
        return octets.decode(encoding, "surrogateescape").removeprefix("\ufeff").encode("utf-8", "surrogateescape")
    except UnicodeError as error:
        text = f"the file is not {encoding}: {getattr(error, 'reason', error)}"
        raise TapeError(Problem("E243", where, "", text, _hint(octets[:_SAMPLE]))) from None


def no_text(octets: Octets, where: str, code: str = "E243", text: str = "the header is not UTF-8") -> TapeError:
    """The error of a header that is not UTF-8, with the encoding the file may have; or of what is no text at all."""
    if _is_binary(octets[:_SAMPLE]):
        return TapeError(Problem("E244", where, "", "is not a text file", "tapes are CSV, workbooks or Parquet"))
    return TapeError(Problem(code, where, "", text, encoding_hint(octets)))


def encoding_hint(octets: Octets) -> str:
    """What to say if the text is not UTF-8."""
    return _hint(octets[:_SAMPLE])


def _is_binary(sample: bytes) -> bool:
    """True of bytes that no encoding makes a text of: they hold control characters, also read as UTF-16."""
    if b"\0" not in sample:
        return _CONTROL.search(sample.decode("latin-1")) is not None
    try:
        text = codecs.getincrementaldecoder(_wide(sample))().decode(sample)
    except UnicodeError:
        return True
    return _CONTROL.search(text) is not None


def _wide(sample: bytes) -> str:
    """The way of UTF-16 that text with zeros in it has: they stand in the upper half of letters."""
    return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"


def _hint(sample: bytes) -> str:
    """Chinese text is made of pairs of high bytes; in Western text they stand alone among letters."""
    runs = [len(run) for run in _HIGH.findall(sample)]
    narrow = "gb18030" if runs and sum(runs) / len(runs) >= 1.9 else "cp1252"
    likely = _wide(sample) if b"\0" in sample else narrow
    line = next((line for line in sample.splitlines() if _HIGH.search(line)), sample[:80])
    text = sample[:80] if likely.startswith("utf") else line
    shown = printable(text.decode(likely, "replace")[:40], "?")
    return f'as {likely} it reads "{shown}"; {say(f"encoding={likely}")}, or save it as UTF-8'


def lines_of(octets: Octets, start: int = 0) -> Iterator[bytes]:
    """Lines with their ends, from a place on."""
    while start < len(octets):
        end = octets.find(b"\n", start) + 1 or len(octets)
        yield octets[start:end]
        start = end

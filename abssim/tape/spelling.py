"""How the texts of one column are to be understood: what a document says of them, applied to the column as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from abssim.reading import EVERY, DateOrder, Reading
from abssim.tape.number import parse_number


@dataclass(frozen=True, slots=True)
class Spelling:
    """Decimal mark and order of dates (None: not declared), meanings of words, values that mean unknown (patterns as of
    a shell)."""

    decimal: str | None = None
    order: DateOrder | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    met: set[str] = field(default_factory=set, compare=False)
    """Words and values that were met."""

    @property
    def mark(self) -> str:
        """Decimal mark; the point where none is declared."""
        return self.decimal or "."

    @property
    def changes(self) -> bool:
        """True if some text stands for another, or for nothing."""
        return bool(self.words or self.unknown)

    def meaning(self, text: str) -> str | None:
        """What a text stands for; None: not known."""
        plain = text.strip()
        if plain in self.words:
            self.met.add(plain)
            return self.words[plain]
        matching = next(
            (value for value in self.unknown if fnmatchcase(plain, value) or _same_number(plain, value)), None
        )
        if matching is None:
            return text
        self.met.add(matching)
        return None

    def meanings(self, texts: Sequence[str | None]) -> list[str | None]:
        """What texts stand for."""
        return [None if text is None else self.meaning(text) for text in texts]

    @property
    def unmet(self) -> list[str]:
        """What was declared and stands nowhere in the column."""
        return [value for value in (*self.words, *self.unknown) if value not in self.met]


PLAIN = Spelling()


def spelling_of(how: Reading, name: str) -> Spelling:
    """What is said of a column of the tape, and of every column."""
    order = how.dates.get(name, how.dates.get(EVERY))
    unknown = (*how.unknown.get(name, ()), *how.unknown.get(EVERY, ()))
    return Spelling(how.decimal, order, how.words.get(name, {}), unknown)


def _same_number(text: str, value: str) -> bool:
    """`9999.0` is the number 9999."""
    if not text[-1:].isdigit() or not value[-1:].isdigit():
        return False
    number = parse_number(text, 1.0, ())
    return number is not None and number == parse_number(value, 1.0, ())

"""XML from outside, loan by loan: (path, text) of every element that holds text, and nothing else kept.

What comes from outside may be hostile: document types and entities are refused, nothing is fetched, and the depth of
elements, the length of texts and the number of elements of a loan are limited.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, cast

Cells = list[tuple[str, str]]
"""Path below the loan's element (or from the top of the file), and text."""
MOST_DEEP = 64
"""The deepest known message has fifteen levels."""
MOST_CELLS = 2_000
"""Elements and attributes of one loan; the largest known template has a hundred."""
MOST_LETTERS = 100_000
"""Of a text."""
MOST_PATHS = 5_000
"""Different places of elements in one file."""
_PIECE = 1 << 18


class RefusedError(ValueError):
    """A file that is no loan-level report, or more than one may hold; `known` is false of the first kind."""

    def __init__(self, message: str, known: bool = True) -> None:
        super().__init__(message)
        self.known = known


class LoanTarget:
    """Callbacks of the parser. `records` are the paths of the elements that hold a loan."""

    def __init__(self, records: Sequence[str]) -> None:
        self._records = frozenset(records)
        self._roots = frozenset(path.partition("/")[0] for path in records)
        self._path = ""
        self._above: list[str] = []
        """Paths of the elements that are open, above the innermost."""
        self._paths: dict[tuple[str, str], str] = {}
        """Paths by that of the element above and the name, as they are met."""
        self._below = 0
        """Letters before what is below the loan's element that is open; 0 outside of one."""
        self._text: list[str] = []
        self._leaf = False
        self._cells: Cells = []
        self.header: Cells = []
        self.loans: list[Cells] = []
        self.root = ""
        """The outermost element, with its namespace."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        path = self._paths.get((self._path, tag)) or self._met(tag)
        self._above.append(self._path)
        self._path, self._text, self._leaf = path, [], True
        if not self._below and path in self._records:
            self._below, self._cells = len(path) + 1, []
        for key in attributes:
            self._keep(f"{path}/@{key.rpartition('}')[2]}", attributes[key])

    def _met(self, tag: str) -> str:
        """The path of an element that is met for the first time there."""
        name = tag.rpartition("}")[2]
        if not self._above:
            if name not in self._roots:
                raise RefusedError(f"<{name[:60]}> is no loan-level report that is known", known=False)
            self.root = tag
        if len(self._above) > MOST_DEEP or len(self._paths) > MOST_PATHS:
            raise RefusedError(f"elements stand in one another more than {MOST_DEEP} deep, or have too many names")
        path = f"{self._path}/{name}" if self._path else name
        self._paths[self._path, tag] = path
        return path

    def data(self, text: str) -> None:
        """Text of the element that is open."""
        self._text.append(text)

    def end(self, tag: str) -> None:
        """An element closes."""
        path, self._path = self._path, self._above.pop()
        if self._below == len(path) + 1:
            self.loans.append(self._cells)
            self._below = 0
        elif self._leaf:
            self._keep(path, "".join(self._text))
        self._leaf = False

    def _keep(self, path: str, text: str) -> None:
        cells = self._cells if self._below else self.header
        if len(cells) >= MOST_CELLS or len(text) > MOST_LETTERS:
            raise RefusedError(f"a text of {len(text):,} letters, or a loan of more than {MOST_CELLS:,} elements")
        cells.append((path[self._below :], text))

    def doctype(self, name: str, *more: str | None) -> None:
        """A document type, which could define entities."""
        raise RefusedError("it declares a document type, which no report does")

    def comment(self, text: str) -> None:
        """Comments say nothing."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Nor do processing instructions."""

    def close(self) -> LoanTarget:
        """The end of the file."""
        return self


def loans_of(path: Path, target: LoanTarget) -> Iterator[list[Cells]]:
    """The loans of a file, some at a time; RefusedError, also where it is not well formed."""
    from lxml import etree

    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        with closing(_opened(path)) as stream:
            while piece := stream.read(_PIECE):
                parser.feed(piece)
                yield target.loans
                target.loans = []
            parser.close()
        yield target.loans
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"not well-formed XML: {error.msg}") from None


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")

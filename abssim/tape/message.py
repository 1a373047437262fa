"""Loan-level reports in XML, SEC exhibit 102 and ESMA's messages, as tables with columns by the templates' codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.guard import shortened
from abssim.reading import Reading
from abssim.tape.element import Cells, LoanTarget, RefusedError, loans_of
from abssim.tape.leaf import Leaves, template_of
from abssim.tape.table import Table, UnreadableCells
from abssim.template.field import Template
from abssim.template.load import load_template, template_names

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (".xml", ".xml.gz")
_CHUNK = 20_000
"""Loans whose cells become Arrow arrays together."""
_SHOWN = 5


class MessageFile:
    """A loan-level report. TapeError: E840, E841, E241 where it cannot be read."""

    def __init__(self, path: Path, _: Reading) -> None:
        self._where = path.name
        self.totals: list[dict[str, str]] = []
        self.sparse: list[dict[str, str]] = []
        self.notes: list[str] = []
        self._chunks: list[tuple[int, dict[str, pa.Array]]] = []
        self._unknown: Counter[str] = Counter()
        self._twice: dict[str, list[int]] = {}
        """Loans in which an element that stands once is there again with another text, by code."""
        templates = [each for each in map(load_template, template_names()) if each.loan_level and each.root]
        try:
            self._read(path, templates)
        except RefusedError as refused:
            hint = f"known: {', '.join(each.name for each in templates)}"
            code, hint = ("E840", "") if refused.known else ("E841", hint)
            raise TapeError(Problem(code, self._where, "", str(refused), hint)) from None
        self.names = list(dict.fromkeys(name for _, columns in self._chunks for name in columns))
        if unknown := [path for path, count in self._unknown.items() if count]:
            listed = ", ".join(unknown[:_SHOWN]) + (", …" if len(unknown) > _SHOWN else "")
            self.notes.append(f"elements of no field of {self.template.name}, not read: {listed}")

    def _read(self, path: Path, templates: Sequence[Template]) -> None:
        target = LoanTarget(["/".join(each.record("loan")) for each in templates])
        pending: list[Cells] = []
        for loans in loans_of(path, target):
            pending += loans
            if len(pending) >= _CHUNK:
                self._add(pending, target, templates)
                pending = []
        self._add(pending, target, templates)
        if not self._chunks:
            raise TapeError(Problem("E241", self._where, "", "the report holds no loan"))

    def _add(self, loans: Sequence[Cells], target: LoanTarget, templates: Sequence[Template]) -> None:
        """Cells of some loans as columns."""
        import pyarrow as pa

        if not loans:
            return
        if not self._chunks:
            self._choose(loans[0], target, templates)
        first = sum(count for count, _ in self._chunks)
        columns: dict[str, list[str | None]] = {}
        for row, cells in enumerate(loans):
            found, twice = self._leaves.cells(cells, self._unknown)
            for code in twice:
                self._twice.setdefault(code, []).append(first + row)
            for code, text in found.items():
                if code not in columns:
                    columns[code] = [None] * len(loans)
                columns[code][row] = text
        for code, text in self._header.items():
            columns[code] = [text] * len(loans)
        arrays = {code: pa.array(texts, pa.string()).dictionary_encode() for code, texts in columns.items()}
        self._chunks.append((len(loans), arrays))

    def _choose(self, first: Cells, target: LoanTarget, templates: Sequence[Template]) -> None:
        """The template that the file follows, told by its outermost element and the first loan's."""
        self.template = template_of(target.root, first, templates)
        self._leaves = Leaves(self.template)
        self._header = self._leaves.header(target.header)
        space = target.root.rpartition("}")[0].removeprefix("{")
        if space != self.template.namespace:
            text = f'"{shortened(space)}" and not that of {self.template.name} ({self.template.version})'
            self.notes.append(f"the namespace is {text}: read by the names of elements")

    def read(self, columns: Sequence[str]) -> Table:
        """The named columns of every loan."""
        import pyarrow as pa

        count = sum(size for size, _ in self._chunks)
        data = {name: pa.chunked_array(list(self._arrays(name)), pa.string()) for name in columns}
        return Table(pa.table(data), np.arange(1, count + 1, dtype=np.int64), (), list(self._contradictions(count)))

    def _arrays(self, name: str) -> Iterator[pa.Array]:
        import pyarrow as pa

        for size, columns in self._chunks:
            array = columns.get(name)
            yield pa.nulls(size, pa.string()) if array is None else array.dictionary_decode()

    def _contradictions(self, count: int) -> Iterator[UnreadableCells]:
        for code, rows in self._twice.items():
            mask = np.zeros(count, dtype=bool)
            mask[rows] = True
            yield UnreadableCells("E842", code, "stands twice, with another value", mask, "keep one of them")

    def lines(self, rows: Sequence[int]) -> Mapping[int, int]:
        """None: loans are told by their number."""
        return {}

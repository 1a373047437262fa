"""Columns out of a file, and the rows that could not be split into columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from abssim.tape.fault import RowFault
from abssim.tape.raw import ArrowColumn
from abssim.tape.spelling import PLAIN, Spelling

if TYPE_CHECKING:
    import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


class UnreadableCells(NamedTuple):
    """Values of a column that are no text."""

    code: str
    column: str
    reason: str
    rows: Mask
    hint: str


@dataclass
class Table:
    """Columns as Arrow has them."""

    data: pa.Table
    rows: Rows
    """File rows, 1 being the first after the header."""
    faults: tuple[RowFault, ...] = ()
    """Rows that are not in `data`."""
    unreadable: list[UnreadableCells] = field(default_factory=list)

    def column(self, name: str, spelling: Spelling = PLAIN) -> ArrowColumn:
        """A column; its memory is freed with it."""
        return ArrowColumn(name, self.data.column(name), spelling)


class TableFile(Protocol):
    """A file that holds a table; what is wrong with it is a TapeError."""

    names: list[str]
    """Of the columns, as written."""
    notes: list[str]
    """What was found out about the file."""
    totals: list[dict[str, str]]
    """Rows at the end that are no loans (totals, what stands below them, blank rows): not among the rows."""
    sparse: list[dict[str, str]]
    """The last of the rows, as far as they are mostly empty."""

    def read(self, columns: Sequence[str]) -> Table:
        """The named columns of every row."""

    def lines(self, rows: Sequence[int]) -> Mapping[int, int]:
        """Lines of the file on which some rows begin, where it has lines."""

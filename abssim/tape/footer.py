"""What stands below the last loan of a table: rows of totals, and what is said after or before them.

Rows of totals at the end, and rows that are mostly empty among and after them, are no loans: they are left out and
told. Other rows at the end that are mostly empty are refused as what they seem to be, not for the values they lack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
import numpy.typing as npt

from abssim.tape.fault import RowFault
from abssim.tape.say import say

_OF = (
    r"loans?|receivables?|contracts?|accounts?|records?|rows?|assets?|obligors?|borrowers?"
    r"|balances?|amounts?|principal"
)
_TOTAL = re.compile(
    r"(?:(?:grand|sub|pool|portfolio)[- ]?)?totals?"
    rf"(?: of)?[:\s]*(?:\(?\d[\d,]*(?: \w+)?\)?|(?:(?:number|count|outstanding) )?(?:of )?(?:{_OF}))?"
    r"(?:\s*[/&+]\s*(?:weighted )?averages?)?"
    rf"|(?:number|no\.?|#|count) of (?:{_OF})|(?:record |row |loan )?count"
    r"|sum|summe|gesamt(?:summe)?|[合总小]\s*计|总\s*和|(?:weighted )?averages?(?:\s*[/&+]\s*totals?)?|平均",
    re.IGNORECASE,
)
_STARTS = (
    *("total", "grand", "sub", "pool", "port", "sum", "gesamt", "weighted", "average", "number", "no.", "no ", "# o"),
    *("count", "record", "row", "loan", *"合总小平"),
)
TOTAL_STARTS = np.asarray([word.encode()[:3] for word in _STARTS])
"""First three bytes, in small letters, of all texts `is_total` holds for."""

Record = Sequence[str]
Cells = Mapping[str, str]


def is_total(text: str) -> bool:
    """True for the words that begin a row of totals."""
    return _TOTAL.fullmatch(text.strip().rstrip(":：").rstrip()) is not None


def footer_of(records: Sequence[Record]) -> tuple[int, int]:
    """Of the last records of a file: how many are totals, empty or among and after totals; and how many before these
    are mostly empty: at least half of the cells, and two, that the fullest has are not filled."""
    fullest = max(map(_filled, records), default=0)
    sparse = [_filled(record) <= min(fullest // 2, fullest - 2) for record in records]
    left_out = count = 0
    for record, empty in zip(reversed(records), reversed(sparse), strict=True):
        first = next((cell for cell in record if cell.strip()), "")
        if is_total(first) or (not first and left_out == count):
            left_out = count + 1
        elif not empty:
            break
        count += 1
    return left_out, count - left_out


def is_sum(balance: npt.NDArray[np.float64]) -> bool:
    """True if the last balance is that of all others, of which there are several."""
    return balance.size > 2 and bool(balance[-1] > 0 and balance[-1] == balance[:-1].sum())


def _filled(record: Record) -> int:
    return sum(bool(cell.strip()) for cell in record)


def cells_of(names: Sequence[str], records: Iterable[Record]) -> list[dict[str, str]]:
    """Records by column; what stands beyond the last column is not kept."""
    return [dict(zip(names, record, strict=False)) for record in records]


def told(row: Cells) -> str:
    """What the first cells of a row hold."""
    return " | ".join([cell.strip() for cell in row.values() if cell.strip()][:4])[:60]


def left_out_note(row: Cells) -> str:
    """What is told of a row at the end that is left out."""
    first = next((cell for cell in row.values() if cell.strip()), "")
    what = "one of totals" if is_total(first) else "no loan"
    return f"a row at the end is {what} and left out: {told(row)}"


def by_row(found: Sequence[RowFault], footer: Sequence[Cells], last: int, below: int) -> Iterator[RowFault]:
    """The faults, where those of a row that is no loan are told as one. `footer`: the mostly empty rows that end with
    row number `last` of the file, `below` which so many were left out."""
    totals = np.concatenate([np.zeros(0, dtype=np.int64), *(fault.rows for fault in found if fault.code == "E255")])
    bad = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(fault.rows for fault in found)]))
    count = 0
    while count < len(footer) and last - count in bad:
        count += 1
    tail = np.arange(last - count + 1, last + 1, dtype=np.int64)
    for fault in found:
        kept = ~np.isin(fault.rows, tail) & ((fault.code == "E255") | ~np.isin(fault.rows, totals))
        if kept.any():
            yield replace(fault, rows=fault.rows[kept], values=tuple(compress(fault.values, kept.tolist())))
    if count:
        values = tuple(told(row) for row in footer[-count:])
        text = "the last row seems to be no loan" if count == 1 else "the last rows seem to be no loans"
        hint = f"if so, {say(f'skip_end={count + below}')}; if not, give what is missing"
        yield RowFault("E255", "", text, tail, values[:1], hint, once=count > 1)

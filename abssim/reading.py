"""How a table in a file is to be understood: what a deal's `tape:` block and the option `--read` may say of it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema

from abssim.part import NumericPart

Scalar = str | int | float | bool
DateOrder = Literal["day_first", "month_first", "year_first"]
ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
EVERY = "*"
"""Name that stands for every column."""


def as_text(value: Any) -> str:
    """A scalar of a document as a file would spell it: `9999.0` is 9999, a date 2026-01-31."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _for_every(value: Any) -> Any:
    """What is said without a column holds for every column."""
    return value if isinstance(value, Mapping) else {EVERY: value}


def _values(value: Any) -> Any:
    """Values that mean unknown, by column; a single one is a list of one."""
    said = _for_every(value)
    return {name: [each] if isinstance(each, Scalar | date) else each for name, each in said.items()}


def _texts(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [as_text(each) if isinstance(each, Scalar | date) else each for each in value]


def _translation(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    scalars = all(isinstance(each, Scalar | date) for pair in value.items() for each in pair)
    return {as_text(word): as_text(meaning) for word, meaning in value.items()} if scalars else value


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
        b"ab".decode(name, "replace")
    except (LookupError, ValueError):
        raise ValueError(
            f'"{name[:40]}" is no encoding; known: utf-8, utf-16, gb18030, gbk, big5, latin-1, …'
        ) from None
    return name


Orders = Annotated[
    dict[str, DateOrder],
    BeforeValidator(_for_every),
    WithJsonSchema(
        {"anyOf": [{"enum": list(ORDERS)}, {"type": "object", "additionalProperties": {"enum": list(ORDERS)}}]}
    ),
]
_LIST = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}}
Unknown = Annotated[
    dict[str, Annotated[tuple[str, ...], BeforeValidator(_texts)]],
    BeforeValidator(_values),
    WithJsonSchema({"anyOf": [_LIST, {"type": "object", "additionalProperties": _LIST}]}),
]
Lines = Annotated[int, Strict(), Field(ge=0, le=10_000)]


class Reading(NumericPart):
    """What a file does not say of itself. Columns go by abssim's names, or by the names they get in `columns`."""

    columns: dict[str, str] = Field(default={})
    """Name of the column in the file for each of abssim's columns."""
    defaults: dict[str, Scalar | date] = Field(default={})
    """Value of columns the file does not have, and of cells without one."""
    words: dict[str, Annotated[dict[str, str], BeforeValidator(_translation)]] = Field(default={})
    """Meaning of a column's words: `{amortization: {annuity: level_pay}, status: {Completed: paid}}`. A loan whose
    `status` is paid, closed, charged off, … is gone: with a balance it contradicts itself and is a bad row."""
    unknown: Unknown = Field(default={})
    """Values that mean "not known", by column: `{score: [9999]}`; a list holds for every column. `*` and `[1-5]` are
    patterns, as in `ND[1-5]*`."""
    dates: Orders = Field(default={})
    """Order of dates in numbers, `day_first`, `month_first` or `year_first`: for every column, or by column."""
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    """Encoding of a text file (`gb18030`, `latin-1`, `utf-16`); default: UTF-8, or what its byte order mark says."""
    delimiter: Literal[",", ";", "|", "tab"] | None = None
    """What separates the fields of a text file; default: what the header has most of."""
    decimal: Literal[".", ","] | None = None
    """Decimal mark of numbers; default: the point, unless a column leaves it open (`1.000` beside `1,000`), which is
    refused."""
    skip: Lines = 0
    """Lines before the header."""
    skip_end: Lines = 0
    """Lines after the last row. A row of totals is recognized without it."""
    sheet: str | None = None
    """Sheet of a workbook; default: the first."""

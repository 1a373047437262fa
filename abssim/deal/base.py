"""What every part of a deal document shares: strict scalars, names, expressions as text."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, Strict, WithJsonSchema

from abssim.errors import did_you_mean
from abssim.part import Part as Part
from abssim.validation import fault


def _named(name: str) -> str:
    if not re.fullmatch(r"\w[\w-]*", name) or re.fullmatch(r"\d+m", name):
        text = "letters, digits, _ and -; with a - or a digit first it stands in brackets there: note.[2016-04].balance"
        raise ValueError(f'"{name[:40]}" cannot be read inside expressions: {text}')
    return name


def _expression(value: Any) -> Any:
    """Bare numbers are expressions too: `target: 0`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _one_or_more(value: Any) -> Any:
    """A single word is a list of one."""
    return (value,) if isinstance(value, str) else value


_SAME_DAY_COUNT = {
    "act/act-isda": "act/act",
    "act/365-fixed": "act/365",
    "act/act-isma": "act/act-icma",
    "30/360-us": "30u/360",
    "act/365-leap": "act/365l",
}
"""Other names -> names."""


def _day_count(value: Any) -> Any:
    """Day counts as contracts spell them: `Actual/360`, `30E/360 ISDA`."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\s_()-]+", "-", value.strip().lower().replace("actual", "act")).strip("-")
    canonical = _SAME_DAY_COUNT.get(text, text)
    if canonical not in day_counts():
        others = ", ".join(f"{other} ({name})" for other, name in _SAME_DAY_COUNT.items())
        known = f"must be one of {', '.join(day_counts())}; or {others}"
        raise fault("", f'{known}, not "{value[:60]}"', did_you_mean(text, (*day_counts(), *_SAME_DAY_COUNT)))
    return canonical


def _payees(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("must be a list of payees; a list inside it is paid in the other order")
    return tuple(_payee(item, 1) for item in value)


def _payee(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value
    if not isinstance(value, list | tuple) or not value or depth > 5:
        raise ValueError("payees are names, or lists of names")
    return tuple(_payee(item, depth + 1) for item in value)


def _once(value: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A list in which nothing is named twice."""
    for word in value or ():
        if (value or ()).count(word) > 1:
            raise fault("", f'"{word}" is given twice', "keep one of them")
    return value


Once = AfterValidator(_once)
"""For lists of words."""
Name = Annotated[str, Strict(), AfterValidator(_named)]
Text = Annotated[str, Strict(), Field(max_length=2000)]
Amount = Annotated[float, Strict(), Field(ge=0, le=4e13)]
"""Currency units; up to here every output tells one cent from the next."""
Owed = Annotated[float, Strict(), Field(ge=0)]
"""An amount of a loan: tapes have a limit of their own, which goes by the currency."""
Signed = Annotated[float, Strict(), Field(ge=-4e13, le=4e13)]
Figure = Annotated[float, Strict()]
"""A number of any size."""
Percent = Annotated[float, Strict(), Field(ge=-100, le=1000)]
Rate = Annotated[float, Strict(), Field(ge=0, le=1000)]
"""Percent of what cannot be negative."""
Count = Annotated[int, Strict(), Field(ge=0, le=1200)]
Flag = Annotated[bool, Strict()]
Positive = Annotated[int, Strict(), Field(ge=1, le=1200)]
Expression = Annotated[
    str,
    BeforeValidator(_expression),
    Strict(),
    Field(max_length=2000),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]}),
]
"""Text of an expression; a bare number is one too."""


class Expects(NamedTuple):
    """What the place of an expression expects of it."""

    dimension: Literal["amount", "flag"]


Sum = Annotated[Expression, Expects("amount")]
"""An expression whose value is money."""
Condition = Annotated[Expression, Expects("flag")]
"""An expression that holds or not."""


@cache
def expected(part: type[BaseModel]) -> dict[str, Literal["amount", "flag"]]:
    """Fields of a part that are expressions, and what each expects."""
    marks = {
        name: (*field.metadata, *(mark for each in get_args(field.annotation) for mark in _marks(each)))
        for name, field in part.model_fields.items()
    }
    return {name: mark.dimension for name, own in marks.items() for mark in own if isinstance(mark, Expects)}


def _marks(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__metadata__", ())


_ONE_OR_MORE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_more), WithJsonSchema(_ONE_OR_MORE)]
"""A list of words; one word is a list of one."""
PayeeTree = Annotated[
    tuple[Any, ...],
    BeforeValidator(_payees),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "array"}]}, "minItems": 1},
            ]
        }
    ),
]
"""Names, and tuples of names (to any depth up to five)."""

DayCount = Annotated[
    Literal[
        "30/360",
        "30u/360",
        "30e/360",
        "30e/360-isda",
        "12x30",
        "act/360",
        "act/365",
        "act/365l",
        "act/act",
        "act/act-icma",
    ],
    BeforeValidator(_day_count),
]
RegimeName = Literal["revolving", "amortization", "early_amortization", "enforcement"]
REGIMES: tuple[RegimeName, ...] = ("revolving", "amortization", "early_amortization", "enforcement")
"""In order of severity."""


def day_counts() -> tuple[str, ...]:
    """Names of the day counts."""
    return get_args(get_args(DayCount)[0])

"""Numbers as people write them, and texts that look like numbers but are codes."""

from __future__ import annotations

import re
from collections.abc import Collection

_SIGN = r"[-+−]"
_MONEY = r"[$¥€£￥]|(?:USD|EUR|GBP|CNY|RMB|JPY|CHF|HKD|AUD|CAD)\s?"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<before>{_SIGN})?\s?(?:{_MONEY})?\s?(?P<sign>{_SIGN})?"
    r"(?P<number>(?:(?:[1-9]\d{0,2}(?:(?P<group>[,\u00a0\u202f’' ])\d{3}(?:(?P=group)\d{3})*)|\d+)(?:\.\d*)?|\.\d+)"
    r"(?:[eE][-+]?\d{1,3})?)"
    rf"(?P<after>-)?\s*(?P<unit>[%％]|[^\W\d_]+|€)?\s*(?P<close>\))?"
)
_GROUPED = str.maketrans("", "", ",\u00a0\u202f’' ")
_SWAPPED = str.maketrans(",.", ".,")
_EURO = re.compile(r"\(?[-+]?\d{1,3}(\.\d{3})*,\d+\)?%?|\d+,\d{1,2}|\d{1,3}(\.\d{3}){2,}")
_CODE = re.compile(r"[-+]?0\d.*|\+\d+|\d+[eE]\d+|\d+-|[-+]?\d{16,}(?:\.0*)?")

PERCENT = frozenset({"%", "％"})
MONTHS = frozenset({"month", "months", "mo", "mos", "m", "mth", "mths", "个月", "月", "期"})
DAYS = frozenset({"day", "days", "d", "天", "日"})
MONEY = frozenset({"usd", "eur", "gbp", "cny", "rmb", "jpy", "chf", "€", "元", "円"})


def parse_number(text: str, percent: float, units: Collection[str] = PERCENT, decimal: str = ".") -> float | None:
    """`1,234.50`, `$12`, `(1,234.00)` (negative), `36 months`, `10.65%`; None if it is none.

    A text ending in % counts `percent` a point; other units are let pass where the column is counted in them.
    """
    plain = text.strip()
    match = _NUMBER.fullmatch(plain.translate(_SWAPPED) if decimal == "," else plain)
    unit = ((match["unit"] or "") if match else "").lower()
    if match is None or (unit and unit not in units):
        return float("inf") if plain.lower().lstrip("+-") in ("inf", "infinity") else None
    marks = [mark for mark in (match["before"], match["sign"], match["after"]) if mark]
    if len(marks) > 1 or bool(match["open"]) != bool(match["close"]) or (marks and match["open"]):
        return None
    number = float(match["number"].translate(_GROUPED))
    negative = bool(match["open"]) or (bool(marks) and marks[0] != "+")
    return (-number if negative else number) * (percent if unit in PERCENT else 1.0)


def is_code(text: str) -> bool:
    """True if a number would not keep the text: leading zeros (`02134`), more than 15 digits, `12E5`, `+49`."""
    return _CODE.fullmatch(text.strip()) is not None


def has_decimal_comma(text: str) -> bool:
    """True if a text that is no number would be one with a decimal comma."""
    return _EURO.fullmatch(text.strip()) is not None

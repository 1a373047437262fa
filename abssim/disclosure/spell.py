"""A value as a template wants it written, or why it cannot be.

Values come as plain text: dates as 2026-01-31, numbers with a point and no exponent, flags as true and false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from abssim.disclosure.identifier import COUNTRIES, STATISTICAL, is_isin, is_lei
from abssim.template.field import Field

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_US_DAY = re.compile(r"(\d{2})-(\d{2})-(\d{4})")
_US_MONTH = re.compile(r"(0[1-9]|1[0-2])/(\d{4})")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_FLAGS = {"true": "true", "false": "false", "1": "true", "0": "false", "y": "true", "n": "false"}
_CHINESE = {"true": "是", "false": "否"}
_TELEPHONE = re.compile(r"\+[0-9]{1,3}-[0-9()+\-]{1,30}")
_IDENTIFIER = re.compile(r"([A-Z0-9]{18}[0-9]{2})N[0-9]{4}[0-9]{2}")
_REGION = re.compile(r"([A-Z]{2})[A-Z0-9]{3}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DIGITS = {"MONETARY": (18, 5), "NUMERIC": (18, 5), "PERCENTAGE": (11, 8)}
"""Digits in all, and behind the point."""
_MOST_TEXT = 10_000
"""Longest text of the messages, whatever the regulation allows."""


class UnfitError(ValueError):
    """A value that the template does not take; the message says what it wants."""


def spelled(text: str, field: Field) -> str:
    """The value as the field writes it; UnfitError where it cannot."""
    return _SPELLINGS[field.format](text, field)


def _text(text: str, field: Field) -> str:
    """ASCII capitals, as the formats of Regulation (EU) 2020/1225 want it."""
    if not text.isascii():
        raise UnfitError("must be ASCII letters: write it in Latin letters without accents")
    return _string(text, field).upper()


def _string(text: str, field: Field) -> str:
    if not text.isprintable():
        raise UnfitError("must not hold line breaks or other letters that cannot be printed")
    most = min(field.limit, _MOST_TEXT)
    if len(text) > most:
        raise UnfitError(f"must not be longer than {most:,} letters")
    return text


def _day(text: str, field: Field) -> str:
    return _date(text).isoformat()


def _date(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if found := _US_DAY.fullmatch(text):
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise UnfitError("must be a date (2026-01-31)")


def _us_day(text: str, field: Field) -> str:
    return _date(text).strftime("%m-%d-%Y")


def _us_month(text: str, field: Field) -> str:
    return text if _US_MONTH.fullmatch(text) else _date(text).strftime("%m/%Y")


def _decimal(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise UnfitError("must be a number")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UnfitError("must be a number") from None


def _number(text: str, field: Field) -> str:
    """With as many digits as fit, halves up, and no zeros at the end that say nothing."""
    most, behind = _DIGITS[field.format]
    value = _decimal(text)
    before = max(value.adjusted() + 1, 1) if value else 1
    if before > most:
        raise UnfitError(f"must not have more than {most} digits")
    rounded = value.quantize(Decimal(1).scaleb(-min(behind, most - before)), ROUND_HALF_UP)
    return _trimmed(rounded, 2 if field.format == "MONETARY" else 0)


def _trimmed(value: Decimal, least: int) -> str:
    """The number without needless zeros, `least` decimals kept."""
    whole, _, rest = f"{value:f}".partition(".")
    rest = rest.rstrip("0").ljust(least, "0") if rest else ""
    sign = "" if value else "-"
    return f"{whole}.{rest}".removeprefix(sign) if rest else whole.removeprefix(sign)


def _plain_decimal(text: str, field: Field) -> str:
    if -int(_decimal(text).as_tuple().exponent) > field.limit:
        raise UnfitError(f"must not have more than {field.limit} decimals")
    return text.removeprefix("+")


def _whole(text: str, field: Field) -> str:
    value = _decimal(text)
    if value != value.to_integral_value() or not 0 <= value <= field.limit:
        raise UnfitError(f"must be a whole number from 0 to {field.limit:,}")
    return str(int(value))


def _choice(text: str, field: Field) -> str:
    if text not in field.choices:
        shown = ", ".join(field.choices[:16]) + (", …" if len(field.choices) > 16 else "")
        raise UnfitError(f"must be one of {shown}")
    return text


def _flag(text: str, field: Field) -> str:
    if text.lower() not in _FLAGS:
        raise UnfitError("must be true or false")
    return _FLAGS[text.lower()]


def _chinese(text: str, field: Field) -> str:
    return _CHINESE[_flag(text, field)]


def _checked(valid: Callable[[str], bool], wanted: str) -> Callable[[str, Field], str]:
    def check(text: str, field: Field) -> str:
        if not valid(text):
            raise UnfitError(f"must be {wanted}")
        return text

    return check


def _is_identifier(text: str) -> bool:
    found = _IDENTIFIER.fullmatch(text)
    return found is not None and is_lei(found[1])


def _is_region(text: str) -> bool:
    found = _REGION.fullmatch(text)
    return found is not None and found[1] in STATISTICAL


_SPELLINGS: Mapping[str, Callable[[str, Field], str]] = {
    "ALPHANUM": _text,
    "STRING": _string,
    "DATEFORMAT": _day,
    "DATE-MDY": _us_day,
    "DATE-MY": _us_month,
    "MONETARY": _number,
    "NUMERIC": _number,
    "PERCENTAGE": _number,
    "DECIMAL": _plain_decimal,
    "INTEGER": _whole,
    "LIST": _choice,
    "Y/N": _flag,
    "是/否": _chinese,
    "YEAR": _checked(lambda text: re.fullmatch(r"[12]\d{3}", text) is not None, "a year (2026)"),
    "LEI": _checked(is_lei, "an LEI with right check digits"),
    "ISIN": _checked(is_isin, "an ISIN with a right check digit"),
    "COUNTRYCODE_2": _checked(COUNTRIES.__contains__, "a country in two capitals (ISO 3166)"),
    "CURRENCYCODE_3": _checked(lambda text: _CURRENCY.fullmatch(text) is not None, "a currency in three capitals"),
    "NUTS": _checked(_is_region, "a NUTS 3 region, outside the EU the country and ZZZ (USZZZ)"),
    "TELEPHONE": _checked(lambda text: _TELEPHONE.fullmatch(text) is not None, "+COUNTRY-NUMBER (+1-2125550100)"),
    "IDENTIFIER": _checked(_is_identifier, "the LEI, N, the year of first issue and two digits, 27 letters in all"),
}

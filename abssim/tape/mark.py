"""Whether the numbers of a column are of one kind, and whether the point or the comma is their decimal mark: as with
the order of dates, one cell decides for all.

`1,234.50` or `12.5` have a decimal point, `1.234,50` or `12,5` a decimal comma; `1.000` and `1,000` may have either.
Where no cell decides and both stand in a column, or a comma decides and nobody declared it, the column is refused.
Amounts with three digits after the point, and never more before it, are thousands more often than thousandths.
"""

from __future__ import annotations

from abssim.errors import Problem
from abssim.tape.raw import Raw
from abssim.tape.say import say

_NONE = r"[^\d.,]*"
_OPEN = rf"^{_NONE}[1-9]\d{{0,2}}MARK\d{{3}}{_NONE}$"


def _decisive(mark: str, group: str) -> str:
    """Texts whose decimal mark can only be `mark`: beside a mark of thousands or several, without thousands that
    should have one, with other than three digits after it, or below one."""
    parts = (
        rf"\d{{1,3}}(?:{group}\d{{3}})+{mark}\d",
        rf"\d{{1,3}}(?:{group}\d{{3}}){{2,}}",
        rf"\d{{4,}}{mark}\d",
        rf"\d*{mark}(?:\d{{1,2}}|\d{{4,}}){_NONE}$",
        rf"0?{mark}\d",
    )
    return rf"^{_NONE}(?:{'|'.join(parts)})"


_POINT, _COMMA = _decisive(r"\.", ","), _decisive(",", r"\.")
_OPEN_POINT, _OPEN_COMMA = _OPEN.replace("MARK", r"\."), _OPEN.replace("MARK", ",")


_PERCENT, _BARE = r"\d\s*\)?\s*[%％]", r"^[^%％]*[1-9][^%％]*$"


def _percent_problem(raw: Raw, where: str) -> Problem | None:
    """Why numbers of the column cannot be read, where some stand with a percent sign and others (beside 0) without."""
    signed = raw.first_match(_PERCENT)
    bare = raw.first_match(_BARE) if signed else ""
    if not bare:
        return None
    text = f'"{signed}" stands beside "{bare}": nothing says whether the one without a sign is in percent'
    return Problem("E275", where, raw.name, text, "write all of the column with the percent sign, or none")


def comma_hint(raw: Raw | None) -> str:
    """What to say where figures are too large because a comma in them was taken for a mark of thousands."""
    return say("decimal=,") if raw is not None and raw.spelling.decimal is None and raw.first_match(_OPEN_COMMA) else ""


def _mark_problem(raw: Raw, where: str, amounts: bool) -> Problem | None:
    """Why numbers of the column cannot be read, if nobody declared the decimal mark; `amounts`: they are of money."""
    if raw.spelling.decimal is not None:
        return None
    point, comma = raw.first_match(_OPEN_POINT), raw.first_match(_OPEN_COMMA)
    if not (point or comma) or raw.first_match(_POINT):
        return None
    hint = f"{say('decimal=,')}, or decimal=."
    if decides := raw.first_match(_COMMA):
        text = f'"{decides}" has a decimal comma, and "{point or comma}" would be read with a decimal point'
    elif point and comma:
        text = f'"{point}" and "{comma}": nothing says whether the point or the comma is the decimal mark'
    elif point and amounts:
        text = f'"{point}" may be one thousand times as much: nothing says whether the point is the decimal mark'
    else:
        return None
    return Problem("E274", where, raw.name, text, hint)


def number_problems(raw: Raw, where: str, amounts: bool) -> list[Problem]:
    """Why numbers of the column cannot be read; `amounts`: they are of money. Codes: E274, E275."""
    return [problem for problem in (_mark_problem(raw, where, amounts), _percent_problem(raw, where)) if problem]

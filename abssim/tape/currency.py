"""The currency of a tape: the one asked for, the one its rows name, or dollars."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.tape.fault import Faults
from abssim.tape.raw import Raw

ASSUMED = "USD"
_CODE = re.compile(r"[A-Z]{3}")


def currency_of(raw: Raw | None, asked: str | None, faults: Faults, where: str) -> tuple[str, list[str]]:
    """The currency, and what is to be said of it; rows that name another one are faults."""
    if raw is None:
        told = [] if asked else [f"no column gives the currency: amounts are taken as {ASSUMED} (--currency)"]
        return asked or ASSUMED, told
    codes, words = raw.words()
    spoken = [word.upper() for word in words]
    used = sorted({spoken[code] for code in np.unique(codes) if code >= 0})
    if asked is None and (len(used) > 1 or not all(_CODE.fullmatch(word) for word in used)):
        shown = ", ".join(word[:20] for word in used[:8])
        raise TapeError(Problem("E254", where, raw.name, f"amounts in {shown}", _hint(used)))
    currency = asked or (used[0] if used else ASSUMED)
    other = np.asarray([*(word != currency.upper() for word in spoken), False])[codes]
    faults.add(other, "E254", raw.name, f"not in {currency}", raw.tell, "say --currency, or leave the rows out")
    return currency, []


def _hint(used: Sequence[str]) -> str:
    """What to say where the rows name no currency, or several."""
    if len(used) == 1:
        return f'say what it means with --map "currency={used[0][:20]}:CODE"'
    return f"say which with --currency {used[0][:20]}, and leave the others out with --on-bad-row drop"

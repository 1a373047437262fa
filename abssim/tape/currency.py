"""The currency of a tape: the one asked for, the one its rows name, or dollars."""

from __future__ import annotations

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.tape.fault import Faults
from abssim.tape.raw import Raw

ASSUMED = "USD"


def currency_of(raw: Raw | None, asked: str | None, faults: Faults, where: str) -> tuple[str, list[str]]:
    """The currency, and what is to be said of it; rows that name another one are faults."""
    if raw is None:
        told = [] if asked else [f"no column gives the currency: amounts are taken as {ASSUMED} (--currency)"]
        return asked or ASSUMED, told
    codes, words = raw.words()
    spoken = [word.upper() for word in words]
    used = sorted({spoken[code] for code in np.unique(codes) if code >= 0})
    if asked is None and len(used) > 1:
        hint = f"say which with --currency {used[0]}, and leave the others out with --on-bad-row drop"
        raise TapeError(Problem("E254", where, raw.name, f"amounts in {', '.join(used)}", hint))
    currency = asked or (used[0] if used else ASSUMED)
    other = np.asarray([*(word != currency.upper() for word in spoken), False])[codes]
    faults.add(other, "E254", raw.name, f"not in {currency}", raw.tell, "say --currency, or leave the rows out")
    return currency, []

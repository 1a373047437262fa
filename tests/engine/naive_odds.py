"""Naive twin of the rule by which moves are multiplied: a row as a dict, one sentence of the rule after another."""

from __future__ import annotations

from collections.abc import Sequence

CURRENT, DEFAULT, PREPAID, FIXED = 0, 4, 5, (6, 7)
STATES = range(9)


def moves_from(i: int) -> list[int]:
    """From current to 1-30 days and default; from arrears to fewer missed instalments."""
    return [1, DEFAULT] if i == CURRENT else list(range(i))


def adjusted(row: Sequence[float], i: int, multiple: Sequence[float], added: Sequence[float]) -> list[float]:
    """The row from `i` missed instalments under `multiple` (leave, cure, prepay) and `added` by state."""
    leave, cure, prepay = multiple
    found = dict(enumerate(row))
    room = 1.0 - sum(found[state] for state in FIXED)
    found = _share(found, i, {PREPAID: found[PREPAID] * prepay}, room, (*FIXED,))
    factor = leave if i == CURRENT else cure
    wanted = {state: found[state] * factor for state in moves_from(i)}
    found = _share(found, i, wanted, room - found[PREPAID], (*FIXED, PREPAID))
    changed = {state: max(0.0, found[state] + added[state]) for state in STATES if added[state] and state not in FIXED}
    found = _share(found, i, changed, room, FIXED)
    return [found[state] for state in STATES]


def _share(
    row: dict[int, float], i: int, wanted: dict[int, float], room: float, apart: Sequence[int]
) -> dict[int, float]:
    """Some states have what is wanted, together at most the room; the others share the rest of it as they did."""
    total = sum(wanted.values())
    given = {state: value * min(1.0, room / total) if total else 0.0 for state, value in wanted.items()}
    others = [state for state in row if state not in wanted and state not in apart]
    before, after = sum(row[state] for state in others), max(0.0, room - sum(given.values()))
    found = row | given
    if before > 0.0:
        found |= {state: row[state] * after / before for state in others}
    else:
        found[i] += after
    return found

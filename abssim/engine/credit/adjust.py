"""The one rule by which moves of an obligor are multiplied: by a scenario's dials and by policies alike.

A row of transition probabilities is adjusted in this order:

1. Repurchase and dilution are fixed; `room` is what they leave of 1.
2. Prepayment comes first: `paid' = min(room, paid x multiple)`; all else that is not fixed is scaled by
   `(room - paid') / (room - paid)`.
3. The moves of the row are multiplied, at most to `room - paid'`: from current to 1-30 days and to default, from
   arrears to fewer missed instalments. The rest of the row gives way in proportion.
4. Probabilities are added, at most to `room`; what nothing is added to gives way in proportion.

Where nothing is left that could give way or take what is left over, the state itself takes it: who is there stays.
Multiples of 1 and nothing added change no bit.
"""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.credit.expected import PERFORMING, STATES, LoanState
from abssim.kind.move import Move

_LEAVE, _CURE, _PREPAY = int(Move.LEAVE), int(Move.CURE), int(Move.PREPAY)
_PREPAID = int(LoanState.PREPAID)


class Adjustment(NamedTuple):
    """What is done to rows of probabilities, `R` profiles, months `0..M - 1`."""

    multiple: np.ndarray
    """(R, M, 4, Move) by missed instalments."""
    added: np.ndarray
    """(R, M, 4, 9) probability added to moves, by missed instalments and LoanState."""


def unadjusted(rows, months):
    """The adjustment of `R` profiles in `M` months that changes nothing."""
    return Adjustment(np.ones((rows, months, PERFORMING, len(Move))), np.zeros((rows, months, PERFORMING, STATES)))


@borrowing
def adjust_row(row, i, multiple, added):
    """Adjust the row `row` (9,) from `i` missed instalments by `multiple` (Move,) and `added` (9,)."""
    if multiple[_PREPAY] != 1.0:
        prepay_row(row, i, row[_PREPAID] * multiple[_PREPAY])
    moves = multiple[_LEAVE] if i == LoanState.CURRENT else multiple[_CURE]
    if moves != 1.0:
        _multiply(row, i, moves)
    for state in range(STATES):
        if added[state] != 0.0:
            _add(row, i, added)
            break


@borrowing
def prepay_row(row, i, wanted):
    """Let the row from `i` missed instalments prepay with probability `wanted`; the rest is scaled to what is left."""
    room = _room(row)
    before, after = row[_PREPAID], min(room, wanted)
    if after == before:
        return
    row[_PREPAID] = after
    _give_way(row, i, room - before, room - after)


@borrowing
def _give_way(row, i, before, after):
    """Scale what is neither fixed nor prepaid from `before` to `after`; without any of it the state itself takes it."""
    if before <= 0.0:
        row[i] += max(0.0, after)
        return
    for state in range(STATES):
        if state != _PREPAID and not _is_fixed(state):
            row[state] *= after / before


@borrowing
def _multiply(row, i, multiple):
    """Multiply the moves of the row, at most to what is neither fixed nor prepaid."""
    moved, others = 0.0, 0.0
    for state in range(STATES):
        if _is_move(i, state):
            moved += row[state] * multiple
        elif state != _PREPAID and not _is_fixed(state):
            others += row[state]
    room = max(0.0, _room(row) - row[_PREPAID])
    share = room / moved if moved > room else 1.0
    left = max(0.0, room - moved)
    for state in range(STATES):
        if _is_move(i, state):
            row[state] *= multiple * share
        elif state != _PREPAID and not _is_fixed(state) and others > 0.0:
            row[state] *= left / others
    if others <= 0.0:
        row[i] += left


@borrowing
def _add(row, i, added):
    """Add `added` (9,) to the row: no probability falls below 0, and those added to come at most to the room."""
    total, others = 0.0, 0.0
    for state in range(STATES):
        if not _is_fixed(state):
            if added[state] != 0.0:
                row[state] = max(0.0, row[state] + added[state])
                total += row[state]
            else:
                others += row[state]
    room = _room(row)
    share = room / total if total > room else 1.0
    left = max(0.0, room - total)
    for state in range(STATES):
        if not _is_fixed(state):
            if added[state] != 0.0:
                row[state] *= share
            elif others > 0.0:
                row[state] *= left / others
    if others <= 0.0:
        row[i] += left


@borrowing
def _room(row):
    """What repurchase and dilution leave."""
    return max(0.0, 1.0 - row[LoanState.REPURCHASED] - row[LoanState.DILUTED])


@borrowing
def _is_fixed(state):
    return state == LoanState.REPURCHASED or state == LoanState.DILUTED


@borrowing
def _is_move(i, state):
    """True if a multiple of the row from `i` missed instalments acts on the way to a state, prepayment apart."""
    if i == LoanState.CURRENT:
        return state == LoanState.DPD_1_30 or state == LoanState.DEFAULT
    return state < i


@kernel
def adjust_rows(transition, adjustment):
    """Adjust unconditional probabilities `transition` (R, M, 4, 9)."""
    multiple, added = adjustment
    for r in range(transition.shape[0]):
        for t in range(transition.shape[1]):
            for i in range(PERFORMING):
                adjust_row(transition[r, t, i], i, multiple[r, t, i], added[r, t, i])


@kernel
def replace_prepayment(transition, smm):
    """Let who is current prepay with probability `smm` (R, M) instead of what `transition` (R, M, 4, 9) says."""
    for r in range(transition.shape[0]):
        for t in range(transition.shape[1]):
            prepay_row(transition[r, t, 0], 0, smm[r, t])

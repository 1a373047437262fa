"""Micro-operations at the end of a date: what is kept of it, and the conservation checks of every path.

Twin of the checks: `abssim.check.check_run`.
"""

from enum import IntEnum

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.amount import no_lane, stop
from abssim.engine.deal.list import add_signed, copy_where
from abssim.engine.deal.operation import Close
from abssim.engine.layout import PathStatus
from abssim.engine.program import LARGEST


class Status(IntEnum):
    """Slots that say how a path ended."""

    REASON = 0
    """PathStatus."""
    DATE = 1
    """On which it could not go on, or failed its first check."""
    PLACE = 2
    """Of the expression that could not be judged (`abssim.program.lower.expression.place`), -1 for none."""
    FAILED = 3
    """Number of the check that failed (`abssim.program.lower.audit.CHECKS`), 0 for none."""


@borrowing
def _beyond(item, first, last, status, t, S, scratch):
    """End the paths with an amount that is beyond what every output shows exactly."""
    lanes = S.shape[1]
    for w in range(lanes):
        S[scratch, w] = 0
    for k in range(first, last):
        n = item[k]
        for w in range(lanes):
            S[scratch, w] |= (S[n, w] > LARGEST) | (S[n, w] < -LARGEST)
    if not no_lane(S, scratch):
        for w in range(lanes):
            if S[scratch, w] != 0:
                stop(S, status, w, PathStatus.BEYOND, t, -1)


@borrowing
def _failed(S, scratch, status, check, t):
    """Note a check in the lanes where the sum is not 0: of the first date that fails one, the last."""
    off = False
    for w in range(S.shape[1]):
        off |= S[scratch, w] != 0
    if not off:
        return
    for w in range(S.shape[1]):
        first = S[status + Status.FAILED, w] == 0 or S[status + Status.DATE, w] == t
        if S[scratch, w] != 0 and S[status + Status.REASON, w] == PathStatus.OK and first:
            S[status + Status.FAILED, w] = check
            S[status + Status.DATE, w] = t


@borrowing
def _below_zero(item, first, last, S, scratch):
    """Not 0 in the lanes in which a slot of the list is negative."""
    for w in range(S.shape[1]):
        S[scratch, w] = 0
    for k in range(first, last):
        n = item[k]
        for w in range(S.shape[1]):
            S[scratch, w] = min(S[scratch, w], S[n, w])


@borrowing
def _latch(item, first, last, mark, t, S):
    """Copies where a mark is this date; the mask is the slot behind it."""
    mask = mark + 1
    for w in range(S.shape[1]):
        S[mask, w] = 1 if S[mark, w] == t else 0
    if not no_lane(S, mask):
        for k in range(first, last, 2):
            copy_where(S, mask, item[k], item[k + 1])


@borrowing
def _keep(item, first, last, F, value):
    """Registers into the values kept of the date, `value` (C, W)."""
    for k in range(first, last, 2):
        column, r = item[k], item[k + 1]
        for w in range(F.shape[1]):
            value[column, w] = F[r, w]


@borrowing
def _remember(item, first, last, S, record):
    """Slots into the record of the date, `record` (Q, W)."""
    for k in range(first, last):
        n = item[k]
        for w in range(S.shape[1]):
            record[k - first, w] = S[n, w]


@separate
def run_close(code, item, status, value, record, t, S, F, pc):
    """Run operations from `pc` on until one is not of this kind; returns its place. `value` (C, W), `record` (Q, W)."""
    while Close.KEEP <= code[pc, 0] <= Close.REMEMBER:
        op, a, b, c, d = code[pc, 0], code[pc, 1], code[pc, 2], code[pc, 3], code[pc, 4]
        if op == Close.KEEP:
            _keep(item, a, b, F, value)
        elif op == Close.LATCH:
            _latch(item, b, c, a, t, S)
        elif op == Close.REMEMBER:
            _remember(item, a, b, S, record)
        elif op == Close.BOUND:
            _beyond(item, b, c, status, t, S, a)
        elif op == Close.BALANCED:
            add_signed(item, b, c, d, S, a)
            _failed(S, a, status, code[pc, 5], t)
        else:
            _below_zero(item, b, c, S, a)
            _failed(S, a, status, code[pc, 5], t)
        pc += 1
    return pc

"""Micro-operations on slots named in the side list."""

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import List, Number
from abssim.engine.program import UNLIMITED


@borrowing
def copy_where(S, mask, target, source):
    """Copy a slot into another in the lanes of a mask."""
    for w in range(S.shape[1]):
        S[target, w] = S[source, w] if S[mask, w] != 0 else S[target, w]


@borrowing
def add_signed(item, first, middle, last, S, a):
    """S[a] = sum of the slots `[first, middle)` of the list, less those of `[middle, last)`."""
    lanes = S.shape[1]
    for w in range(lanes):
        S[a, w] = 0
    for k in range(first, middle):
        n = item[k]
        for w in range(lanes):
            S[a, w] += S[n, w]
    for k in range(middle, last):
        n = item[k]
        for w in range(lanes):
            S[a, w] -= S[n, w]


@borrowing
def _gather(op, item, first, last, S, a):
    """A figure of each slot of the list, added up."""
    lanes = S.shape[1]
    for w in range(lanes):
        S[a, w] = 0
    for k in range(first, last):
        n = item[k]
        if op == List.CASH:
            for w in range(lanes):
                S[a, w] += max(0, S[n, w])
        elif op == List.ADD_UP:
            for w in range(lanes):
                S[a, w] = min(UNLIMITED, S[a, w] + S[n, w])
        else:
            for w in range(lanes):
                S[a, w] = 1 if (S[a, w] != 0) | (S[n, w] != 0) else 0


@borrowing
def _spread(op, item, first, last, S, a):
    """A slot added to each of the list, or subtracted from it."""
    for k in range(first, last):
        n = item[k]
        if op == List.ADD_EACH:
            for w in range(S.shape[1]):
                S[n, w] += S[a, w]
        else:
            for w in range(S.shape[1]):
                S[n, w] -= S[a, w]


@borrowing
def _move(op, item, first, last, S, mask):
    """Zero into the slots of the list, or copies between them."""
    lanes = S.shape[1]
    if op == List.CLEAR:
        for k in range(first, last):
            n = item[k]
            for w in range(lanes):
                S[n, w] = 0
        return
    for k in range(first, last, 2):
        target, source = item[k], item[k + 1]
        if op == List.COPY:
            for w in range(lanes):
                S[target, w] = S[source, w]
        else:
            copy_where(S, mask, target, source)


@borrowing
def _add_row(S, a, b, count):
    """Add slots that stand in a row to others that do."""
    for i in range(count):
        for w in range(S.shape[1]):
            S[a + i, w] += S[b + i, w]


@separate
def run_list(code, item, pc, S):
    """Run operations from `pc` on until one is not of this kind; returns its place."""
    while List.CASH <= code[pc, 0] < Number.LOAD:
        op, a = code[pc, 0], code[pc, 1]
        if op == List.SUM:
            add_signed(item, code[pc, 2], code[pc, 3], code[pc, 4], S, a)
        elif op <= List.SOME:
            _gather(op, item, code[pc, 2], code[pc, 3], S, a)
        elif op <= List.SUBTRACT_EACH:
            _spread(op, item, code[pc, 2], code[pc, 3], S, a)
        elif op <= List.COPY:
            _move(op, item, code[pc, 1], code[pc, 2], S, a)
        elif op == List.COPY_WHERE:
            _move(op, item, code[pc, 2], code[pc, 3], S, a)
        else:
            _add_row(S, a, code[pc, 2], code[pc, 3])
        pc += 1
    return pc

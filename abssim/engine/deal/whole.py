"""Micro-operations on slots alone: sums, payments in order, draws."""

from abssim.engine._jit import borrowing, separate
from abssim.engine.deal.operation import List, Whole

HEAVIEST = 2**54
"""Weight of a payee without a claim of its own: above any balance, and sums of many stay within int64."""


@borrowing
def names(code, pc):
    """The first four arguments of an operation."""
    return code[pc, 1], code[pc, 2], code[pc, 3], code[pc, 4]


@separate
def run_whole(code, pc, S):
    """Run operations from `pc` on until one is not of this kind; returns its place."""
    lanes = S.shape[1]
    while code[pc, 0] < List.CASH:
        op = code[pc, 0]
        a, b, c, d = names(code, pc)
        pc += 1
        if op == Whole.MOVE:
            for w in range(lanes):
                S[a, w] = S[b, w]
        elif op == Whole.ADD:
            for w in range(lanes):
                S[a, w] = S[b, w] + S[c, w]
        elif op == Whole.SUBTRACT:
            for w in range(lanes):
                S[a, w] = S[b, w] - S[c, w]
        elif op == Whole.MINIMUM:
            for w in range(lanes):
                S[a, w] = min(S[b, w], S[c, w])
        elif op == Whole.DEFICIT:
            for w in range(lanes):
                S[a, w] = max(0, S[b, w] - S[c, w])
        elif op == Whole.ABSOLUTE:
            for w in range(lanes):
                S[a, w] = abs(S[b, w])
        elif op == Whole.WEIGHT:
            for w in range(lanes):
                S[a, w] = max(1, min(HEAVIEST, S[b, w]))
        elif op == Whole.CHOOSE:
            for w in range(lanes):
                S[a, w] = S[c, w] if S[b, w] != 0 else S[d, w]
        elif op == Whole.BOTH:
            for w in range(lanes):
                S[a, w] = 1 if (S[b, w] != 0) & (S[c, w] != 0) else 0
        elif op == Whole.TRANSFER:
            for w in range(lanes):
                amount = S[a, w]
                S[b, w] -= amount
                S[c, w] += amount
        elif op == Whole.DEPOSIT:
            for w in range(lanes):
                amount = S[a, w]
                S[b, w] += amount
                S[c, w] += amount
        elif op == Whole.TAKE:
            for w in range(lanes):
                taken = min(S[b, w], S[c, w])
                S[a, w] = taken
                S[b, w] -= taken
        elif op == Whole.DRAW:
            for w in range(lanes):
                taken = min(S[a, w], max(0, S[b, w]))
                S[a, w] -= taken
                S[b, w] -= taken
                S[c, w] += taken
                S[d, w] += taken
        else:
            for w in range(lanes):
                due, paid = (S[b, w], S[c, w]) if S[d, w] != 0 else (0, 0)
                S[a, w] = due
                S[a + 1, w] = paid
                S[a + 2, w] = due - paid
    return pc

"""Naive twin of the event-time migration: the same draws, plain Python, loan by loan, month by month, cent by cent.

Nothing is shared with the kernels but the thresholds of the odds (tested on their own): Philox is written out in
Python's whole numbers, months are scanned one by one, instalments are lists, every payment is added up where it falls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from abssim.kind.pool import PoolField as F
from abssim.money import round_half_up

ONE = 1 << 32
LEAVE_WORD, EXIT_WORD, STEP_WORD = 1, 2, 3
LEAVE, ENTRY, EXIT, PREPAID, BOUGHT = range(5)
BEST_FIRST = (5, 6, 7, 0, 1, 2, 8, 3, 4)


def philox(counter: Sequence[int], key: Sequence[int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 (Salmon et al. 2011)."""
    c, k, low = list(counter), list(key), ONE - 1
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & low, (a >> 32) ^ c[3] ^ k[1], a & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return c[0], c[1], c[2], c[3]


def words(seed: int, key: int, path: int, counter: int, purpose: int) -> tuple[int, int, int, int]:
    """Four words; counter layout (key low, key high, path, purpose and counter), Philox key the seed."""
    return philox((key % ONE, key >> 32, path, purpose << 24 | counter), (seed % ONE, seed >> 32))


@dataclass
class Order:
    """Instalments (principal, interest, fee) left at the cut-off, how many of them are missed, and assumptions."""

    key: int
    rows: list[tuple[int, int, int]]
    bucket: int
    profile: int
    cell: int
    lag: int
    penalty: float

    def balance(self, paid: int) -> int:
        """What is owed after so many instalments."""
        return sum(row[0] for row in self.rows[max(0, paid) :])


@dataclass
class Obligor:
    """A user with orders."""

    key: int
    profile: int
    orders: list[Order]


@dataclass
class Path:
    """What a path brings, by month and field, and defaults by cell and month."""

    months: int
    flow: list[dict[int, int]] = field(default_factory=list)
    default: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.flow = [defaultdict(int) for _ in range(self.months + 1)]


def follow(
    obligor: Obligor,
    odds: Any,
    draws: tuple[int, int, int],
    path: Path,
    multiple: float = 1.0,
    terms: tuple[int, float] = (0, 1.0),
) -> None:
    """One obligor on one path; `odds` are the thresholds, `draws` (seed, path number, salt).

    `multiple` is that of the cumulative hazard of leaving "current", `terms` those of restructuring: months of the
    extension, and the multiple afterwards. Its schedule falls `behind` by the months that are not paid in it.
    """
    seed, number, salt = draws
    curve, step = odds.curve[obligor.profile], odds.step[number % 4][obligor.profile]
    w = number % 4
    word = words(seed, obligor.key, number // 4, salt, LEAVE_WORD)[w]
    exits = {o.key: words(seed, o.key, number // 4, salt, EXIT_WORD)[w] for o in obligor.orders}
    state = max(order.bucket for order in obligor.orders)
    live, past, since, behind, rest = list(obligor.orders), 0, 0, 0, 0
    for t in range(1, path.months + 1):
        before = behind
        if rest > 0:
            new, rest, behind = 0, rest - 1, behind + 1
        elif state == 0 and multiple != 1.0:
            new = _leave(word / ONE, curve[..., w], (since, t), multiple)
            past = t - 1
        elif state == 0:
            new = 0
            if word < int(curve[LEAVE][t][w]):
                new = 1 if word < int(curve[ENTRY][t][w]) else 4
                past = t - 1
        else:
            block = words(seed, obligor.key, number, salt + t // 2, STEP_WORD)
            new = next(s for k, s in enumerate(BEST_FIRST) if block[t % 2] < int(step[t][state - 1][k]))
            if new == 8 and behind == 0:
                new, behind, rest, multiple = 0, 4, terms[0], multiple * terms[1]
            elif new == 8:
                new = 4
        here = (state, new, t, before, behind)
        live = [order for order in live if _month(order, here, exits, odds.curve[order.profile], w, path)]
        if not live or new >= 4:
            return
        if state > 0 and new == 0:
            since = min(t + rest, path.months)
            left_by = int(curve[LEAVE][since][w])
            word = left_by + (block[2 + t % 2] * (ONE - left_by) >> 32) if multiple == 1.0 else block[2 + t % 2]
            for order in live:
                exit_curve = odds.curve[order.profile][EXIT]
                left = float(ONE - exits[order.key]) * float(ONE - int(exit_curve[t][w]))
                exits[order.key] = ONE - int(left / float(ONE - int(exit_curve[past][w])))
        state = new


def _leave(point: float, curve: Any, span: tuple[int, int], multiple: float) -> int:
    """State at the end of month `t` of who has been current since month `s`: survival is to the power `multiple`."""
    s, t = span
    stay = [1.0 - int(curve[LEAVE][month]) / ONE for month in (s, t - 1, t)]
    before, after = ((each / stay[0]) ** multiple if stay[0] > 0.0 else 0.0 for each in stay[1:])
    if point >= 1.0 - after:
        return 0
    share = (int(curve[ENTRY][t]) / ONE - 1.0 + stay[1]) / (stay[1] - stay[2])
    return 1 if point < 1.0 - before + share * (before - after) else 4


def fail(obligor: Obligor, path: Path) -> None:
    """A member of a ring of fraud pays nothing and misses instalment after instalment."""
    state = max(order.bucket for order in obligor.orders)
    for t in range(1, min(path.months, 4 - state) + 1):
        for order in obligor.orders:
            settle(order, (state + t - 1, state + t, t), path)


def _month(order: Order, here: tuple[int, ...], exits: dict[int, int], curve: Any, w: int, path: Path) -> bool:
    """A month of an open order, which may exit; True if something is still owed."""
    i, j, t, before, behind = here
    word = exits[order.key]
    if i == 0 and j == 0 and word < int(curve[EXIT][t][w]):
        bought = word < int(curve[BOUGHT][t][w])
        j = 5 if word < int(curve[PREPAID][t][w]) else 6 if bought else 7
    return settle(order, (i, j, t), path, (before, behind))


def settle(order: Order, move: tuple[int, int, int], path: Path, late_by: tuple[int, int] = (0, 0)) -> bool:
    """What an order pays when it goes from `i` to `j` in month `t`; True if something is still owed.

    `late_by` are the months by which its schedule is later than at the cut-off, before and after month `t`.
    """
    i, j, t = move
    flow, term, due = path.flow[t], len(order.rows), t - late_by[1]
    a = min(max(t - 1 - late_by[0] - i + order.bucket, 0), term)
    if j == 4:
        balance = order.balance(a)
        flow[F.DEFAULT] += balance
        path.default[order.cell, t] += balance
        for s in range(a + 1, min(due + order.bucket, term) + 1):
            flow[F.LOST_INTEREST] += order.rows[s - 1][1]
        for month in range(t + 1, min(t + order.lag, path.months) + 1):
            if month - late_by[1] + order.bucket <= term:
                path.flow[month][F.LOST_INTEREST] += order.rows[month - late_by[1] + order.bucket - 1][1]
        return False
    b = max(a, min(due - (j if j < 4 else 0) + order.bucket, term))
    for s in range(a + 1, b + 1):
        principal, interest, fee = order.rows[s - 1]
        flow[F.SCHEDULED_PRINCIPAL] += principal
        flow[F.INTEREST] += interest
        flow[F.FEE] += fee
        late = due + order.bucket - s
        if late > 0:
            flow[F.PENALTY] += round_half_up(order.penalty * float(late) * float(principal + interest + fee))
    left = order.balance(b)
    if j > 4:
        flow[F.PREPAYMENT + j - 5] += left
        return False
    flow[F.CLOSING_BALANCE] += left
    flow[F.CURRENT_BALANCE + j] += left
    flow[F.RESTRUCTURED_BALANCE] += left if j == 0 and late_by[1] else 0
    return left > 0


def recover(path: Path, recovery: Any, opening: Sequence[int]) -> None:
    """Recoveries and losses of the defaults of each month; `opening` what was in default at the cut-off, by cell."""
    flow = path.flow
    for cell in range(len(opening)):
        for t in range(path.months + 1):
            ead = path.default[cell, t] if t else opening[cell]
            left, share, due, cost_paid = ead, 0.0, 0.0, 0
            for lag in range(int(recovery.last[cell]) + 1):
                month = max(1, t + lag)
                if month > path.months:
                    break
                share += float(recovery.share[cell][lag]) * float(recovery.stress[month])
                cash = min(left, max(0, int(ead * share) - (ead - left)))
                left -= cash
                for way, part in enumerate(recovery.part[cell]):
                    own = cash * float(part[lag])
                    fee = float(recovery.commission[cell][way]) * own
                    due += min(own, fee + float(recovery.cost[cell][way][lag]) * ead)
                cost = min(cash, int(due) - cost_paid)
                cost_paid += cost
                flow[month][F.RECOVERY] += cash
                flow[month][F.COLLECTION_COST] += cost
            else:
                month = max(1, t + int(recovery.last[cell]))
                price = min(left, int(left * (float(recovery.price[cell]) * float(recovery.stress[month]))))
                flow[month][F.RECOVERY] += price
                flow[month][F.LOSS] += left - price
    npl = sum(opening)
    for t in range(1, path.months + 1):
        npl += flow[t][F.DEFAULT] - flow[t][F.RECOVERY] - flow[t][F.LOSS]
        flow[t][F.NON_PERFORMING_BALANCE] = npl

"""What a path changes in the flows of a pool that pays on schedule, in whole units.

`base_flow` adds up all contract schedules; the other kernels write deviations from it; `finish_lane` puts both
together, with recoveries. An order with flat instalments (equal parts, a flat fee, no interest) needs no table: its
figures follow from balance, part and fee, and a tail taken out of the schedule is six marks whose running sums are
taken once per path.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel
from abssim.engine.contract.amortization import contract_schedule
from abssim.engine.credit.expected import PERFORMING
from abssim.engine.credit.recovery import collection_cost
from abssim.engine.layout import ContractField
from abssim.engine.rounding import round_half_up
from abssim.kind.pool import PoolField

OBLIGOR = np.dtype(
    [("key", "u8"), ("first", "i8"), *((name, "i4") for name in ("count", "profile", "bucket", "last_due"))], align=True
)
"""An obligor: its orders `first .. first + count - 1`, row of the odds of its arrears and default, missed instalments
at the cut-off, months until its last due date."""
CONTRACT = np.dtype(
    [
        *((name, "u8" if name == "key" else "i8") for name in ("key", "balance", "part", "fee", "start")),
        ("penalty", "f8"),
        *((name, "i4") for name in ("term", "bucket", "profile", "cell", "lag")),
    ],
    align=True,
)
"""An order: balance at the cut-off, instalment of principal and fee (flat contracts), where its schedule starts in
`curve`, -1 for flat instalments; penalty a month on overdue instalments, instalments left, how many of them are missed
already, row of the odds of its own exits, of the recovery assumptions, and months from default to the last recovery."""


Whole = int | np.int64
"""What kernels carry as 64-bit integers, plain Python as either."""

PAST = 3
"""Columns of a path's working memory beyond its months: month 0, and the two after the last."""


class Row(IntEnum):
    """Rows of a path's working memory after those of PoolField."""

    TAIL_BALANCE = len(PoolField)
    """Marks of flat tails taken out of the schedule; their running sums are taken once per path."""
    TAIL_PART = len(PoolField) + 1
    TAIL_FEE = len(PoolField) + 2
    OPEN = len(PoolField) + 3
    """By order of the obligor at hand: 0 if it has ended, else 1 + the word that decides on its exit."""
    DEFAULT = len(PoolField) + 4
    """First of the rows of balance defaulted by recovery cell."""


class Book(NamedTuple):
    """Obligors `(O,)` and their orders `(L,)`, an obligor's orders side by side."""

    obligor: np.ndarray
    order: np.ndarray
    curve: np.ndarray
    """(3 or 4, sum of terms + 1) schedules by ContractField, one after the other; ADJUSTED only where a hurdle rate
    makes it differ from BALANCE (then every order has a table)."""


class ObligorMonth(NamedTuple):
    """A month of an obligor on a path: from which state it goes to which, and where its schedule stands."""

    path: Whole
    """Place of the path in its group."""
    origin: Whole
    """Instalments missed at the end of the month before (LoanState)."""
    state: Whole
    """LoanState at the end of the month."""
    t: Whole
    """Months since the cut-off."""
    before: Whole
    """Month of the obligor's schedule at the end of the month before: `t - 1`, or earlier if it was restructured."""
    due: Whole
    """The same at the end of the month: `t`, or earlier."""


@borrowing
def balance_of(order, curve, s):
    """Balance after instalment `s`, `0 <= s <= term`."""
    if order["start"] >= 0:
        return curve[ContractField.BALANCE, order["start"] + s]
    if s >= order["term"]:
        return 0
    return order["balance"] - order["part"] * s


@borrowing
def due_of(order, curve, s):
    """Principal, interest and fee due with instalment `s`."""
    principal = balance_of(order, curve, s - 1) - balance_of(order, curve, s)
    start = order["start"]
    if start < 0:
        return principal, 0, order["fee"]
    return principal, curve[ContractField.INTEREST, start + s], curve[ContractField.FEE, start + s]


@borrowing
def cut_tail(order, curve, w, held, paid, work):
    """An order has left: take the rest of its schedule out of path `w`, balances from month `held` and instalments from
    month `paid` on. Of flat instalments only where the rest begins and ends is marked (`Row.TAIL_BALANCE` and after).
    """
    bucket = order["bucket"]
    months = work.shape[2] - PAST
    end = order["term"] - bucket
    start = order["start"]
    if start < 0:
        stop = min(end, months + 1)
        if held < stop:
            balance = order["balance"] - order["part"] * bucket
            work[w, Row.TAIL_BALANCE, held] += balance
            work[w, Row.TAIL_BALANCE, stop] -= balance
            work[w, Row.TAIL_PART, held] += order["part"]
            work[w, Row.TAIL_PART, stop] -= order["part"]
        if paid <= end:
            work[w, Row.TAIL_FEE, paid] += order["fee"]
            work[w, Row.TAIL_FEE, min(end, months) + 1] -= order["fee"]
        return
    stop = min(end, months) + 1
    start += bucket
    for t in range(held, stop):
        work[w, PoolField.CLOSING_BALANCE, t] -= curve[ContractField.BALANCE, start + t]
    for t in range(paid, stop):
        work[w, PoolField.INTEREST, t] -= curve[ContractField.INTEREST, start + t]
    for t in range(paid, stop):
        work[w, PoolField.FEE, t] -= curve[ContractField.FEE, start + t]
    if curve.shape[0] > ContractField.ADJUSTED:
        for t in range(held, stop):
            work[w, PoolField.ADJUSTED_BALANCE, t] -= curve[ContractField.ADJUSTED, start + t]


@borrowing
def pay(order, curve, month, a, b, work):
    """Cash of an order off schedule: the month (ObligorMonth) pays instalments `a + 1 .. b` in place of the one due by
    the cut-off's schedule; overdue ones bear the penalty, by the schedule of the order.
    """
    w, t = month.path, month.t
    start, due = order["start"], t + order["bucket"]
    if start < 0:
        work[w, PoolField.FEE, t] += order["fee"] * (b - a - (1 if due <= order["term"] else 0))
    else:
        for s in range(a + 1, b + 1):
            work[w, PoolField.INTEREST, t] += curve[ContractField.INTEREST, start + s]
            work[w, PoolField.FEE, t] += curve[ContractField.FEE, start + s]
        if due <= order["term"]:
            work[w, PoolField.INTEREST, t] -= curve[ContractField.INTEREST, start + due]
            work[w, PoolField.FEE, t] -= curve[ContractField.FEE, start + due]
    if order["penalty"] > 0.0:
        late = month.due + order["bucket"]
        for s in range(a + 1, min(b, late - 1) + 1):
            principal, interest, fee = due_of(order, curve, s)
            amount = order["penalty"] * float(late - s) * float(principal + interest + fee)
            work[w, PoolField.PENALTY, t] += round_half_up(amount)


@borrowing
def owe(order, curve, month, b, work):
    """Stock of an order off schedule: at the end of a month (ObligorMonth) it owes what index `b` of its schedule says,
    not what the cut-off's schedule does.
    """
    w, t = month.path, month.t
    due = min(t + order["bucket"], order["term"])
    left = balance_of(order, curve, b)
    work[w, PoolField.CURRENT_BALANCE + month.state, t] += left
    work[w, PoolField.CLOSING_BALANCE, t] += left - balance_of(order, curve, due)
    if curve.shape[0] > ContractField.ADJUSTED:
        start = order["start"]
        change = curve[ContractField.ADJUSTED, start + b] - curve[ContractField.ADJUSTED, start + due]
        work[w, PoolField.ADJUSTED_BALANCE, t] += change


@borrowing
def lose_interest(order, curve, month, a, work):
    """Memo: interest due by a default in a month (ObligorMonth), owed from index `a`, and until the last recovery."""
    w, t = month.path, month.t
    start, bucket = order["start"], order["bucket"] + month.due - t
    if start >= 0:
        for s in range(a + 1, min(t + bucket, order["term"]) + 1):
            work[w, PoolField.LOST_INTEREST, t] += curve[ContractField.INTEREST, start + s]
        for later in range(t + 1, min(t + order["lag"], work.shape[2] - PAST, order["term"] - bucket) + 1):
            work[w, PoolField.LOST_INTEREST, later] += curve[ContractField.INTEREST, start + later + bucket]


@borrowing
def base_flow(book, flow):
    """All contracts as if every obligor were on schedule from month 1 on; `flow` (PoolField, M + 1), zero at the start.

    An obligor that has missed instalments at the cut-off owes its opening balance in month 0.
    """
    for n in range(len(book.order)):
        order = book.order[n]
        start, bucket = order["start"], order["bucket"]
        flow[PoolField.CLOSING_BALANCE, 0] += order["balance"]
        flow[PoolField.CURRENT_BALANCE + bucket, 0] += order["balance"]
        if book.curve.shape[0] > ContractField.ADJUSTED:
            flow[PoolField.ADJUSTED_BALANCE, 0] += book.curve[ContractField.ADJUSTED, start]
        for t in range(1, min(order["term"] - bucket, flow.shape[1] - 1) + 1):
            flow[PoolField.CLOSING_BALANCE, t] += balance_of(order, book.curve, t + bucket)
            if start < 0:
                flow[PoolField.FEE, t] += order["fee"]
            else:
                s = start + t + bucket
                flow[PoolField.INTEREST, t] += book.curve[ContractField.INTEREST, s]
                flow[PoolField.FEE, t] += book.curve[ContractField.FEE, s]
                if book.curve.shape[0] > ContractField.ADJUSTED:
                    flow[PoolField.ADJUSTED_BALANCE, t] += book.curve[ContractField.ADJUSTED, s]


@borrowing
def _set_off(row, owed):
    """Interest and principal of a month against each other, where one is negative (as `engine.month` has it).

    `owed` to obligors is what of negative interest could not be set off before; returns what is left of it.
    """
    added = min(max(0, -row[PoolField.SCHEDULED_PRINCIPAL]), max(0, row[PoolField.INTEREST]))
    row[PoolField.INTEREST] -= added
    row[PoolField.SCHEDULED_PRINCIPAL] += added
    row[PoolField.CAPITALIZED_INTEREST] = added
    owed += max(0, -row[PoolField.INTEREST])
    row[PoolField.INTEREST] = max(0, row[PoolField.INTEREST])
    credited = min(owed, max(0, row[PoolField.SCHEDULED_PRINCIPAL]))
    row[PoolField.SCHEDULED_PRINCIPAL] -= credited
    row[PoolField.DILUTION] += credited
    return owed - credited


@borrowing
def finish_lane(base, work, recovery, multiple, flow):
    """Fill `flow` (M + 1, PoolField) of a path from the schedule `base` (PoolField, M + 1) and its deviations.

    `work` (PoolField and Row, M + PAST or more); `recovery` the assumptions, `multiple` (M + 1,) of the recoveries of
    each month; the rows of defaults start with what was in default at the cut-off. Recoveries of the defaults of a
    month are rounded down cumulatively; with the last one the rest is sold and the loss booked.
    """
    months = flow.shape[0] - 1
    balance, part, fee = 0, 0, 0
    for t in range(months + 1):
        balance += work[Row.TAIL_BALANCE, t]
        part += work[Row.TAIL_PART, t]
        fee += work[Row.TAIL_FEE, t]
        for field in range(flow.shape[1]):
            flow[t, field] = base[field, t] + work[field, t]
        flow[t, PoolField.CLOSING_BALANCE] -= balance - part * t
        flow[t, PoolField.FEE] -= fee
    npl = 0
    for cell in range(recovery.share.shape[0]):
        npl += work[Row.DEFAULT + cell, 0]
        for t in range(months + 1):
            if work[Row.DEFAULT + cell, t] > 0:
                _recover(flow, recovery, cell, t, work[Row.DEFAULT + cell, t], multiple)
    adjusted = base[PoolField.ADJUSTED_BALANCE, 0] > 0
    owed = 0
    for t in range(months + 1):
        row = flow[t]
        closing = row[PoolField.CLOSING_BALANCE]
        if t > 0:
            opening = flow[t - 1, PoolField.CLOSING_BALANCE]
            row[PoolField.OPENING_BALANCE] = opening
            row[PoolField.SCHEDULED_PRINCIPAL] = opening - closing
            for field in range(PoolField.PREPAYMENT, PoolField.DEFAULT + 1):
                row[PoolField.SCHEDULED_PRINCIPAL] -= row[field]
            owed = _set_off(row, owed)
        row[PoolField.CURRENT_BALANCE] = closing
        for field in range(PoolField.DPD_1_30_BALANCE, PoolField.DPD_1_30_BALANCE + PERFORMING - 1):
            row[PoolField.CURRENT_BALANCE] -= row[field]
        if not adjusted:
            row[PoolField.ADJUSTED_BALANCE] = closing
        npl += row[PoolField.DEFAULT] - row[PoolField.RECOVERY] - row[PoolField.LOSS]
        row[PoolField.NON_PERFORMING_BALANCE] = npl


@borrowing
def _recover(flow, recovery, cell, t, ead, multiple):
    """Recoveries and the loss of one month's defaults; what is left in the end is sold at its price."""
    left, share, cost_due, cost_paid = ead, 0.0, 0.0, 0
    part, commission, cost_share = recovery.part[cell], recovery.commission[cell], recovery.cost[cell]
    for lag in range(recovery.last[cell] + 1):
        month = max(1, t + lag)
        if month >= flow.shape[0]:
            return
        share += recovery.share[cell, lag] * recovery.stress[month] * multiple[month]
        cash = min(left, max(0, int(float(ead) * share) - (ead - left)))
        left -= cash
        flow[month, PoolField.RECOVERY] += cash
        cost_due += collection_cost(part, commission, cost_share, lag, float(cash), float(ead))
        cost = min(cash, int(cost_due) - cost_paid)
        cost_paid += cost
        flow[month, PoolField.COLLECTION_COST] += cost
    month = max(1, t + recovery.last[cell])
    cash = int(float(left) * min(1.0, recovery.price[cell] * recovery.stress[month] * multiple[month]))
    flow[month, PoolField.RECOVERY] += cash
    flow[month, PoolField.LOSS] += left - cash


@kernel
def describe_orders(contracts, index, schedule, order):
    """Fill part, fee and start of `order` (L,) for loans `index` (L,); returns the length of the tables needed.

    An order is flat if its schedule is exactly what balance, part and fee say; `schedule` is working memory.
    """
    size = 0
    for n in range(len(index)):
        term = contract_schedule(contracts, index[n], schedule)
        balance = schedule[ContractField.BALANCE]
        part = balance[0] - balance[1] if term > 1 else 0
        fee = schedule[ContractField.FEE, 1]
        flat = contracts.hurdle_rate <= 0.0
        for s in range(1, term + 1):
            flat &= balance[s] == (balance[0] - part * s if s < term else 0)
            flat &= schedule[ContractField.INTEREST, s] == 0 and schedule[ContractField.FEE, s] == fee
        order[n]["balance"] = balance[0]
        order[n]["term"] = term
        order[n]["part"] = part if flat else 0
        order[n]["fee"] = fee if flat else 0
        order[n]["start"] = -1 if flat else size
        size += 0 if flat else term + 1
    return size


@kernel
def fill_curves(contracts, index, schedule, order, curve):
    """Fill `curve` (fields, size) with the schedules of the orders that are not flat."""
    for n in range(len(index)):
        start = order[n]["start"]
        if start >= 0:
            term = contract_schedule(contracts, index[n], schedule)
            for field in range(curve.shape[0]):
                for s in range(term + 1):
                    curve[field, start + s] = schedule[field, s]

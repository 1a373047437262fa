"""Naive twins of the collateral kernels: plain Python, loan by loan, state by state, slow and obvious."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from abssim.kind.pool import PoolField
from tests.engine.naive_contract import Loan, Unpaid, adjusted, instalments, level

__all__ = ["Loan", "Unpaid", "adjusted", "instalments", "level"]

Where = tuple[int, int, bool, int]
MISSED = range(4)
DEFAULT, PREPAID, REPURCHASED, DILUTED, RESTRUCTURED = 4, 5, 6, 7, 8
LEAVES = {
    PREPAID: PoolField.PREPAYMENT,
    REPURCHASED: PoolField.REPURCHASE,
    DILUTED: PoolField.DILUTION,
}


@dataclass
class Way:
    """A collection channel: cash and cost by months since default as shares of EAD, commission on the cash."""

    shares: Sequence[float]
    cost: Sequence[float]
    commission: float = 0.0


@dataclass
class Aftermath:
    """What follows a default: after `last` months the rest is sold."""

    ways: Sequence[Way]
    last: int
    price: float = 0.0
    penalty_per_day: float = 0.0
    advances: str = "none"


def project(
    loan: Loan,
    move: Callable[[int, int], Sequence[float]],
    aftermath: Aftermath,
    months: int,
    terms: tuple[int, float] = (0, 1.0),
) -> list[dict[PoolField, float]]:
    """Expected flows and stocks by month, index 0 the cut-off; `move(t, missed)` are the odds of the 9 states.

    `terms` of restructuring: months of the extension, and the multiple of leaving "current" afterwards. Who stands
    somewhere is known by instalments paid, instalments missed, whether it was restructured, and months it may rest.
    """
    rows = instalments(loan)
    flows: list[dict[PoolField, float]] = [defaultdict(float) for _ in range(months + 1)]
    where = {(0, loan.bucket, False, 0): 1.0}
    if loan.bucket >= DEFAULT:
        where = {}
        flows[0][PoolField.NON_PERFORMING_BALANCE] += loan.balance
        _recover(rows, flows, aftermath, 0, 0, 0, 1.0)
    _stock(rows, flows[0], where)
    for t in range(1, months + 1):
        after: dict[Where, float] = defaultdict(float)
        for (paid, missed, again, rest), odds in where.items():
            due = paid + missed + (0 if rest > 0 else 1)
            chances = list(move(t, missed))
            if again:
                chances = _again(chances, missed, rest > 0, terms[1])
            if aftermath.advances != "none" and t > loan.term - aftermath.last:
                chances[missed] += chances[DEFAULT]
                chances[DEFAULT] = 0.0
            for state, chance in enumerate(chances):
                if chance == 0.0:
                    continue
                if state == RESTRUCTURED:
                    after[paid, 0, True, terms[0]] += odds * chance
                    continue
                if state == DEFAULT:
                    _default(rows, flows, aftermath, t, paid, due, odds * chance)
                    continue
                until = due - state if state in MISSED else due
                _pay(rows, flows[t], aftermath, paid, until, due, odds * chance)
                if state in MISSED:
                    after[until, state, again, max(0, rest - 1)] += odds * chance
                else:
                    flows[t][LEAVES[state]] += odds * chance * _owed(rows, until)
        where = after
        _stock(rows, flows[t], where)
    return flows


def _again(chances: Sequence[float], missed: int, rests: bool, multiple: float) -> list[float]:
    """Odds of who was restructured: it leaves "current" sooner, or not at all while it rests, and once is enough."""
    found = list(chances)
    if missed > 0:
        found[DEFAULT] += found[RESTRUCTURED]
        found[RESTRUCTURED] = 0.0
        return found
    leaves = found[1] + found[DEFAULT]
    wanted = 0.0 if rests else 1.0 - max(0.0, 1.0 - leaves) ** multiple
    for state, chance in enumerate(chances):
        if state in (1, DEFAULT):
            found[state] = wanted * chance / leaves if leaves > 0.0 else 0.0
        else:
            found[state] = (1.0 - wanted) * chance / (1.0 - leaves)
    return found


def _owed(rows: Sequence[tuple[int, int, int]], paid: int) -> int:
    return sum(row[0] for row in rows[paid:])


def _pay(
    rows: Any, flow: dict[PoolField, float], aftermath: Aftermath, paid: int, until: int, due: int, odds: float
) -> None:
    for s in range(paid + 1, min(until, len(rows)) + 1):
        principal, interest, fee = rows[s - 1]
        flow[PoolField.SCHEDULED_PRINCIPAL] += odds * principal
        flow[PoolField.INTEREST] += odds * interest
        flow[PoolField.FEE] += odds * fee
        flow[PoolField.PENALTY] += odds * aftermath.penalty_per_day * 30.0 * (due - s) * (principal + interest + fee)


def _stock(rows: Any, flow: dict[PoolField, float], where: dict[Where, float]) -> None:
    for (paid, missed, again, _), odds in where.items():
        flow[PoolField.RESTRUCTURED_BALANCE] += odds * _owed(rows, paid) if again and missed == 0 else 0.0
        flow[PoolField(PoolField.CURRENT_BALANCE + missed)] += odds * _owed(rows, paid)
        flow[PoolField.CLOSING_BALANCE] += odds * _owed(rows, paid)


def _default(rows: Any, flows: Any, aftermath: Aftermath, t: int, paid: int, due: int, odds: float) -> None:
    flows[t][PoolField.DEFAULT] += odds * _owed(rows, paid)
    if aftermath.advances == "none":
        for s in range(paid + 1, min(due, len(rows)) + 1):
            flows[t][PoolField.LOST_INTEREST] += odds * rows[s - 1][1]
        _recover(rows, flows, aftermath, t, due - t, paid, odds)
        return
    lag = aftermath.last
    unpaid = PoolField.LOST_INTEREST if aftermath.advances == "principal" else PoolField.ADVANCED_INTEREST
    for month in range(t, min(t + lag, len(flows) - 1) + 1):
        if month <= len(rows):
            flows[month][unpaid] += odds * rows[month - 1][1]
            if month < t + lag:
                flows[month][PoolField.ADVANCED_PRINCIPAL] += odds * rows[month - 1][0]
    if t + lag < len(flows):
        owed = _owed(rows, t + lag - 1)
        loss = min(owed, _owed(rows, paid) * (1.0 - aftermath.ways[0].shares[lag]))
        flows[t + lag][PoolField.LOSS] += odds * loss
        _withhold(flows[t + lag], aftermath, lag, odds * (owed - loss), odds * _owed(rows, paid))


def _recover(rows: Any, flows: Any, aftermath: Aftermath, t: int, early: int, paid: int, odds: float) -> None:
    ead = left = odds * _owed(rows, paid)
    for lag in range(aftermath.last + 1):
        month = max(1, t + lag)
        if month >= len(flows):
            return
        cash = ead * sum(way.shares[lag] for way in aftermath.ways)
        left -= cash
        _withhold(flows[month], aftermath, lag, cash, ead)
        if lag > 0 and month + early <= len(rows):
            flows[month][PoolField.LOST_INTEREST] += odds * rows[month + early - 1][1]
    month = max(1, t + aftermath.last)
    flows[month][PoolField.RECOVERY] += aftermath.price * left
    flows[month][PoolField.LOSS] += (1.0 - aftermath.price) * left


def _withhold(flow: dict[PoolField, float], aftermath: Aftermath, lag: int, cash: float, ead: float) -> None:
    flow[PoolField.RECOVERY] += cash
    total = sum(way.shares[lag] for way in aftermath.ways)
    for way in aftermath.ways:
        own = cash * way.shares[lag] / total if total > 0.0 else 0.0
        flow[PoolField.COLLECTION_COST] += min(own, way.commission * own + way.cost[lag] * ead)


def default_rates(
    loans: Sequence[Loan], target: Sequence[float], prepay: float, other: float, order: str
) -> list[float]:
    """Monthly default rates that make `target` units default in each month, loan by loan."""
    alive, rates = [1.0] * len(loans), []
    owed = [[_owed(instalments(loan), paid) for paid in range(loan.term + 1)] for loan in loans]
    for t, wanted in enumerate(target, 1):
        share = 1.0 - prepay if order == "prepay_first" else 1.0
        exposed = sum(a * o[min(t - 1, len(o) - 1)] * share for a, o in zip(alive, owed, strict=True))
        rate = min(1.0, wanted / exposed) if exposed > 0.0 else 0.0
        rates.append(rate)
        stay = (1.0 - rate) * (1.0 - prepay) * (1.0 - other)
        if order == "simultaneous":
            stay = max(0.0, 1.0 - rate - prepay - other)
        alive = [a * stay for a in alive]
    return rates


def _floor(total: float) -> int:
    return math.floor(total * (1.0 + 1e-15) + 1e-6)


def round_months(monthly: Any, opening: int, npl: int) -> list[dict[str, int]]:
    """Whole units by month: differences of cumulative figures rounded down, what is left with the last of each."""
    incomes = ("FEE", "PENALTY", "ADVANCED_INTEREST", "LOST_INTEREST")
    principals = ("SCHEDULED_PRINCIPAL", "PREPAYMENT", "REPURCHASE", "DILUTION", "DEFAULT")
    booked: dict[str, int] = defaultdict(int)
    total: dict[str, float] = defaultdict(float)
    found = []
    for stock in monthly:
        for name in (*incomes, *principals, "INTEREST", "ADVANCED_PRINCIPAL", "RECOVERY", "LOSS", "COLLECTION_COST"):
            total[name] += float(stock[PoolField[name]])

        def grown(name: str, limit: int) -> int:
            amount = max(0, min(limit, _floor(total[name]) - booked[name]))
            booked[name] += amount
            return amount

        due = {name: _floor(total[name]) - booked[name] for name in ("INTEREST", "SCHEDULED_PRINCIPAL")}
        row = {name: grown(name, 2**62) for name in ("INTEREST", *incomes)}
        added = credited = 0
        if due["SCHEDULED_PRINCIPAL"] < 0 < due["INTEREST"]:
            added = min(-due["SCHEDULED_PRINCIPAL"], due["INTEREST"])
            row["INTEREST"] -= added
            booked["SCHEDULED_PRINCIPAL"] -= added
        if due["INTEREST"] < 0 < due["SCHEDULED_PRINCIPAL"]:
            credited = min(opening, -due["INTEREST"], due["SCHEDULED_PRINCIPAL"])
            booked["INTEREST"] -= credited
            booked["SCHEDULED_PRINCIPAL"] += credited
        row["CAPITALIZED_INTEREST"] = added
        left = opening + added - credited
        for name in principals:
            row[name] = grown(name, left)
            left -= row[name]
        row["DILUTION"] += credited
        if stock[PoolField.CLOSING_BALANCE] < 0.5:
            row["SCHEDULED_PRINCIPAL"] += left
            booked["SCHEDULED_PRINCIPAL"] += left
            left = 0
        npl += row["DEFAULT"]
        for name in ("ADVANCED_PRINCIPAL", "RECOVERY", "LOSS"):
            row[name] = grown(name, npl)
            npl -= row[name]
        if stock[PoolField.NON_PERFORMING_BALANCE] < 0.5:
            row["LOSS"] += npl
            booked["LOSS"] += npl
            npl = 0
        row["COLLECTION_COST"] = grown("COLLECTION_COST", row["RECOVERY"])
        row |= {"OPENING_BALANCE": opening, "CLOSING_BALANCE": left, "NON_PERFORMING_BALANCE": npl}
        opening = left
        found.append(row)
    return found

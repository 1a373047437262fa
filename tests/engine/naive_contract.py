"""Naive twin of contract schedules: one loan, one month after the other, every rule in the words of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

from abssim.engine.layout import Amortization
from abssim.money import round_half_up

LEVEL = (Amortization.LEVEL_PAY, Amortization.BALLOON, Amortization.INTEREST_ONLY)
FLAT = (Amortization.FLAT_FEE, Amortization.FREE_INSTALMENT)
CAPITALIZES = (*LEVEL, Amortization.EQUAL_PRINCIPAL, Amortization.MINIMUM_PAYMENT)
RULES = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN, "half_even": ROUND_HALF_EVEN}


class Unpaid(Exception):
    """The instalment falls below the interest, and the contract does not add it to the balance."""


@dataclass
class Loan:
    """A contract in whole units."""

    kind: Amortization
    balance: int
    term: int
    rate: float = 0.0
    fee_rate: float = 0.0
    original_balance: int = 0
    original_term: int = 0
    payment: int = 0
    balloon: int = 0
    interest_only_term: int = 0
    minimum_payment_rate: float = 0.0
    principal: tuple[int, ...] = ()
    bucket: int = 0
    age: int = 0
    amortization_term: int = 0
    pays_every: int = 1
    capitalized_term: int = 0
    first_period_days: int = 0
    payment_rounding: str = "contract"
    negative: bool = False
    keep: bool = False
    steps: Mapping[int, float] = field(default_factory=dict)
    """Rate from a month on; those of a floating rate are written out here too."""


def instalments(loan: Loan) -> list[tuple[int, int, int]]:
    """(principal, interest, fee) of every remaining month."""
    kind = loan.kind
    every = loan.term if kind == Amortization.SINGLE_PAYMENT else 1 if kind == Amortization.CUSTOM else loan.pays_every
    added = loan.capitalized_term if kind in CAPITALIZES else 0
    free = 0 if kind in (Amortization.SINGLE_PAYMENT, Amortization.CUSTOM) else loan.interest_only_term
    if kind == Amortization.INTEREST_ONLY and free == 0:
        free = loan.term
    due_months = [s for s in range(1, loan.term + 1) if (loan.term - s) % every == 0]
    paying = [s for s in due_months if s > max(free, added)]
    balance, rate, rows, accrued = loan.balance, loan.rate, [], 0.0
    amount = loan.payment if kind in LEVEL else 0
    for s in range(1, loan.term + 1):
        if s in loan.steps:
            rate = loan.steps[s]
            if kind in LEVEL and not loan.keep:
                amount = 0
        if kind in FLAT:
            rate = 0.0
        if s == 1:
            accrued = rate * _before(loan, every, due_months[0])
        accrued += rate / 12.0
        if s not in due_months:
            rows.append((0, 0, 0))
            continue
        interest, accrued = round_half_up(balance * accrued), 0.0
        fee = 0
        if kind != Amortization.FREE_INSTALMENT and balance > 0 and s > added:
            fee = round_half_up(loan.original_balance * loan.fee_rate * every)
        if s == loan.term:
            due = balance
        elif s <= added:
            due = -interest
        elif s <= free or kind == Amortization.SINGLE_PAYMENT:
            due = 0
        elif kind == Amortization.MINIMUM_PAYMENT:
            due = min(balance, max(loan.payment, round_half_up(balance * loan.minimum_payment_rate)))
        elif kind == Amortization.CUSTOM:
            due = min(balance, loan.principal[s - 1] if s <= len(loan.principal) else 0)
        else:
            if amount == 0:
                amount = _amount(loan, balance, rate, every, paying, s)
            due = min(balance, _of_instalment(loan, amount, interest) if kind in LEVEL else amount)
        balance -= due
        rows.append((due, interest, fee))
    return rows


def _before(loan: Loan, every: int, first: int) -> float:
    """Years added to the interest of the first instalment."""
    if loan.first_period_days:
        return (loan.first_period_days - 30 * first) / 360.0
    if loan.kind == Amortization.SINGLE_PAYMENT:
        return 0.0
    return (min(every, first + loan.age) - first) * 30 / 360.0


def _of_instalment(loan: Loan, amount: int, interest: int) -> int:
    """Principal of a level instalment."""
    if amount >= interest or loan.negative:
        return amount - interest
    if loan.payment or loan.keep:
        raise Unpaid
    return 0


def _amount(loan: Loan, balance: int, rate: float, every: int, paying: Sequence[int], s: int) -> int:
    """Level instalment, or part of principal, from month `s` on."""
    left = sum(1 for month in paying if month >= s)
    count, balloon = left, min(loan.balloon, balance)
    if loan.amortization_term:
        count = max(left, -(-loan.amortization_term // every) - (len(paying) - left))
        balloon = 0 if count > left else balloon
    if loan.kind in LEVEL:
        return level(balance, rate * every / 12.0, count, balloon, loan.payment_rounding)
    whole, parts = loan.original_balance, loan.original_term
    if count < loan.term or loan.balloon or parts < count or abs(whole * count - balance * parts) > parts * parts:
        whole, parts = balance - balloon, count
    own = "half_up" if loan.kind == Amortization.EQUAL_PRINCIPAL else "down"
    rule = own if loan.payment_rounding == "contract" else loan.payment_rounding
    return int((Decimal(whole) / Decimal(parts)).quantize(Decimal(1), RULES[rule]))


def level(balance: float, rate: float, term: int, balloon: float, rule: str = "contract") -> int:
    """The instalment that brings the balance to the balloon: found by discounting one unit a month."""
    worth = sum((1.0 + rate) ** -float(s) for s in range(1, term + 1))
    amount = (balance - balloon * (1.0 + rate) ** -float(term)) / worth
    if rule in ("contract", "half_up"):
        return round_half_up(amount)
    return int(Decimal(amount).quantize(Decimal("0.0000001")).quantize(Decimal(1), RULES[rule]))


def adjusted(rows: Sequence[tuple[int, int, int]], after: int, rate: float) -> int:
    """Payments after instalment `after` discounted at `rate` a month, at most the balance."""
    value = sum(sum(row) / (1.0 + rate) ** (s - after) for s, row in enumerate(rows, 1) if s > after)
    return min(sum(row[0] for row in rows[after:]), round_half_up(value))

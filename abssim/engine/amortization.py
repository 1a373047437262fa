"""Contract schedules: what each loan owes, month by month, to the cent.

A schedule is `[ContractField, s]`, `s = 0` the cut-off and `s = n` the last remaining instalment. Amounts are whole
units: minor units, or 1e-4 of one where a pool is computed without rounding (`Contracts.unit`), so there is one
arithmetic path. Each instalment is rounded by the contract's rule and the last one takes the rest: principal adds
up to the balance exactly.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.engine.layout import Amortization, ContractField
from abssim.engine.rounding import round_half_up

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Float64 = npt.NDArray[np.float64]


class Contracts(NamedTuple):
    """Columns `(L,)` of the tape that a schedule depends on; amounts in units."""

    balance: Int64
    original_balance: Int64
    payment: Int64
    balloon: Int64
    rate: Float64
    """Decimal a year."""
    fee_rate: Float64
    """Decimal a month on the original balance."""
    minimum_payment_rate: Float64
    original_term: Int32
    remaining_term: Int32
    interest_only_term: Int32
    amortization: Int8
    schedule: Int32
    """Index of the CUSTOM schedule, -1 for none."""
    schedule_first: Int64
    """(C + 1,) where each CUSTOM schedule starts in `schedule_amount`."""
    schedule_amount: Int64
    hurdle_rate: float
    """Decimal a year; 0 for a pool without yield supplement."""
    unit: int
    """Units in a minor unit: 1, or 10000 without rounding."""


@borrowing
def annuity(balance: float, rate: float, term: int, balloon: float) -> float:
    """Level instalment `(P - B v^n) r / (1 - v^n)`, `v = 1 / (1 + r)`, r a month; DOMAIN section 3 (`annuity`)."""
    if rate == 0.0:
        return (balance - balloon) / float(term)
    discount = (1.0 + rate) ** (-float(term))
    return (balance - balloon * discount) * rate / (1.0 - discount)


@borrowing
def _pay_level(total, balance, rate, term, payment, free):
    """Interest on the balance; principal is the instalment less interest after `free` months without; the last, all.

    An instalment below the interest due pays no principal (no negative amortization).
    """
    for s in range(1, term + 1):
        interest = round_half_up(float(balance) * rate)
        principal = balance
        if s <= free and s < term:
            principal = 0
        elif s < term:
            principal = min(balance, max(0, payment - interest))
        balance -= principal
        total[ContractField.BALANCE, s] += balance
        total[ContractField.INTEREST, s] += interest


@borrowing
def _pay_parts(total, balance, rate, term, part, fee):
    """Equal parts of principal, the last takes the rest; interest on the balance and a flat fee while one is owed."""
    for s in range(1, term + 1):
        total[ContractField.INTEREST, s] += round_half_up(float(balance) * rate)
        total[ContractField.FEE, s] += fee if balance > 0 else 0
        balance = 0 if s == term else balance - min(balance, part)
        total[ContractField.BALANCE, s] += balance


@borrowing
def _equal_part(contracts, i, term, half):
    """Instalment of principal: original balance / original term where the balance is on that schedule, else balance /
    remaining term. `half = 1` rounds half up, 0 down (the contract's rule for flat instalments, DOMAIN section 3)."""
    amount = contracts.original_balance[i]
    count = int(contracts.original_term[i])
    tolerance = float(count) * float(count) * float(contracts.unit)
    gap = float(amount) * float(term) - float(contracts.balance[i]) * float(count)
    if count < term or abs(gap) > tolerance:
        amount = contracts.balance[i]
        count = term
    return (amount + half * (count // 2)) // count


@borrowing
def level_terms(contracts, i, term):
    """(instalment, months without principal) of a contract whose interest and principal share an instalment.

    LEVEL_PAY an annuity; BALLOON an annuity down to the balloon, due with the last instalment; INTEREST_ONLY interest
    for `interest_only_term` months, then an annuity (0 months: until the bullet). The tape's instalment goes before.
    """
    kind = contracts.amortization[i]
    free = 0
    if kind == Amortization.INTEREST_ONLY:
        free = int(contracts.interest_only_term[i])
        if free <= 0 or free >= term:
            return 0, term
    payment = contracts.payment[i]
    if payment <= 0:
        balloon = min(contracts.balloon[i], contracts.balance[i]) if kind == Amortization.BALLOON else 0
        rate = contracts.rate[i] / 12.0
        payment = round_half_up(annuity(float(contracts.balance[i]), rate, term - free, float(balloon)))
    return payment, free


@borrowing
def _part_terms(contracts, i, term):
    """(rate a month, part of principal, fee) of a contract that repays equal parts.

    EQUAL_PRINCIPAL rounds the part half up and bears interest on the balance; FLAT_FEE and FREE_INSTALMENT round it
    down, the first with a fee on the original balance each month (DOMAIN section 3).
    """
    kind = contracts.amortization[i]
    if kind == Amortization.EQUAL_PRINCIPAL:
        return contracts.rate[i] / 12.0, _equal_part(contracts, i, term, 1), 0
    fee = 0
    if kind == Amortization.FLAT_FEE:
        fee = round_half_up(float(contracts.original_balance[i]) * contracts.fee_rate[i])
    return 0.0, _equal_part(contracts, i, term, 0), fee


@borrowing
def _single_payment(contracts, i, term, total):
    """Everything at the due date, with simple interest to it; 30-day deferred orders have one month and no rate."""
    for s in range(1, term):
        total[ContractField.BALANCE, s] += contracts.balance[i]
    interest = float(contracts.balance[i]) * (contracts.rate[i] / 12.0) * float(term)
    total[ContractField.INTEREST, term] += round_half_up(interest)


@borrowing
def _minimum_payment(contracts, i, term, total):
    """Each month the larger of `minimum_payment_rate` of the balance and the tape's instalment, plus interest."""
    rate = contracts.rate[i] / 12.0
    balance = contracts.balance[i]
    for s in range(1, term + 1):
        total[ContractField.INTEREST, s] += round_half_up(float(balance) * rate)
        due = max(contracts.payment[i], round_half_up(float(balance) * contracts.minimum_payment_rate[i]))
        balance = 0 if s == term else balance - min(balance, due)
        total[ContractField.BALANCE, s] += balance


@borrowing
def _custom(contracts, i, term, total):
    """Principal by month as the tape lists it, never more than is owed; the last month takes the rest."""
    rate = contracts.rate[i] / 12.0
    balance = contracts.balance[i]
    first = contracts.schedule_first[contracts.schedule[i]]
    count = contracts.schedule_first[contracts.schedule[i] + 1] - first
    for s in range(1, term + 1):
        total[ContractField.INTEREST, s] += round_half_up(float(balance) * rate)
        due = contracts.schedule_amount[first + s - 1] if s <= count else 0
        balance = 0 if s == term else balance - min(balance, max(0, due))
        total[ContractField.BALANCE, s] += balance


@borrowing
def _discount(schedule, term, rate):
    """ADJUSTED: remaining payments discounted at the hurdle `rate` a month, where that is below the balance."""
    value = 0.0
    for s in range(term, -1, -1):
        balance = schedule[ContractField.BALANCE, s]
        schedule[ContractField.ADJUSTED, s] = min(balance, round_half_up(value))
        if s > 0:
            principal = schedule[ContractField.BALANCE, s - 1] - balance
            due = principal + schedule[ContractField.INTEREST, s] + schedule[ContractField.FEE, s]
            value = (value + float(due)) / (1.0 + rate)


@borrowing
def add_schedule(contracts, i, total):
    """Add balance, interest and fee of loan `i` into `total[ContractField, 0..n]` and return n."""
    kind, balance = contracts.amortization[i], contracts.balance[i]
    term = max(1, int(contracts.remaining_term[i]))
    total[ContractField.BALANCE, 0] += balance
    if kind == Amortization.LEVEL_PAY or kind == Amortization.BALLOON or kind == Amortization.INTEREST_ONLY:
        payment, free = level_terms(contracts, i, term)
        _pay_level(total, balance, contracts.rate[i] / 12.0, term, payment, free)
    elif kind == Amortization.SINGLE_PAYMENT:
        _single_payment(contracts, i, term, total)
    elif kind == Amortization.MINIMUM_PAYMENT:
        _minimum_payment(contracts, i, term, total)
    elif kind == Amortization.CUSTOM:
        _custom(contracts, i, term, total)
    else:
        rate, part, fee = _part_terms(contracts, i, term)
        _pay_parts(total, balance, rate, term, part, fee)
    return term


@borrowing
def contract_schedule(contracts: Contracts, i: int, schedule: Int64) -> int:
    """Fill `schedule[ContractField, 0..n]` of loan `i` and return n; nothing beyond n is written."""
    for field in range(schedule.shape[0]):
        for s in range(max(1, int(contracts.remaining_term[i])) + 1):
            schedule[field, s] = 0
    term = add_schedule(contracts, i, schedule)
    if contracts.hurdle_rate > 0.0:
        _discount(schedule, term, contracts.hurdle_rate / 12.0)
    else:
        for s in range(term + 1):
            schedule[ContractField.ADJUSTED, s] = schedule[ContractField.BALANCE, s]
    return term


@kernel
def contract_prices(contracts: Contracts, discount: Float64, schedule: Int64, price: Float64) -> None:
    """Fill `price` `(L,)`, units: the lower of balance and payments discounted by `discount[s]`, DOMAIN section 9.3.

    `schedule` `(ContractField, S + 1)` is working memory.
    """
    for i in range(len(price)):
        term = contract_schedule(contracts, i, schedule)
        value = 0.0
        for s in range(1, term + 1):
            principal = schedule[ContractField.BALANCE, s - 1] - schedule[ContractField.BALANCE, s]
            due = principal + schedule[ContractField.INTEREST, s] + schedule[ContractField.FEE, s]
            value += float(due) * discount[s]
        price[i] = min(float(contracts.balance[i]), value)

"""Contract schedules: what each loan owes, month by month, to the cent.

A schedule is `[ContractField, s]`, `s = 0` the cut-off and `s = n` the last remaining instalment. Amounts are whole
units: minor units, or 1e-4 of one where a pool is computed without rounding (`Contracts.unit`), so there is one
arithmetic path. Each instalment is rounded by the contract's rule and the last one takes the rest: principal adds
up to the balance exactly.
"""

import numpy as np
import numpy.typing as npt

from abssim.engine._jit import borrowing, kernel
from abssim.engine.contract.columns import Contracts, Form
from abssim.engine.contract.particular import add_particular
from abssim.engine.layout import Amortization, ContractField
from abssim.engine.rounding import annuity, round_half_up

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@borrowing
def _pay_level(total, balance, rate, term, payment, free):
    """Interest on the balance; principal is the instalment less interest after `free` months without; the last, all.

    An instalment that is computed may fall a unit below the interest by rounding; one that is given does not
    (`engine.contract.particular` has those).
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
    remaining term. `half = 1` rounds half up, 0 down (the contract's rule for flat instalments)."""
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

    Interest alone for `interest_only_term` months, then an annuity down to the balloon, which is due with the last
    instalment; months of interest up to the last leave a bullet. The tape's instalment goes before the computed one.
    """
    free = int(contracts.interest_only_term[i])
    if free >= term:
        return 0, term
    payment = contracts.payment[i]
    if payment <= 0:
        balance = contracts.balance[i]
        balloon = min(contracts.balloon[i], balance)
        rate = contracts.rate[i] / 12.0
        payment = round_half_up(annuity(float(balance), rate, float(term - free), float(balloon)))
    return payment, free


@borrowing
def _part_terms(contracts, i, term):
    """(rate a month, part of principal, fee) of a contract that repays equal parts.

    EQUAL_PRINCIPAL rounds the part half up and bears interest on the balance; FLAT_FEE and FREE_INSTALMENT round it
    down. The fee is a share of the original balance each month.
    """
    kind = contracts.amortization[i]
    fee = round_half_up(float(contracts.original_balance[i]) * contracts.fee_rate[i])
    if kind == Amortization.EQUAL_PRINCIPAL:
        return contracts.rate[i] / 12.0, _equal_part(contracts, i, term, 1), fee
    return 0.0, _equal_part(contracts, i, term, 0), fee


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
    form, balance = contracts.form[i], contracts.balance[i]
    term = max(1, int(contracts.remaining_term[i]))
    total[ContractField.BALANCE, 0] += balance
    if form == Form.LEVEL or form == Form.LATER:
        payment, free = level_terms(contracts, i, term)
        _pay_level(total, balance, contracts.rate[i] / 12.0, term, payment, free)
    elif form == Form.PARTS:
        rate, part, fee = _part_terms(contracts, i, term)
        _pay_parts(total, balance, rate, term, part, fee)
    else:
        add_particular(contracts, i, term, total)
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
    """Fill `price` `(L,)`, units: the lower of balance and payments discounted by `discount[s]`.

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

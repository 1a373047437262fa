"""Contract schedules in full: every type of amortization with every particular a contract may have.

Interest accrues month by month at the rate in force and falls due with the instalment, every `pays_every` months
counted back from the last. A rate may float (index + margin within cap and floor, from reset to reset) or follow a
schedule; a level instalment is computed anew when the rate is, unless the contract keeps it. What an instalment
leaves of the interest is added to the balance where the contract says so: then BALANCE rises and INTEREST is what
accrued, so that cash is still interest and the fall of the balance.
"""

from abssim.engine._jit import borrowing
from abssim.engine.contract.columns import Basis
from abssim.engine.layout import Amortization, ContractField
from abssim.engine.rounding import annuity, round_by, round_half_up


@borrowing
def _rate_of(contracts, p, s, rate):
    """(Rate a year in month `s`, whether it is set anew); `rate` is that of the month before."""
    if p["index"] >= 0:
        since = s - 1 - p["months_to_reset"]
        if since >= 0 and since % max(1, p["reset_every"]) == 0:
            return min(p["cap"], max(p["floor"], contracts.index_rate[p["index"], s] + p["margin"])), True
    for k in range(p["step_first"], p["step_last"]):
        if contracts.step_month[k] == s:
            return contracts.step_rate[k], True
    return rate, False


@borrowing
def _years(contracts, basis, s):
    """Share of a year in month `s` from the cut-off."""
    if basis == Basis.THIRTY_360:
        return 1.0 / 12.0
    days = float(contracts.days[s] - contracts.days[s - 1])
    return days / 360.0 if basis == Basis.ACTUAL_360 else days / 365.0


@borrowing
def _first_part(contracts, i, p, balance, left, count):
    """Part of principal of a contract that repays equal parts: `left` instalments are due, it is spread over `count`.

    Original balance / original term where the balance is on that schedule, else what is owed but for the balloon. Half
    up for EQUAL_PRINCIPAL, down for the others, if the contract has no rule of its own.
    """
    rule = p["rounding"]
    if rule < 0:
        rule = 0 if contracts.amortization[i] == Amortization.EQUAL_PRINCIPAL else 2
    amount, term = contracts.original_balance[i], int(contracts.original_term[i])
    plain = contracts.balloon[i] == 0 and count == int(contracts.remaining_term[i]) and count <= term
    gap = abs(float(amount) * float(count) - float(balance) * float(term))
    if plain and gap <= float(term) * float(term) * float(contracts.unit):
        return round_by(float(amount) / float(term), rule)
    balloon = min(contracts.balloon[i], balance) if count == left else 0
    return round_by(float(balance - balloon) / float(count), rule)


@borrowing
def _instalment(contracts, i, p, balance, rate, left, count):
    """Level instalment of what is owed over `count` instalments, of which `left` are due until the last."""
    balloon = min(contracts.balloon[i], balance) if count == left else 0
    every = float(max(1, p["pays_every"]))
    amount = annuity(float(balance), rate * every / 12.0, float(count), float(balloon))
    return round_by(amount, max(0, p["rounding"]))


@borrowing
def _is_level(kind):
    return kind == Amortization.LEVEL_PAY or kind == Amortization.BALLOON or kind == Amortization.INTEREST_ONLY


@borrowing
def _is_parts(kind):
    return (
        kind >= Amortization.FLAT_FEE and kind <= Amortization.FREE_INSTALMENT
    ) or kind == Amortization.EQUAL_PRINCIPAL


@borrowing
def _principal(contracts, i, p, s, balance, amount, interest):
    """Principal of instalment `s` that is not the last: `amount` is the instalment or part."""
    kind = contracts.amortization[i]
    if s <= p["capitalized_term"]:
        return -interest
    if s <= contracts.interest_only_term[i] or kind == Amortization.SINGLE_PAYMENT:
        return 0
    if _is_level(kind):
        fixed = contracts.payment[i] > 0 or p["keep"] == 1
        if amount < interest and p["negative"] == 0:
            if fixed:
                contracts.unpaid[0] = i + 1
            return 0
        return min(balance, amount - interest)
    if kind == Amortization.MINIMUM_PAYMENT:
        least = round_half_up(float(balance) * contracts.minimum_payment_rate[i])
        return min(balance, max(contracts.payment[i], least))
    if kind == Amortization.CUSTOM:
        first = contracts.schedule_first[contracts.schedule[i]]
        count = contracts.schedule_first[contracts.schedule[i] + 1] - first
        return min(balance, max(0, contracts.schedule_amount[first + s - 1])) if s <= count else 0
    return min(balance, amount)


@borrowing
def _amount(contracts, i, p, balance, rate, left, made):
    """Instalment or part of a contract whose amount is not known yet, `made` instalments after it began to amortize."""
    count = left
    if p["amortization_term"] > 0:
        every = max(1, p["pays_every"])
        count = max(left, (p["amortization_term"] + every - 1) // every - made)
    if _is_level(contracts.amortization[i]):
        return _instalment(contracts, i, p, balance, rate, left, count)
    return _first_part(contracts, i, p, balance, left, count)


@borrowing
def add_particular(contracts, i, term, total):
    """Add balance, interest and fee of loan `i` into `total[ContractField, 0..term]`.

    Twin: `tests/engine/naive_contract.py`.
    """
    p = contracts.particulars[contracts.particular[i]]
    kind = contracts.amortization[i]
    every = term if kind == Amortization.SINGLE_PAYMENT else max(1, p["pays_every"])
    resting = max(int(contracts.interest_only_term[i]), p["capitalized_term"])
    amount = contracts.payment[i] if _is_level(kind) else 0
    level, has_amount = _is_level(kind), _is_level(kind) or _is_parts(kind)
    fee = round_half_up(float(contracts.original_balance[i]) * contracts.fee_rate[i] * float(every))
    balance, rate, accrued, made = contracts.balance[i], contracts.rate[i], 0.0, 0
    for s in range(1, term + 1):
        rate, anew = _rate_of(contracts, p, s, rate)
        if anew and level and p["keep"] == 0:
            amount = 0
        if s == 1:
            accrued = rate * p["before"]
        accrued += rate * _years(contracts, p["day_count"], s)
        if (term - s) % every == 0:
            interest = round_half_up(float(balance) * accrued)
            accrued = 0.0
            if s > p["capitalized_term"] and balance > 0:
                total[ContractField.FEE, s] += fee
            if s > resting and s < term and has_amount:
                if amount == 0:
                    amount = _amount(contracts, i, p, balance, rate, (term - s) // every + 1, made)
                made += 1
            principal = balance if s == term else _principal(contracts, i, p, s, balance, amount, interest)
            balance -= principal
            total[ContractField.INTEREST, s] += interest
        total[ContractField.BALANCE, s] += balance

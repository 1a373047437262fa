"""Whether the columns of a contract agree: what contradicts is a fault of the row, what has no effect is told.

Which column acts on which type is said in `abssim.tape.contract`; here stand the conditions between columns.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from abssim.annuity import annuity, outstanding
from abssim.engine.layout import Amortization
from abssim.money import to_units
from abssim.tape.contract import ACTS_ON, PARTS, acts
from abssim.tape.draft import Draft
from abssim.tape.pair import check_pairs
from abssim.tape.schema import Array
from abssim.tape.sound import Contract, Float64, Mask

OF_THE_INDEX = ("rate_margin", "rate_cap", "rate_floor", "reset_every", "months_to_reset")
"""They act on floating rates alone."""
_OF_INSTALMENTS = ("payment", "amortization_term", "negative_amortization", "payment_rounding")
"""Without any of them instalments are computed, and agree."""
_CLOSE = 0.005
"""Share by which an instalment may miss the one of its amortization term: it was rounded, or the balance has moved."""


def check_contracts(draft: Draft, columns: Mapping[str, Array], labels: Mapping[str, tuple[str, ...]]) -> None:
    """Faults and notes of all rows. Amounts are minor units, `columns` those of the tape and its particulars, `labels`
    the texts that these have as codes."""
    contract = Contract(draft, columns, labels)
    _of_another_type(contract)
    _rates(contract)
    _terms(contract)
    _instalments(contract)
    check_pairs(contract)


def _of_another_type(contract: Contract) -> None:
    """A column on a type of amortization that does not know it."""
    wrong = contract.given("schedule") & ~acts("schedule", contract.kinds)
    contract.refuse(wrong, "schedule", "a schedule contradicts the amortization", "amortization custom has a schedule")
    for name in ACTS_ON:
        idle = contract.given(name) & ~acts(name, contract.kinds)
        if name == "schedule" or not idle.any():
            continue
        for kind in np.unique(contract.kinds[idle]):
            word = Amortization(kind).name.lower()
            contract.tell(idle & (contract.kinds == kind), f"{name} of {{}} has no effect: {word} does not know it")


def _rates(contract: Contract) -> None:
    """Columns of floating and stepped rates."""
    acting = acts("rate_index", contract.kinds)
    for name in OF_THE_INDEX:
        alone = contract.given(name) & acting & ~contract.given("rate_index")
        contract.refuse(alone, name, f"{name} without rate_index", "give rate_index, or leave it out", "E268")
    both = contract.floats & contract.given("rate_schedule")
    contract.refuse(both, "rate_schedule", "rate_schedule beside rate_index")
    capped = contract.given("rate_cap") & contract.given("rate_floor")
    contract.refuse(capped & (contract["rate_cap"] < contract["rate_floor"]), "rate_cap", "rate_cap below rate_floor")
    idle = contract.from_start & contract.given("rate")
    contract.tell(idle, "rate of {} has no effect: months_to_reset is 0, so rate_index sets it from month 1")
    unknown = contract.from_start & ~contract.given("rate")
    contract.tell(unknown, "the rate of {} floats from month 1: averages count it as 0, for want of a current rate")
    idle = contract.given("at_reset") & contract.level
    text = "at_reset of {} has no effect: neither rate_index nor rate_schedule resets the rate"
    contract.tell(idle & ~contract.resets, text)
    contract.tell(
        idle & contract.resets & contract.bullet, "at_reset of {} has no effect: no instalment repays principal"
    )
    negative = (contract.columns["rate"] < 0) & acting
    contract.tell(negative, "the rate of {} is negative: what they are owed is set off against principal")


def _terms(contract: Contract) -> None:
    """Months of interest only and of amortization, and the balloon."""
    longer, balloon = contract["amortization_term"], contract["balloon"]
    balance, named = contract["balance"], longer > 0
    short = named & ~contract.bullet & (longer < contract.term - contract.free)
    contract.refuse(short, "amortization_term", "amortization_term shorter than the remaining_term it amortizes in")
    contract.tell(
        named & contract.bullet,
        "amortization_term of {} has no effect: no instalment repays principal (interest_only_term)",
    )
    differs = contract.bullet & (balloon > 0) & (balloon != balance)
    contract.refuse(
        differs,
        "balloon",
        "balloon is not the balance, but no instalment before it repays any (interest_only_term, capitalized_term)",
    )
    parts = np.isin(contract.kinds, PARTS) & named & (balloon > 0) & ~contract.bullet
    left = balance * (1.0 - np.minimum(1.0, contract.count * contract.every / np.maximum(longer, 1.0)))
    contract.refuse(
        parts & (np.abs(left - balloon) > balance / contract.count), "balloon", "balloon contradicts amortization_term"
    )
    free, capitalized = contract["interest_only_term"], contract["capitalized_term"]
    idle = (free > 0) & (free <= capitalized)
    contract.tell(idle, "interest_only_term of {} has no effect: capitalized_term lasts as long")


def _instalments(contract: Contract) -> None:
    """Level instalments against the interest, the balloon, and the amortization term."""
    if not any(contract.given(name).any() for name in _OF_INSTALMENTS):
        return
    payment, balance = contract["payment"], contract["balance"]
    given = contract.level & (payment > 0)
    contract.tell(
        given & contract.from_start & ~contract.keeps, "payment of {} has no effect: the rate resets in month 1"
    )
    given &= ~contract.from_start | contract.keeps
    _above_interest(contract, given)
    fixed = contract.level & ~contract.bullet & ~contract.resets & (contract["capitalized_term"] == 0)
    longer, balloon = contract["amortization_term"], contract["balloon"]
    over = np.where(longer > 0, np.ceil(longer / contract.every), contract.count)
    due = annuity(balance, contract.rate, over, np.where(longer > 0, 0.0, np.minimum(balloon, balance)))
    off = given & fixed & (longer > 0) & (np.abs(payment - due) > np.maximum(1.0, _CLOSE * due))
    contract.refuse(off, "payment", "payment contradicts amortization_term")
    paid = np.where(given, payment, due)
    left = outstanding(balance, contract.rate, paid, contract.count)
    known = fixed & (balloon > 0) & (given | (longer > 0))
    what = "payment or amortization_term leave"
    contract.refuse(known & (np.abs(left - balloon) > paid), "balloon", f"balloon is not what {what}")
    _told(contract, given & fixed & (balloon == 0) & (longer == 0), paid)


def _above_interest(contract: Contract, given: Mask) -> None:
    """An instalment never pays more than itself: interest above it must be one the contract adds to the balance."""
    payment, interest = contract["payment"], contract["balance"] * contract.rate
    below = given & (payment < np.floor(interest)) & (contract["negative_amortization"] == 0)
    contract.refuse(
        below & (contract["capitalized_term"] == 0), "payment", "payment below the first interest",
        "negative_amortization: yes adds what is unpaid to the balance", "E266",
    )  # fmt: skip
    more = given & contract.bullet & (payment > interest + 1.0)
    contract.refuse(
        more,
        "payment",
        "payment above the interest, but no instalment repays principal (interest_only_term, capitalized_term)",
    )
    yes = contract["negative_amortization"] == 1
    contract.tell(
        yes & ~given & ~contract.keeps, "negative_amortization of {} has no effect: no payment is given or kept"
    )
    rounded = (contract["payment_rounding"] > 0) & given & (~contract.resets | contract.keeps)
    contract.tell(rounded, "payment_rounding of {} has no effect: the payment is given")
    rounded = (contract["payment_rounding"] > 0) & contract.bullet
    contract.tell(rounded & ~given, "payment_rounding of {} has no effect: no instalment repays principal")


def _told(contract: Contract, given: Mask, payment: Float64) -> None:
    """Instalments that leave more than one of them to the last, or end the loan early; in closed form, so the amount is
    about what the contract leaves with its interest rounded at each instalment."""
    balance, rate = contract["balance"], contract.rate
    last = outstanding(balance, rate, payment, contract.count - 1.0)
    bullet = given & (outstanding(balance, rate, payment, contract.count) > payment)
    amount = to_units(float(last[bullet & ~contract.draft.faults.bad].sum()), contract.draft.currency)
    contract.tell(bullet, f"payment of {{}} leaves about {amount:,.0f} of principal to the last instalment")
    early = given & (outstanding(balance, rate, payment, np.maximum(0.0, contract.count - 2.0)) <= 0.0)
    contract.tell(early & (contract.count > 2), "payment of {} repays before the remaining_term ends")

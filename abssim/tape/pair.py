"""Pairs of columns that say two things of one loan: told, since which of them is wrong nobody knows."""

from __future__ import annotations

import numpy as np

from abssim.engine.layout import Amortization
from abssim.money import to_units
from abssim.tape.contract import FLAT, acts
from abssim.tape.detail import steps_of
from abssim.tape.sound import Contract

_MAY_GROW = (*FLAT, Amortization.MINIMUM_PAYMENT)
"""Lines of credit may be drawn again; where flat instalments owe more than was lent is a fault of its own."""
_DAYS_OF_A_MONTH = 31


def check_pairs(contract: Contract) -> None:
    """Notes on balances, arrears and rates that another column contradicts."""
    _balances(contract)
    _arrears(contract)
    _spans(contract)
    _steps(contract)
    _bounds(contract)


def _balances(contract: Contract) -> None:
    """A balance above the original one: interest added since, or a column that is another."""
    balance, original = contract["balance"], contract["original_balance"]
    grown = (balance > original) & ~np.isin(contract.kinds, _MAY_GROW)
    more = to_units(float((balance - original)[grown & ~contract.draft.faults.bad].sum()), contract.draft.currency)
    contract.tell(
        grown,
        f"balance of {{}} is above original_balance, by {more:,.2f} in all: was interest added, or is a column wrong?",
    )


def _arrears(contract: Contract) -> None:
    """Later than the loan is old."""
    if contract.draft.has("age") or contract.draft.has("origination_month") or contract.draft.has("original_term"):
        older = contract["days_past_due"] > _DAYS_OF_A_MONTH * (contract["age"] + 1)
        contract.tell(older, "days_past_due of {} is longer than the loan's age")


def _spans(contract: Contract) -> None:
    """Months that reach beyond the end of the contract."""
    for name in ("interest_only_term", "capitalized_term"):
        contract.tell(
            contract[name] > contract.term, f"{name} of {{}} is longer than remaining_term: it lasts to the end"
        )
    never = contract.floats & (contract["months_to_reset"] >= contract.term)
    contract.tell(
        never, "rate_index of {} has no effect: the first reset comes after the remaining_term (months_to_reset)"
    )


def _steps(contract: Contract) -> None:
    """Steps of rate schedules after the last instalment: all of them, or the last ones."""
    if "rate_schedule" not in contract.labels:
        return
    steps = [steps_of(text) or [(0, 0.0)] for text in contract.labels["rate_schedule"]]
    codes = contract.columns["rate_schedule"]
    acting = contract.given("rate_schedule") & acts("rate_schedule", contract.kinds)
    none, some = (np.asarray([each[i][0] for each in steps])[codes] > contract.term for i in (0, -1))
    contract.tell(acting & none, "rate_schedule of {} has no effect: its first month comes after the remaining_term")
    contract.tell(acting & some & ~none, "rate_schedule of {} has no effect in months after the remaining_term")


def _bounds(contract: Contract) -> None:
    """A rate that holds until the first reset, and is not within the bounds of the resets."""
    held = contract.floats & contract.given("rate") & (contract["months_to_reset"] > 0) & acts("rate", contract.kinds)
    for name, sign in (("rate_cap", 1.0), ("rate_floor", -1.0)):
        outside = held & contract.given(name) & (sign * (contract["rate"] - contract[name]) > 1e-12)
        word = "above" if sign > 0 else "below"
        contract.tell(outside, f"rate of {{}} is {word} {name}, which holds from the first reset on")

"""Every column of a contract, on every type of amortization: it changes the schedule, or a word is said.

Columns and types are enumerated from the code: a new one without an effect and without a word fails here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings, contracts_of
from abssim.collateral.particular import Calendar
from abssim.engine.contract.amortization import contract_schedule
from abssim.engine.layout import Amortization, ContractField
from abssim.errors import TapeError
from abssim.tape.contract import ACTS_ON
from abssim.tape.particular import PARTICULARS
from abssim.tape.repline import replines_reading
from abssim.tape.schema import USES
from tests.engine.floating import floating_deal

BASE = {"balance": 5_000.0, "remaining_term": 24, "original_term": 36, "original_balance": 9_000.0, "rate": 0.06}
NEEDED: dict[Amortization, dict[str, Any]] = {
    Amortization.MINIMUM_PAYMENT: {"minimum_payment_rate": 0.05},
    Amortization.FLAT_FEE: {"fee_rate": 0.005},
    Amortization.BALLOON: {"balloon": 1_000.0},
    Amortization.CUSTOM: {"schedule": "500;" * 9 + "500"},
    Amortization.INTEREST_ONLY: {"interest_only_term": 4},
}
VALUES: dict[str, Any] = {
    "rate": 0.09, "fee_rate": 0.01, "payment": 400.0, "balloon": 2_000.0, "interest_only_term": 5,
    "minimum_payment_rate": 0.1, "schedule": "2000;0;3000", "amortization_term": 60, "pays_every": 3,
    "capitalized_term": 4, "first_period_days": 50, "day_count": "act/360", "payment_rounding": "up",
    "negative_amortization": "yes", "rate_schedule": "7:12", "rate_index": "sofr", "rate_margin": 0.02,
    "rate_cap": 0.01, "rate_floor": 0.2, "reset_every": 5, "months_to_reset": 7, "at_reset": "keep_payment",
}  # fmt: skip
OF_THE_INDEX = ("rate_margin", "rate_cap", "rate_floor", "reset_every", "months_to_reset")
BESIDE: dict[str, dict[str, Any]] = {
    **{name: {"rate_index": "sofr"} for name in OF_THE_INDEX},
    "at_reset": {"rate_schedule": "7:12"},
    "negative_amortization": {"payment": 10.0},
}
"""What a column needs beside it to act."""
ALWAYS = {"balance", "original_balance", "original_term", "remaining_term", "amortization"}
"""Columns of contracts that every type uses."""


def outcome(row: dict[str, Any]) -> tuple[list[int], list[str], list[str]]:
    """(Figures of the schedule, words said, codes of faults) of one contract."""
    try:
        reading = replines_reading([row], "USD")
    except TapeError as error:
        return [], [], [problem.code for problem in error.problems]
    deal, scenario = floating_deal(forward_pct={"2025-01-01": 4, "2025-05-01": 5, "2025-09-01": 7})
    contracts = contracts_of(reading.tape, PoolSettings(calendar=Calendar(deal)), scenario)
    schedule = np.zeros((len(ContractField), 25), dtype=np.int64)
    contract_schedule(contracts, 0, schedule)
    return schedule.ravel().tolist(), list(reading.notes), []


def test_every_column_of_a_contract_is_in_the_table() -> None:
    contract = {name for name, uses in USES.items() if "contract" in uses}
    assert set(ACTS_ON) == contract - ALWAYS == set(VALUES)
    assert set(PARTICULARS) <= set(ACTS_ON)


@pytest.mark.parametrize("kind", list(Amortization), ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize("name", ACTS_ON)
@pytest.mark.parametrize("beside", [True, False], ids=["with what it needs", "alone"])
def test_acts_or_is_told(name: str, kind: Amortization, beside: bool) -> None:
    row = {
        **BASE,
        "amortization": kind.name.lower(),
        **NEEDED.get(kind, {}),
        **(BESIDE.get(name, {}) if beside else {}),
    }
    without = {key: value for key, value in row.items() if key != name}
    required = name in NEEDED.get(kind, {}) or name == "rate"
    plain, _, wrong = outcome(row if required else without)
    assert not wrong or (name == "negative_amortization" and wrong == ["E266"]), wrong
    figures, words, faults = outcome({**row, name: VALUES[name]})
    changed = figures != plain and not faults
    told = [word for word in words if name in word]
    assert changed or told or faults
    if changed:
        assert kind in ACTS_ON[name], "the table says it does not act"
    else:
        assert faults or not beside or kind not in ACTS_ON[name], "the table says it acts"


@pytest.mark.parametrize("name", sorted(set(ACTS_ON) - {"interest_only_term"}))
def test_interest_only_to_the_end(name: str) -> None:
    """No instalment repays principal, and what would act on one is told."""
    row = {**BASE, "amortization": "interest_only", **BESIDE.get(name, {})}
    plain = outcome(row)[0]
    figures, words, faults = outcome({**row, name: VALUES[name]})
    assert figures != plain or faults or any(name in word for word in words)


@pytest.mark.parametrize(("payment", "faults"), [(291.23, []), (292.6, []), (292.8, ["E265"]), (80.5, ["E265"])])
def test_an_instalment_of_a_quarter_against_its_amortization_term(payment: float, faults: list[str]) -> None:
    """20 quarters at 1.5 %: 5000 x 0.015 / (1 - 1.015^-20) = 291.23; half a percent is let pass, 1.46."""
    row = {**BASE, "amortization": "level_pay", "amortization_term": 60, "pays_every": 3}
    assert outcome({**row, "payment": payment})[2] == faults


@pytest.mark.parametrize(("balloon", "faults"), [(3_000.0, []), (3_200.0, []), (3_220.0, ["E265"]), (1.0, ["E265"])])
def test_a_balloon_of_equal_parts_against_the_amortization_term(balloon: float, faults: list[str]) -> None:
    """24 of 60 parts leave 5000 x 36 / 60 = 3000; what differs by less than a part of 5000 / 24 = 208 is let pass."""
    row = {**BASE, "amortization": "equal_principal", "amortization_term": 60}
    assert outcome({**row, "balloon": balloon})[2] == faults


def test_no_days_are_no_first_period() -> None:
    """0 may stand for a regular first period or for one without interest: it is neither, and said to be empty it is
    the regular one, 30 days."""
    assert outcome({**BASE, "first_period_days": 0})[2] == ["E213"]
    regular, given = outcome(BASE), outcome({**BASE, "first_period_days": 30})
    assert outcome({**BASE, "first_period_days": None})[0] == regular[0] == given[0] != []


@pytest.mark.parametrize("name", ["payment", "amortization_term", "pays_every", "reset_every"])
def test_zero_in_the_place_of_a_column_that_is_never_zero_is_told(name: str) -> None:
    row = {**BASE, **BESIDE.get(name, {})}
    figures, words, faults = outcome({**row, name: 0})
    assert figures == outcome(row)[0] and not faults
    assert [word for word in words if name in word] == [f"{name} of 1 loan is 0, which is taken as not given"]

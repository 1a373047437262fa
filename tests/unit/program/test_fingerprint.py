"""The fingerprint of a compiled deal changes with anything its result may depend on."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal
from abssim.program.compile import compile_deal, fingerprint_of
from abssim.tape.schema import LoanTape
from abssim.tape.synthesize import synthesize

ROOT = Path(__file__).resolve().parents[3]
DEAL = load_deal(ROOT / "deals" / "template")
TAPE = replace(
    synthesize("auto", loans=3, seed=1, balance=10**6),
    schedules=(np.array([1, 2]), np.array([3])),
    origination_month=np.array(["2024-01", "2024-02", "NaT"], dtype="datetime64[M]"),
    extra={"dealer": np.zeros(3)},
)
REVOLVING = """
name: bought
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2030-01-15, revolving_periods: 2}
pools: {p: {replines: [{balance: 1000, rate_pct: 6, remaining_term: 12}]}}
revolving: {replenishment: {tape: bought.csv}}
notes: {A: {balance: 1000, coupon_pct: 1}}
holders: [seller]
accounts: {cash: {collects: all}}
waterfalls:
  revolving:
    - {name: interest, rule: pay_due, source: cash, payees: [A]}
    - {name: buy, rule: pay_amount, source: cash, payees: [purchase], amount: pool.principal_collections}
    - {name: rest, rule: pay_remainder, source: cash, payees: [seller]}
  amortization:
    - {name: interest, rule: pay_due, source: cash, payees: [A]}
    - {name: principal, rule: pay_down_to, source: cash, payees: [A], target: 0}
    - {name: rest, rule: pay_remainder, source: cash, payees: [seller]}
"""


def changed(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, np.ndarray):
        return value[::-1].copy() if np.unique(value).size > 1 else (value.view(np.uint8) ^ 1).view(value.dtype)
    if value is None:
        return np.arange(len(TAPE)).astype(np.bytes_)
    if value == {}:
        return {"pays_every": np.full(len(TAPE), 3)}
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, tuple):
        return value[::-1] if len(value) > 1 else (changed(value[0]),)
    key = next(iter(value))
    return {**value, key: changed(value[key])}


@pytest.mark.parametrize("name", [field.name for field in fields(LoanTape)])
def test_all_of_a_tape_counts(name: str) -> None:
    other = replace(TAPE, **{name: changed(getattr(TAPE, name))})
    assert fingerprint_of(DEAL, [other]) != fingerprint_of(DEAL, [TAPE])
    assert fingerprint_of(DEAL, [TAPE.take(np.arange(3))]) == fingerprint_of(DEAL, [TAPE])


def test_what_is_bought_counts(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(REVOLVING, encoding="utf-8")
    found = []
    for rate in (6, 7):
        row = f"loan_id,balance,rate,remaining_term\n1,100,{rate / 100},12\n"
        (tmp_path / "bought.csv").write_text(row, encoding="utf-8")
        found.append(compile_deal(load_deal(tmp_path)).fingerprint)
    assert found[0] != found[1]

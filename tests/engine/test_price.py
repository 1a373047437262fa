"""Purchase price: loan by loan the lower of par and the contract's payments discounted at the yield."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.collateral.contract import purchase_price
from abssim.engine.layout import Amortization
from abssim.tape.schema import LoanTape, make_tape
from abssim.tape.synthesize import synthesize
from tests.engine.naive_collateral import Loan, instalments

FREE, FEE = int(Amortization.FREE_INSTALMENT), int(Amortization.FLAT_FEE)


def order(kind: int, term: int, balance: int = 240_000_000, fee: float = 0.0) -> LoanTape:
    return make_tape("CNY", [balance], remaining_term=term, original_term=term, amortization=kind, fee_rate=fee)


def test_a_fee_above_the_yield_is_bought_at_par() -> None:
    assert purchase_price(order(FEE, 12, fee=0.005), 0.08) == 1.0
    assert purchase_price(order(FEE, 12, fee=0.001), 0.08) < 1.0


def test_a_premium_of_one_loan_does_not_pay_for_the_discount_of_another() -> None:
    both = make_tape(
        "CNY", [240_000_000, 240_000_000], remaining_term=12, original_term=12, amortization=[FREE, FEE],
        fee_rate=[0.0, 0.01],
    )  # fmt: skip
    assert purchase_price(both, 0.08) == pytest.approx((0.95940 + 1.0) / 2, abs=5e-6)
    assert purchase_price(both, 0.08, weights=np.asarray([3.0, 1.0])) == pytest.approx(
        (3 * 0.95940 + 1.0) / 4, abs=5e-6
    )


def test_price_is_that_of_plain_python() -> None:
    tape = synthesize("baitiao", loans=60, seed=11)
    total = 0.0
    for i in range(len(tape)):
        loan = Loan(
            Amortization(tape.amortization[i]), int(tape.balance[i]), int(tape.remaining_term[i]),
            fee_rate=float(tape.fee_rate[i]), original_balance=int(tape.original_balance[i]),
            original_term=int(tape.original_term[i]),
        )  # fmt: skip
        value = sum((p + r + f) / 1.07 ** (k / 12) for k, (p, r, f) in enumerate(instalments(loan), start=1))
        total += min(float(tape.balance[i]), value)
    assert purchase_price(tape, 0.07) == pytest.approx(total / float(tape.balance.sum()), rel=1e-13)

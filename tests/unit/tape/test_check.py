from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abssim.annuity import annuity
from abssim.engine.layout import Amortization
from abssim.tape import LoanTape, TapeReading, check_tape, make_tape, read_tape, stratify


def rows(tape: LoanTape) -> dict[str, float]:
    return {row.key: row.value for row in check_tape(TapeReading(tape, (), len(tape), 0, 0, (), "x"))}


def test_level_payment_golden_value() -> None:
    """1000 at 0.6 % a month over 12 months -> 86.618973428."""
    found = annuity(np.asarray([1000.0, 1200.0]), np.asarray([0.006, 0.0]), np.asarray([12.0, 12.0]), 0.0)
    assert found[0] == pytest.approx(86.618973428, abs=1e-9) and found[1] == 100.0


def test_summary_by_hand() -> None:
    tape = make_tape(
        "USD", [100_00, 300_00], rate=[0.04, 0.08], remaining_term=[12, 24], obligor_key=[5, 5], score=[np.nan, 700],
        days_past_due=[0, 91], payment=[851, 100],
    )  # fmt: skip
    found = rows(tape)
    assert (found["loans"], found["obligors"], found["unique_ids"], found["balance"]) == (2, 1, 2, 40_000)
    assert found["largest_obligor_pct"] == 100.0
    assert found["rate_pct"] == pytest.approx(7.0) and found["remaining_term"] == pytest.approx(21.0)
    assert found["score"] == 700.0
    assert found["dpd_1_plus_pct"] == found["dpd_91_plus_pct"] == pytest.approx(75.0)
    assert found["level_payment_pct"] == 50.0 and found["payment_below_interest"] == 1


def test_instalments_are_compared_only_for_level_pay() -> None:
    tape = make_tape("USD", [100], rate=0.1, remaining_term=3, payment=1, amortization=Amortization.MINIMUM_PAYMENT)
    assert "level_payment_pct" not in rows(tape)


def test_identities_find_what_does_not_add_up(tmp_path: Path) -> None:
    head = (
        "assetNumber,reportingPeriodActualEndBalanceAmount,remainingTermToMaturityNumber,originalLoanTerm,"
        "reportingPeriodInterestRatePercentage,reportingPeriodBeginningLoanBalanceAmount,actualPrincipalCollectedAmount,"
        "otherPrincipalAdjustmentAmount"
    )
    (tmp_path / "al.csv").write_text(f"{head}\n1,90.00,10,12,5.1,100.00,10.00,0\n2,90.00,10,12,6,100.00,9.00,0\n")
    reading = read_tape(tmp_path / "al.csv")
    found = {row.key: row.value for row in check_tape(reading)}
    assert found["identity_1_pct"] == 50.0 and "identity_2_pct" not in found
    assert reading.tape.rate.tolist() == [0.051, 0.06]
    assert any("is read as percent" in note for note in reading.notes)
    assert reading.tape.column("loan_id").tolist() == ["1", "2"]


def test_loans_that_are_not_owed_are_not_counted() -> None:
    """100 and 300 are owed, 0 is not: two loans, 200 on average."""
    tape = make_tape("USD", [100_00, 300_00, 0], rate=0.05, remaining_term=[12, 24, 12])
    (loans,) = [row for row in check_tape(TapeReading(tape, (), 3, 0, 0, (), "x")) if row.key == "loans"]
    assert (loans.value, loans.note) == (2, "1 without a balance beside them")
    assert rows(tape)["average_balance"] == 200_00
    strata = stratify(tape, "remaining_term")
    assert ([row.loans for row in strata.rows], strata.total.loans) == ([1, 1], 2)

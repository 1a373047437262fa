"""Bond Market Association, Standard Formulas (1999), Cash Flow A: every month and column within half a dollar."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings
from abssim.collateral.expected import Collateral
from abssim.kind.pool import PoolField
from abssim.scenario.load import load_scenario
from abssim.tape.schema import make_tape

F = PoolField
COLUMNS = {
    "performing_balance": F.CLOSING_BALANCE,
    "new_defaults": F.DEFAULT,
    "in_foreclosure": F.NON_PERFORMING_BALANCE,
    "voluntary_prepayments": F.PREPAYMENT,
    "amort_from_defaults": F.ADVANCED_PRINCIPAL,
    "actual_amort": F.SCHEDULED_PRINCIPAL,
    "interest_lost": F.ADVANCED_INTEREST,
    "actual_interest": F.INTEREST,
    "principal_recovery": F.RECOVERY,
    "principal_loss": F.LOSS,
}
"""Interest on the loans in foreclosure is what the servicer advances."""
TOTALS = {
    F.DEFAULT: 47_576_640,
    F.PREPAYMENT: 47_527_662,
    F.SCHEDULED_PRINCIPAL: 4_895_697,
    F.RECOVERY: 37_446_547,
    F.LOSS: 9_515_314,
}


@pytest.fixture(scope="module")
def flows() -> np.ndarray:
    tape = make_tape("USD", [100_000_000], rate=0.08, remaining_term=360)
    scenario = load_scenario(Path(__file__).with_name("cash-flow-a.yaml"))
    return Collateral(tape, PoolSettings(rounded=False)).project(scenario, 360)


@pytest.fixture(scope="module")
def table(reference: Callable[[str], Path]) -> list[dict[str, str]]:
    with reference("bma-cashflow-a/cashflow_a.csv").open() as stream:
        return list(csv.DictReader(stream))[1:]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_month_of_the_column(column: str, flows: np.ndarray, table: list[dict[str, str]]) -> None:
    printed = np.asarray([float(row[column] or 0.0) for row in table])
    assert np.abs(flows[:, COLUMNS[column]] - printed).max() <= 0.5


def test_columns_that_are_sums_of_others(flows: np.ndarray, table: list[dict[str, str]]) -> None:
    sums = {
        "expected_amortization": flows[:, F.SCHEDULED_PRINCIPAL] + flows[:, F.ADVANCED_PRINCIPAL],
        "expected_interest": flows[:, F.INTEREST] + flows[:, F.ADVANCED_INTEREST],
        "amortized_default_bal_in_recovery_month": flows[:, F.RECOVERY] + flows[:, F.LOSS],
    }
    for column, values in sums.items():
        printed = np.asarray([float(row[column] or 0.0) for row in table])
        assert np.abs(values - printed).max() <= 0.5, column


@pytest.mark.parametrize("field", TOTALS)
def test_printed_totals(field: PoolField, flows: np.ndarray) -> None:
    assert abs(flows[:, field].sum() - TOTALS[field]) <= 0.5


def test_the_pool_ends_at_zero(flows: np.ndarray) -> None:
    assert flows[-1, [F.CLOSING_BALANCE, F.NON_PERFORMING_BALANCE]] == pytest.approx([0.0, 0.0], abs=1e-6)

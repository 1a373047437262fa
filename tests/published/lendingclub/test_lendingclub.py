"""Expected cash flows of resolved consumer loans against what became of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from abssim.collateral.expected import Collateral
from abssim.deal.load import load_deal
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from abssim.tape.read import read_tape
from abssim.tape.schema import LoanTape
from tests.published.lendingclub.calibrate import DEFAULT_STEPS, GRADES, read_loans, rules

FOLDER = Path("deals/consumer-unsecured")
NO_LOSS = Scenario.model_validate(
    {"name": "contract", "reason": "as contracted", "assumptions": [
        {"prepayment": {"smm_pct": 0}, "default": {"mdr_pct": 0}, "recovery": {"rate_pct": 0}}]}
)  # fmt: skip


@pytest.fixture(scope="module")
def tape(reference: Callable[[str], Path]) -> LoanTape:
    return read_tape(reference("lendingclub-2007-2011/lc_2007_2011_slim.csv.gz")).tape


@pytest.fixture(scope="module")
def loans(reference: Callable[[str], Path]) -> pd.DataFrame:
    return read_loans(reference("lendingclub-2007-2011/lc_2007_2011_slim.csv.gz"))


@pytest.fixture(scope="module")
def written(root: Path) -> dict[str, Any]:
    """The base scenario of the deal."""
    scenario = load_deal(root / FOLDER).scenario
    assert isinstance(scenario, dict)
    return scenario


def projected(tape: LoanTape, scenario: dict[str, Any]) -> pd.DataFrame:
    """Cumulative defaults and loans prepaid, percent of the start, by term, grade and months since issue.

    Defaults are dated by the last payment, one month before the engine's; a prepayment divided by the contract's
    balance is the share of loans that made it.
    """
    assumptions, rows = Scenario.model_validate(scenario), []
    for term in DEFAULT_STEPS:
        for grade in GRADES:
            chosen = (tape.original_term == term) & (tape.column("grade") == grade)
            pool = Collateral(tape.take(np.flatnonzero(chosen)))
            flows = pool.project(assumptions, months=term + 1)
            contract = pool.project(NO_LOSS, months=term + 1)[:, PoolField.CLOSING_BALANCE]
            opening = pool.opening_balance
            defaults = 100 * np.cumsum(flows[:, PoolField.DEFAULT]) / opening
            prepaid = 100 * np.cumsum(flows[: term - 1, PoolField.PREPAYMENT] / contract[: term - 1])
            rows += [(term, grade, k, defaults[k], prepaid[k - 1] if k else 0.0) for k in range(0, term, 3)]
    return pd.DataFrame(rows, columns=["term", "grade", "month", "default", "prepaid"])


def actual_curves(loans: pd.DataFrame) -> pd.DataFrame:
    """The same of what happened, in the layout of the published curves."""
    rows = []
    for (term, grade), cell in loans.groupby(["term", "grade"]):
        unpaid = cell["funded_amnt"] - cell["total_rec_prncp"]
        for month in range(0, int(term), 3):
            gone = cell["defaulted"] & (cell["paid_months"] <= month)
            prepaid = ~cell["defaulted"] & (cell["paid_months"] <= month) & (cell["paid_months"] < term)
            rows.append((term, grade, month, len(cell), unpaid[gone].sum() / cell["funded_amnt"].sum(), prepaid.mean()))
    return pd.DataFrame(rows, columns=["term", "grade", "months_since_issue", "n_loans", UNPAID, PREPAID])


UNPAID, PREPAID = "cum_unpaid_principal_share_of_funded", "cum_prepaid_in_full_share"


def errors(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Differences in points by term, grade and month."""
    both = ours.merge(theirs, left_on=["term", "grade", "month"], right_on=["term", "grade", "months_since_issue"])
    both["default_error"] = both["default"] - 100 * both[UNPAID]
    both["prepaid_error"] = both["prepaid"] - 100 * both[PREPAID]
    return both


def mean_error(both: pd.DataFrame, column: str) -> float:
    """Mean absolute error, weighted by loans."""
    weights: npt.NDArray[np.float64] = both["n_loans"].to_numpy(np.float64)
    return float((both[column].abs() * weights).sum() / weights.sum())


def test_base_scenario_is_what_the_loans_show(loans: pd.DataFrame, written: dict[str, Any]) -> None:
    assert written["assumptions"][1:] == rules(loans)


def test_back_test_against_the_static_pool_curves(
    tape: LoanTape, written: dict[str, Any], reference: Callable[[str], Path], root: Path
) -> None:
    curves = pd.read_csv(reference("lendingclub-2007-2011/lc_static_pool_curves.csv"))
    both = errors(projected(tape, written), curves)
    assert len(both) == 7 * 12 + 7 * 20
    large = both[both["n_loans"] >= 1000]
    told = (root / FOLDER / "README.md").read_text(encoding="utf-8")
    for value in (
        mean_error(both, "default_error"),
        large["default_error"].abs().max(),
        mean_error(both, "prepaid_error"),
        large["prepaid_error"].abs().max(),
    ):
        assert f"{value:.2f} points" in told
    assert mean_error(both, "default_error") < 0.15
    assert large["default_error"].abs().max() < 1.0


def test_rates_of_earlier_years_on_the_loans_of_2011(tape: LoanTape, loans: pd.DataFrame, root: Path) -> None:
    earlier = {"name": "2007-2010", "reason": "earlier years", "assumptions": rules(loans[loans["year"] <= 2010])}
    issued = tape.origination_month
    assert issued is not None
    young = tape.take(np.flatnonzero(issued >= np.datetime64("2011-01")))
    both = errors(projected(young, earlier), actual_curves(loans[loans["year"] == 2011]))
    told = (root / FOLDER / "README.md").read_text(encoding="utf-8")
    for column in ("default_error", "prepaid_error"):
        assert f"{mean_error(both, column):.2f} points" in told
    assert mean_error(both, "default_error") < 2.0


def test_the_deal_takes_its_own_tape(reference: Callable[[str], Path], abssim_json: Callable[..., Any]) -> None:
    file = reference("lendingclub-2007-2011/lc_2007_2011_slim.csv.gz")
    projection = abssim_json("run", "consumer-unsecured", "--tape", file)
    assert projection["deal"]["pool"]["loans"] == 42_535
    assert [row["principal_loss"] for row in projection["notes"]] == [0.0, 0.0, 0.0]
    assert all(check["result"] == "passed" for check in projection["checks"])

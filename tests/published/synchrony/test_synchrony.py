"""Synchrony Card Issuance Trust, July 2026: a series of a card trust against the monthly noteholder's statement."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abssim.deal.load import load_deal
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.enhancement import enhancement
from abssim.measure.series import SeriesMeasure, series_measures, transferor_amount
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario

FILE = Path(__file__).parent / "deal.yaml"
ALLOCATED = 1e-8


@pytest.fixture(scope="module")
def printed(reference: Callable[[str], Path]) -> dict[str, str]:
    with reference("synchrony-2026-07/figures.csv").open(encoding="utf-8") as lines:
        return {row["name"]: row["value"] for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run(compile_deal(load_deal(FILE)), Scenario(name="statement", reason="July 2026 as reported"))


@pytest.fixture(scope="module")
def series(result: RunResult) -> SeriesMeasure:
    return series_measures(result)[0]


def amount(minor: Any) -> float:
    """Currency units."""
    return round(float(minor) / 100.0, 2)


def test_payment_date_and_pool(result: RunResult, printed: dict[str, str]) -> None:
    assert result.dates.payment[0].isoformat() == printed["payment_date"]
    pool = result.pool_flow[0, 0]
    assert amount(pool[PoolField.OPENING_BALANCE]) == float(printed["pool_opening"])
    assert amount(pool[PoolField.CLOSING_BALANCE]) == float(printed["pool_closing"])


def test_interest_to_the_cent(result: RunResult, printed: dict[str, str]) -> None:
    paid = {
        name: amount(result.note_flow[0, n, NoteField.INTEREST_PAID]) for n, name in enumerate(result.names["note"])
    }
    assert paid == {name: float(printed[f"{name.replace('_', '-')}.interest"]) for name in paid}
    assert round(sum(paid.values()), 2) == float(printed["total_interest"])


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("finance_charge_collections", "finance_charge_series"),
        ("principal_collections", "principal_collections_series"),
        ("default_amount", "default_series"),
    ],
)
def test_allocations(series: SeriesMeasure, printed: dict[str, str], name: str, figure: str) -> None:
    assert float(series.allocated[name][0]) / 100.0 == pytest.approx(float(printed[figure]), rel=ALLOCATED)


def test_allocation_percentages(series: SeriesMeasure, printed: dict[str, str]) -> None:
    for name in ("floating_allocation", "principal_allocation"):
        assert round(100.0 * float(series.percentages[name][0]), 4) == float(printed["allocation_printed"])


def test_servicing_fee(result: RunResult, printed: dict[str, str]) -> None:
    """Within what rounding the fee of a day to the cent leaves in 31 days."""
    assert amount(result.fee_flow[0, 0, FeeField.PAID]) == pytest.approx(
        float(printed["servicing_fee_series"]), abs=0.16
    )


def test_collateral_and_subordination(series: SeriesMeasure, printed: dict[str, str]) -> None:
    for at, when in ((0, "opening"), (1, "closing")):
        assert amount(series.collateral_amount[at]) == float(printed[f"collateral_{when}"])
        assert amount(series.subordinated_transferor[at]) == float(printed[f"sub_transferor_{when}"])
        assert amount(series.nominal_liquidation_amount[at].sum()) == float(printed[f"nla_{when}"])
        assert amount(series.accumulated[at].sum()) == float(printed[f"pfa_{when}"])
    for k, key in enumerate("abcd"):
        assert amount(series.required_subordination[0, k]) == float(printed[f"required_{key}"])
        assert amount(series.required_subordination[1, k]) == float(printed[f"required_{key}_end"])


def test_required_subordination_of_tranches(series: SeriesMeasure, printed: dict[str, str]) -> None:
    """Each tranche's part of its class, by nominal liquidation amount."""
    for at, ending in ((0, ""), (1, "_end")):
        for face in (750, 500):
            part = series.required_subordination[at, 0] * face * 1e8 / series.nominal_liquidation_amount[at, 0]
            assert amount(part) == float(printed[f"required_a{ending}_{face}" if ending else f"required_a_{face}"])


def test_expressions_read_the_same(result: RunResult, printed: dict[str, str]) -> None:
    """Before the payments of the date; the minimum pool balance is the sum of the principal numerators."""
    read = dict(zip(result.names["definition"], result.definitions[0], strict=True))
    names = ("free_equity", "minimum_free_equity", "required_a", "required_b", "required_c", "required_d")
    assert {name: amount(read[name]) for name in names} == {name: float(printed[name]) for name in names}
    assert amount(read["series.synchrony.principal_numerator"]) == float(printed["minimum_pool_balance"])


def test_first_deposit(result: RunResult, printed: dict[str, str]) -> None:
    account = result.names["account"].index("series.synchrony.accumulation.A2023_2")
    assert amount(result.account_flow[0, account, AccountField.BALANCE]) == float(printed["pfa_targeted"])
    assert amount(result.account_flow[0, account, AccountField.TARGET]) == float(printed["pfa_targeted"])


def test_credit_enhancement_is_that_of_the_series(result: RunResult) -> None:
    assert {round(100.0 * each.total, 6) for each in enhancement(result)} == {26.0}
    assert amount(transferor_amount(result)[1]) == round(10_893_543_177.22 - 6_418_918_919, 2)

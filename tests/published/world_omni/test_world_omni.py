"""World Omni 2020-A: a real tape by its Schedule AL names, from the file to the notes."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

LOANS, BALANCE = 7_572, Decimal("184506367.68")


@pytest.fixture(scope="module")
def file(reference: Callable[[str], Path]) -> Path:
    return reference("world-omni-2020-a/world_omni.csv")


@pytest.fixture(scope="module")
def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def checked(file: Path, abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("tape", "check", file)


@pytest.fixture(scope="module")
def projection(file: Path, abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", "deals/world-omni-2020-a", "--tape", file)


def balance_of(row: dict[str, str]) -> Decimal:
    return Decimal(row["reportingPeriodActualEndBalanceAmount"])


def test_every_loan_loads_by_its_schedule_al_names(checked: Any, rows: list[dict[str, str]]) -> None:
    assert checked["format"] == "Schedule AL"
    assert (checked["loans"], checked["rows_dropped"], checked["problems"]) == (LOANS, 0, [])
    assert len(rows) == LOANS
    assert checked["balance"] == float(BALANCE) == float(sum(map(balance_of, rows)))


def test_it_says_that_asset_numbers_are_not_ids(checked: Any, rows: list[dict[str, str]]) -> None:
    distinct = len({row["assetNumber"] for row in rows})
    assert distinct == 2_159
    said = f"assetNumber is not unique ({distinct:,} values on {LOANS:,} rows)"
    assert any(said in note for note in checked["notes"])
    assert checked["unique_ids"] == LOANS


def test_the_figures_of_every_loan_agree_with_each_other(checked: Any) -> None:
    """Balance roll, scheduled payment, amount paid: on 100 % of the loans."""
    assert [checked[f"identity_{i}_pct"] for i in (1, 2, 3)] == [100.0, 100.0, 100.0]


def test_strata_add_up_to_the_file(file: Path, rows: list[dict[str, str]], abssim_json: Callable[..., Any]) -> None:
    strata = {table["by"]: table["rows"] for table in abssim_json("tape", "strat", file)["strata"]}
    assert {"balance", "rate", "remaining_term", "age", "score", "days_past_due", "region"} <= strata.keys()
    for cells in strata.values():
        cells = [cell for cell in cells if cell["label"] != "total"]
        assert sum(cell["loans"] for cell in cells) == LOANS
        assert sum(Decimal(str(cell["balance"])) for cell in cells) == BALANCE
    by_region: Counter[str] = Counter()
    for row in rows:
        by_region[row["obligorGeographicLocation"]] += int(balance_of(row) * 100)
    ours = {cell["label"]: round(cell["balance"] * 100) for cell in strata["region"]}
    assert {name: ours[name] for name in by_region if name in ours} == {n: by_region[n] for n in by_region if n in ours}
    assert len(ours.keys() & by_region.keys()) >= 10


def test_it_runs_through_a_deal(projection: Any) -> None:
    assert projection["deal"]["pool"]["loans"] == LOANS
    first = projection["pool"][0]
    performing = Decimal(str(first["opening_balance"]))
    assert performing + Decimal(str(projection["deal"]["pool"]["non_performing"])) == BALANCE
    assert [row["principal_loss"] for row in projection["notes"]] == [0.0, 0.0, 0.0]
    assert all(check["result"] == "passed" for check in projection["checks"])


def test_without_its_tape_the_deal_says_what_to_do(abssim: Callable[..., Any]) -> None:
    answer = abssim("run", "deals/world-omni-2020-a")
    assert answer.returncode == 2
    assert "E402" in answer.stderr and "--tape" in answer.stderr

"""Ally 2017-1 and 2018-1: every month from closing to the last report, every class, to the cent."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FIRST_THEN = {
    "ally-2017-1": {
        "A4": (61416.38, 122832.75),
        "B": (22961.46, 45922.92),
        "C": (20191.33, 40382.67),
        "D": (18271.00, 36542.00),
    },
    "ally-2018-1": {
        "A4": (99165.46, 198330.92),
        "B": (26068.00, 52136.00),
        "C": (23111.67, 46223.33),
        "D": (19534.67, 39069.33),
    },
}
"""Interest of the classes that get no principal: of the first 15 days, then of every month."""
CLASSES = {"A1": "A-1", "A2": "A-2", "A3": "A-3", "A4": "A-4", "B": "B", "C": "C", "D": "D"}
REPORTS = {"ally-2017-1": 35, "ally-2018-1": 23}

Flows = dict[tuple[int, str], dict[str, float]]


def read(file: Path, trust: str) -> list[dict[str, str]]:
    """Rows of a trust."""
    with file.open(encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["deal"] == trust.removeprefix("ally-")]


@pytest.fixture(scope="module", params=REPORTS)
def trust(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def life(trust: str, abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", f"deals/{trust}")


@pytest.fixture(scope="module")
def paid(life: Any) -> Flows:
    return {(row["period"], row["note"]): row for row in life["payments"]}


def test_every_month_of_every_class(trust: str, paid: Flows) -> None:
    rows = read(Path(__file__).parent / "paid.csv", trust)
    assert len(paid) == 7 * len(rows) == 7 * REPORTS[trust]
    for number, row in enumerate(rows, start=1):
        for name in ("A1", "A2", "A3"):
            assert paid[number, name]["interest_paid"] == float(row[f"{name} interest"])
            assert paid[number, name]["principal_paid"] == float(row[f"{name} principal"])
        for name, interest in FIRST_THEN[trust].items():
            assert paid[number, name]["interest_paid"] == interest[number > 1]
            assert paid[number, name]["principal_paid"] == 0.0


def test_what_the_certificates_get(trust: str, life: Any) -> None:
    printed = [float(row["certificate"]) for row in read(Path(__file__).parent / "paid.csv", trust)]
    assert [row["paid"] for row in life["holders"]] == printed


def test_it_is_the_servicers_history(trust: str, life: Any, paid: Flows, reference: Callable[[str], Path]) -> None:
    """Every cell of the reports, balances too, where they are at hand."""
    rows = read(reference("ally-2017-1-2018-1/ally_history.csv"), trust)
    assert len(rows) == REPORTS[trust]
    for number, row in enumerate(rows, start=1):
        for name, printed in CLASSES.items():
            flow = paid[number, name]
            found = (flow["interest_paid"], flow["principal_paid"], flow["balance"])
            assert found == tuple(float(row[f"{printed}_{what}"]) for what in ("interest", "principal", "balance"))
        pool, account = life["pool"][number - 1], life["accounts"][number - 1]
        assert pool["closing_balance"] == float(row["pool_end"])
        assert account["collected"] == float(row["total_distribution"])
        assert life["holders"][number - 1]["paid"] == float(row["certificate"])

"""CarMax 2025-2, August 2025 to January 2026: every amount of the servicer's certificates, to the cent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEAL = "deals/carmax-2025-2"
HERE = Path(__file__).parent
PARITIES = ("first", "second", "third", "fourth")
SAME = {"A3": 1687840.00, "A4": 344875.00, "B": 119536.00, "C": 90988.00, "D": 67492.83}
"""Interest of the classes that get no principal, the same on every date."""
REGULAR, FOURTH = 10579421.74, 14110000.00


@pytest.fixture(scope="module")
def printed() -> Any:
    return json.loads((HERE / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def projection(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", DEAL)


@pytest.fixture(scope="module")
def waterfall(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("explain", DEAL, "--period", "5")


@pytest.fixture(scope="module")
def paid(waterfall: Any) -> dict[str, float]:
    return {step["step"]: step["paid"] for step in waterfall["steps"]}


def test_the_first_of_them_is_the_fifth_date_of_the_deal(projection: Any, waterfall: Any) -> None:
    assert {row["period"] for row in projection["payments"]} == {5, 6, 7, 8, 9, 10}
    assert waterfall["date"] == "2025-09-15"


def test_what_the_notes_are_paid(projection: Any, printed: Any) -> None:
    notes = {row["note"]: row for row in projection["payments"] if row["period"] == 5}
    assert {name: row["interest_paid"] for name, row in notes.items()} == printed["interest"]
    assert {name: row["principal_paid"] for name, row in notes.items() if row["principal_paid"]} == printed["principal"]
    assert {name: row["balance"] for name, row in notes.items()} == printed["note_end"]
    assert round(sum(row["interest_paid"] for row in notes.values()), 2) == printed["total_note_interest"]
    assert round(sum(row["principal_paid"] for row in notes.values()), 2) == printed["total_note_principal"]
    assert not any(row["interest_shortfall"] for row in notes.values())


def test_every_step_of_the_waterfall(paid: dict[str, float], printed: Any) -> None:
    assert paid["servicing fee"] == printed["servicing_fee"]
    assert [paid[f"{parity} priority principal"] for parity in PARITIES] == printed["parity_principal"]
    assert paid["regular principal"] == printed["regular_principal"]
    assert paid["residual"] == printed["residual_distribution"]
    assert paid["reserve release"] == printed["reserve_release"]


def test_accounts(projection: Any, printed: Any) -> None:
    accounts = {row["account"]: row for row in projection["accounts"] if row["period"] == 5}
    collections = accounts["collections"]
    assert round(collections["collected"] + collections["income"], 2) == printed["available_collections"]
    assert collections["balance"] == 0.0
    assert accounts["reserve"]["balance"] == printed["reserve_end"]


def test_losses_of_the_period(projection: Any, printed: Any) -> None:
    period = projection["pool"][0]
    assert period["default"] == printed["gross_loss"]
    assert round(period["default"] - period["recovery"], 2) == printed["net_loss"]


@pytest.fixture(scope="module")
def certificates() -> list[dict[str, str]]:
    with (HERE / "paid.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_class_on_six_dates(projection: Any, certificates: list[dict[str, str]]) -> None:
    """A-2a and A-2b are paid by three steps on each of the last four dates, without a drift."""
    paid = {(row["date"], row["note"]): row for row in projection["payments"]}
    for row in certificates:
        day = row["payment_date"]
        for name in ("A1", "A2a", "A2b"):
            assert paid[day, name]["interest_paid"] == float(row[f"{name} interest"])
            assert paid[day, name]["principal_paid"] == float(row[f"{name} principal"])
        assert {name: paid[day, name]["interest_paid"] for name in SAME} == SAME
        assert not any(paid[day, name]["principal_paid"] for name in SAME)
    last = {name: paid[certificates[-1]["payment_date"], name]["balance"] for name in ("A1", "A2a", "A2b")}
    assert last == {"A1": 0.00, "A2a": 250013666.29, "A2b": 115370592.11}


@pytest.mark.parametrize("number", range(6))
def test_every_step_on_six_dates(
    number: int, certificates: list[dict[str, str]], abssim_json: Callable[..., Any]
) -> None:
    explained = abssim_json("explain", DEAL, "--period", str(5 + number))
    steps, row = {step["step"]: step["paid"] for step in explained["steps"]}, certificates[number]
    assert explained["date"] == row["payment_date"]
    assert [steps[f"{parity} priority principal"] for parity in PARITIES] == [0, 0, float(row["third parity"]), FOURTH]
    assert steps["regular principal"] == REGULAR
    for name in ("servicing fee", "residual", "reserve release"):
        assert steps[name] == float(row[name])


def test_what_is_outstanding_when_the_figures_stop_is_no_loss(projection: Any) -> None:
    assert not any(row["principal_loss"] for row in projection["notes"])
    assert [row["note"] for row in projection["notes"] if row["expected_final"]] == ["A1"]


def test_the_case_is_what_the_certificate_says(printed: Any, reference: Callable[[str], Path]) -> None:
    """Typed figures against the reference data, where it is at hand."""
    certificate = json.loads(reference("carmax-2025-2/certificate-2025-08.json").read_text(encoding="utf-8"))["out"]
    names = ("priority", "secondary", "tertiary", "quaternary")
    typed = {key: value for key, value in printed.items() if key != "parity_principal"}
    assert printed["parity_principal"] == [certificate.pop(f"{name}_principal") for name in names]
    assert typed == certificate

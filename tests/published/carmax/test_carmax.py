"""CarMax 2025-2, August 2025: every amount of the servicer certificate, to the cent, through the ordinary command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEAL = "deals/carmax-2025-2"
PARITIES = ("first", "second", "third", "fourth")


@pytest.fixture(scope="module")
def printed() -> Any:
    return json.loads((Path(__file__).parent / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def projection(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", DEAL)


@pytest.fixture(scope="module")
def waterfall(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("explain", DEAL, "--period", "5")


@pytest.fixture(scope="module")
def paid(waterfall: Any) -> dict[str, float]:
    return {step["step"]: step["paid"] for step in waterfall["steps"]}


def test_it_is_the_fifth_date_of_the_deal(projection: Any, waterfall: Any) -> None:
    assert {row["period"] for row in projection["payments"]} == {5}
    assert waterfall["date"] == "2025-09-15"


def test_what_the_notes_are_paid(projection: Any, printed: Any) -> None:
    notes = {row["note"]: row for row in projection["payments"]}
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
    accounts = {row["account"]: row for row in projection["accounts"]}
    collections = accounts["collections"]
    assert round(collections["collected"] + collections["income"], 2) == printed["available_collections"]
    assert collections["balance"] == 0.0
    assert accounts["reserve"]["balance"] == printed["reserve_end"]


def test_losses_of_the_period(projection: Any, printed: Any) -> None:
    (period,) = projection["pool"]
    assert period["default"] == printed["gross_loss"]
    assert round(period["default"] - period["recovery"], 2) == printed["net_loss"]


def test_what_is_outstanding_when_the_figures_stop_is_no_loss(projection: Any) -> None:
    assert all(row["principal_loss"] == 0.0 and row["expected_final"] is None for row in projection["notes"])


def test_the_case_is_what_the_certificate_says(printed: Any, reference: Callable[[str], Path]) -> None:
    """Typed figures against the reference data, where it is at hand."""
    certificate = json.loads(reference("carmax-2025-2/certificate-2025-08.json").read_text(encoding="utf-8"))["out"]
    names = ("priority", "secondary", "tertiary", "quaternary")
    typed = {key: value for key, value in printed.items() if key != "parity_principal"}
    assert printed["parity_principal"] == [certificate.pop(f"{name}_principal") for name in names]
    assert typed == certificate

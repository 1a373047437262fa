"""SDART 2024-1, March 2026: amounts of the certificate to the cent, ratios as printed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abssim import compile_deal, load_deal, run
from tests.engine.small import QUIET

DEAL = "deals/sdart-2024-1"
PAID = {
    "servicing fee": 1_523_435.16,
    "B interest": 631_637.28,
    "C interest": 588_463.75,
    "D interest": 980_280.00,
    "regular principal": 23_558_481.91,
    "residual": 6_043_431.50,
}
AMOUNTS = {
    "oc_part_i": 88_402_110.93,
    "oc_part_ii": 32_192_870.56,
    "oc_target": 120_594_981.49,
    "net_loss": 3_154_725.77,
}
RATIOS = {
    "net_loss_ratio": 0.53,
    "rolling_net_loss_ratio": 0.74,
    "cumulative_net_loss_ratio": 8.93,
    "delinquency_ratio": 8.83,
}
"""Percent, two decimals."""


@pytest.fixture(scope="module")
def life(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", DEAL)


@pytest.fixture(scope="module")
def explained(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("explain", DEAL, "--period", "27")


@pytest.fixture(scope="module")
def definitions() -> dict[str, float]:
    result = run(compile_deal(load_deal(DEAL)), QUIET)
    return dict(zip(result.names["definition"], result.definitions[0].tolist(), strict=True))


def test_what_is_paid(explained: Any) -> None:
    steps = {step["step"]: step for step in explained["steps"]}
    assert {name: steps[name]["paid"] for name in PAID} == PAID
    assert not any(steps[f"{each} priority principal"]["due"] for each in ("first", "second", "third", "fourth"))
    assert not any(step["shortfall"] for step in steps.values())


def test_target_in_parts_each_rounded(definitions: dict[str, float]) -> None:
    assert {name: definitions[name] / 100.0 for name in AMOUNTS} == AMOUNTS


def test_ratios(definitions: dict[str, float]) -> None:
    assert {name: round(100.0 * definitions[name], 2) for name in RATIOS} == RATIOS


def test_balances(life: Any) -> None:
    notes = {row["note"]: row["balance"] for row in life["payments"]}
    assert notes == {"A1": 0, "A2": 0, "A3": 0, "B": 121_367_853.56, "C": 129_570_000.0, "D": 210_060_000.0}
    accounts = {row["account"]: row for row in life["accounts"]}
    assert accounts["collections"]["collected"] == 33_325_729.60
    assert accounts["reserve"]["balance"] == accounts["reserve"]["target"] == 16_096_435.28
    (trigger,) = {row["trigger"]: row for row in life["triggers"]}.values()
    assert trigger["status"] == "ok"


def test_it_is_the_certificate(
    life: Any, explained: Any, definitions: dict[str, float], reference: Callable[[str], Path]
) -> None:
    """Every figure that follows from what went in, where the certificate is at hand."""
    with reference("sdart-2024-1/figures.csv").open(encoding="utf-8") as stream:
        printed = {row["name"]: row["value"] for row in csv.DictReader(stream)}
    (pool,) = life["pool"]
    notes = {row["note"]: row for row in life["payments"]}
    steps = {step["step"]: step["paid"] for step in explained["steps"]}
    initial = {"A1": 122.32e6, "A2": 567e6, "A3": 253.12e6, "B": 174.65e6, "C": 129.57e6, "D": 210.06e6}
    closing = round(sum(row["balance"] for row in notes.values()), 2)
    found: dict[str, float] = {
        "pool_opening": pool["opening_balance"],
        "principal_distributable": round(pool["opening_balance"] - pool["closing_balance"], 2),
        "pool_closing": pool["closing_balance"],
        "pool_factor": round(pool["factor_pct"] / 100.0, 6),
        "total.initial": sum(initial.values()),
        "total.opening": round(sum(row["opening_balance"] for row in notes.values()), 2),
        "total.closing": closing,
        "B.closing": notes["B"]["balance"],
        "B.factor": round(notes["B"]["balance"] / initial["B"], 6),
        "total.factor": round(closing / sum(initial.values()), 6),
        "B.principal_per_1000": round(1000 * notes["B"]["principal_paid"] / initial["B"], 2),
        "total.principal_per_1000": round(1000 * notes["B"]["principal_paid"] / sum(initial.values()), 2),
        "regular_principal": steps["regular principal"],
        "servicing_fee": steps["servicing fee"],
        "residual": steps["residual"],
        "oc_rate": round(100 * definitions["oc_target"] / 100 / pool["closing_balance"], 2),
        "average_balance": round((pool["opening_balance"] + pool["closing_balance"]) / 2 + 1e-6, 2),
        "cumulative_closing": round(140_637_556.95 + definitions["net_loss"] / 100, 2),
        "dpd_total": round(65_935_356.77 + pool["dpd_61_90_balance"] + 11_167_250.26, 2),
    }
    found |= {f"{name}.interest": notes[name]["interest_paid"] for name in "BCD"}
    found |= {name: definitions[name] / 100 for name in AMOUNTS}
    found |= {"net_loss_ratio": RATIOS["net_loss_ratio"], "rolling_ratio": RATIOS["rolling_net_loss_ratio"]}
    found |= {"cumulative_ratio": RATIOS["cumulative_net_loss_ratio"], "dpd_60_plus_rate": RATIOS["delinquency_ratio"]}
    assert {name: float(printed[name]) for name in found} == found

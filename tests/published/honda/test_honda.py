"""Honda 2009-1: the decrement table and the lives that its offering document printed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LIVES_OF_A1 = {0.5: 0.46, 1.0: 0.40, 1.3: 0.35, 1.5: 0.33, 1.7: 0.30, 2.0: 0.26}
"""Printed by ABS speed; to call and to maturity are the same for this class."""
LIVES_TO_CALL = {"A1": 0.35, "A2": 1.00, "A3": 1.93, "B": 2.46}
"""Printed by note at the pricing speed."""
TOTAL_LIFE = 1.14


def printed_cells() -> dict[tuple[str, float], float]:
    """Percent of the initial balance by date and speed."""
    with (Path(__file__).parent / "class_a1.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["date"], speed): float(row[f"{speed:.2f}"]) for row in rows for speed in LIVES_OF_A1}


@pytest.fixture(scope="module")
def decrement(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("decrement", "deals/honda-2009-1", "--speed", "abs:0.5,1.0,1.3,1.5,1.7,2.0", "--note", "A1")


def test_every_cell_of_class_a1_is_met(decrement: Any) -> None:
    printed = printed_cells()
    ours = {(cell["date"], cell["speed"]): cell["percent"] for cell in decrement["cells"]}
    assert {cell["note"] for cell in decrement["cells"]} == {"A1"}
    informative = {key: percent for key, percent in printed.items() if 0 < percent < 100}
    assert len(informative) == 49
    assert {key: ours[key] for key in informative} == pytest.approx(informative, abs=0.005, rel=0)
    assert all(ours[key] == percent for key, percent in printed.items() if percent in (0, 100))


def test_lives_of_class_a1_at_every_speed(decrement: Any) -> None:
    ours = {life["speed"]: life for life in decrement["lives"]}
    assert {speed: round(life["to_call"], 2) for speed, life in ours.items()} == LIVES_OF_A1
    assert {speed: round(life["to_maturity"], 2) for speed, life in ours.items()} == LIVES_OF_A1


def test_the_four_lives_to_call_at_the_pricing_speed(abssim_json: Callable[..., Any]) -> None:
    table = abssim_json("decrement", "deals/honda-2009-1", "--speed", "abs:1.3")
    ours = {life["note"]: life["to_call"] for life in table["lives"]}
    assert {note: round(life, 2) for note, life in ours.items()} == LIVES_TO_CALL
    balances = {"A1": 503_000_000.0, "A2": 311_000_000.0, "A3": 486_000_000.0, "B": 40_207_621.93}
    total = sum(ours[note] * balance for note, balance in balances.items()) / sum(balances.values())
    assert round(total, 2) == TOTAL_LIFE

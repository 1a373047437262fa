"""BMW 2023-A: the adjusted pool, and the split of principal between A-2a and A-2b, on four dates to the cent."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abssim import compile_deal, load_deal, run
from tests.engine.small import QUIET

HERE = Path(__file__).parent
CLOSING = {  # of A-2a and A-2b
    14: (127_646_327.06, 66_598_083.68),
    15: (103_459_974.39, 53_979_117.07),
    16: (76_909_193.30, 40_126_535.64),
    17: (52_537_507.97, 27_410_873.73),
}
SUPPLEMENT = [56_290_091.01, 52_443_096.90, 48_892_837.96, 45_258_877.78, 41_962_824.53]
"""Yield supplement overcollateralization before the first date, then after each."""


@pytest.fixture(scope="module")
def life(abssim_json: Callable[..., Any]) -> Any:
    return abssim_json("run", HERE / "deal.yaml")


def test_balances(life: Any) -> None:
    closing = {(row["period"], row["note"]): row["balance"] for row in life["payments"]}
    assert len(closing) == 4 * 4
    for number, (a, b) in CLOSING.items():
        assert (closing[number, "A2a"], closing[number, "A2b"]) == (a, b)
        assert (closing[number, "A3"], closing[number, "A4"]) == (525e6, 100e6)


def test_yield_supplement_and_overcollateralization(life: Any) -> None:
    notes: dict[int, float] = {}
    for row in life["payments"]:
        notes[row["period"]] = notes.get(row["period"], 0.0) + row["balance"]
    for row, supplement in zip(life["pool"], SUPPLEMENT[1:], strict=True):
        assert round(row["closing_balance"] - row["adjusted_balance"], 2) == supplement
        assert round(row["adjusted_balance"] - notes[row["period"]], 2) == 38_461_605.66


def test_yield_supplement_before_each_date() -> None:
    result = run(compile_deal(load_deal(HERE / "deal.yaml")), QUIET)
    column = result.definitions[:, result.names["definition"].index("yield_supplement")]
    assert column.tolist() == [round(100 * each) for each in SUPPLEMENT[:-1]]


def test_it_is_the_reports(life: Any, reference: Callable[[str], Path]) -> None:
    """Every figure of the three reports, where they are at hand."""
    pool = {row["period"]: row for row in life["pool"]}
    paid = {(row["period"], row["note"]): row for row in life["payments"]}
    with reference("bmw-2023-a/bmw.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            number = int(row["period"])
            assert pool[number]["opening_balance"] == float(row["pool_begin"])
            assert pool[number]["closing_balance"] == float(row["pool_end"])
            assert pool[number]["adjusted_balance"] == float(row["adj_end"])
            for name in ("A2a", "A2b", "A3", "A4"):
                assert paid[number, name]["opening_balance"] == float(row[f"{name}_begin"])
                assert paid[number, name]["balance"] == float(row[f"{name}_end"])

"""All cash of a run adds up, whoever is paid."""

from __future__ import annotations

from pathlib import Path

from abssim.measure.cash import cash_rows
from abssim.study.project import run
from tests.unit.measure.handmade import handmade_result

FLOATER = Path(__file__).resolve().parents[2] / "cases" / "adjusted-floater" / "deal.yaml"


def test_the_handmade_run_by_hand() -> None:
    rows = {row.name: (row.received, row.paid) for row in cash_rows(handmade_result())}
    assert rows == {
        "in the accounts at the start": (2_000, 0),
        "collected from the pool": (100_450, 0),
        "note A": (0, 80_583),
        "note B": (0, 14_678),
        "fee servicing": (0, 0),
        "left in the accounts": (0, 7_189),
    }


def test_what_is_received_is_paid_to_notes_fees_and_holders_or_left() -> None:
    found = run(FLOATER)
    rows = cash_rows(found)
    assert sum(row.received for row in rows) == sum(row.paid for row in rows) > 0
    paid = {row.name: row.paid for row in rows}
    held = dict(zip(found.names["holder"], found.holder_paid.sum(axis=0).tolist(), strict=True))
    assert held and all(paid[f"holder {name}"] == amount for name, amount in held.items()) and any(held.values())

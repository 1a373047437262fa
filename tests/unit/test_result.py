"""A result's frame is its arrays, with names and currency units."""

from __future__ import annotations

import numpy as np

from abssim.kind.note import NoteField
from tests.engine.small import REST, TWO_POOLS, outcome


def test_cashflows_are_tidy() -> None:
    result = outcome([REST], ["{interest: 1.25}", "{interest: 2.50}"], 'triggers: {g: {when: "period == 2"}}')
    frame = result.cashflows
    assert list(frame.columns) == ["date", "period", "kind", "name", "field", "amount"]
    assert set(frame["kind"]) == {"pool", "note", "account", "step", "trigger", "holder"}
    assert frame.loc[frame["kind"] == "holder", "amount"].tolist() == [1.25, 2.5]
    interest = frame[(frame["kind"] == "pool") & (frame["field"] == "interest")]
    assert interest["amount"].tolist() == [1.25, 2.5]
    assert [str(day) for day in interest["date"]] == ["2025-02-15", "2025-03-15"]
    active = frame[(frame["kind"] == "trigger") & (frame["field"] == "active")]
    assert active["amount"].tolist() == [0, 1]
    residual = frame[(frame["kind"] == "step") & (frame["field"] == "paid")]
    assert residual["name"].unique().tolist() == ["amortization.rest"]


def test_pools_have_a_row_for_their_sum() -> None:
    result = outcome([REST], [], pools=TWO_POOLS)
    frame = result.cashflows
    interest = frame[(frame["kind"] == "pool") & (frame["field"] == "interest")]
    assert dict(zip(interest["name"], interest["amount"], strict=True)) == {"all": 1.0, "p": 1.0, "q": 0.0}


def test_views_are_of_the_trace() -> None:
    result = outcome([REST], ["{interest: 1}"])
    assert np.shares_memory(result.note_flow, result.trace)
    assert result.note_flow.shape == (1, 2, len(NoteField))
    assert result.holder_paid.tolist() == [[100]]
    assert result.periods == 1

"""Competing risks: what comes first leaves less for what comes after, and never less than nothing."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.collateral.hazard import Clock, Dials, Hazards, rate_transitions, roll_transitions
from abssim.engine.credit.expected import LoanState
from abssim.scenario.roll import RollRates

EXITS = (LoanState.DEFAULT, LoanState.PREPAID, LoanState.DILUTED, LoanState.REPURCHASED)


def hazards(prepay: float, default: float, dilution: float, repurchase: float) -> Hazards:
    return Hazards(*(np.full((1, 1), value) for value in (prepay, default, dilution, repurchase)))


@pytest.mark.parametrize(
    ("risks", "found"),
    [
        ((0.7, 0.4, 0.2, 0.1), (0.4, 0.6, 0.0, 0.0)),
        ((0.3, 0.4, 0.5, 0.1), (0.4, 0.3, 0.3, 0.0)),
        ((0.3, 0.4, 0.2, 0.5), (0.4, 0.3, 0.2, 0.1)),
        ((0.1, 0.2, 0.3, 0.1), (0.2, 0.1, 0.3, 0.1)),
    ],
)
def test_simultaneous_risks_share_what_there_is(risks: tuple[float, ...], found: tuple[float, ...]) -> None:
    row = rate_transitions(hazards(*risks), "simultaneous")[0, 0, 0]
    assert row[list(EXITS)] == pytest.approx(found, abs=1e-15)
    assert row.sum() == pytest.approx(1.0) and row.min() >= 0.0


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("default_first", (0.2, 0.8 * 0.7 * 0.9 * 0.1, 0.8 * 0.3, 0.8 * 0.7 * 0.1)),
        ("prepay_first", (0.9 * 0.2, 0.1, 0.9 * 0.8 * 0.3, 0.9 * 0.8 * 0.7 * 0.1)),
    ],
)
def test_one_after_the_other(order: str, found: tuple[float, ...]) -> None:
    row = rate_transitions(hazards(0.1, 0.2, 0.3, 0.1), order)[0, 0, 0]
    assert row[list(EXITS)] == pytest.approx(found, abs=1e-15)


def test_repurchase_takes_from_what_dilution_leaves_of_roll_rates() -> None:
    rolls = RollRates.model_validate("base")
    clock = Clock(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64), 1, 0)
    dials = Dials(np.ones(1), np.ones(1), np.ones(1))
    row = roll_transitions(rolls, clock, hazards(0.0, 0.0, 0.3, 0.1), dials, False)[0, 0, 0]
    plain = roll_transitions(rolls, clock, hazards(0.0, 0.0, 0.0, 0.0), dials, False)[0, 0, 0]
    assert row[LoanState.DILUTED] == 0.3 and row[LoanState.REPURCHASED] == pytest.approx(0.7 * 0.1, abs=1e-15)
    assert row[LoanState.CURRENT] == pytest.approx(plain[LoanState.CURRENT] * 0.7 * 0.9, abs=1e-15)
    assert row.sum() == pytest.approx(1.0)

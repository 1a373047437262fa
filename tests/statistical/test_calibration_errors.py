"""Errors of a calibration hold the truth where months move together; those of independent loans do not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from abssim.calibrate.correlation import conditional
from abssim.calibrate.data import DEFAULT, Outcomes, SegmentCodes
from abssim.calibrate.diagonal import diagonal_errors
from abssim.calibrate.recovery import recovery_of_outcomes
from abssim.calibrate.serial import Persistence, carried
from abssim.calibrate.survival import Cells, SegmentRates, months_alike, rates_of
from abssim.calibrate.triangle import chain_ladder
from tests.unit.calibrate.simulated import factor_path

Float64 = npt.NDArray[np.float64]

VINTAGES, AGES, LOANS = 48, 24, 1000
RHO, PHI, RHO_PREPAID, SPEED = 0.05, 0.9, 0.03, 0.02
HAZARD = np.where(np.arange(AGES) < 6, 0.003, 0.006)
HISTORIES = 40


def history(seed: int) -> Cells:
    """Vintages of a month each; defaults and prepayments move with a factor of their own."""
    random = np.random.default_rng(seed)
    bad, fast = (factor_path(VINTAGES + AGES - 1, PHI, random) for _ in range(2))
    there, default, prepaid = np.zeros((3, 1, VINTAGES, AGES))
    left = np.full(VINTAGES, LOANS)
    for age in range(AGES):
        month = np.arange(VINTAGES) + age
        there[0, :, age] = left
        lost = random.binomial(left, conditional(np.full(VINTAGES, HAZARD[age]), bad[month], RHO))
        paid = random.binomial(left - lost, conditional(np.full(VINTAGES, SPEED), fast[month], RHO_PREPAID))
        default[0, :, age], prepaid[0, :, age], left = lost, paid, left - lost - paid
    return Cells(0, there, default, prepaid, there - default, there)


def true_incidence() -> float:
    """Cumulative default of a loan under the hazards without a factor."""
    before = np.concatenate([[1.0], np.cumprod((1.0 - HAZARD) * (1.0 - SPEED))[:-1]])
    return float((before * HAZARD).sum())


def fitted(cells: Cells) -> tuple[SegmentRates, SegmentRates]:
    """Errors of independent loans, and of months alike; the persistence of defaults is estimated as well as it can."""
    alone = rates_of("all", cells, cells, None, None)
    alike = months_alike(cells, (alone,), carried(PHI, 0.05))
    return alone, rates_of("all", cells, cells, None, None, alike)


def inside(rates: SegmentRates) -> list[bool]:
    """Cumulative default, the hazards of months 1 to 6 and the last, prepayment of the first band."""
    pairs = [(rates.cumulative - true_incidence(), rates.cumulative_error)]
    pairs += [(rates.default.rate[k] - HAZARD[a], rates.default.error[k]) for k, a in ((0, 0), (-1, AGES - 1))]
    pairs.append((rates.prepayment.rate[0] - SPEED, rates.prepayment.error[0]))
    return [abs(gap) <= 2.0 * error for gap, error in pairs]


@pytest.fixture(scope="module")
def counts() -> tuple[list[int], list[int]]:
    """Histories of which each figure's error holds the truth: of independent loans, of months alike."""
    found = [fitted(history(seed)) for seed in range(HISTORIES)]
    alone, alike = (np.sum([inside(each[k]) for each in found], axis=0).tolist() for k in (0, 1))
    return alone, alike


def test_hazards_hold_where_months_move_together(counts: tuple[list[int], list[int]]) -> None:
    """38 of 40 are due; 33 or fewer would be so once in a hundred times. Independent loans hold a quarter."""
    alone, alike = counts
    assert min(alike) > 33
    assert max(alone) < 20


def recoveries(seed: int, phi: float) -> Outcomes:
    """40 defaults a month for five years; what comes back is 30 % and a tenth of the factor, and luck of the loan."""
    random = np.random.default_rng(seed)
    share = 0.3 + 0.1 * np.repeat(factor_path(60, phi, random), 40) + 0.2 * random.standard_normal(2400)
    month, ones = np.repeat(np.arange(60), 40), np.ones(2400)
    segments = SegmentCodes((), ((),), np.zeros(2400, dtype=np.int64))
    state = np.full(2400, DEFAULT)
    return Outcomes(segments, month, np.ones(2400, dtype=np.int64), state, None, ones, ones, share)


@pytest.mark.parametrize(("phi", "alone"), [(0.0, 40), (0.8, 15)])
def test_recovery_holds_where_months_of_default_differ(phi: float, alone: int) -> None:
    """The error between loans alone holds 30 % in few histories."""
    held = [0, 0]
    for seed in range(HISTORIES):
        loans = recoveries(seed, phi)
        for k, months_differ in enumerate((False, True)):
            found = recovery_of_outcomes(loans, months_differ)
            assert found is not None
            held[k] += abs(found.rate - 0.3) <= 2.0 * found.error
    assert held[1] > 33
    assert held[0] < min(alone, held[1])


def test_persistence_of_prepayments_is_found() -> None:
    """Between 0.75 and what errors take for the highest; of independent loans it is 0 to a tenth."""
    found = months_alike(history(3), (rates_of("all", history(3), history(3), None, None),), 0.5)
    assert found.default == 0.5 and 0.75 < found.prepayment < 0.99
    assert isinstance(found, Persistence)


def curves(seed: int) -> Float64:
    """(20, 12) loans of 2,000 a quarter that have defaulted by each quarter of three years of life."""
    random = np.random.default_rng(seed)
    factor, found = factor_path(96, PHI, random), np.zeros((20, 36))
    for v in range(20):
        left = 2000
        for age in range(36):
            hazard = np.asarray([0.002 + 0.004 * min(age, 12) / 12])
            lost = random.binomial(left, conditional(hazard, factor[3 * v + age], RHO)[0])
            left, found[v, age] = left - lost, lost
    return found.cumsum(axis=1)[:, 2::3]


def test_developed_vintages_hold_where_months_move_together() -> None:
    """Vintages seen to months 30, 21 and 12 of 36: Mack's error holds six of ten of what they came to."""
    ages, start, held = np.arange(3, 37, 3), 3 * np.arange(20), np.zeros((2, 3))
    young = [10, 13, 16]
    for seed in range(HISTORIES):
        full = curves(seed)
        table = np.where(start[:, None] + ages <= 60, full, np.nan)
        factors, ultimate, mack = chain_ladder(table)
        months = ultimate * diagonal_errors(table, ages, factors, start, True, PHI)
        for k, error in enumerate((mack, np.maximum(mack, months))):
            held[k] += np.abs(ultimate - full[:, -1])[young] <= 2.0 * error[young]
    assert held[1].min() >= 33
    assert held[0].max() < 31

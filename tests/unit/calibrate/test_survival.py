"""Hazards and censoring worked by hand, and recovered from lives drawn from known ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abssim.calibrate.calibrate import calibrate
from abssim.calibrate.calibration import CalibrationSettings
from abssim.calibrate.data import Outcomes, SegmentCodes
from abssim.calibrate.survival import bands_of, cells_of, incidence, kaplan_meier
from abssim.calibrate.write import scenario_text, write_scenario
from abssim.scenario.load import load_scenario
from tests.unit.calibrate.simulated import NO_DEAL

SIX_LOANS = """\
issue_d,loan_status,last_pymnt_d,term,funded_amnt,total_rec_prncp,recoveries,grade
2020-01,Charged Off,2020-01,12,100,0,8,A
2020-01,Charged Off,2020-03,12,100,20,0,A
2020-01,Fully Paid,2020-02,12,100,100,0,A
2020-01,Fully Paid,2021-01,12,100,100,0,A
2020-01,Current,2020-03,12,100,20,0,A
2020-01,Current,2020-03,12,100,20,0,A
"""


@pytest.fixture
def six(tmp_path: Path) -> Path:
    file = tmp_path / "loans.csv"
    file.write_text(SIX_LOANS, encoding="utf-8")
    return file


def test_kaplan_meier_by_hand() -> None:
    """Of 10 one defaults, then two are withdrawn, of 7 two default, of 5 none: 9/10 x 5/7."""
    there, default = np.asarray([10.0, 7.0, 5.0]), np.asarray([1.0, 2.0, 0.0])
    assert kaplan_meier(default, there) == pytest.approx([0.9, 0.9 * 5 / 7, 0.9 * 5 / 7])


def test_cumulative_default_beside_prepayment_by_hand() -> None:
    """Month 1: 1 of 10 defaults, 1 prepays; month 2: 2 of 8 default. Everyone is seen: 3/10, binomial error."""
    there, default, prepaid = np.asarray([10.0, 8.0]), np.asarray([1.0, 2.0]), np.asarray([1.0, 0.0])
    curve, error, gone = incidence(default, prepaid, there, there)
    assert curve == pytest.approx([0.1, 0.3])
    assert gone == pytest.approx([0.1, 0.1])
    assert error == pytest.approx([np.sqrt(0.1 * 0.9 / 10), np.sqrt(0.3 * 0.7 / 10)])


def test_six_loans_by_hand(six: Path) -> None:
    """Defaults are dated a month after the last payment: months 1 and 3; the loan paid at its term is no prepayment."""
    found = calibrate(six, CalibrationSettings(as_of=12 * 50 + 3))
    assert found.hazards is not None and found.recovery is not None
    rates = found.hazards.overall
    assert (rates.loans, rates.defaults, rates.months) == (6, 2, 3)
    assert found.hazards.censored == 3
    assert rates.cumulative == pytest.approx(1 / 6 + 4 / 6 * 1 / 4)
    assert rates.prepaid == pytest.approx(1 / 6)
    assert found.recovery.rate == pytest.approx(8 / 180)


def test_what_came_later_is_not_known(six: Path) -> None:
    found = calibrate(six, CalibrationSettings(as_of=12 * 50 + 1))
    assert found.hazards is not None
    assert (found.hazards.overall.defaults, found.hazards.overall.months, found.hazards.censored) == (1, 1, 4)


def test_open_loans_are_there_to_the_end_of_sight(six: Path) -> None:
    found = calibrate(six)
    assert found.hazards is not None
    assert (found.hazards.overall.months, found.hazards.as_of, found.hazards.censored) == (12, 12 * 51, 2)


def test_bands_hold_enough_events() -> None:
    events, there = np.full(12, 20.0), np.full(12, 1000.0)
    bands = bands_of(events, there, there, events)
    assert bands.until == (3, 6, 9, 12)
    assert bands.rate == pytest.approx([0.02] * 4)
    assert bands.error[0] == pytest.approx(np.sqrt(0.02 * 0.98 / 3000))
    assert bands_of(events / 100, there, there, events / 100).until == (12,)
    assert bands.hazard(20)[-1] == pytest.approx(0.02)


def draw(folder: Path, loans: int, seed: int) -> Path:
    """Lives of 24 months under hazards of 0.5 % then 1.5 % (grade A), thrice that (B); prepayment 2 %."""
    random = np.random.default_rng(seed)
    lines = ["origination_month,status,months_on_book,term,grade"]
    for _ in range(loans):
        grade, first = random.choice(["A", "B"]), int(random.integers(0, 24))
        status, paid = "fully paid", 24
        for month in range(1, 25):
            hazard = (0.005 if month <= 12 else 0.015) * (3.0 if grade == "B" else 1.0)
            if random.random() < hazard:
                status, paid = "default", month - 1
                break
            if random.random() < 0.02 and month < 24:
                paid = month
                break
        lines.append(f"{2015 + first // 12}-{first % 12 + 1:02d},{status},{paid},24,{grade}")
    file = folder / "lives.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_known_hazards_are_recovered(tmp_path: Path) -> None:
    """Each band within four standard errors, also when half of the lives are cut off; early repayment alike."""
    file = draw(tmp_path, 8000, seed=5)
    for as_of in (None, 12 * 46 + 11):
        found = calibrate(file, CalibrationSettings(by=("grade",), as_of=as_of))
        assert found.hazards is not None
        for rates, level in zip(found.hazards.rates, (1.0, 3.0), strict=True):
            starts = [1, *(until + 1 for until in rates.default.until[:-1])]
            for k, (start, until) in enumerate(zip(starts, rates.default.until, strict=True)):
                if until <= 12 or start > 12:
                    true = level * (0.005 if until <= 12 else 0.015)
                    assert abs(rates.default.rate[k] - true) < 4.0 * rates.default.error[k]
            spread = [abs(r - 0.02) / e for r, e in zip(rates.prepayment.rate, rates.prepayment.error, strict=True)]
            assert max(spread[:-1]) < 4.0
        assert found.lifetime is not None and found.lifetime.correlation < 0.005


def test_written_scenario_has_the_rates(tmp_path: Path) -> None:
    found = calibrate(draw(tmp_path, 2000, seed=6), CalibrationSettings(by=("grade",)))
    write_scenario(found, "mine", tmp_path / "mine.yaml")
    scenario = load_scenario(tmp_path / "mine.yaml", deal=NO_DEAL)
    assert found.hazards is not None
    for rule, rates in zip(scenario.assumptions[1:3], found.hazards.rates, strict=True):
        assert rule.by == "age" and rule.where == {"grade": rates.label}
        assert rule.default is not None and rule.default.mdr_pct is not None
        ages = np.arange(1, 25)
        assert rule.default.mdr_pct.at(ages) == pytest.approx(100 * rates.default.hazard(24), abs=6e-5)
    assert "± " in scenario_text(found, "mine")


def test_a_fit_is_tested_on_later_vintages(tmp_path: Path) -> None:
    """Same hazards before and after: the test is passed, by vintage and by grade."""
    found = calibrate(
        draw(tmp_path, 6000, seed=7), CalibrationSettings(by=("grade",), fit_to=12 * 45 + 11, test_from=12 * 46)
    )
    assert found.test is not None
    errors = {each.group: each for each in found.test.errors}
    assert errors["vintage"].rows == 4 and errors["grade"].rows == 2
    assert abs(errors["all"].default_bias) < 0.02 and errors["grade"].default_error < 0.025
    assert errors["vintage"].inside >= 3


def test_loans_of_unequal_balance_are_worth_fewer() -> None:
    """Of the two there at first in one month, of 300 and 100: 400^2 / (300^2 + 100^2) = 1.6."""
    ends = np.asarray([1, 1])
    segments = SegmentCodes((), ((),), np.zeros(2, dtype=np.int64))
    loans = Outcomes(segments, 0 * ends, ends, 0 * ends, None, np.asarray([300.0, 100.0]), None, None)
    assert cells_of(loans, by_balance=True).number[0, 0] == pytest.approx([1.6])
    assert cells_of(loans).number[0, 0] == pytest.approx([2.0])

"""Roll rates worked by hand, and recovered from performance drawn from known ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abssim.calibrate.calibrate import calibrate
from abssim.calibrate.calibration import Calibration, CalibrationSettings
from abssim.calibrate.roll import cumulative_default
from abssim.calibrate.write import scenario_text, write_scenario
from abssim.scenario.load import load_scenario
from tests.unit.calibrate.simulated import BASE, NO_DEAL, roll_tape, write_tape

TEN_ROWS = """\
loan_id,month,days_past_due,status,balance
a,2020-01,0,,100
a,2020-02,15,,90
a,2020-03,0,,80
b,2020-01,0,,300
b,2020-02,0,,300
b,2020-03,0,prepaid,0
c,2020-01,75,,50
c,2020-02,99,,50
d,2020-01,0,,100
d,2020-03,0,,100
"""


def written(folder: Path, text: str, **settings: object) -> Calibration:
    """A calibration to a file with this text."""
    file = folder / "tape.csv"
    file.write_text(text, encoding="utf-8")
    return calibrate(file, CalibrationSettings(**settings))  # type: ignore[arg-type]


def test_ten_rows_by_hand(tmp_path: Path) -> None:
    """From current: a to 1-30, b stays, b prepays; a is cured; c defaults; the gap of d tells nothing."""
    found = written(tmp_path, TEN_ROWS.replace(",status", "").replace(",,", ",").replace(",prepaid", ""))
    assert found.rolls is not None
    assert found.rolls.reading.gaps == 1
    text = TEN_ROWS.replace(",status", ",state").replace(",,", ",current,")
    found = written(tmp_path, text)
    assert found.rolls is not None
    count, rate, error = (
        each[0, 0] for each in (found.rolls.rolls.count, found.rolls.rolls.rate, found.rolls.rolls.error)
    )
    assert count[0].tolist() == [1, 1, 0, 0, 0, 1]
    assert count[1].tolist() == [1, 0, 0, 0, 0, 0]
    assert count[3].tolist() == [0, 0, 0, 0, 1, 0]
    assert rate[0] == pytest.approx([1 / 3, 1 / 3, 0, 0, 0, 1 / 3])
    assert error[0, 1] == pytest.approx(np.sqrt(1 / 3 * 2 / 3 / 3))
    assert np.isnan(rate[2]).all()
    assert found.rolls.speeds[0][0] == pytest.approx(1 / 5)
    assert "left out: pairs of rows with months missing between them (1)" in found.notes


def test_by_balance(tmp_path: Path) -> None:
    found = written(tmp_path, TEN_ROWS.replace(",,", ",current,"), weight="balance")
    assert found.rolls is not None
    assert found.rolls.rolls.rate[0, 0, 0, [0, 1, 5]] == pytest.approx([300 / 700, 100 / 700, 300 / 700])
    effective = 700**2 / (300**2 + 100**2 + 300**2)
    assert found.rolls.rolls.error[0, 0, 0, 1] == pytest.approx(np.sqrt(1 / 7 * 6 / 7 / effective))


def test_impossible_moves_are_counted_and_left_out(tmp_path: Path) -> None:
    text = "loan_id,month,status\na,1,current\na,2,61-90\na,3,default\na,4,current\nb,1,current\nb,2,current\n"
    found = written(tmp_path, text)
    assert found.rolls is not None
    assert found.rolls.reading.impossible == (("current", "dpd_61_90", 1), ("default", "current", 1))
    assert found.rolls.reading.moves == 2
    assert sum("impossible" in note for note in found.notes) == 2


def test_a_loan_that_vanishes_is_told(tmp_path: Path) -> None:
    found = written(tmp_path, "loan_id,month,status\na,1,current\na,2,current\nb,1,current\nb,2,current\nb,3,current\n")
    assert any("no final state (1)" in note for note in found.notes)


def test_matrices_by_grade_and_age(tmp_path: Path) -> None:
    rows = ["loan_id,month,status,grade,age"]
    for loan, grade, bad in (("a", "A", 3), ("b", "B", 2)):
        rows += [f"{loan},{m},{'1-30' if m == bad else 'current'},{grade},{m + 4}" for m in range(1, 5)]
    found = written(tmp_path, "\n".join(rows), by=("grade",), ages=(0, 6))
    assert found.rolls is not None
    assert found.labels == ("A", "B")
    assert found.rolls.rolls.count[0, :, 0, :2].tolist() == [[1, 0], [0, 1]]
    assert found.rolls.rolls.count[1, :, 0, :2].tolist() == [[0, 1], [1, 0]]
    assert found.rolls.overall.count[0, 1, 1, 0] == 2
    document = scenario_text(found, "x")
    assert "where: {grade: B}" in document and "from_age:" in document


def test_recovery_and_its_lag(tmp_path: Path) -> None:
    text = """\
loan_id,month,status,balance,recovery
a,1,61-90,100,0
a,2,default,100,0
a,3,default,100,10
a,5,default,100,5
b,1,61-90,300,0
b,2,default,300,0
b,4,default,300,25
"""
    found = written(tmp_path, text)
    assert found.recovery is not None
    assert found.recovery.rate == pytest.approx(40 / 400)
    assert found.recovery.curve == (25.0, 62.5, 12.5)
    assert "curve_pct: [25.0, 62.5, 12.5]" in scenario_text(found, "x")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """3,000 loans over two years, independent."""
    state, _ = roll_tape(3000, 24, 0.0, 0.0, seed=11)
    return calibrate(write_tape(state, tmp_path_factory.mktemp("drawn") / "tape.csv"))


def test_known_matrix_is_recovered(drawn: Calibration) -> None:
    """Every cell within four standard errors, impossible ones exactly zero."""
    assert drawn.rolls is not None
    rate, error = drawn.rolls.overall.rate[0, 0], drawn.rolls.overall.error[0, 0]
    assert (rate[BASE == 0.0] == 0.0).all()
    assert np.abs((rate - BASE)[BASE > 0.0] / error[BASE > 0.0]).max() < 4.0
    assert drawn.rolls.twelve_months[0] == pytest.approx(cumulative_default(rate, 12))
    assert cumulative_default(BASE, 12) == pytest.approx(0.030353996348367, abs=1e-14)


def test_independent_loans_show_no_correlation(drawn: Calibration) -> None:
    assert drawn.monthly is not None
    assert drawn.monthly.correlation < 0.002
    assert drawn.monthly.deviance < 2.71


def test_factor_of_a_performance_tape_is_recovered(tmp_path: Path) -> None:
    """Against what the drawn factor itself shows: its own variance stands for 1."""
    state, factor = roll_tape(3000, 60, 0.05, 0.8, seed=0)
    found = calibrate(write_tape(state, tmp_path / "tape.csv"))
    assert found.monthly is not None and found.factor is not None
    assert abs(found.monthly.correlation - 0.05 * factor.var()) < 4.0 * found.monthly.error
    assert abs(found.monthly.persistence - 0.8) < 4.0 * found.monthly.persistence_error
    assert 0.02 < found.monthly.correlation < 0.1 and found.monthly.error < 0.07
    assert np.corrcoef(found.monthly.factor, factor)[0, 1] > 0.95
    assert found.factor.source == "months"


def test_written_scenario_is_the_matrix(drawn: Calibration, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    write_scenario(drawn, "mine", file)
    scenario = load_scenario(file, deal=NO_DEAL)
    rolls = next(rule.default.roll_rates for rule in scenario.assumptions if rule.default and rule.default.roll_rates)
    assert drawn.rolls is not None and drawn.factor is not None and scenario.factor is not None
    assert np.abs(np.asarray(rolls.matrices[0]) - drawn.rolls.overall.rate[0, 0]).max() < 3e-6
    assert scenario.factor.correlation_pct == pytest.approx(100 * drawn.factor.correlation, abs=5e-4)

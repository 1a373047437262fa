"""Bad performance files and settings: every problem is named with its code, row and way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from abssim.calibrate.calibrate import calibrate
from abssim.calibrate.calibration import CalibrationSettings
from abssim.calibrate.codes import CODES
from abssim.calibrate.option import parse_ages, parse_months
from abssim.cli.main import app
from abssim.errors import EXIT_BAD_INPUT, AbssimError, CalibrationError

CASES = Path(__file__).resolve().parents[2] / "cases"
FILES = sorted((CASES / "invalid").glob("E7*"))


def provoke(file: Path) -> AbssimError:
    with pytest.raises(AbssimError) as caught:
        if file.suffix == ".args":
            command, tape, *options = file.read_text().split("\n")[:-1]
            CliRunner().invoke(app, [command, str(CASES / tape), *options], catch_exceptions=False)
        else:
            calibrate(file)
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_is_reported(file: Path) -> None:
    error = provoke(file)
    assert error.code == file.stem
    assert error.exit_code == EXIT_BAD_INPUT
    assert all(problem.where and problem.message for problem in error.problems)


def test_every_code_has_a_case() -> None:
    assert {file.stem for file in FILES} == set(CODES)


ROWS = {
    "E210": ("loan_id,month,status\n1,2020-01,current\n1,,current\n", "row 2  month"),
    "E211": ("loan_id,month,days_past_due\n1,2020-01,0\n1,2020-02,late\n", "row 2  days_past_due"),
    "E212": ("loan_id,month,status,balance\n1,2020-01,current,1\n1,2020-02,current,inf\n", "row 2  balance"),
    "E213": ("loan_id,month,status,balance\n1,2020-01,current,1\n1,2020-02,current,-5\n", "row 2  balance"),
    "E214": ("loan_id,month,status,age\n1,2020-01,current,1\n1,2020-02,current,9999\n", "row 2  age"),
    "E220": ("loan_id,month,status\n1,2020-01,current\n1,soon,current\n", "row 2  month"),
    "E249": ("loan_id,month,status\n1,2020-01,current\n1,2020-02\n", "row 2"),
}


@pytest.mark.parametrize("code", ROWS)
def test_cells_carry_the_codes_of_tapes(code: str, tmp_path: Path) -> None:
    text, place = ROWS[code]
    file = tmp_path / "tape.csv"
    file.write_text(text)
    with pytest.raises(AbssimError) as caught:
        calibrate(file)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert f"tape.csv:3 {place}" in str(problem)


def test_all_rows_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text("loan_id,month,status,balance\n1,2020-01,dead,1\n1,2020-02,current,-1\n,2020-03,current,\n")
    with pytest.raises(CalibrationError) as caught:
        calibrate(file)
    assert [problem.code for problem in caught.value.problems] == ["E702", "E213", "E210"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "E241"), (b"loan_id,month,status\n", "E241"), ("loan_id,month,éat\n".encode("latin-1"), "E243"),
     (b"loan_id,month,status\n1,2020-01,\xff\xfe\n", "E225")],
)  # fmt: skip
def test_files_that_cannot_be_read(content: bytes, code: str, tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_bytes(content)
    with pytest.raises(AbssimError) as caught:
        calibrate(file)
    assert caught.value.code == code


def test_columns_are_mapped_or_missed(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text("contract,month,bucket,class\n1,2020-01,current,A\n1,2020-02,1-30,A\n")
    with pytest.raises(CalibrationError) as caught:
        calibrate(file)
    assert "lacks loan_id, status or days_past_due" in caught.value.problems[0].message
    names = {"loan_id": "contract", "status": "bucket"}
    found = calibrate(file, CalibrationSettings(by=("class",)), names)
    assert found.labels == ("A",)
    for columns, by, code in (
        ({"loan_id": "Contract"}, (), "E246"),
        ({"debtor": "contract"}, (), "E246"),
        (names, ("x",), "E230"),
    ):
        with pytest.raises(CalibrationError) as caught:
            calibrate(file, CalibrationSettings(by=by), columns)
        assert caught.value.code == code


def test_nothing_to_fit_or_to_test(tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text("origination_month,status,last_payment_month\n2020-03,default,2020-05\n")
    for settings in (
        CalibrationSettings(fit_to=12 * 49),
        CalibrationSettings(fit_to=12 * 51, test_from=12 * 55),
        CalibrationSettings(as_of=12 * 50 + 2),
    ):
        with pytest.raises(CalibrationError) as caught:
            calibrate(file, settings)
        assert caught.value.code == "E707"


@pytest.mark.parametrize("fit_to", [None, 12 * 50 + 2])
def test_a_fit_is_not_tested_on_its_own_loans(fit_to: int | None, tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text("origination_month,status,last_payment_month\n2020-03,default,2020-05\n")
    with pytest.raises(CalibrationError, match=r"E706.*--fit-to 2020-02 or earlier"):
        calibrate(file, CalibrationSettings(fit_to=fit_to, test_from=12 * 50 + 2))


def test_a_scenario_needs_a_name() -> None:
    answer = CliRunner().invoke(app, ["calibrate", str(CASES / "invalid" / "E707.csv"), "--name", " "])
    assert isinstance(answer.exception, AbssimError) and answer.exception.code == "E002"


def test_weight_needs_a_balance(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text("loan_id,month,status\n1,2020-01,current\n1,2020-02,current\n")
    with pytest.raises(CalibrationError) as caught:
        calibrate(file, CalibrationSettings(weight="balance"))
    assert caught.value.code == "E706"


@pytest.mark.parametrize("text", ["", "3", "0,x", "0,6,6", "0,9,3"])
def test_ages_that_cannot_be_read(text: str) -> None:
    with pytest.raises(CalibrationError):
        parse_ages(text)


def test_months_that_cannot_be_read_are_told_together() -> None:
    assert parse_months({"a": "2009-12", "b": "24", "c": None, "d": "Dec-2009"}) == [479, 24, None, 479]
    with pytest.raises(CalibrationError) as caught:
        parse_months({"--fit-to": "later", "--as-of": "2009-13"})
    assert len(caught.value.problems) == 2


def curves(tmp_path: Path, header: str, *rows: str) -> Path:
    file = tmp_path / "curves.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def test_curves_in_money_are_told_once(tmp_path: Path) -> None:
    rows = [f"2020-0{vintage},{age},{1000 * age}" for vintage in (1, 2) for age in (1, 2, 3)]
    with pytest.raises(CalibrationError) as caught:
        calibrate(curves(tmp_path, "vintage,age,cumulative_default", *rows))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E704", "cumulative_default")
    assert problem.message == "is money, not a share of the vintage's original balance"
    assert problem.hint == "divide it by that balance, or give the balance in a column original_balance"


def test_curves_in_money_are_taken_over_the_original_balance(tmp_path: Path) -> None:
    shares = [f"2020-0{vintage},{age},{0.01 * age * vintage}" for vintage in (1, 2) for age in (1, 2, 3)]
    money = [f"2020-0{vintage},{age},{1000 * age * vintage},100000" for vintage in (1, 2) for age in (1, 2, 3)]
    one = calibrate(curves(tmp_path, "vintage,age,cumulative_default", *shares)).curves
    other = calibrate(curves(tmp_path, "vintage,age,cumulative_default,original_balance", *money)).curves
    assert one is not None and other is not None
    assert one.triangles[0].lifetime == pytest.approx(0.045)
    assert other.triangles[0].lifetime == pytest.approx(one.triangles[0].lifetime)

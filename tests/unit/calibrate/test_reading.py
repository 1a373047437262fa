"""Performance files as they come: words of a status, dates in one order, encodings, what is not used."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from abssim.calibrate.calibrate import calibrate
from abssim.calibrate.calibration import Calibration, CalibrationSettings
from abssim.cli.main import app
from abssim.errors import AbssimError

HEAD = "loan_id,month,status,remark\n"
MONTHS = ("05/01/2020", "05/02/2020", "05/03/2020")


def write(folder: Path, months: tuple[str, ...], last: str, encoding: str = "utf-8") -> Path:
    """Ten loans over three months; five end with the word `last`, the others go on."""
    words = {n: ("current", "current", last if n % 2 else "current") for n in range(10)}
    rows = [f"{n},{month},{word},备注" for n in words for month, word in zip(months, words[n], strict=True)]
    (folder / "t.csv").write_bytes((HEAD + "\n".join(rows) + "\n").encode(encoding))
    return folder / "t.csv"


def moves(found: Calibration) -> list[int]:
    """Moves of loans that are current, in the order of the states."""
    assert found.rolls is not None
    return [int(count) for count in found.rolls.overall.count[0, 0, 0]]


def test_words_of_a_status_are_mapped_and_not_guessed(tmp_path: Path) -> None:
    file = write(tmp_path, MONTHS, "Completed")
    with pytest.raises(AbssimError) as caught:
        calibrate(file, dates="day_first")
    hint = caught.value.problems[0].hint
    assert caught.value.code == "E702" and '"Completed"' in hint and "status=WORD:STATE" in hint
    assert "did you mean" not in str(caught.value) and "charged off" not in str(caught.value)
    paid = calibrate(file, dates="day_first", words={"status": {"Completed": "paid"}})
    defaulted = calibrate(file, dates="day_first", words={"status": {"Completed": "default"}})
    assert (moves(paid), moves(defaulted)) == ([15, 0, 0, 0, 0, 5], [15, 0, 0, 0, 5, 0])


def test_months_are_dates_of_one_order(tmp_path: Path) -> None:
    file = write(tmp_path, MONTHS, "default")
    with pytest.raises(AbssimError) as caught:
        calibrate(file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E252", "month") and "dates.month=day_first" in problem.hint
    assert any("20 moves of 10 loans" in note for note in calibrate(file, dates={"month": "day_first"}).notes)
    decided = write(tmp_path, ("31/01/2020", "29/02/2020", "31/03/2020"), "default")
    assert any("20 moves of 10 loans" in note for note in calibrate(decided).notes)
    mixed = write(tmp_path, ("31/01/2020", "02/29/2020", "31/03/2020"), "default")
    with pytest.raises(AbssimError) as caught:
        calibrate(mixed)
    assert caught.value.code == "E253"


def test_encoding_and_what_is_not_used(tmp_path: Path) -> None:
    file = write(tmp_path, ("2020-01", "2020-02", "2020-03"), "default", "gbk")
    found = calibrate(file, encoding="gbk", unknown={"status": ["U"]})
    assert "not used: remark" in found.notes and 'status: no row holds "U"' in found.notes
    with pytest.raises(AbssimError) as caught:
        calibrate(file, defaults={"status": "current"}, words={"state": {"a": "b"}})
    assert [problem.code for problem in caught.value.problems] == ["E246", "E227"]


def test_codes_of_segments_stay_what_they_are(tmp_path: Path) -> None:
    """`02134` is no number, here as on the tape whose loans the scenario selects; `36 months` is one, as there."""
    file = write(tmp_path, ("2020-01", "2020-02", "2020-03"), "default")
    text = file.read_text(encoding="utf-8").replace("remark", "zip")
    for value, found in (("02134", "02134"), ("2134", 2134), ("36 months", 36)):
        file.write_text(text.replace("备注", value), encoding="utf-8")
        assert calibrate(file, CalibrationSettings(by=("zip",))).where == ({"zip": found},)


def test_on_the_command_line(tmp_path: Path) -> None:
    file = write(tmp_path, MONTHS, "Completed")
    arguments = ["--map", "status=Completed:paid", "--read", "dates=day_first", "--json"]
    answer = CliRunner().invoke(app, ["calibrate", str(file), *arguments], catch_exceptions=False)
    assert answer.exit_code == 0 and "20 moves of 10 loans" in answer.stdout


def test_an_option_that_may_be_two_months_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, ("2020-01", "2020-02", "2020-03"), "default")
    with pytest.raises(AbssimError) as caught:
        CliRunner().invoke(app, ["calibrate", str(file), "--fit-to", "03/02/2020"], catch_exceptions=False)
    assert caught.value.code == "E706"

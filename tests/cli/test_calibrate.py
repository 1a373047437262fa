"""`abssim calibrate` from the outside: tables at width 100, JSON, and a scenario that `run` takes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from tests.unit.calibrate.simulated import roll_tape, write_tape

Call = Callable[..., subprocess.CompletedProcess[str]]
Json = Callable[..., Any]

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def rolls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loan x month: 400 loans over 18 months, with grade and age, one gap and one impossible move."""
    state, _ = roll_tape(400, 18, 0.03, 0.8, seed=2)
    file = write_tape(state, tmp_path_factory.mktemp("rolls") / "performance.csv")
    lines = file.read_text().splitlines()
    rows = [f"{line},{'AB'[int(line.split('-')[0]) % 2]},{place % 19}" for place, line in enumerate(lines[1:])]
    odd = ["x-1,2015-01,current,500,A,1", "x-1,2015-03,current,500,A,3", "x-1,2015-04,61-90,500,A,4"]
    file.write_text("\n".join([f"{lines[0]},grade,age", *rows, *odd]))
    return file


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loans with their outcome: three years of vintages, a worse one in the middle."""
    random = np.random.default_rng(9)
    lines = ["loan_no,issue_d,loan_status,last_pymnt_d,term,funded_amnt,total_rec_prncp,recoveries,grade"]
    start = np.datetime64("2012-01", "M")
    for loan in range(3000):
        vintage, term, grade = int(random.integers(0, 36)), 24, "AB"[loan % 2]
        hazard = (0.006 if 12 <= vintage < 18 else 0.004) * (1 + 2 * (loan % 2))
        end, early = random.geometric(hazard), random.geometric(0.02)
        paid = min(term, end - 1, early)
        lost = end - 1 < min(early, term)
        status = "Charged Off" if lost else "Fully Paid"
        repaid = 1000 * paid // term if lost else 1000
        back = 90 if lost and random.random() < 0.5 else 0
        lines.append(f"{loan},{start + vintage},{status},{start + vintage + paid},{term},1000,{repaid},{back},{grade}")
    file = tmp_path_factory.mktemp("lives") / "lives.csv"
    file.write_text("\n".join(lines))
    return file


def compare(answer: subprocess.CompletedProcess[str], name: str) -> None:
    """Standard output is the golden text."""
    assert answer.returncode == 0, answer.stderr
    lines = [line.rstrip() for line in answer.stdout.splitlines()]
    shown = "\n".join(lines) + "\n"
    if os.environ.get("ABSSIM_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(shown, encoding="utf-8")
    assert shown == (GOLDEN / name).read_text(encoding="utf-8")
    assert max(map(cell_len, lines)) <= 100


def test_golden_text_of_roll_rates(abssim: Call, rolls: Path) -> None:
    compare(abssim("calibrate", rolls, "--by", "grade", "--ages", "0,7"), "calibrate-rolls.txt")


def test_golden_text_of_outcomes(abssim: Call, lives: Path) -> None:
    options = ("--by", "grade", "--fit-to", "2013-12", "--test-from", "2014-01")
    compare(abssim("calibrate", lives, *options), "calibrate-outcomes.txt")


def test_json_of_roll_rates(abssim_json: Json, rolls: Path) -> None:
    document = abssim_json("calibrate", rolls, "--by", "grade", "--ages", "0,7", "--weight", "balance")
    assert (document["kind"], document["weight"]) == ("performance", "balance")
    assert [segment["where"] for segment in document["segments"]] == [{"grade": "A"}, {"grade": "B"}]
    for segment in document["segments"]:
        assert [matrix["from_age"] for matrix in segment["roll_rates"]] == [0, 7]
        for row in segment["roll_rates"][0]["rate_pct"].values():
            known = [value for value in row.values() if value is not None]
            assert not known or sum(known) == pytest.approx(100.0, abs=1e-4)
    assert any("impossible" in note for note in document["notes"])
    assert document["correlation"]["scenario"]["source"] == "months"


def test_json_of_outcomes(abssim_json: Json, lives: Path) -> None:
    document = abssim_json("calibrate", lives, "--fit-to", "2013-12", "--test-from", "2014-01", "--as-of", "2015-06")
    assert document["overall"]["default"][0]["rate_pct"] > 0.0
    assert document["test"]["errors"][-1]["group"] == "all"
    assert document["recovery"]["curve_pct"] is None
    assert document["fit_to"] == "2013-12"


def test_run_takes_the_scenario(abssim: Call, abssim_json: Json, rolls: Path, tmp_path: Path) -> None:
    """The pool of the template has no grades: rates of all loans; its own recovery stays."""
    scenario = tmp_path / "mine.yaml"
    made = abssim("calibrate", rolls, "--name", "mine", "--out", scenario)
    assert made.returncode == 0 and made.stderr == f"wrote {scenario}\n"
    document = abssim_json("run", "template", "-s", scenario)
    assert document["scenario"]["name"] == "mine"
    assert "monthly moves" in document["scenario"]["reason"]
    assert any(row["dpd_1_30_balance"] > 0.0 for row in document["pool"])
    assert all(check["result"] == "passed" for check in document["checks"])


def test_simulate_takes_the_scenario(abssim: Call, abssim_json: Json, lives: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    assert abssim("calibrate", lives, "--out", scenario).returncode == 0
    document = abssim_json("simulate", "template", "-s", scenario, "--paths", "16", "--seed", "1")
    assert document["pool"]["default_pct"]["value"] > 0.0


def test_out_must_be_a_scenario(abssim: Call, rolls: Path, tmp_path: Path) -> None:
    answer = abssim("calibrate", rolls, "--out", tmp_path / "mine.csv")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "E002" in answer.stderr


def test_bad_rows_exit_with_2(abssim: Call, root: Path) -> None:
    answer = abssim("calibrate", root / "tests" / "cases" / "invalid" / "E702.csv")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "E702.csv:3 row 2  status  E702  not a known status: overdue" in answer.stderr


def test_document_is_json(abssim: Call, lives: Path) -> None:
    assert json.loads(abssim("calibrate", lives, "--json").stdout)["test"] is None


def test_what_is_wrong_with_the_output_is_told_at_once(abssim: Call) -> None:
    answer = abssim("calibrate", "curves.csv", "--name", " ", "--out", "mine.txt")
    assert answer.returncode == 2
    assert "--name" in answer.stderr and "mine.txt" in answer.stderr

"""One broken input per code: each is reported with its code, its place and a way out, and exit code 2."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abssim import compile_deal, run
from abssim.cli.tape import tape_app
from abssim.deal.load import parse_deal
from abssim.errors import EXIT_BAD_INPUT, TapeError
from abssim.study.scenarios import base_scenario
from abssim.tape import read_tape, replines_tape, write_tape
from abssim.tape.codes import CODES
from abssim.tape.option import mapping_of

CASES = Path(__file__).resolve().parents[2] / "cases"
FILES = sorted([*(CASES / "invalid").glob("E2*"), *(CASES / "invalid").glob("E84*")])
BY_ROW = {
    "E210": ("balance", 3, 2), "E211": ("balance", 3, 2), "E212": ("balance", 3, 2), "E213": ("balance", 3, 2),
    "E214": ("balance", 3, 2), "E215": ("loan_id", 3, 2), "E216": ("remaining_term", 3, 2),
    "E217": ("remaining_term", 3, 2), "E218": ("amortization", 3, 2), "E219": ("rate", 3, 2),
    "E220": ("origination_month", 3, 2), "E221": ("balance", 3, 2), "E222": ("schedule", 3, 2),
    "E223": ("balloon", 3, 2), "E224": ("minimum_payment_rate", 3, 2), "E225": ("region", 3, 2),
    "E265": ("balloon", 3, 2),
    "E266": ("payment", 3, 2), "E267": ("rate_schedule", 3, 2), "E268": ("rate_margin", 3, 2),
    "E269": ("day_count", 3, 2), "E249": ("", 3, 2), "E273": ("status", 3, 2),
}  # fmt: skip
"""Code -> column, line, row of its first problem."""


def provoke(file: Path, folder: Path) -> TapeError:
    shutil.copytree(CASES / "tape", folder / "tape")
    with pytest.raises(TapeError) as caught:
        if file.suffix == ".args":
            CliRunner().invoke(tape_app, file.read_text().split("\n")[:-1], catch_exceptions=False)
        elif file.suffix == ".deal":
            deal = parse_deal(file.read_text())
            run(compile_deal(deal), base_scenario(deal))
        elif file.suffix == ".json":
            replines_tape(json.loads(file.read_text()), "USD")
        elif file.suffix == ".out":
            write_tape(read_tape(CASES / "tape" / "good.csv").tape, folder / file.read_text().strip())
        elif file.suffix == ".yaml":
            read_tape(CASES / "tape" / "good.csv", columns=mapping_of((), file))
        else:
            read_tape(file)
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_is_reported(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    error = provoke(file, tmp_path)
    assert error.code == file.stem
    assert error.exit_code == EXIT_BAD_INPUT
    assert all(problem.where and problem.message for problem in error.problems)


@pytest.mark.parametrize("code", BY_ROW)
def test_names_column_line_and_row(code: str) -> None:
    with pytest.raises(TapeError) as caught:
        read_tape(CASES / "invalid" / f"{code}.csv")
    column, line, row = BY_ROW[code]
    first, total = caught.value.problems
    assert (first.where, first.path) == (f"{code}.csv:{line} row {row}", column)
    assert first.hint
    assert "1 of 2 rows" in total.message or code == "E249"


@pytest.mark.parametrize("code", BY_ROW)
def test_dropping_leaves_the_good_row(code: str) -> None:
    reading = read_tape(CASES / "invalid" / f"{code}.csv", on_bad_row="drop")
    assert (len(reading.tape), reading.rows_read, reading.rows_dropped) == (1, 2, 1)
    assert [problem.code for problem in reading.listed()] == [code]
    assert any("1 row left out" in note for note in reading.notes)


def test_every_code_has_a_case() -> None:
    assert {file.stem for file in FILES} == set(CODES)

from __future__ import annotations

import csv
from csv import DictReader
from pathlib import Path

import numpy as np
import pytest

from abssim.errors import FileError, TapeError
from abssim.tape import LoanTape, concat, make_tape, read_tape, replines_tape, synthesize, write_tape


def everything() -> LoanTape:
    replines = [
        {"balance": 100, "rate": 0.05, "remaining_term": 2, "amortization": "custom", "schedule": [40, 60]},
        {"balance": 99.99, "rate": 0.05, "remaining_term": 24, "amortization": "balloon", "balloon": 50,
         "payment": 2.4},
        {"balance": 5, "rate": 0.18, "remaining_term": 12, "amortization": "minimum_payment",
         "minimum_payment_rate": 0.1},
        {"balance": 5, "rate": 0.08, "remaining_term": 12, "amortization": "interest_only", "interest_only_term": 6},
        {"balance": 5, "rate": 0.08, "remaining_term": 12, "age": 4, "region": "=cmd|' /C calc'!A0",
         "segment": "京东, \"x\""},
        {"balance": 9, "rate": 0.05, "remaining_term": 24, "rate_index": "lpr", "rate_margin": 0.01, "rate_cap": 0.09,
         "reset_every": 3, "months_to_reset": 2, "at_reset": "keep_payment", "negative_amortization": "yes"},
        {"balance": 9, "rate": 0.05, "remaining_term": 24, "rate_schedule": "13:5.5;25:6", "day_count": "act/360",
         "pays_every": 12, "first_period_days": 45, "payment_rounding": "half_even", "amortization_term": 240},
    ]  # fmt: skip
    return replines_tape([{"origination_month": "2020-01", **row} for row in replines], "CNY")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("which", ["baitiao", "auto", "consumer", "everything"])
def test_what_is_written_is_read_back(kind: str, which: str, tmp_path: Path) -> None:
    tape = everything() if which == "everything" else synthesize(which, loans=500, seed=2, currency="CNY")
    write_tape(tape, tmp_path / f"tape.{kind}")
    back = read_tape(tmp_path / f"tape.{kind}", currency="CNY").tape
    assert set(back.names) == set(tape.names)
    for name in set(tape.names) - {"schedule"}:
        first, second = tape.column(name), back.column(name)
        assert first.astype(str).tolist() == second.astype(str).tolist(), name
    for one, other in zip(tape.schedule, back.schedule, strict=True):
        assert (one < 0 and other < 0) or tape.schedules[one].tolist() == back.schedules[other].tolist()


def test_formulas_are_guarded_in_csv(tmp_path: Path) -> None:
    write_tape(everything(), tmp_path / "tape.csv")
    with (tmp_path / "tape.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_further_columns_survive(tmp_path: Path) -> None:
    extra = {"make": np.asarray([0, 1], dtype=np.int32), "income": np.asarray([1.5, np.nan])}
    tape = make_tape("USD", [1, 2], rate=0.1, remaining_term=3, extra=extra, labels={"make": ("", "Ford")})
    for kind in ("csv", "parquet"):
        write_tape(tape, tmp_path / f"x.{kind}")
        back = read_tape(tmp_path / f"x.{kind}").tape
        assert back.column("make").tolist() == ["", "Ford"]
        assert back.extra["income"][0] == 1.5 and np.isnan(back.extra["income"][1])


def test_parts_written_apart_keep_their_keys(tmp_path: Path) -> None:
    tape = synthesize("baitiao", loans=300, seed=9)
    for number, part in enumerate((tape.take(np.arange(100)), tape.take(np.arange(100, 300)))):
        write_tape(part, tmp_path / f"{number}.parquet")
    back = concat([read_tape(tmp_path / f"{number}.parquet", currency="CNY").tape for number in (0, 1)])
    assert back.loan_key.tolist() == tape.loan_key.tolist()
    assert back.obligor_key.tolist() == tape.obligor_key.tolist()


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "tape.csv"
    target.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("abssim.tape.write._write", fail)
    with pytest.raises(FileError) as caught:
        write_tape(everything(), target)
    assert (
        str(caught.value)
        == f"{target}  E022  no space left on device; make room on the disk, or name a place on another"
    )
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        write_tape(everything(), tmp_path / "tape.xls")
    assert caught.value.code == "E232"


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    write_tape(everything(), tmp_path / "none" / "tape.csv")
    assert [file.name for file in (tmp_path / "none").iterdir()] == ["tape.csv"]


def test_what_a_contract_does_not_have_is_written_empty(tmp_path: Path) -> None:
    """A zero is a figure: it would be read back as one, with a word or a fault."""
    columns = {"payment": [5, 0], "first_period_days": [0, 45], "pays_every": [3, 0]}
    tape = make_tape("USD", [100, 200], rate=0.1, remaining_term=6, **columns)
    for kind in ("csv", "parquet"):
        write_tape(tape, tmp_path / f"x.{kind}")
        back = read_tape(tmp_path / f"x.{kind}")
        assert not [note for note in back.notes if "taken as not given" in note]
        assert {name: back.tape.codes(name).tolist() for name in columns} == columns
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(DictReader(file))
    assert [row["first_period_days"] for row in rows] == ["", "45"]
    assert [row["payment"] for row in rows] == ["0.05", ""]

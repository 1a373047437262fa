"""`abssim sweep`: tables, files, heat maps; what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.command import abssim

DEMO = Path(__file__).parent / "demo"
TWO = ["--set", "default_multiple=1,4,8", "--set", "notes.B.coupon_pct=5:6:0.5"]


def test_two_axes_stand_along_the_sides_of_a_table() -> None:
    answer = abssim("sweep", DEMO, *TWO, "-m", "loss", "--note", "B")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("Note B: principal loss, % of balance"))
    assert lines[head + 1].split() == ["default_multiple", "\\", "notes.B.coupon_pct", "5.0", "5.5", "6.0"]
    assert [line.split()[0] for line in lines[head + 3 : head + 6]] == ["1", "4", "8"]


def test_a_cell_shows_what_run_shows() -> None:
    grid = json.loads(abssim("sweep", DEMO, *TWO, "--json").out)
    cell = grid["cells"][-1]
    assert cell["settings"] == {"default_multiple": 8, "notes.B.coupon_pct": 6.0}
    single = abssim("run", DEMO, "--set", "default_multiple=8", "--set", "notes.B.coupon_pct=6.0", "--json")
    notes = {note["note"]: note for note in json.loads(single.out)["notes"]}
    assert cell["wal"] == pytest.approx({name: note["wal_to_call"] for name, note in notes.items()}, abs=1e-9)


def test_one_axis_goes_down_with_the_notes_across() -> None:
    answer = abssim("sweep", DEMO, "--set", "default_multiple=1,2", "--set", "notes.B.coupon_pct=5", "-m", "wal")
    lines = answer.out.splitlines()
    assert "Set       notes.B.coupon_pct = 5" in [line.rstrip() for line in lines]
    assert next(line for line in lines if line.startswith("default_multiple")).split()[:3] == [
        "default_multiple",
        "A",
        "B",
    ]


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_files_hold_a_row_per_cell(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"grid.{ending}"
    answer = abssim("sweep", DEMO, *TWO, "--out", file)
    assert answer.code == 0, answer.err
    if ending == "json":
        assert len(json.loads(file.read_text(encoding="utf-8"))["cells"]) == 9
        return
    frame = pd.read_csv(file) if ending == "csv" else pd.read_parquet(file)
    assert len(frame) == 9
    assert list(frame["default_multiple"]) == [1, 1, 1, 4, 4, 4, 8, 8, 8]
    assert {"wal.A", "loss_pct.B", "loses", "active"} <= set(frame.columns)


@pytest.mark.parametrize(
    "axes", [TWO, ["--set", "default_multiple=1,2,3"], ["--set", "competing_risks=default_first,simultaneous"]]
)
def test_heat_maps(tmp_path: Path, axes: list[str]) -> None:
    png, html = tmp_path / "grid.png", tmp_path / "grid.html"
    answer = abssim(
        "sweep", DEMO, *axes, "--chart", png, "--chart", html, "-m", "wal", "-m", "break_even", "--note", "B"
    )
    assert answer.code == 0, answer.err
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert (
        "Note B" in html.read_text(encoding="utf-8") or "B: weighted" in html.read_text(encoding="utf-8") or axes != TWO
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--set", "default_multiple=1,1"], "E551"),
        (["--set", "default_multipel=1,2"], "E553"),
        (["--set", "default_multiple=1,-2"], "E309"),
        (["--set", "default_multiple=1,2", "-m", "life"], "E556"),
        (["--set", "default_multiple=1,2", "--price", "99"], "E007"),
        (["--set", "default_multiple=1,2", "--out", "grid.xlsx"], "E002"),
        (["--set", "default_multiple=1:1001:1", "--set", "prepay_multiple=1:1001:1"], "E555"),
    ],
)
def test_what_is_refused(options: list[str], code: str) -> None:
    answer = abssim("sweep", DEMO, *options)
    assert (answer.code, answer.out) == (2, "")
    assert f"  {code}  " in answer.err


def test_what_is_named_twice_and_what_has_no_axis() -> None:
    axis = ["--set", "default_multiple=1,2"]
    answer = abssim("sweep", DEMO, *axis, "-m", "wal", "-m", "foo", "-m", "wal")
    assert answer.code == 2
    told = ["--measure  wal  E556  is named twice; name each once", "--measure  foo  E556  no such measure"]
    assert [line.split("; known")[0] for line in answer.err.splitlines()] == told
    assert "B  --note  E006  is named twice" in abssim("sweep", DEMO, *axis, "--note", "B", "--note", "B").err
    assert "no --set: there is one cell" in abssim("sweep", DEMO).err


def test_many_values_are_read_and_too_many_cells_refused() -> None:
    answer = abssim("sweep", DEMO, "--set", "default_multiple=0:99999:1", "--set", "notes.B.coupon_pct=0:99999:1")
    assert answer.code == 2
    assert "sweep  E555  10,000,000,000 cells would take" in answer.err

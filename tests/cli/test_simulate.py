"""`abssim simulate` and `abssim explain --path` on a small synthetic pool."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

Call = Callable[..., subprocess.CompletedProcess[str]]
Json = Callable[..., Any]

HERE = Path(__file__).parent
DEAL = HERE / "cards"
SIZES = ("--paths", "60", "--seed", "4")


def test_golden_text(abssim: Call) -> None:
    answer = abssim("simulate", DEAL, *SIZES)
    assert answer.returncode == 0, answer.stderr
    lines = [line.rstrip() for line in answer.stdout.splitlines() if not line.startswith("Fingerprint")]
    shown = "\n".join(lines) + "\n"
    golden = HERE / "golden" / "simulate.txt"
    if os.environ.get("ABSSIM_UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert max(map(cell_len, lines)) <= 100
    assert re.search(r"60 paths in \d+\.\d s, peak memory [\d,]+ MB", answer.stderr)


def test_json_is_a_function_of_inputs_and_seed(abssim: Call) -> None:
    one = abssim("simulate", DEAL, *SIZES, "--json", "--threads", "1")
    two = abssim("simulate", DEAL, *SIZES, "--json", "--threads", "2")
    other = abssim("simulate", DEAL, "--paths", "60", "--seed", "5", "--json")
    assert one.stdout == two.stdout
    assert one.stdout != other.stdout
    document = json.loads(one.stdout)
    assert document["paths"] == 60
    assert [note["note"] for note in document["notes"]] == ["A", "R"]


def test_rows_of_the_paths_and_their_replay(abssim: Call, abssim_json: Json, tmp_path: Path) -> None:
    for name in ("paths.csv", "paths.parquet"):
        answer = abssim("simulate", DEAL, *SIZES, "--out", tmp_path / name)
        assert answer.returncode == 0, answer.stderr
        assert f"wrote {tmp_path / name}" in answer.stderr
    table = pq.read_table(tmp_path / "paths.parquet")
    assert csv.read_csv(tmp_path / "paths.csv").num_rows == table.num_rows == 60
    row = table.to_pylist()[17]
    path = abssim_json("explain", DEAL, "--path", "17", "--seed", "4")
    assert path["scenario"]["name"].endswith("path 17 of seed 4")
    note = next(note for note in path["notes"] if note["note"] == "R")
    assert note["principal_loss"] == pytest.approx(row["note.R.principal_loss"])
    assert sum(p["default"] for p in path["pool"]) == pytest.approx(row["pool.default"])
    assert all(check["result"] == "passed" for check in path["checks"])
    text = abssim("explain", DEAL, "--path", "17", "--seed", "4", "--period", "2")
    assert text.returncode == 0, text.stderr


@pytest.mark.parametrize(
    ("way", "shown"),
    [
        (("--sampling", "sobol", "--paths", "64"), "64, seed 4, sobol"),
        (("--importance", "1.5", "--paths", "64"), "the factor 1.5 standard deviations lower, weighted"),
    ],
)
def test_sampling_and_replay(way: tuple[str, ...], shown: str, abssim: Call, abssim_json: Json, tmp_path: Path) -> None:
    answer = abssim("simulate", DEAL, "--seed", "4", *way, "--out", tmp_path / "paths.parquet")
    assert answer.returncode == 0, answer.stderr
    assert shown in " ".join(answer.stdout.split())
    table = pq.read_table(tmp_path / "paths.parquet").to_pylist()
    path = abssim_json("explain", DEAL, "--path", "19", "--seed", "4", *way)
    assert sum(p["default"] for p in path["pool"]) == pytest.approx(table[19]["pool.default"])
    assert sum(row["weight"] for row in table) == pytest.approx(64.0, rel=0.3)
    document = abssim_json("simulate", DEAL, "--seed", "4", *way)
    assert (document["sampling"], document["importance"]) == (("random", 1.5) if "1.5" in way else ("sobol", 0.0))


def test_a_number_of_paths_that_does_not_fit(abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--sampling", "sobol", "--paths", "1000")
    assert answer.returncode == 1
    assert "E520" in answer.stderr and "1,024" in answer.stderr


def test_other_files_are_refused(abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--out", "paths.docx")
    assert answer.returncode == 2
    assert "E002" in answer.stderr


def test_replines_are_told(abssim: Call) -> None:
    answer = abssim("simulate", HERE / "demo", "--paths", "4")
    assert answer.returncode == 0, answer.stderr
    assert "single obligor" in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt")
def test_ctrl_c_is_quiet(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "abssim", "simulate", str(DEAL), "--paths", "100000000"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    assert not out
    assert "Traceback" not in err

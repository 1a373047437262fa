"""`abssim simulate` and `abssim explain --path` on a small synthetic pool."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

from tests.process import PATIENCE, mind_ctrl_c

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


def test_replines_are_told(abssim: Call) -> None:
    answer = abssim("simulate", HERE / "demo", "--paths", "4")
    assert answer.returncode == 0, answer.stderr
    assert "single obligor" in answer.stderr


GRID = ("-s", HERE / "grid" / "mild.yaml", "-s", HERE / "grid" / "deep.yaml")


def test_golden_text_of_several_scenarios(abssim: Call) -> None:
    """The tables of each scenario as it is alone, then their comparison."""
    answer = abssim("simulate", DEAL, *SIZES, *GRID)
    assert answer.returncode == 0, answer.stderr
    lines = [line.rstrip() for line in answer.stdout.splitlines()]
    alone = abssim("simulate", DEAL, *SIZES, *GRID[:2])
    assert answer.stdout.startswith(alone.stdout)
    shown = "\n".join(lines[lines.index("Scenarios side by side") :]) + "\n"
    golden = HERE / "golden" / "simulate-grid.txt"
    if os.environ.get("ABSSIM_UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert max(map(cell_len, lines)) <= 100
    assert re.search(r"loaded in \d+\.\d s; 2 x 60 paths in \d+\.\d s, peak memory [\d,]+ MB", answer.stderr)


def test_json_and_rows_of_several_scenarios(abssim_json: Json, tmp_path: Path) -> None:
    document = abssim_json("simulate", DEAL, *SIZES, *GRID, "--out", tmp_path / "paths.parquet")
    alone = abssim_json("simulate", DEAL, *SIZES, *GRID[2:])
    assert document["runs"][1] == alone
    note = document["comparison"]["notes"][1]
    mild, deep = note["expected_loss_pct"]
    assert (mild["scenario"], deep["scenario"], note["note"]) == ("mild", "deep", "R")
    assert deep["difference"]["value"] == pytest.approx(deep["value"] - mild["value"])
    assert "difference" not in mild
    assert "difference" not in note["value_at_risk_99_pct"][1]
    rows = pq.read_table(tmp_path / "paths.parquet").to_pandas()
    assert rows["scenario"].tolist() == ["mild"] * 60 + ["deep"] * 60
    assert rows.columns[1] == "path"


def test_rows_of_scenarios_with_policies_of_their_own(abssim: Call, tmp_path: Path) -> None:
    """What the others do not have is empty; no name is a formula to a spreadsheet."""
    rule = "policies: {relief: {month: 2, default_multiple: 0.5}}"
    (tmp_path / "own.yaml").write_text(f'name: "=1+1"\nreason: Relief.\nbase: deal\n{rule}\n')
    for name, first in (("paths.csv", "'=1+1"), ("paths.parquet", "=1+1")):
        arguments = ("-s", tmp_path / "own.yaml", *GRID[:2], "--out", tmp_path / name)
        answer = abssim("simulate", DEAL, "--paths", "4", *arguments)
        assert answer.returncode == 0, answer.stderr
        table = (csv.read_csv if name.endswith(".csv") else pq.read_table)(tmp_path / name)
        assert table["scenario"].to_pylist() == [first] * 4 + ["mild"] * 4
        assert table["policy.relief"].to_pylist() == [3] * 4 + [None] * 4


def test_rows_are_written_though_nobody_reads_the_tables(environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "abssim", "simulate", str(DEAL), *SIZES, "--out", str(tmp_path / "paths.csv")]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    assert process.wait(timeout=PATIENCE) != 0
    assert csv.read_csv(tmp_path / "paths.csv").num_rows == 60


@pytest.mark.parametrize("arguments", [("--seed", str(2**63)), ("--vintage-loans", "20000001"), ("--importance", "11")])
def test_numbers_out_of_range(arguments: tuple[str, str], abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--paths", "4", *arguments)
    assert answer.returncode == 2
    assert "Invalid value" in answer.stderr


def test_a_folder_is_gone_on_from(abssim: Call, tmp_path: Path) -> None:
    results = f"{tmp_path}/results.v1/"
    first = abssim("simulate", DEAL, "--paths", "40", "--seed", "4", "--out", results)
    assert first.returncode == 0, first.stderr
    assert f"wrote {tmp_path}/results.v1" in first.stderr
    part = tmp_path / "results.v1" / "scenario=cards" / "part-000000016.parquet"
    part.write_bytes(part.read_bytes()[:500])
    refused = abssim("simulate", DEAL, *SIZES, "--out", results)
    assert refused.returncode == 2
    assert "E531" in refused.stderr
    other = abssim("simulate", DEAL, "--paths", "60", "--seed", "5", "--importance", "1", "--out", results, "--resume")
    assert other.returncode == 2
    assert "settings.seed  E532" in other.stderr
    assert "settings.sampling.importance  E532  the folder is of 0.0, this run of 1.0" in other.stderr
    more = abssim("simulate", DEAL, *SIZES, "--out", results, "--resume", "--json")
    assert more.returncode == 0, more.stderr
    assert "part-000000016.parquet is not a whole block" in more.stderr
    assert more.stdout == abssim("simulate", DEAL, *SIZES, "--json").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--out", ""), "E002"),
        (("--out", "paths.docx"), "E002"),
        (("--resume",), "E007"),
        (("--out", "paths.csv", "--resume"), "E007"),
        (("--out", __file__ + "/below"), "E022"),
        (("--synthetic-loans", "9", "--tape", "tape.csv"), "E007"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], code: str, abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--paths", "4", *arguments)
    assert answer.returncode == 2
    assert code in answer.stderr
    assert not answer.stdout


def test_a_synthetic_pool_of_another_size(abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--paths", "4", "--synthetic-loans", "2000")
    assert answer.returncode == 0, answer.stderr
    assert "1,000,000.00 CNY, 2,000 loans of" in answer.stdout
    replayed = abssim("explain", DEAL, "--path", "3", "--synthetic-loans", "2000")
    assert re.search(r"Loans +2,000", replayed.stdout), replayed.stdout + replayed.stderr
    refused = abssim("simulate", HERE / "demo", "--paths", "4", "--synthetic-loans", "2000")
    assert refused.returncode == 2
    assert "E021" in refused.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere"])
def test_a_cluster_nobody_answers_for(address: str, abssim: Call) -> None:
    """An address is an input: a bad one is no failed run."""
    answer = abssim("simulate", DEAL, "--paths", "4", "--cluster", address)
    assert answer.returncode == 2
    assert "E522" in answer.stderr
    assert "Traceback" not in answer.stderr


def on_a_terminal(environment: dict[str, str], *arguments: object) -> tuple[subprocess.Popen[bytes], int]:
    """A simulation whose standard error is a terminal, and the terminal's other end."""
    import pty

    terminal, slave = pty.openpty()
    command = [sys.executable, "-m", "abssim", "simulate", *map(str, arguments)]
    process = subprocess.Popen(
        command, env={**environment, "TERM": "xterm"}, stdout=subprocess.DEVNULL, stderr=slave, preexec_fn=mind_ctrl_c
    )
    os.close(slave)
    return process, terminal


def read(terminal: int) -> Iterator[bytes]:
    """What a terminal shows, until it is closed."""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 65536):
            yield piece
    os.close(terminal)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_bar_on_a_terminal(environment: dict[str, str]) -> None:
    """Paths of both scenarios, rate and time left; gone at the end."""
    process, terminal = on_a_terminal(environment, DEAL, "--paths", "2000", *GRID, "--json")
    shown = b"".join(read(terminal))
    assert process.wait(timeout=PATIENCE) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"paths [━╸╺ ]+\d+/4000 [\d,]+/s \d+:\d\d:\d\d", text), text
    assert "2 x 2,000 paths in" in text.splitlines()[-1]


def test_workers_of_a_cluster(abssim: Call) -> None:
    distributed = pytest.importorskip("distributed")
    settings = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": ":0"}
    with distributed.LocalCluster(protocol="tcp", **settings) as cluster:
        there = abssim("simulate", DEAL, *SIZES, *GRID, "--json", "--cluster", cluster.scheduler_address)
    assert there.returncode == 0, there.stderr
    assert there.stdout == abssim("simulate", DEAL, *SIZES, *GRID, "--json").stdout
    assert re.fullmatch(r"(abssim: compil.*\n)*loaded in .*; 2 x 60 paths in .*\n", there.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt")
def test_ctrl_c_keeps_finished_blocks(environment: dict[str, str], tmp_path: Path) -> None:
    results = tmp_path / "results"
    command = [sys.executable, "-m", "abssim", "simulate", str(DEAL), "--paths", "100000", "--out", str(results)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=mind_ctrl_c
    )
    until = time.monotonic() + PATIENCE
    while not list(results.rglob("part-*.parquet")) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert not out
    kept = len(list(results.rglob("part-*.parquet")))
    told = re.search(r"stopped after ([\d,]+) of 100,000 paths; they are kept in .*--resume to go on", err)
    assert told is not None, err
    assert 16 * (kept - 2) <= int(told[1].replace(",", "")) <= 16 * kept


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt")
def test_ctrl_c_is_quiet(environment: dict[str, str]) -> None:
    process, terminal = on_a_terminal(environment, DEAL, "--paths", "100000000")
    shown = b""
    for piece in read(terminal):
        if b"/100000000" in piece and b"/100000000" not in shown:
            process.send_signal(signal.SIGINT)
        shown += piece
    assert process.wait(timeout=PATIENCE) == 130
    assert b"nothing is kept" in shown
    assert b"Traceback" not in shown


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
    assert ("Of a standard deviation two ± cover about 92 %" in " ".join(answer.stdout.split())) is (
        "--importance" in way
    )
    table = pq.read_table(tmp_path / "paths.parquet").to_pylist()
    path = abssim_json("explain", DEAL, "--path", "19", "--seed", "4", *way)
    assert sum(p["default"] for p in path["pool"]) == pytest.approx(table[19]["pool.default"])
    assert sum(row["weight"] for row in table) == pytest.approx(64.0, rel=0.3)
    document = abssim_json("simulate", DEAL, "--seed", "4", *way)
    assert (document["sampling"], document["importance"]) == (("random", 1.5) if "1.5" in way else ("sobol", 0.0))


def test_a_number_of_paths_that_does_not_fit(abssim: Call) -> None:
    answer = abssim("simulate", DEAL, "--sampling", "sobol", "--paths", "1000")
    assert answer.returncode == 2
    assert "E505" in answer.stderr and "1,024" in answer.stderr


def test_tables_fit_a_terminal_of_80_columns(abssim: Call) -> None:
    """Of a simulation with few paths, whose page says why errors are wide."""
    answer = abssim("simulate", "template", "--paths", "32", env={"COLUMNS": "80"})
    assert answer.returncode == 0, answer.stderr
    assert max(map(cell_len, answer.stdout.splitlines())) <= 80
    assert "Only 1 path shows a loss: ± is widened" in " ".join(answer.stdout.split())

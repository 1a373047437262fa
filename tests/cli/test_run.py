"""The commands on a small deal: golden texts at width 100 (ABSSIM_UPDATE_GOLDEN=1 writes them anew), JSON, files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

Call = Callable[..., subprocess.CompletedProcess[str]]
Json = Callable[..., Any]

HERE = Path(__file__).parent
DEMO = HERE / "demo"
COMMANDS = {
    "run": ("run", DEMO),
    "run-all": ("run", DEMO, "--all"),
    "scenarios": ("run", DEMO, "-s", "base", "-s", "stress", "-s", "no-loss"),
    "explain": ("explain", DEMO),
    "period": ("explain", DEMO, "--period", "3"),
    "decrement": ("decrement", DEMO, "--speed", "cpr:0,10,20"),
    "price": ("price", DEMO, "-s", "base", "-s", "stress", "-s", "no-loss"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_golden_text(name: str, abssim: Call) -> None:
    answer = abssim(*COMMANDS[name])
    assert answer.returncode == 0, answer.stderr
    told = re.sub(r"^Fingerprint.*\n(?: .*\n)*", "", answer.stdout, flags=re.MULTILINE)  # versions differ, and wrap
    lines = [line.rstrip() for line in told.splitlines()]
    shown = "\n".join(lines) + "\n"
    golden = HERE / "golden" / f"{name}.txt"
    if os.environ.get("ABSSIM_UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert max(map(cell_len, lines)) <= 100


@pytest.fixture(scope="module")
def document(abssim_json: Json) -> Any:
    return abssim_json("run", DEMO)


def test_json_agrees_with_itself(document: Any) -> None:
    note = next(n for n in document["notes"] if n["note"] == "A")
    payments = [p for p in document["payments"] if p["note"] == "A"]
    assert note["balance"] == 8_000_000
    assert sum(p["interest_paid"] for p in payments) == pytest.approx(note["interest_paid"], abs=1e-6)
    assert payments[0]["opening_balance"] == note["balance"]
    assert sum(p["principal_paid"] for p in payments) == pytest.approx(8_000_000)
    assert document["pool"][0]["cpr_pct"] == pytest.approx(10.0, abs=0.01)
    assert document["pool"][0]["cdr_pct"] == pytest.approx(3.0, abs=0.01)
    assert all(check["result"] == "passed" for check in document["checks"])
    assert {t["trigger"] for t in document["triggers"]} == {"losses"}


def test_json_is_all_there_is_on_standard_output(abssim: Call) -> None:
    answer = abssim("run", DEMO, "--json")
    json.loads(answer.stdout)
    assert answer.stdout.startswith("{")


def test_same_inputs_same_bytes(abssim: Call) -> None:
    assert abssim("run", DEMO, "--json").stdout == abssim("run", DEMO, "--json").stdout


def test_several_scenarios_in_json(abssim_json: Json) -> None:
    runs = abssim_json("run", DEMO, "-s", "base", "-s", "stress")["runs"]
    assert [run["scenario"]["name"] for run in runs] == ["base", "stress"]
    assert runs[0]["fingerprint"] != runs[1]["fingerprint"]


def test_break_even_multiple_is_where_losses_begin(document: Any, abssim_json: Json, tmp_path: Path) -> None:
    multiple = next(n for n in document["notes"] if n["note"] == "B")["first_loss_multiple"]

    def loss_at(dial: float) -> float:
        text = (
            (DEMO / "deal.yaml")
            .read_text(encoding="utf-8")
            .replace("name: demo\n", f"name: demo\n  default_multiple: {dial}\n")
            .replace("pool.factor <= 0.10", "pool.factor < 0")  # never called
        )
        path = tmp_path / f"{dial}.yaml"
        path.write_text(text, encoding="utf-8")
        return float(next(n for n in abssim_json("run", path)["notes"] if n["note"] == "B")["principal_loss"])

    assert loss_at(multiple) > 0
    assert loss_at(multiple - 0.002) == 0


def test_files_are_written_as_asked(abssim: Call, tmp_path: Path) -> None:
    for name in ("run.xlsx", "run.csv", "run.parquet", "folder"):
        answer = abssim("run", DEMO, "--out", tmp_path / name)
        assert answer.returncode == 0, answer.stderr
        assert (tmp_path / name).exists()
        assert f"wrote {tmp_path / name}" in answer.stderr


def test_loan_cash_flows_add_up_to_the_pool(abssim: Call, document: Any, tmp_path: Path) -> None:
    answer = abssim("run", DEMO, "--loans", tmp_path / "loans.parquet")
    assert answer.returncode == 0, answer.stderr
    table = pq.read_table(tmp_path / "loans.parquet")
    assert set(table.column("loan_id").to_pylist()) == {"1", "2"}
    first = table.filter(pq.ParquetFile(tmp_path / "loans.parquet").read().column("month").to_numpy() == 1)
    for field in ("interest", "scheduled_principal", "prepayment", "default"):
        assert sum(first.column(field).to_pylist()) == pytest.approx(document["pool"][0][field], abs=0.01)


def test_bad_rows_fail_unless_dropped(abssim: Call) -> None:
    failed = abssim("run", DEMO, "--tape", DEMO / "tape.csv")
    assert failed.returncode == 2
    assert "tape.csv" in failed.stderr
    dropped = abssim("run", DEMO, "--tape", DEMO / "tape.csv", "--on-bad-row", "drop", "--json")
    assert dropped.returncode == 0, dropped.stderr
    assert json.loads(dropped.stdout)["deal"]["pool"]["loans"] == 2


def test_explained_date_agrees_with_the_run(document: Any, abssim_json: Json) -> None:
    date = abssim_json("explain", DEMO, "--period", "3")
    paid = {note["note"]: note["interest_paid"] for note in date["notes"]}
    assert paid == {p["note"]: p["interest_paid"] for p in document["payments"] if p["period"] == 3}
    assert all(
        step["paid"] == pytest.approx(sum(step["from"].values())) for step in date["steps"] if step["rule"] != "book"
    )
    assert list(abssim_json("explain", DEMO)) == ["amortization"]


def test_decrement_is_without_loss_unless_a_scenario_is_named(abssim_json: Json, tmp_path: Path) -> None:
    free = abssim_json("decrement", DEMO, "--speed", "cpr:10", "--note", "A")
    lossy = abssim_json("decrement", DEMO, "--speed", "cpr:10", "--note", "A", "-s", "base")
    assert free["lives"][0]["to_maturity"] != lossy["lives"][0]["to_maturity"]
    percents = [cell["percent"] for cell in free["cells"]]
    assert percents[0] == 100.0
    assert percents == sorted(percents, reverse=True)


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_decrement_to_a_file(name: str, abssim: Call, tmp_path: Path) -> None:
    answer = abssim("decrement", DEMO, "--speed", "abs:1", "--out", tmp_path / name)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / name).stat().st_size > 100


def test_who_waits_for_the_compiler_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """Whenever something is compiled, be it the first run or a first simulation after it, and only then."""
    code = (
        "from abssim.cli.terminal import compiling, tell\n"
        "from abssim.engine.rounding import portion, round_half_up\n"
        "with compiling():\n"
        "    for kernel in sys.argv[1:]: {'a': lambda: portion(10, 1, 3), 'b': lambda: round_half_up(0.5)}[kernel]()\n"
        "tell('done')\n"
    )
    environment = {**environment, "ABSSIM_CACHE_DIR": str(tmp_path)}

    def said(*kernels: str) -> str:
        command = [sys.executable, "-c", f"import sys\n{code}", *kernels]
        return subprocess.run(command, env=environment, capture_output=True, text=True).stderr

    told = r"abssim: compiling kernels, once .*\nabssim: compiled in \d+\.\d s; .*\ndone\n"
    assert re.fullmatch(told, said("a"))
    assert said("a") == "done\n"
    assert re.fullmatch(told, said("a", "b"))
    assert said("a", "b") == "done\n"


def test_a_run_loads_neither_pandas_nor_scipy_of_its_own(environment: dict[str, str]) -> None:
    code = (
        "import sys; sys.argv = ['abssim', 'run', sys.argv[1]]\n"
        "from abssim.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.exit('pandas' in sys.modules or 'scipy.optimize' in sys.modules or 'pyarrow' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(DEMO)], env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_ctrl_c_is_quiet(environment: dict[str, str]) -> None:
    code = (
        "import sys, abssim.study.deals as d\n"
        "def stop(name): raise KeyboardInterrupt\n"
        "d.find_deal = stop\n"
        "sys.argv = ['abssim', 'run', 'x']\n"
        "from abssim.cli.main import main\n"
        "main()"
    )
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert answer.returncode not in (0, None)
    assert "Traceback" not in answer.stderr


def test_decrement_to_maturity_is_that_of_the_deal_without_its_calls(abssim_json: Json, tmp_path: Path) -> None:
    """What the pool owes after the call date is paid by the pool: a repline of 18 months ends in July, not in March."""
    asked = ("--speed", "cpr:10", "--note", "R", "--to")
    text = (DEMO / "deal.yaml").read_text(encoding="utf-8")
    start, end = text.index("calls:"), text.index("scenario:")
    (tmp_path / "deal.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    called, held, free = (
        abssim_json("decrement", deal, *asked, to)["cells"]
        for deal, to in ((DEMO, "call"), (DEMO, "maturity"), (tmp_path, "call"))
    )
    assert held == free
    assert min(cell["date"] for cell in called if cell["percent"] == 0.0) == "2025-03-20"
    assert min(cell["date"] for cell in held if cell["percent"] == 0.0) == "2025-07-20"

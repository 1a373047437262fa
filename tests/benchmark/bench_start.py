"""Start of the program in a process of its own: cold (nothing compiled), cached, and `--help`; wall and CPU seconds."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from abssim.tape.write import write_tape
from tests.benchmark.job import Spent, level_pay_tape, two_notes
from tests.process import PATIENCE

LIMITS = {"cold": 160.0, "cached": 4.0, "help": 2.6}
"""CPU against that of importing what the command needs in any case."""
NEEDS = {"cold": "import numba", "cached": "import numba, pandas", "help": "import typer, rich.console"}


def timed(command: Sequence[str], environment: dict[str, str]) -> Spent:
    """Run a command and wait for it."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - wall
    assert answer.returncode == 0, answer.stderr
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def once(arguments: Sequence[str | Path], environment: dict[str, str]) -> Spent:
    """Run `abssim`."""
    return timed([sys.executable, "-m", "abssim", *map(str, arguments)], environment)


def report(benchmark: Any, runs: Sequence[Spent], kind: str, environment: dict[str, str]) -> None:
    """Figures of the fastest run, against the imports of its kind."""
    spent = Spent(*map(min, zip(*runs, strict=True)))
    imports = min(timed([sys.executable, "-c", NEEDS[kind]], environment).cpu for _ in range(3))
    name = f"CPU / of `{NEEDS[kind]}`"
    benchmark.extra_info.update({"wall seconds": spent.wall, "CPU seconds": spent.cpu})
    benchmark.extra_info.update({name: spent.cpu / imports, f"limit: {name}": LIMITS[kind]})


def judge(benchmark: Any, arguments: Sequence[str | Path], environment: dict[str, str], kind: str) -> None:
    """Time a command that starts from a filled cache."""
    runs = [benchmark.pedantic(lambda: once(arguments, environment), rounds=1)]
    if benchmark.enabled:
        runs += [once(arguments, environment) for _ in range(3)]
        report(benchmark, runs, kind, environment)


@pytest.fixture
def ten_thousand(tmp_path: Path) -> Path:
    """A deal of two notes on 10 000 loans over 36 months."""
    tape = level_pay_tape(10_000)
    write_tape(tape, tmp_path / "tape.csv")
    return two_notes(tmp_path, tape, "tape.csv")


def test_help(benchmark: Any, environment: dict[str, str]) -> None:
    judge(benchmark, ["--help"], environment, "help")


def test_cached_honda(benchmark: Any, environment: dict[str, str], root: Path) -> None:
    judge(benchmark, ["run", root / "deals/honda-2009-1"], environment, "cached")


def test_cached_ten_thousand_loans(benchmark: Any, environment: dict[str, str], ten_thousand: Path) -> None:
    judge(benchmark, ["run", ten_thousand], environment, "cached")


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_cold(benchmark: Any, environment: dict[str, str], root: Path, tmp_path: Path) -> None:
    cold = {**environment, "ABSSIM_CACHE_DIR": str(tmp_path)}
    spent = benchmark.pedantic(once, (["run", root / "deals/honda-2009-1"], cold), rounds=1)
    if benchmark.enabled:
        report(benchmark, [spent], "cold", environment)

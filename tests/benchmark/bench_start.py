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

LIMITS = {"cold": 30.0, "cached": 2.5, "help": 0.4}
"""Wall seconds on an idle machine of two cores; a test allows as many of CPU, which noise changes less."""
TOLERANCE = 1.6
"""Of the tests: CPU seconds are longer where the cores are threads of one, and shared."""


def once(arguments: Sequence[str | Path], environment: dict[str, str]) -> Spent:
    """Run `abssim` and wait for it."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "abssim", *map(str, arguments)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - wall
    assert answer.returncode == 0, answer.stderr
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def judge(benchmark: Any, arguments: Sequence[str | Path], environment: dict[str, str], limit: float) -> None:
    """Time a command that starts from a filled cache."""
    once(arguments, environment)
    found = benchmark.pedantic(lambda: once(arguments, environment), rounds=1)
    runs = [found, *(once(arguments, environment) for _ in range(2))]
    spent = Spent(*map(min, zip(*runs, strict=True)))
    assert spent.cpu <= limit * TOLERANCE
    benchmark.extra_info.update({"wall seconds": spent.wall, "CPU seconds": spent.cpu, "limit: wall seconds": limit})


@pytest.fixture
def ten_thousand(tmp_path: Path) -> Path:
    """A deal of two notes on 10 000 loans over 36 months."""
    tape = level_pay_tape(10_000)
    write_tape(tape, tmp_path / "tape.csv")
    return two_notes(tmp_path, tape, "tape.csv")


def test_help(benchmark: Any, environment: dict[str, str]) -> None:
    judge(benchmark, ["--help"], environment, LIMITS["help"])


def test_cached_honda(benchmark: Any, environment: dict[str, str], root: Path) -> None:
    judge(benchmark, ["run", root / "deals/honda-2009-1"], environment, LIMITS["cached"])


def test_cached_ten_thousand_loans(benchmark: Any, environment: dict[str, str], ten_thousand: Path) -> None:
    judge(benchmark, ["run", ten_thousand], environment, LIMITS["cached"])


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_cold(benchmark: Any, environment: dict[str, str], root: Path, tmp_path: Path) -> None:
    cold = {**environment, "ABSSIM_CACHE_DIR": str(tmp_path)}
    spent = benchmark.pedantic(once, (["run", root / "deals/honda-2009-1"], cold), rounds=1)
    assert spent.cpu <= LIMITS["cold"] * TOLERANCE
    figures = {"wall seconds": spent.wall, "CPU seconds": spent.cpu, "limit: wall seconds": LIMITS["cold"]}
    benchmark.extra_info.update(figures)

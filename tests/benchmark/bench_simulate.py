"""The full job, a million receivables on a thousand factor paths through a revolving deal; threads, and many paths.

`pytest tests/benchmark/bench_simulate.py --benchmark-enable` measures at full size; without it each runs once, small.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from abssim.deal.load import load_deal
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.job import Job
from abssim.projection.settings import BLOCK, Settings
from abssim.projection.worker import on_threads
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario
from abssim.tape.synthesize import synthesize
from tests.benchmark.job import spent
from tests.process import PATIENCE

DEAL = "deals/jd-baitiao-2015-1"
FASTER = 1.7
"""On two threads against one."""
SAID = re.compile(r"loaded in ([\d.]+) s; [\d,]+ paths in ([\d.]+) s, peak memory ([\d,]+) MB")


def revolving(loans: int, root: Path) -> tuple[CompiledDeal, Scenario]:
    """The deal on so many receivables, and the scenario with a factor."""
    deal = load_deal(root / DEAL)
    tape = synthesize("baitiao", loans=loans, seed=3, balance=807_477_009_00, currency="CNY")
    return compile_deal(deal, tape), load_scenario("factor", deal=load_scenario("baitiao"))


def test_full_job(benchmark: Any, environment: dict[str, str], root: Path) -> None:
    """One command, in a process of its own, to the distribution table."""
    loans, paths, sampled = (1_000_000, 1_000, 20_000) if benchmark.enabled else (2_000, 16, 200)
    sizes = ["--synthetic-loans", loans, "--paths", paths, "--vintage-loans", sampled, "--threads", 2, "--seed", 1]
    command = [sys.executable, "-m", "abssim", "simulate", DEAL, "-s", "factor", *map(str, sizes)]

    def once() -> Any:
        return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=PATIENCE)

    answer = benchmark.pedantic(once, rounds=1)
    said = SAID.search(answer.stderr)
    assert answer.returncode == 0 and said is not None, answer.stderr
    assert "Convergence" in answer.stdout
    figures = {"seconds to load": float(said[1]), "seconds after loading": float(said[2])}
    benchmark.extra_info.update({**figures, "peak memory, MB": int(said[3].replace(",", ""))})


def test_two_threads(benchmark: Any, root: Path) -> None:
    """Wall seconds on one thread against two: blocks of paths have nothing to wait for but the cores."""
    loans, paths, sampled = (100_000, 256, 5_000) if benchmark.enabled else (2_000, 32, 200)
    job = Job(*revolving(loans, root), Settings(seed=1, vintage_loans=sampled))
    spans = [(first, first + BLOCK) for first in range(0, paths, BLOCK)]
    found, seconds = {}, {1: np.inf, 2: np.inf}

    def run(threads: int) -> None:
        start = time.perf_counter()
        found[threads] = dict(on_threads(threads, job, spans))
        seconds[threads] = min(seconds[threads], time.perf_counter() - start)

    for threads in (1, 2) * (3 if benchmark.enabled else 1):
        run(threads)
    benchmark.pedantic(run, (2,), rounds=1)
    assert all(np.array_equal(found[1][span].pool, found[2][span].pool) for span in spans)
    benchmark.extra_info.update({"two threads are faster by": seconds[1] / seconds[2]})
    benchmark.extra_info["least: two threads are faster by"] = FASTER


def test_near_linear_in_paths(benchmark: Any, root: Path) -> None:
    """CPU seconds a path, of many paths against few; what is prepared once for all of them is not counted."""
    loans, paths, sampled = (100_000, 128, 5_000) if benchmark.enabled else (2_000, 16, 200)
    job = Job(*revolving(loans, root), Settings(seed=1, vintage_loans=sampled))

    def run(count: int) -> None:
        for first in range(0, count, BLOCK):
            job.block(first, first + BLOCK)

    few, many = (spent(run, count, rounds=2).cpu / count for count in (BLOCK, paths))
    benchmark.pedantic(run, (BLOCK,), rounds=1)
    benchmark.extra_info.update({"ms a path": 1e3 * many, "of few paths": 1e3 * few, "ratio": many / few})

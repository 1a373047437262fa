"""The deal layer over many paths: waterfall, triggers, accounts, checks and summaries of a four-class deal.

`pytest tests/benchmark/bench_paths.py --benchmark-enable` prints paths per second and ns per payment date in
`extra_info`; without it the kernel runs once as an ordinary test.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from abssim.deal.load import load_deal
from abssim.engine.block import run_paths
from abssim.engine.layout import PathStatus
from abssim.program.compile import compile_deal
from abssim.projection.job import Job
from abssim.projection.prepare import path_arrays
from abssim.projection.settings import Settings
from abssim.scenario.load import load_scenario

CASE = Path(__file__).resolve().parents[1] / "cases" / "four-classes.yaml"
PATHS = 256


def test_paths_per_second(benchmark: Any) -> None:
    compiled = compile_deal(load_deal(CASE))
    job = Job(compiled, load_scenario("base"), Settings(seed=1, vintage_loans=1))
    path = path_arrays(compiled, job.program, np.zeros(job.source.shape, dtype=np.int64), job.rates)
    marks, state = path.memory.marks.copy(), np.zeros_like(job.program.code.initial)
    outcome = job.outcome(PATHS)
    seconds = []

    def once(batch: Any) -> None:
        start = time.process_time()
        run_paths(job.program, path, batch, state, marks, job.terms, outcome)
        seconds.append((time.process_time() - start) / PATHS)

    once(job.source.block(0, PATHS))
    rounds = 10 if benchmark.enabled else 1
    benchmark.pedantic(once, setup=lambda: ((job.source.block(0, PATHS),), {}), rounds=rounds)
    best = min(seconds[1:])
    benchmark.extra_info["paths_per_second"] = round(1.0 / best)
    benchmark.extra_info["ns_per_date"] = round(1e9 * best / job.periods)
    assert (outcome.status[:, 0] == PathStatus.OK).all()
    assert not outcome.status[:, 3].any()

"""A grid of a thousand scenarios against one cell, loading included: contracts are scheduled once."""

from __future__ import annotations

import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from abssim.study.compiled import compile_deal
from abssim.study.sweep import sweep

CELLS = 1_000
MOST = 30.0
"""Times one cell."""


def _seconds(cells: int) -> float:
    """Of the processor, for a grid of so many cells, from the deal's name to its figures."""
    start = time.process_time()
    values = [0.5 + 0.002 * i for i in range(cells)]
    sweep(compile_deal("jd-baitiao-2015-1"), {"default_multiple": values}, measures=["wal", "loss"])
    return time.process_time() - start


@pytest.mark.slow
def test_a_thousand_cells_cost_little_more_than_one(benchmark: BenchmarkFixture) -> None:
    cells = CELLS if benchmark.enabled else 4
    _seconds(1)
    one = min(_seconds(1) for _ in range(3))
    several = _seconds(cells)
    benchmark.pedantic(_seconds, args=(1,), rounds=1)
    ratio = several / one
    benchmark.extra_info["ratio"] = ratio
    print(f"\n{cells} cells: {ratio:.1f} times one cell ({one:.2f} s)")
    if benchmark.enabled:
        assert ratio <= MOST

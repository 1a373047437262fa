"""The deal layer over many paths: waterfall, triggers, accounts, checks and summaries, in blocks of random numbers.

Figures are of a path; the yardstick y is a block of Philox4x32-10 on one thread (`tests.benchmark.job.yardstick`).
What purchases cost is the difference to the same dates with nothing on offer.
`pytest tests/benchmark/bench_paths.py --benchmark-enable` measures; without it each runs once as an ordinary test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import parse_deal
from abssim.engine.deal.block import Batch
from abssim.engine.layout import PathStatus, PoolSummary
from abssim.kind.pool import PoolField as F
from abssim.program.compile import compile_deal
from abssim.projection.job import Job
from abssim.projection.settings import Settings
from abssim.scenario.load import load_scenario
from tests.benchmark.job import block_seconds, spent

CASE = Path(__file__).resolve().parents[1] / "cases" / "four-classes.yaml"
PATHS = 256
BUYING = """
revolving: {replenishment: {replines: [{balance: 1000, rate_pct: 12, remaining_term: 12}]}}
waterfalls:
  revolving:
    - {name: buy, rule: pay_amount, source: collections, payees: [purchase], amount: 0.9 * collections.balance}
    - {name: costs, rule: pay_due, source: collections, payees: [servicing, trustee], order: pro_rata}
    - {name: interest, rule: pay_due, source: collections, payees: [A, B, C], support: [reserve]}
    - {name: kept, rule: carry, source: [collections, reserve]}
"""


def text_of(buys: bool) -> str:
    """The case, or the same with 18 months of purchases before it repays its notes."""
    text = CASE.read_text(encoding="utf-8")
    if not buys:
        return text
    dates = "legal_final: 2029-12-20"
    return text.replace(dates, f"{dates}, revolving_periods: 18").replace("waterfalls:\n", BUYING[1:])


@pytest.mark.parametrize("buys", [False, True], ids=["as it is", "18 purchases"])
def test_paths(benchmark: Any, buys: bool) -> None:
    """Each path has defaults of its own: scheduled principal that is lost."""
    job = Job(compile_deal(parse_deal(text_of(buys))), load_scenario("base"), Settings(seed=1, vintage_loans=1))
    batch, outcome = job.source.block(0, PATHS), job.outcome(PATHS)
    own, share = batch.flow[:, 0], np.random.default_rng(3).uniform(0, 0.3, (PATHS, job.periods))
    lost = (own[..., F.SCHEDULED_PRINCIPAL] * share).astype(np.int64)
    own[..., F.SCHEDULED_PRINCIPAL] -= lost
    own[..., F.DEFAULT] += lost
    own[..., F.LOSS] += lost
    benchmark.pedantic(job.ready.run, (batch, outcome), rounds=1)
    assert (outcome.status[:, 0] == PathStatus.OK).all()
    assert not outcome.status[:, 3].any()
    assert (outcome.pool[:, PoolSummary.PURCHASE] > 0).any() == buys
    if benchmark.enabled:
        benchmark.extra_info.update(figures(job, batch))
        if buys:
            nothing_offered = batch._replace(profile=np.zeros_like(batch.profile))
            without = figures(job, nothing_offered)
            more = {f"{name} for purchases": benchmark.extra_info[name] - without[name] for name in ("µs", "y")}
            benchmark.extra_info.update(more)


def figures(job: Job, batch: Batch) -> dict[str, float]:
    """What a path costs."""
    seconds = spent(job.ready.run, batch, job.outcome(PATHS), rounds=10).cpu / PATHS
    block = block_seconds()
    each = {"µs": 1e6 * seconds, "y": seconds / block, "ns a date": 1e9 * seconds / job.periods}
    return {**each, "dates": float(job.periods), "ns of y": 1e9 * block}

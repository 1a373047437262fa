"""Everything at once: factors, t-copula, frailty, rings, policies of all three hooks that react, evenly drawn paths.

The parts are tested on their own elsewhere; here they must leave one another's bits alone, wherever a path is run.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.collateral.sampling import Sampling
from abssim.deal.load import parse_deal
from abssim.engine.deal.summary import Outcome
from abssim.engine.layout import PoolSummary
from abssim.kind.pool import PoolField
from abssim.policy.effect import first_months
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.job import Job
from abssim.projection.settings import Settings
from abssim.result import Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.project import replay, simulate
from abssim.tape.synthesize import synthesize
from tests.process import PATIENCE
from tests.unit.projection.test_dependence import FRAILTY, FRAUD, arrays
from tests.unit.projection.test_simulate import BALANCE, HARSH

PATHS = 32
SIZES: dict[str, Any] = {"paths": PATHS, "seed": 5, "vintage_loans": 200}
FACTORS = {
    "economy": {"correlation_pct": 15, "persistence": 0.9, "degrees": 5, "recovery_sensitivity": 0.1},
    "property": {"correlation_pct": 5, "persistence": 0.5},
}
POLICIES = {
    "tighten": {"when": "watch", "lag_months": 1, "where": {"grade": ["2", "3"]}, "offer_pct": 0},
    "collect": {"when": "watch", "months": 6, "default_multiple": 0.7, "cure_multiple": 1.3},
    "support": {"when": "bad_debt", "cash": {"account": "income", "amount": 1_000_000}},
    "offer": {"month": 2, "prepay_multiple": 1.5},
}
WAYS: list[dict[str, Any]] = [{"sampling": "sobol"}, {"importance": 1.0, "sampling": "antithetic"}]


@pytest.fixture(scope="module")
def deal() -> CompiledDeal:
    """The revolving deal with a trigger that lets it go on buying."""
    text = Path("deals/jd-baitiao-2015-1/deal.yaml").read_text(encoding="utf-8")
    watch = '  watch: {when: "pool.cumulative_default_ratio > 0.02"}\n'
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(parse_deal(text.replace("triggers:\n", "triggers:\n" + watch)), tape)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    parts = {"factors": FACTORS, "frailty": FRAILTY, "fraud": FRAUD, "policies": POLICIES, "default_multiple": 2}
    return Scenario.model_validate({**{k: v for k, v in HARSH.items() if k != "factor"}, **parts})


@pytest.fixture(scope="module", params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture(scope="module")
def whole(deal: CompiledDeal, scenario: Scenario, way: dict[str, Any]) -> Simulation:
    return simulate(deal, scenario, threads=1, **SIZES, **way)


@pytest.mark.parametrize(("threads", "block"), [(2, 16), (4, 1), (3, 5), (2, 32)])
def test_same_bits_for_any_threads_and_blocks(
    threads: int, block: int, deal: CompiledDeal, scenario: Scenario, way: dict[str, Any], whole: Simulation
) -> None:
    again = simulate(deal, scenario, threads=threads, block_paths=block, **SIZES, **way)
    assert arrays(again) == arrays(whole)


def test_every_part_is_at_work(deal: CompiledDeal, scenario: Scenario, way: dict[str, Any], whole: Simulation) -> None:
    assert (whole.policy >= 0).any(axis=0).all()
    assert len(np.unique(whole.policy[:, 0])) > 2  # paths fire in months of their own
    for part in ("frailty", "fraud", "policies"):
        left_out = {"policies": {}} if part == "policies" else {part: None}
        without = simulate(deal, scenario.model_copy(update=left_out), **SIZES, **way)
        assert not np.array_equal(without.pool, whole.pool), part


def test_interrupted_and_resumed(
    deal: CompiledDeal, scenario: Scenario, way: dict[str, Any], whole: Simulation, tmp_path: Path
) -> None:
    def stop(done: int) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    options = {**SIZES, **way, "store": tmp_path / "results", "block_paths": 4}
    with pytest.raises(KeyboardInterrupt):
        simulate(deal, scenario, progress=stop, **options)
    assert arrays(simulate(deal, scenario, resume=True, **options)) == arrays(whole)


def test_more_paths_later_have_their_weights(deal: CompiledDeal, scenario: Scenario, tmp_path: Path) -> None:
    options = {**SIZES, **WAYS[1], "store": tmp_path / "results"}
    simulate(deal, scenario, **{**options, "paths": 12})
    more = simulate(deal, scenario, resume=True, **options)
    assert arrays(more) == arrays(simulate(deal, scenario, **SIZES, **WAYS[1]))
    assert len(np.unique(more.weight)) > 1


def test_replays_are_the_paths(deal: CompiledDeal, scenario: Scenario, way: dict[str, Any], whole: Simulation) -> None:
    for path in (1, 14, 31):
        result = replay(deal, scenario, path=path, **SIZES, **way)
        total = result.pool_cumulative[-1, 0]
        assert list(result.policies.values()) == whole.policy[path].tolist()
        assert result.fingerprint == whole.fingerprint
        for field in ("DEFAULT", "RECOVERY", "PREPAYMENT", "PURCHASE"):
            assert total[PoolField[field]] == whole.pool[path, PoolSummary[field]], (path, field)


GONE = [PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT, PoolField.REPURCHASE, PoolField.DILUTION]
GONE += [PoolField.RECOVERY, PoolField.LOSS]
LEFT = [PoolField.CLOSING_BALANCE, PoolField.NON_PERFORMING_BALANCE]


def test_pool_and_vintages_pay_what_they_were(
    deal: CompiledDeal, scenario: Scenario, way: dict[str, Any], whole: Simulation
) -> None:
    """Cash, losses and what is left: of the deal to the unit, of each vintage as shares of its face."""
    for path in (0, 9, 22):
        pool = replay(deal, scenario, path=path, **SIZES, **way).pool_flow[:, 0]
        sold = pool[:, PoolField.SOLD_BALANCE].sum()
        bought = pool[:, PoolField.PURCHASE].sum()
        opening = pool[0, PoolField.OPENING_BALANCE]
        assert opening > 0 and bought > 0
        assert pool[:, GONE].sum() + sold + pool[-1, LEFT].sum() == opening + bought
    sampling = Sampling.of(way.get("sampling", "random"), way.get("importance", 0.0), PATHS)
    job = Job(deal, scenario, Settings(seed=5, vintage_loans=200, sampling=sampling))
    effects = job.reactions.settle(8, partial(job._run_rows, 0, outcome=job.outcome(8)))
    assert np.array_equal(first_months(effects, 8), whole.policy[:8])
    profile = np.moveaxis(job.source.paths(np.arange(8), effects).profile[0], -1, 0)
    parts = profile[:, :, GONE].sum(axis=2) + profile[:, :, LEFT].sum(axis=2)
    assert (profile[:, :, PoolField.CLOSING_BALANCE, 0] == 1.0).all()
    assert np.abs(parts - 1.0).max() < 1e-12


RUNNER = """
import pickle, sys
job = pickle.load(open(sys.argv[1], "rb"))
made = len(job.source.vintages._found)
outcome = job.block(4, 20)
assert len(job.source.vintages._found) > made, "no vintage was made on the way"
pickle.dump(tuple(outcome), open(sys.argv[2], "wb"))
"""


def test_another_process_makes_the_vintages_a_replay_needs(
    deal: CompiledDeal,
    scenario: Scenario,
    way: dict[str, Any],
    whole: Simulation,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    """A job shipped before it has run: which vintages policies leave is found where the paths are run."""
    sampling = Sampling.of(way.get("sampling", "random"), way.get("importance", 0.0), PATHS)
    job = Job(deal, scenario, Settings(seed=5, vintage_loans=200, sampling=sampling))
    (tmp_path / "job").write_bytes(pickle.dumps(job.shipped()))
    command = [sys.executable, "-c", RUNNER, str(tmp_path / "job"), str(tmp_path / "outcome")]
    subprocess.run(command, env=environment, check=True, timeout=PATIENCE)
    found = Outcome(*pickle.loads((tmp_path / "outcome").read_bytes()))
    for name, values in found._asdict().items():
        if name not in ("status", "negative"):
            assert values.tobytes() == np.ascontiguousarray(getattr(whole, name)[4:20]).tobytes(), name

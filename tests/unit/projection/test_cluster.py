"""Blocks on the workers of a Dask cluster: the same bits as on threads, lost workers, clusters that cannot be used."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from abssim.errors import CompileError, EngineError, Problem
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection import cluster as clusters
from abssim.projection.assemble import build
from abssim.projection.job import Job
from abssim.projection.settings import Settings
from abssim.result import Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.project import simulate
from tests.property.random_deal import deal_of
from tests.unit.projection.test_simulate import HARSH, arrays, harsh, revolving, small_deal

distributed = pytest.importorskip("distributed")

__all__ = ["harsh", "revolving"]  # fixtures of theirs
PATHS = 22


@pytest.fixture(scope="module")
def whole(revolving: CompiledDeal, harsh: Scenario) -> Simulation:
    return simulate(revolving, harsh, paths=PATHS, seed=5, vintage_loans=200)


@pytest.fixture(scope="module")
def near() -> Iterator[str]:
    """A cluster inside this process, with two workers."""
    settings = {"processes": False, "n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(protocol="tcp", **settings) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def far() -> Iterator[Any]:
    """A cluster of two processes."""
    settings = {"processes": True, "n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**settings) as cluster:
        yield cluster


def test_same_bits_on_a_cluster(near: str, revolving: CompiledDeal, harsh: Scenario, whole: Simulation) -> None:
    seen: list[int] = []
    options = {"vintage_loans": 200, "block_paths": 4, "progress": seen.append}
    found = simulate(revolving, harsh, paths=PATHS, seed=5, cluster=near, **options)
    assert arrays(found, PATHS) == arrays(whole, PATHS)
    assert len(seen) == 6
    assert seen[-1] == PATHS


def test_interrupted_on_a_cluster_and_resumed_on_threads(
    near: str, revolving: CompiledDeal, harsh: Scenario, whole: Simulation, tmp_path: Path
) -> None:
    def stop(done: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    options = {"paths": PATHS, "seed": 5, "vintage_loans": 200, "block_paths": 4, "store": tmp_path / "results"}
    with pytest.raises(KeyboardInterrupt):
        simulate(revolving, harsh, cluster=near, progress=stop, **options)
    assert len(list((tmp_path / "results").rglob("part-*.parquet"))) >= 2
    assert arrays(simulate(revolving, harsh, resume=True, **options), PATHS) == arrays(whole, PATHS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
def test_two_processes_one_of_which_is_killed(
    far: Any, revolving: CompiledDeal, harsh: Scenario, whole: Simulation
) -> None:
    """First both work; then one dies on the way, and its blocks run on the other."""
    options = {"paths": PATHS, "seed": 5, "vintage_loans": 200, "cluster": far.scheduler_address}
    assert arrays(simulate(revolving, harsh, block_paths=4, **options), PATHS) == arrays(whole, PATHS)
    with distributed.Client(far.scheduler_address, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    killed: list[int] = []

    def kill(done: int) -> None:
        if not killed:
            os.kill(victim, signal.SIGKILL)
            killed.append(done)

    found = simulate(revolving, harsh, block_paths=1, progress=kill, **options)
    assert killed
    assert killed[0] < PATHS
    assert arrays(found, PATHS) == arrays(whole, PATHS)


def test_a_job_travels_without_its_tapes(revolving: CompiledDeal, harsh: Scenario) -> None:
    job = Job(revolving, harsh, Settings(seed=5, vintage_loans=200))
    there = pickle.loads(pickle.dumps(job.shipped()))
    assert not there.compiled.assets.pools
    assert revolving.assets.pools
    for mine, theirs in zip(job.block(4, 8), there.block(4, 8), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def test_errors_of_workers_keep_their_names(near: str) -> None:
    sources = ["interest", "fees", "penalty", "scheduled_principal", "prepayment", "recovery", "advances", "sale"]
    compiled = compile_deal(deal_of(small_deal(accounts={"cash": {"collects": sources}})))
    scenario = Scenario.model_validate({**HARSH, "factor": {}})
    with pytest.raises(CompileError) as caught:
        simulate(compiled, scenario, paths=4, seed=1, cluster=near)
    assert {problem.code for problem in caught.value.problems} == {"E410"}


def test_paths_that_cannot_go_on_are_named(near: str, harsh: Scenario) -> None:
    document = small_deal(fees={"odd": {"rate_pct": 1, "of": "pool.default / (period - period)"}})
    document["waterfalls"]["amortization"][0]["payees"] = ["A", "odd"]
    with pytest.raises(EngineError, match=r"E501  under scenario harsh, path \d+ of seed 1"):
        simulate(compile_deal(deal_of(document)), harsh, paths=40, seed=1, cluster=near)


def codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(EngineError) as caught:
        call()
    return [problem.code for problem in caught.value.problems]


def test_without_the_package(monkeypatch: pytest.MonkeyPatch, revolving: CompiledDeal, harsh: Scenario) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineError, match="pip install distributed") as caught:
        simulate(revolving, harsh, paths=4, seed=1, cluster="tcp://127.0.0.1:8786")
    assert caught.value.code == "E521"


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "smoke://signals", "nobody", "tls://127.0.0.1:9", "http://x:1", ""]
)
def test_nobody_at_the_address(
    address: str, monkeypatch: pytest.MonkeyPatch, revolving: CompiledDeal, harsh: Scenario
) -> None:
    monkeypatch.setattr(clusters, "TIMEOUT", 1)
    assert codes(lambda: simulate(revolving, harsh, paths=4, seed=1, cluster=address)) == ["E522"]


def test_no_workers(revolving: CompiledDeal, harsh: Scenario) -> None:
    with distributed.LocalCluster(n_workers=0, processes=False, protocol="tcp", dashboard_address=":0") as empty:
        call = lambda: simulate(revolving, harsh, paths=4, seed=1, cluster=empty.scheduler_address)  # noqa: E731
        assert codes(call) == ["E522"]


def in_worker() -> bool:
    """Workers inside this process answer on a thread of their own."""
    return threading.current_thread() is not threading.main_thread()


def test_other_versions_are_named(
    near: str, monkeypatch: pytest.MonkeyPatch, revolving: CompiledDeal, harsh: Scenario
) -> None:
    """A worker answers with an older numba."""
    mine = build()
    monkeypatch.setattr(clusters, "build", lambda: {**mine, "numba": "0.1"} if in_worker() else mine)
    with pytest.raises(EngineError, match=r"runs numba 0\.1, this process \d") as caught:
        simulate(revolving, harsh, paths=4, seed=1, cluster=near)
    assert [problem.code for problem in caught.value.problems] == ["E523", "E523"]


def test_a_cluster_that_goes_away(revolving: CompiledDeal, harsh: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(clusters, "_block", lost)
    settings = {"processes": False, "n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**settings) as cluster:
        call = lambda: simulate(revolving, harsh, paths=4, seed=1, vintage_loans=9, cluster=cluster.scheduler_address)  # noqa: E731
        assert codes(call) == ["E524"]


def test_errors_can_be_pickled() -> None:
    problems = [Problem("E501", "a", "b", "c", "d"), Problem("E502", "e", "f", "g")]
    again = pickle.loads(pickle.dumps(EngineError(problems)))
    assert again.problems == tuple(problems)
    assert str(again) == str(EngineError(problems))

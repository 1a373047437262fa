"""The job other packages were timed on: 100 000 loans of 36 months, two sequential notes, constant speeds."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from abssim import run
from abssim.collateral.expected import Collateral
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.report.loan import write_loans
from abssim.result import RunResult
from abssim.tape.schema import LoanTape
from tests.benchmark.job import TERM, compile_job, level_pay_tape, numpy_loop, scenario, spent, two_notes

LOANS = 100_000
FLOWS = ("INTEREST", "SCHEDULED_PRINCIPAL", "PREPAYMENT", "DEFAULT", "RECOVERY")


@pytest.fixture(scope="module")
def tape() -> LoanTape:
    return level_pay_tape(LOANS)


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory, tape: LoanTape) -> Path:
    return two_notes(tmp_path_factory.mktemp("two-notes"), tape)


def whole_job(deal: Path, tape: LoanTape) -> RunResult:
    """Deal document and tape in memory to what the notes are paid."""
    return run(compile_job(deal, tape), scenario())


def projected(tape: LoanTape, threads: int = 1) -> Any:
    """The aggregates alone."""
    return Collateral(tape, threads=threads).project(scenario())


def test_the_engine_agrees_with_the_loop(tape: LoanTape) -> None:
    """To one part in a million: the loop does not round instalments to the cent."""
    engine, loop = projected(tape)[: TERM + 6], numpy_loop(tape)
    for name in FLOWS:
        field = PoolField[name]
        assert engine[:, field] == pytest.approx(loop[:, field], rel=1e-6, abs=1e-6 * loop[:, field].max())


def test_the_whole_job(benchmark: Any, deal: Path, tape: LoanTape) -> None:
    result = benchmark.pedantic(whole_job, (deal, tape), rounds=3, warmup_rounds=1)
    assert result.note_flow[-1, :, NoteField.BALANCE].tolist() == [0, 0]
    job, loop = spent(whole_job, deal, tape), spent(numpy_loop, tape)
    tracemalloc.start()
    whole_job(deal, tape)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 500e6
    name = "CPU, deal and all / of the numpy loop"
    benchmark.extra_info.update(
        {"wall seconds, deal and all": job.wall, name: job.cpu / loop.cpu, f"limit: {name}": 15}
    )
    benchmark.extra_info.update({"peak MB over the tape": peak / 1e6})


def test_the_aggregates_against_a_numpy_loop(benchmark: Any, tape: LoanTape) -> None:
    benchmark.pedantic(projected, (tape, 2), rounds=5, warmup_rounds=1)
    engine, both, loop = (
        spent(*job, rounds=9) for job in ((projected, tape), (projected, tape, 2), (numpy_loop, tape))
    )
    benchmark.extra_info.update({"CPU ms, engine": 1e3 * engine.cpu, "CPU ms, numpy loop": 1e3 * loop.cpu})
    benchmark.extra_info.update({"CPU of engine / of the loop": engine.cpu / loop.cpu})
    benchmark.extra_info["limit: CPU of engine / of the loop"] = 3.0  # it is less; the rest is for other processes
    benchmark.extra_info.update({"wall ms, engine on two threads": 1e3 * both.wall})


def test_twenty_scenarios_cost_at_most_twenty_times_one(benchmark: Any, deal: Path, tape: LoanTape) -> None:
    scenarios = [scenario(1 + k / 2, 5 + k) for k in range(20)]

    def all_of_them() -> list[RunResult]:
        compiled = compile_job(deal, tape)
        return [run(compiled, each) for each in scenarios]

    benchmark.pedantic(all_of_them, rounds=1, warmup_rounds=1)
    one, twenty = spent(whole_job, deal, tape), spent(all_of_them, rounds=2)
    benchmark.extra_info.update({"CPU of twenty scenarios / of one": twenty.cpu / one.cpu})
    benchmark.extra_info.update({"limit: CPU of twenty scenarios / of one": 20.0})


def test_cash_flows_of_every_loan(benchmark: Any, tmp_path: Path) -> None:
    tape = level_pay_tape(LOANS if benchmark.enabled else 3_000)
    case, file = scenario(), tmp_path / "loans.parquet"
    compiled = compile_job(two_notes(tmp_path, tape), tape)
    result = run(compiled, case)
    months = result.dates.month[-1]
    rows = benchmark.pedantic(write_loans, (compiled, {case.name: (case, months)}, file), rounds=1)
    written = pq.read_table(file)
    assert written.num_rows == rows
    assert len(written.column("loan_id").unique()) == len(tape)
    month = written.column("month").to_numpy()
    pool = compiled.assets.pools["loans"]
    assert isinstance(pool, Collateral)
    flows = pool.project(case, months)
    for name in FLOWS:
        total = np.bincount(month, written.column(name.lower()).to_numpy(), months + 1)[1:]
        assert total == pytest.approx(flows[:, PoolField[name]] / 100, rel=1e-9, abs=1e-6)
    benchmark.extra_info["rows"] = rows
    benchmark.extra_info["MB of the file"] = file.stat().st_size / 1e6

"""Monte Carlo of a whole deal: same bits however it is cut, every path as its replay shows it, errors by name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.errors import AbssimError, CompileError, EngineError
from abssim.kind.pool import PoolField
from abssim.measure.distribution import note_yields
from abssim.measure.note import note_measures
from abssim.measure.pool import pool_measure
from abssim.measure.price import note_flows, yield_at
from abssim.measure.trigger import trigger_measures
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.single import run
from abssim.result import Simulation
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario
from abssim.study.project import replay, simulate
from abssim.tape.synthesize import synthesize
from tests.property.random_deal import deal_of

BALANCE = 807_477_009_00
HARSH = {
    "name": "harsh",
    "reason": "one factor that matters, on the stress matrix",
    "assumptions": [
        {
            "default": {"roll_rates": "stress"},
            "recovery": {"rate_pct": 15, "curve_pct": [60, 40], "commission_pct": 20},
            "penalty_pct_per_day": 0.05,
            "repurchase_pct": 0.1,
        }
    ],
    "default_multiple": 4,
    "factor": {"correlation_pct": 20, "persistence": 0.9, "recovery_sensitivity": 0.1},
}


@pytest.fixture(scope="module")
def revolving() -> CompiledDeal:
    """A revolving deal on few loans: 12 months of purchases."""
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


@pytest.fixture(scope="module")
def harsh() -> Scenario:
    return Scenario.model_validate(HARSH)


@pytest.fixture(scope="module")
def simulated(revolving: CompiledDeal, harsh: Scenario) -> Simulation:
    return simulate(revolving, harsh, paths=22, seed=5, threads=1, vintage_loans=200)


def arrays(sim: Simulation, paths: int) -> dict[str, bytes]:
    """Everything a simulation knows of its first paths."""
    found = {}
    for name in (each.name for each in fields(Simulation)):
        value = getattr(sim, name)
        if name in ("note", "life", "cash", "pool", "fan", "trigger"):
            found[name] = np.ascontiguousarray(value[:paths]).tobytes()
    return found


@pytest.mark.parametrize(("threads", "block"), [(2, 16), (4, 1), (1, 64), (3, 5), (2, 4)])
def test_same_bits_for_any_threads_and_blocks(
    threads: int, block: int, revolving: CompiledDeal, harsh: Scenario, simulated: Simulation
) -> None:
    again = simulate(revolving, harsh, paths=22, seed=5, threads=threads, vintage_loans=200, block_paths=block)
    assert arrays(again, 22) == arrays(simulated, 22)


def test_a_path_is_the_same_however_many_there_are(
    revolving: CompiledDeal, harsh: Scenario, simulated: Simulation
) -> None:
    fewer = simulate(revolving, harsh, paths=9, seed=5, vintage_loans=200)
    assert arrays(fewer, 9) == arrays(simulated, 9)
    other = simulate(revolving, harsh, paths=9, seed=6, vintage_loans=200)
    assert arrays(other, 9)["pool"] != arrays(simulated, 9)["pool"]


def test_paths_differ(simulated: Simulation) -> None:
    losses = simulated.pool[:, PoolSummary.DEFAULT]
    assert len(np.unique(losses)) == simulated.paths
    assert (simulated.trigger >= 0).any()
    assert (simulated.note[:, 2, NoteSummary.PRINCIPAL_LOSS] > 0).any()


@pytest.mark.parametrize("number", [0, 3, 10, 21])
def test_summary_is_what_the_replay_shows(
    number: int, revolving: CompiledDeal, harsh: Scenario, simulated: Simulation
) -> None:
    result = replay(revolving, harsh, path=number, seed=5, vintage_loans=200)
    assert f"path {number}" in result.scenario_name
    rows = [*result.dates.unadjusted]
    for n, measure in enumerate(note_measures(result)):
        row = simulated.note[number, n]
        assert row[NoteSummary.PRINCIPAL_LOSS] == measure.principal_loss
        assert row[NoteSummary.LARGEST_SHORTFALL] == measure.interest_shortfall
        assert row[NoteSummary.FINAL_SHORTFALL] == measure.interest_unpaid
        assert row[NoteSummary.INTEREST_PAID] == measure.interest_paid
        assert row[NoteSummary.PRINCIPAL_PAID] == measure.principal_paid
        assert row[NoteSummary.RESIDUAL_PAID] == measure.residual_paid
        assert row[NoteSummary.SETTLED] == measure.settled
        final = measure.expected_final
        assert row[NoteSummary.REPAID] == (-1 if final is None else rows.index(final))
        assert simulated.life[number, n] == pytest.approx(measure.wal, rel=1e-12, nan_ok=True)
        given = yield_at(note_flows(result, measure.name))
        assert note_yields(simulated, n)[number] == pytest.approx(given, abs=1e-9, nan_ok=True)
    last = result.periods - 1
    total = result.pool_cumulative[last, 0]
    for field in ("DEFAULT", "RECOVERY", "LOSS", "PREPAYMENT", "PURCHASE"):
        assert simulated.pool[number, PoolSummary[field]] == total[PoolField[field]]
    assert simulated.pool[number, PoolSummary.LAST] == last
    pool = pool_measure(result)
    fan = simulated.fan[number, :, : result.periods]
    assert fan[Fan.NET_LOSS_RATIO] == pytest.approx(pool.cumulative_net_loss_ratio, rel=1e-6)
    assert fan[Fan.POOL_FACTOR] == pytest.approx(pool.factor, rel=1e-6)
    default = result.pool_cumulative[:, 0, PoolField.DEFAULT]
    assert fan[Fan.DEFAULT_RATIO] == pytest.approx(default / simulated.initial_pool_balance, rel=1e-6)
    for g, trigger in enumerate(trigger_measures(result)):
        first = result.dates.payment.index(trigger.first_active) if trigger.first_active else -1
        assert simulated.trigger[number, g] == first


QUIET = Scenario(name="quiet", reason="nobody prepays, nobody defaults: every path is the contract")


def test_without_risk_every_path_is_the_expected_one() -> None:
    tape = synthesize("baitiao", loans=400, seed=3, balance=BALANCE, currency="CNY")
    tape = tape.take(np.flatnonzero(tape.days_past_due == 0))
    document = load_deal("deals/jd-baitiao-2015-1").model_dump(mode="json", by_alias=True, exclude_defaults=True)
    document["dates"]["revolving_periods"] = 0
    document["waterfalls"].pop("revolving")
    del document["revolving"]
    for note in ("A", "B"):
        document["notes"][note].pop("pays", None)
    document["scenario"] = QUIET.model_dump(exclude_defaults=True)
    compiled = compile_deal(deal_of(document), tape)
    expected = run(compiled, QUIET)
    path = replay(compiled, QUIET, path=2, seed=1)
    assert (path.trace == expected.trace).all()
    sim = simulate(compiled, QUIET, paths=3, seed=1)
    assert (sim.pool == sim.pool[0]).all()
    assert sim.pool[0, PoolSummary.DEFAULT] == 0


def test_progress_goes_up_to_the_end(revolving: CompiledDeal, harsh: Scenario) -> None:
    seen: list[int] = []
    simulate(revolving, harsh, paths=11, seed=5, vintage_loans=50, threads=1, block_paths=4, progress=seen.append)
    assert seen == [4, 8, 11]


@pytest.mark.parametrize("wrong", [{"paths": 0}, {"vintage_loans": 0}, {"block_paths": 0}, {"block_paths": -1}])
def test_sizes_below_one_are_refused(wrong: dict[str, int], revolving: CompiledDeal, harsh: Scenario) -> None:
    with pytest.raises(EngineError) as caught:
        simulate(revolving, harsh, **{"paths": 4, "seed": 1, **wrong})
    assert [problem.code for problem in caught.value.problems] == ["E503"]


@pytest.mark.parametrize(
    "wrong", [{"paths": -1}, {"threads": -1}, {"threads": 1.5}, {"seed": -1}, {"vintage_loans": True}]
)
def test_what_is_no_whole_number_is_refused(wrong: dict[str, Any], revolving: CompiledDeal, harsh: Scenario) -> None:
    with pytest.raises(AbssimError) as caught:
        simulate(revolving, harsh, **{"paths": 4, "seed": 1, **wrong})
    assert [problem.code for problem in caught.value.problems] == ["E549"]


def test_a_deal_without_loans_is_refused() -> None:
    deal = load_deal("deals/carmax-2025-2")
    with pytest.raises(EngineError) as caught:
        simulate(compile_deal(deal), load_scenario("base"), paths=4, seed=1)
    assert [problem.code for problem in caught.value.problems] == ["E504"]


def small_deal(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": "small",
        "currency": "USD",
        "dates": {"cut_off": "2025-01-01", "closing": "2025-01-15", "payment_day": 15, "legal_final": "2028-01-15"},
        "pools": {"p": {"synthetic": {"recipe": "baitiao", "loans": 100, "seed": 1, "balance": 100_000}}},
        "notes": {"A": {"balance": 90_000, "coupon_pct": 4.0}},
        "accounts": {"cash": {"collects": ["all"]}},
        "holders": ["seller"],
        "waterfalls": {
            "amortization": [
                {"name": "interest", "rule": "pay_due", "source": ["cash"], "payees": ["A"]},
                {"name": "principal", "rule": "pay_down_to", "source": ["cash"], "payees": ["A"], "target": "0"},
                {"name": "rest", "rule": "pay_remainder", "source": ["cash"], "payees": ["seller"]},
            ]
        },
    }
    return {**document, **changes}


def test_cash_that_no_account_collects_is_named() -> None:
    sources = ["interest", "fees", "penalty", "scheduled_principal", "prepayment", "recovery", "advances", "sale"]
    compiled = compile_deal(deal_of(small_deal(accounts={"cash": {"collects": sources}})))
    returned = QUIET.model_copy(update={"assumptions": Scenario.model_validate({**HARSH, "factor": {}}).assumptions})
    with pytest.raises(CompileError) as caught:
        simulate(compiled, returned, paths=4, seed=1)
    assert {problem.code for problem in caught.value.problems} == {"E410"}


def test_a_path_that_cannot_go_on_is_named(harsh: Scenario) -> None:
    document = small_deal(fees={"odd": {"rate_pct": 1, "of": "pool.default / (period - period)"}})
    document["waterfalls"]["amortization"][0]["payees"] = ["A", "odd"]
    compiled = compile_deal(deal_of(document))
    with pytest.raises(EngineError) as caught:
        simulate(compiled, harsh, paths=40, seed=1)
    problem = caught.value.problems[0]
    assert problem.message.startswith("under scenario harsh, path ")
    assert (problem.code, problem.path) == ("E501", "fees.odd")
    assert ", on 20" in problem.message


def test_a_pool_that_would_be_given_away_is_refused(harsh: Scenario) -> None:
    """Once by path and date in a simulation, once by date in a run; at nothing it may be sold."""
    call = {"when": "period >= 3", "price": "pool.balance - 10 * notes.balance"}
    compiled = compile_deal(deal_of(small_deal(calls={"c": call})))
    for named, compute in (("harsh, path 0 of seed 1", lambda: simulate(compiled, harsh, paths=9, seed=1)),
                           ("harsh", lambda: run(compiled, harsh))):  # fmt: skip
        with pytest.raises(EngineError) as caught:
            compute()
        problem = caught.value.problems[0]
        assert (problem.code, problem.path, caught.value.exit_code) == ("E507", "calls.c.price", 2)
        assert problem.message == f"under scenario {named}, on {compiled.dates.payment[2]} this is below zero"
    sold = {"when": "period >= 3", "price": f"max(0, {call['price']})"}
    assert run(compile_deal(deal_of(small_deal(calls={"c": sold}))), harsh).periods >= 3


def test_several_pools_have_draws_of_their_own(harsh: Scenario) -> None:
    pool = {"synthetic": {"recipe": "baitiao", "loans": 100, "seed": 1, "balance": 50_000}}
    compiled = compile_deal(deal_of(small_deal(pools={"one": pool, "two": pool})))
    result = replay(compiled, harsh, path=1, seed=1)
    assert (result.pool_flow[:, 0] == result.pool_flow[:, 1:].sum(axis=1)).all()
    assert (result.pool_flow[:, 1] != result.pool_flow[:, 2]).any()


def test_the_full_job_in_small() -> None:
    """20 000 receivables, 64 factor paths, purchases on samples of 2 000: what the million-loan job does."""
    tape = synthesize("baitiao", loans=20_000, seed=3, balance=BALANCE, currency="CNY")
    deal = load_deal("deals/jd-baitiao-2015-1")
    scenario = load_scenario("factor", deal=load_scenario("baitiao"))
    compiled = compile_deal(deal, tape)
    sim = simulate(compiled, scenario, paths=64, seed=1, vintage_loans=2_000)
    net = sim.pool[:, PoolSummary.DEFAULT] - sim.pool[:, PoolSummary.RECOVERY]
    expected = run(compiled, scenario)
    total = expected.pool_cumulative[-1, 0]
    error = net.std(ddof=1) / np.sqrt(sim.paths)
    assert abs(net.mean() - (total[PoolField.DEFAULT] - total[PoolField.RECOVERY])) < 4.5 * error
    assert net.std() / sim.initial_pool_balance > 0.005  # the factor is at work
    assert (sim.pool[:, PoolSummary.PURCHASE] > 3.0 * sim.initial_pool_balance).all()
    assert (sim.note[:, 0, NoteSummary.PRINCIPAL_LOSS] == 0).all()

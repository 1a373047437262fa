"""The three hooks in a deal, and replay: what a policy changes comes after what let it fire; all else stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rich.console import Console

from abssim.collateral.expected import Collateral
from abssim.collateral.offer import offered
from abssim.deal.load import load_deal, parse_deal
from abssim.engine.layout import PoolSummary
from abssim.errors import ScenarioError
from abssim.kind.account import AccountField
from abssim.kind.pool import PoolField
from abssim.measure.distribution import policy_distributions
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.paths import PathSource
from abssim.projection.prepare import expected_flows, expected_purchases, horizon
from abssim.projection.settings import Settings
from abssim.projection.single import run
from abssim.report.document import run_document
from abssim.report.simulation import path_columns, simulation_document
from abssim.result import Simulation
from abssim.scenario.load import load_scenario
from abssim.scenario.scenario import Scenario, Stress
from abssim.study.project import replay, simulate
from abssim.study.study import Study
from abssim.table.distribution import simulation_tables
from abssim.table.trigger import trigger_tables
from abssim.tape.synthesize import synthesize
from tests.engine.naive_compare import compare
from tests.unit.projection.test_simulate import BALANCE, HARSH, arrays

PATHS = 22


@pytest.fixture(scope="module")
def deal() -> CompiledDeal:
    """A revolving deal on few loans, whose trigger `bad_debt` ends the purchases."""
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


def with_policies(**policies: Any) -> Scenario:
    return Scenario.model_validate({**HARSH, "policies": policies})


def drawn(deal: CompiledDeal, scenario: Scenario, **options: Any) -> Simulation:
    return simulate(deal, scenario, **{"paths": PATHS, "seed": 5, "threads": 1, "vintage_loans": 200, **options})


@pytest.fixture(scope="module")
def plain(deal: CompiledDeal) -> Simulation:
    return drawn(deal, with_policies())


def test_multiples_of_one_change_no_bit(deal: CompiledDeal, plain: Simulation) -> None:
    ones = with_policies(a={"month": 2, "where": {"grade": "1"}}, b={"when": "bad_debt", "where": {"grade": "2"}})
    assert arrays(drawn(deal, ones), PATHS) == arrays(plain, PATHS)
    assert np.array_equal(run(deal, ones).trace, run(deal, with_policies()).trace)


REACTING = {"when": "bad_debt", "where": {"grade": ["2", "3"]}, "default_multiple": 0.3, "cure_multiple": 1.4}


@pytest.fixture(scope="module")
def reacted(deal: CompiledDeal) -> Simulation:
    return drawn(deal, with_policies(collect=REACTING))


def test_paths_without_a_firing_are_as_without_policies(
    deal: CompiledDeal, plain: Simulation, reacted: Simulation
) -> None:
    quiet = plain.trigger[:, 0] < 0
    assert 0 < quiet.sum() < PATHS
    same = (plain.cash == reacted.cash).all(axis=(1, 2)) & (plain.pool == reacted.pool).all(axis=1)
    assert np.array_equal(same, quiet)
    assert np.array_equal(reacted.policy[:, 0] < 0, quiet)
    month = np.asarray(deal.dates.month)[plain.trigger[:, 0]] + 1
    assert np.array_equal(reacted.policy[~quiet, 0], month[~quiet])
    assert reacted.pool[~quiet, PoolSummary.DEFAULT].sum() < plain.pool[~quiet, PoolSummary.DEFAULT].sum()


@pytest.mark.parametrize(("threads", "block"), [(2, 16), (3, 5), (1, 1)])
def test_same_bits_for_any_threads_and_blocks(
    threads: int, block: int, deal: CompiledDeal, reacted: Simulation
) -> None:
    again = drawn(deal, with_policies(collect=REACTING), threads=threads, block_paths=block)
    assert arrays(again, PATHS) == arrays(reacted, PATHS)
    assert np.array_equal(again.policy, reacted.policy)


@pytest.mark.parametrize("policy", [REACTING, {"when": "bad_debt", "cash": {"account": "income", "amount": -500}}])
def test_a_replay_leaves_dates_up_to_the_firing_as_they_were(policy: dict[str, Any], deal: CompiledDeal) -> None:
    scenario = with_policies(collect=policy)
    base = with_policies(collect={**policy, "month": 1000, "when": None})
    firing = 0
    for path in range(12):
        before, after = (replay(deal, each, path=path, seed=5, vintage_loans=200) for each in (base, scenario))
        first = after.policies["collect"]
        if first < 0:
            continue
        firing += 1
        t = deal.dates.month.index(first - 1)
        assert before.policies["collect"] == -1
        assert (after.trace[: t + 1] == before.trace[: t + 1]).all()
        assert (after.trace[t + 1] != before.trace[t + 1]).any()
    assert firing > 2
    expected = run(deal, scenario)
    t = deal.dates.month.index(expected.policies["collect"] - 1)
    assert (expected.trace[: t + 1] == run(deal, base).trace[: t + 1]).all()
    assert (expected.trace[t + 1] != run(deal, base).trace[t + 1]).any()


def test_a_replay_is_the_path_of_the_simulation(deal: CompiledDeal, reacted: Simulation) -> None:
    for path in (0, 1, 6):
        result = replay(deal, with_policies(collect=REACTING), path=path, seed=5, vintage_loans=200)
        assert result.policies == {"collect": int(reacted.policy[path, 0])}
        total = result.pool_cumulative[-1, 0]
        assert total[PoolField.DEFAULT] == reacted.pool[path, PoolSummary.DEFAULT]
        assert total[PoolField.PURCHASE] == reacted.pool[path, PoolSummary.PURCHASE]


LADDER = """
name: ladder
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2028-01-15}
pools: {p: {replines: [{balance: 100000, amortization: single_payment, rate_pct: 0, remaining_term: 12, age: 0}]}}
notes: {A: {balance: 100000}}
accounts: {cash: {collects: all}, reserve: {balance: 100}}
waterfalls:
  amortization:
    - {name: redemption, rule: pay_down_to, source: cash, payees: [A], target: 0}
    - {name: rest, rule: carry, source: cash}
    - {name: kept, rule: carry, source: reserve}
triggers:
  early: {when: "pool.cumulative_default >= 1900"}
  late: {when: "pool.cumulative_default > 13000"}
"""


def ladder() -> CompiledDeal:
    return compile_deal(parse_deal(LADDER))


def steady(**policies: Any) -> Scenario:
    rules = [{"default": {"mdr_pct": 1}}]
    return Scenario.model_validate(
        {"name": "steady", "reason": "1 % a month", "assumptions": rules, "policies": policies}
    )


def test_a_month_is_the_same_as_a_stress_from_then_on() -> None:
    policy = {"month": 3, "lag_months": 1, "months": 4, "default_multiple": 2.5}
    found = compare(ladder(), steady(worse=policy))
    stress = {"stress": Stress.model_validate({"default": "1 for 4, 2.5 for 4, 1"})}
    expected = compare(ladder(), steady().model_copy(update=stress))
    assert np.array_equal(found.trace, expected.trace)


def test_one_policy_can_let_another_fire() -> None:
    """Without the first, defaults would never reach the threshold of the second."""
    second = {"when": "late", "lag_months": 1, "cash": {"account": "reserve", "amount": 50}}
    quiet = compare(ladder(), steady(second=second))
    assert quiet.policies == {"second": -1}
    result = compare(ladder(), steady(second=second, first={"when": "early", "default_multiple": 3}))
    defaults = result.pool_cumulative[:, 0, PoolField.DEFAULT]
    assert defaults[:3].tolist() == [100000, 199000, 493030]
    t = int(np.argmax(defaults > 1300000))
    assert result.policies == {"second": t + 3, "first": 3}
    assert result.account_flow[:, 1, AccountField.POSTED].nonzero()[0].tolist() == [t + 2]


def test_cash_is_conserved_and_taken_only_where_it_is() -> None:
    policies = {
        "in": {"month": 2, "cash": {"account": "reserve", "amount": 250.5}},
        "out": {"month": 4, "cash": {"account": "reserve", "amount": -1000}},
        "late": {"month": 900, "cash": {"account": "reserve", "amount": 1}},
    }
    result = compare(ladder(), steady(**policies))
    reserve = result.account_flow[:, 1]
    posted = np.zeros(result.periods)
    posted[[2, 4]] = 25050, -35050
    assert np.array_equal(reserve[:, AccountField.POSTED], posted)
    assert reserve[-1, AccountField.BALANCE] == 0
    assert all(check.passed for check in result.checks)
    paths = simulate(ladder(), steady(**policies), paths=5, seed=1)
    assert paths.policies == ("in", "late", "out")
    assert paths.policy.tolist() == [[3, -1, 5]] * 5


def test_nothing_is_bought_of_a_grade_that_is_not_offered(deal: CompiledDeal) -> None:
    """What is left is the other grades; purchases before, and all held loans, are as without the policy."""
    bought = deal.assets.replenishment
    assert bought is not None
    grade = bought.collateral.tape.labels["grade"][1]
    stop = with_policies(stop={"month": 3, "where": {"grade": grade}, "offer_pct": 0})
    half = with_policies(half={"month": 3, "where": {"grade": grade}, "offer_pct": 50})
    whole, left = share_of(bought.collateral, grade), share_of(offered(bought, half, ((0, 0.5),)), grade)
    assert left / (1 - left) == pytest.approx(0.5 * whole / (1 - whole))
    assert share_of(offered(bought, stop, ((0, 0.0),)), grade) == 0.0
    periods = horizon(deal, stop)
    assert np.array_equal(expected_flows(deal, stop, periods, 1.0), expected_flows(deal, with_policies(), periods, 1.0))
    found, base = (expected_purchases(deal, each, periods, 1.0).profile for each in (stop, with_policies()))
    assert (found[:3] == base[0]).all() and len(base) == 1
    assert all(not np.allclose(profile, base[0]) for profile in found[3:])


def share_of(pool: Collateral | None, grade: str) -> float:
    """Share of the weighted balance."""
    assert pool is not None
    weights = np.ones(len(pool.tape)) if pool.weights is None else pool.weights
    balance = pool.tape.balance * weights
    own = np.asarray(pool.tape.labels["grade"])[pool.tape.codes("grade")] == grade
    return float(balance[own].sum() / balance.sum())


def test_an_offer_that_ends_leaves_what_is_held(deal: CompiledDeal, plain: Simulation) -> None:
    stop = with_policies(stop={"month": 2, "offer_pct": 0})
    for found, base in (
        (run(deal, stop), run(deal, with_policies())),
        *((replay(deal, each, path=2, seed=5, vintage_loans=200) for each in (stop, with_policies())),),
    ):
        assert np.array_equal(found.pool_flow[:2], base.pool_flow[:2])
        assert not found.pool_flow[2:, 0, PoolField.PURCHASE].any()
    source, base_source = (
        PathSource(deal, each, horizon(deal, each), Settings(seed=5, vintage_loans=200))
        for each in (stop, with_policies())
    )
    batch, base_batch = source.block(0, 6), base_source.block(0, 6)
    assert np.array_equal(batch.flow, base_batch.flow)
    assert np.array_equal(batch.profile[:, :2], base_batch.profile[:, :2])
    assert not batch.profile[:, 2:].any()


def test_unknown_names_are_reported_together(deal: CompiledDeal) -> None:
    scenario = load_scenario("tests/cases/invalid/E335.yaml")
    with pytest.raises(ScenarioError) as caught:
        run(compile_deal(load_deal("tests/cases/policies-that-react")), scenario)
    found = [(each.code, each.path, each.hint) for each in caught.value.problems]
    assert found == [
        ("E335", "policies.tighten.when", 'did you mean "bad_debt"?'),
        ("E330", "policies.stop.where.grad", 'did you mean "grade"?'),
        ("E335", "policies.inject.cash.account", 'did you mean "reserve"?'),
    ]
    with pytest.raises(ScenarioError):
        simulate(deal, scenario, paths=1, seed=1)


def test_a_scenario_adds_to_the_policies_of_its_base(tmp_path: Any) -> None:
    (tmp_path / "one.yaml").write_text("name: one\nreason: x\npolicies: {a: {month: 1}, b: {month: 2}}\n")
    (tmp_path / "two.yaml").write_text("name: two\nreason: x\nbase: one\npolicies: {b: {month: 5}, c: {month: 3}}\n")
    found = load_scenario("two", tmp_path).policies
    assert {name: policy.month for name, policy in found.items()} == {"a": 1, "b": 5, "c": 3}


def test_tables_and_documents_say_when_policies_act(deal: CompiledDeal, reacted: Simulation) -> None:
    found = policy_distributions(reacted)[0]
    rows = np.searchsorted(deal.dates.month, reacted.policy[:, 0])[reacted.policy[:, 0] >= 0]
    assert found.by_date[-1] == pytest.approx(len(rows) / PATHS)
    assert found.by_date[rows.min()] > 0 == found.by_date[rows.min() - 1]
    document = simulation_document(reacted)
    assert [each["policy"] for each in document["policies"]] == ["collect"]
    assert path_columns(reacted)["policy.collect"].tolist() == np.maximum(0, reacted.policy[:, 0]).tolist()
    result = run(deal, with_policies(collect=REACTING, never={"when": "event_of_default", "default_multiple": 0.5}))
    told = Console(width=100)
    with told.capture() as shown:
        told.print(trigger_tables(result))
        told.print(simulation_tables(reacted))
    month = result.policies["collect"]
    assert f"Policy collect  in effect from month {month}" in shown.get()
    assert "Policies: probability to have taken effect" in shown.get()
    assert run_document(Study(result, result, ()))["policies"] == {"collect": month, "never": None}


def test_policies_without_effect_are_told() -> None:
    policies = {
        "idle": {"month": 1},
        "refuse": {"month": 1, "offer_pct": 0},
        "nobody": {"month": 1, "where": {"remaining_term": 99}, "default_multiple": 2},
    }
    assert [line for line in run(ladder(), steady(**policies)).notices if "nothing reads" not in line] == [
        "scenario steady: no loan meets these, so they have no effect: policy nobody",
        "scenario steady: policy idle changes nothing",
        "scenario steady: the deal buys nothing, so what policy refuse offers has no effect",
    ]

"""Policies of one's own, objects in Python: they act as documents do, in any order, and are refused by name."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal, parse_deal
from abssim.engine.layout import Fan, PoolSummary
from abssim.errors import ScenarioError
from abssim.kind.account import AccountField
from abssim.kind.pool import PoolField
from abssim.policy.hooks import Moves
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.job import Job
from abssim.projection.settings import Settings
from abssim.result import RunResult, Simulation
from abssim.scenario.scenario import Scenario, override
from abssim.study.project import replay, run, simulate
from abssim.tape.synthesize import synthesize
from tests.unit.policy.own import Answers, Broken, Collect, Moody, Nothing, Shrink, Support, Tighten, Watched, collected
from tests.unit.projection.test_policies import LADDER, REACTING, steady, with_policies
from tests.unit.projection.test_simulate import BALANCE, arrays

PATHS = 22


@pytest.fixture(scope="module")
def deal() -> CompiledDeal:
    """A revolving deal on few loans."""
    tape = synthesize("baitiao", loans=600, seed=3, balance=BALANCE, currency="CNY")
    return compile_deal(load_deal("deals/jd-baitiao-2015-1"), tape)


def drawn(deal: CompiledDeal, *policies: Any, **options: Any) -> Simulation:
    stated = with_policies(**options.pop("stated", {}))
    given = {"paths": PATHS, "seed": 5, "threads": 1, "vintage_loans": 200, **options}
    return simulate(deal, stated, policies=policies, **given)


@pytest.fixture(scope="module")
def plain(deal: CompiledDeal) -> Simulation:
    return drawn(deal)


@pytest.fixture(scope="module")
def level(plain: Simulation) -> float:
    """Delinquency that half of the paths never pass before their last date."""
    return float(np.median(plain.fan[:, Fan.DPD_30_PLUS_RATIO, :-1].max(axis=1)))


@pytest.fixture(scope="module")
def tightened(deal: CompiledDeal, level: float) -> Simulation:
    return drawn(deal, Tighten(level))


def test_an_offer_is_tightened_once_delinquency_has_passed_a_level(
    deal: CompiledDeal, plain: Simulation, level: float, tightened: Simulation
) -> None:
    """Paths that stay below the level, and dates up to the first that is above it, are as without the policy."""
    above = plain.fan[:, Fan.DPD_30_PLUS_RATIO, :-1] > level
    warned = above.any(axis=1)
    assert warned.sum() == PATHS // 2
    assert np.array_equal(tightened.policy[:, 0] >= 0, warned)
    month = np.asarray(deal.dates.month)[above.argmax(axis=1)]
    assert np.array_equal(tightened.policy[warned, 0], month[warned] + 1)
    same = (plain.cash == tightened.cash).all(axis=(1, 2)) & (plain.pool == tightened.pool).all(axis=1)
    assert same[~warned].all() and (~same[warned]).sum() > 3
    for path in range(PATHS):
        until = above[path].argmax() + 1 if warned[path] else plain.fan.shape[2]
        assert np.array_equal(plain.fan[path, :, :until], tightened.fan[path, :, :until])


@pytest.mark.parametrize(("threads", "block"), [(2, 16), (3, 5), (1, 1)])
def test_same_bits_for_any_threads_and_blocks(
    threads: int, block: int, deal: CompiledDeal, level: float, tightened: Simulation
) -> None:
    again = drawn(deal, Tighten(level), threads=threads, block_paths=block)
    assert arrays(again, PATHS) == arrays(tightened, PATHS)
    assert np.array_equal(again.policy, tightened.policy)


def test_an_offer_of_any_share_on_every_path(deal: CompiledDeal) -> None:
    """More populations than are kept at a time; each month is decided by the one before: replays go date by date."""
    options: dict[str, Any] = {"paths": 12, "vintage_loans": 60}
    first, again = drawn(deal, Shrink(), **options), drawn(deal, Shrink(), threads=3, block_paths=5, **options)
    assert arrays(first, 12) == arrays(again, 12)
    assert (first.policy > 0).all() and not np.array_equal(first.pool, drawn(deal, **options).pool)


def test_same_bits_where_the_job_was_pickled(deal: CompiledDeal, level: float, tightened: Simulation) -> None:
    job = Job(deal, with_policies().with_policies([Tighten(level)]), Settings(seed=5, vintage_loans=200))
    outcome = pickle.loads(pickle.dumps(job.shipped())).block(4, 12)
    assert np.array_equal(outcome.cash, tightened.cash[4:12]) and np.array_equal(outcome.fan, tightened.fan[4:12])
    assert np.array_equal(outcome.policy, tightened.policy[4:12])


def test_a_replay_is_the_path_of_the_simulation(deal: CompiledDeal, level: float, tightened: Simulation) -> None:
    for path in (0, int(tightened.policy[:, 0].argmax())):
        result = replay(deal, with_policies(), path=path, seed=5, vintage_loans=200, policies=[Tighten(level)])
        assert result.policies == {"tighten": int(tightened.policy[path, 0])}
        assert result.fingerprint == tightened.fingerprint
        for k, field in ((PoolSummary.DEFAULT, PoolField.DEFAULT), (PoolSummary.PURCHASE, PoolField.PURCHASE)):
            assert result.pool_cumulative[-1, 0, field] == tightened.pool[path, k]


def test_an_object_does_what_the_same_document_does(deal: CompiledDeal) -> None:
    stated, own = drawn(deal, stated={"watched": REACTING}), drawn(deal, Watched())
    assert arrays(own, PATHS) == arrays(stated, PATHS) and np.array_equal(own.policy, stated.policy)
    assert own.fingerprint != stated.fingerprint


def test_the_order_of_policies_changes_no_bit(deal: CompiledDeal) -> None:
    """Three objects and two policies of a document, in every order: multiples go by name."""
    one, other = {"month": 2, "where": {"grade": "1"}, "default_multiple": 1.3}, {**REACTING, "default_multiple": 0.7}
    both: dict[str, Any] = {"z": one, "a": other}
    policies = [Tighten(0.02), Watched(), Tighten(0.03, ("1", "2"), "b")]
    first = drawn(deal, *policies, stated=both)
    again = drawn(deal, *reversed(policies), stated=dict(reversed(both.items())))
    assert first.policies == again.policies == ("a", "b", "tighten", "watched", "z")
    assert arrays(first, PATHS) == arrays(again, PATHS) and np.array_equal(first.policy, again.policy)
    assert first.fingerprint == again.fingerprint
    turned = dict(reversed(both.items()))
    one_run, other_run = run(deal, with_policies(**both), policies=policies), run(deal, with_policies(**turned))
    assert np.array_equal(one_run.trace, run(deal, with_policies(**turned), policies=policies[::-1]).trace)
    assert not np.array_equal(one_run.trace, other_run.trace)


def ladder(*policies: Any, **stated: Any) -> RunResult:
    return run(compile_deal(parse_deal(LADDER)), steady(**stated), policies=policies)


def test_cash_follows_what_a_path_has_shown() -> None:
    """1 % a month defaults: 1 000, 990, 980.1 of 100 000. A month pays 1 000 times the ratio up to the month before."""
    result = ladder(Support())
    posted = result.account_flow[:, 1, AccountField.POSTED]
    defaults = np.cumsum([100_000, 99_000, 98_010])
    assert posted[:4].tolist() == [0, *(round(1e5 * each / 1e7) for each in defaults)]
    assert result.policies == {"support": 2}


ROLLS = {"current": {"dpd_1_30": 10}, "dpd_1_30": {"current": 50, "dpd_31_60": 30}}


def test_added_probabilities_move_who_is_late(deal: CompiledDeal) -> None:
    """10 % are late after month 1; of them 30 % roll on in month 2, and 20 % where ten points more cure."""
    written = {"name": "rolls", "reason": "A case by hand.", "assumptions": [{"default": {"roll_rates": ROLLS}}]}
    chosen = Scenario.model_validate(written)
    compiled = compile_deal(parse_deal(LADDER))
    late = PoolField.DPD_31_60_BALANCE
    plain, helped = run(compiled, chosen).pool_flow[1, 0], run(compiled, chosen, policies=[Collect()]).pool_flow[1, 0]
    assert (plain[late], helped[late]) == (300_000, 200_000)
    assert helped[PoolField.CURRENT_BALANCE] - plain[PoolField.CURRENT_BALANCE] == 100_000
    paths = simulate(compiled, chosen, paths=2, seed=1, policies=[Collect()])
    assert paths.policy.tolist() == [[1], [1]]


def test_the_fingerprint_knows_names_and_versions(deal: CompiledDeal) -> None:
    newer, named = Support(), Support()
    newer.version, named.name = "2", "help"
    found = [ladder(*policies).fingerprint for policies in ((), (Support(),), (newer,), (named,), (Support(), named))]
    assert len(set(found)) == len(found)
    assert found[4] == ladder(named, Support()).fingerprint


def problems(*policies: Any, **stated: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(ScenarioError) as caught:
        ladder(*policies, **stated)
    return [(each.code, each.path, each.message) for each in caught.value.problems]


def test_what_policies_lack_is_told_together() -> None:
    class Local(Tighten):
        """Cannot be found by its name."""

    nameless = Support()
    nameless.name = ""
    found = problems(object(), nameless, Support(), Support(), Support, Local(0.1, name="local"), a={"month": 1})
    pickled = found.pop()
    assert found == [
        ("E337", "policy object", "has no name, which must be a text"),
        ("E337", "policy object", "has no version, which must be a text"),
        *(("E337", "policy object", f"has no hook {hook}") for hook in ("offer", "moves", "cash")),
        ("E337", "policy Support", "has no name, which must be a text"),
        ("E337", "policy support", "has the name of another policy"),
        ("E337", "policy Support", "is a class"),
    ]
    assert pickled[:2] == ("E338", "policy local") and pickled[2].startswith("cannot be pickled, which workers need: ")


def test_a_scenario_on_its_base_keeps_them() -> None:
    base, scenario = steady().with_policies([Support()]), steady(a={"month": 1}).with_policies([Collect()])
    assert [policy.name for policy in override(base, scenario).acting] == ["a", "collect", "support"]
    assert [policy.name for policy in scenario.without_policies().acting] == []


def test_the_name_of_a_document_is_taken() -> None:
    assert problems(Support(), support={"month": 1}) == [("E337", "policy support", "has the name of another policy")]


@pytest.mark.parametrize(
    ("hook", "answer", "told"),
    [
        ("offer", 0.5, "has the shape ()"),
        ("offer", np.ones(2), "has the shape (2,)"),
        ("offer", np.asarray([np.nan]), "holds what is no number"),
        ("offer", np.asarray([1.01]), "holds 1.01"),
        ("offer", "all", "is no array of numbers"),
        ("moves", np.ones((1, 4, 3)), "is a ndarray, not Moves"),
        ("cash", [1.0], "is a list, not a mapping of accounts"),
        ("cash", {"reserve": np.asarray([np.inf])}, "holds what is no number"),
        ("cash", {"reserve": np.asarray([-2e12])}, "holds -2e+12"),
    ],
)
def test_wrong_answers_are_told(hook: str, answer: object, told: str) -> None:
    assert problems(Answers(hook, answer)) == [("E339", f"{hook}, month 1", told)]


def test_wrong_moves_are_told() -> None:
    ones, added = np.ones((1, 4, 3)), np.zeros((1, 4, 9))
    assert problems(Answers("moves", Moves(np.ones(3))))[0][2] == "has the shape (3,)"
    assert problems(Answers("moves", Moves(-ones)))[0][2] == "holds -1"
    added[0, 1, 3] = 0.1
    told = "adds to a move from 1 missed instalments to DPD_61_90, which there is not"
    assert problems(Answers("moves", Moves(ones, added)))[0][2] == told
    with pytest.raises(ScenarioError, match="E335") as caught:
        ladder(Answers("cash", {"resreve": np.ones(1)}))
    assert caught.value.problems[0].hint == 'did you mean "reserve"?'


def test_a_hook_that_fails_is_named() -> None:
    assert problems(Broken()) == [("E339", "offer, month 1", "raises KeyError: 'arrears'")]


def test_loans_are_said_as_in_documents(deal: CompiledDeal) -> None:
    unknown, wrong = Tighten(0.02), Tighten(0.02)
    unknown.where, wrong.where = {"grad": ["3"]}, {"grade": {"least": 3}}
    with pytest.raises(ScenarioError, match="E330") as caught:
        run(deal, with_policies(), policies=[unknown])
    assert caught.value.problems[0].path == "policies.tighten.where.grad"
    with pytest.raises(ScenarioError, match="says in where what is no condition"):
        run(deal, with_policies(), policies=[wrong])


def test_a_policy_that_does_not_settle_is_told() -> None:
    code, _, text = problems(Moody())[0]
    assert code == "E343" and "is not settled after" in text


def test_policies_may_come_from_anything_that_can_be_gone_through_once() -> None:
    scenario = Scenario(name="plain", reason="a test")
    assert [policy.name for policy in scenario.with_policies(iter([Shrink()])).own_policies] == ["shrink"]


def test_a_hook_set_on_the_object_acts_as_one_of_its_class() -> None:
    """And an attribute of the user's own, whatever its name, decides nothing."""
    written = {"name": "rolls", "reason": "A case by hand.", "assumptions": [{"default": {"roll_rates": ROLLS}}]}
    chosen, compiled = Scenario.model_validate(written), compile_deal(parse_deal(LADDER))
    policy = Nothing()
    policy.moves = collected  # type: ignore[method-assign]
    helped, plain = (run(compiled, chosen, policies=[each]) for each in (policy, Nothing()))
    late = PoolField.DPD_31_60_BALANCE
    assert (plain.pool_flow[1, 0][late], helped.pool_flow[1, 0][late]) == (300_000, 200_000)
    assert any("policy nothing changes nothing" in notice for notice in plain.notices)
    assert not any("policy nothing changes nothing" in notice for notice in helped.notices)

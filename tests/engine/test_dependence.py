"""Frailty, ring fraud and contagion against plain Python: the same draws give the same cents in both kernels."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abssim.collateral.dependence import clusters, gammas
from abssim.collateral.expected import Collateral
from abssim.collateral.factor import factor_paths
from abssim.collateral.population import SALT_BITS, PoolSimulation
from abssim.engine.credit.dependence import exposed, hastened, hastened_entry
from abssim.engine.credit.odds import condition_rows
from abssim.errors import ScenarioError
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.key import text_keys
from abssim.tape.schema import LoanTape, make_tape
from tests.engine import naive_dependence as twin
from tests.engine import naive_migration as naive
from tests.engine.naive_collateral import instalments
from tests.engine.test_migration import CASE, LOANS, MONTHS, OBLIGORS, SEED, Case, random_case, scenario

FRAILTY = {"by": "merchant", "variance": 1.5}
FRAUD = {"by": "region", "probability_pct": 20}
CONTAGION = {"by": "merchant", "strength": 12, "months": 3, "cap": 6}
MERCHANTS = ("", "m1", "m2", "7", "m4")
REGIONS = ("north", "south", "", "east")
EXACT = [f for f in F if f not in (F.OPENING_BALANCE, F.ADJUSTED_BALANCE, F.LOST_INTEREST)]
CURRENT = [n for n, user in enumerate(OBLIGORS) if all(LOANS[m].bucket == 0 for m in range(60) if OBLIGORS[m] == user)]
ONE = 1 << 32


def tied(tape: LoanTape) -> LoanTape:
    """The tape with merchants and regions, which some loans lack."""
    number = np.arange(len(tape), dtype=np.int32)
    labels = {**tape.labels, "merchant": MERCHANTS, "region": REGIONS}
    return replace(tape, region=number % 7 % 4, labels=labels, extra={"merchant": number % 5})


def population(case: Case, chosen: Scenario) -> tuple[PoolSimulation, list[naive.Obligor], list[str], list[str]]:
    """A simulation, its obligors for the twins, and the merchant and region of each one's largest order."""
    tape = tied(case.tape())
    sim = PoolSimulation(Collateral(tape), chosen, case.months)
    row_of = {int(key): n for n, key in enumerate(tape.loan_key)}
    users, merchants, regions = [], [], []
    for obligor in sim.book.obligor:
        own = sim.book.order[obligor["first"] : obligor["first"] + obligor["count"]]
        rows = [row_of[int(term["key"])] for term in own]
        orders = [
            naive.Order(
                int(term["key"]), instalments(case.loans[n]), case.loans[n].bucket, int(term["profile"]),
                int(term["cell"]), int(term["lag"]), float(term["penalty"]),
            )
            for term, n in zip(own, rows, strict=True)
        ]  # fmt: skip
        users.append(naive.Obligor(int(obligor["key"]), int(obligor["profile"]), orders))
        largest = max(rows, key=lambda n: (case.loans[n].balance, n))
        merchants.append(MERCHANTS[tape.extra["merchant"][largest]])
        regions.append(REGIONS[tape.region[largest]])
    return sim, users, merchants, regions


def struck(merchants: list[str], regions: list[str], number: int) -> list[float]:
    """Multiple of each obligor on a path, infinite in a ring."""
    found = []
    for merchant, region in zip(merchants, regions, strict=True):
        frail, ring = (int(text_keys(np.asarray([word.encode()]))[0]) for word in (merchant, region))
        multiple = twin.frailty(frail, SEED, number, FRAILTY["variance"]) if merchant else 1.0
        found.append(math.inf if region and twin.is_ring(ring, SEED, number, 0.2) else multiple)
    return found


def compare(sim: PoolSimulation, found: np.ndarray, path: naive.Path) -> None:
    naive.recover(path, sim.recovery, [int(value) for value in sim.opening_default])
    for t in range(1, path.months + 1):
        assert {f.name: int(found[t, f]) for f in EXACT} == {f.name: path.flow[t][f] for f in EXACT}, t
        assert found[t, F.LOST_INTEREST] == path.flow[t][F.LOST_INTEREST] + sim.opening_lost[t], t


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(4))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("group", [0, 1, 417])
def test_by_events(case: Case, group: int) -> None:
    chosen = scenario(frailty=FRAILTY, fraud=FRAUD)
    sim, users, merchants, regions = population(case, chosen)
    factor = factor_paths(chosen.factor, SEED, 4 * group, 4 * group + 4, case.months)
    found = sim.lanes(SEED, group, factor, 3)
    odds = sim._odds(sim._own(factor), np.ones((4, case.months)))
    for w in range(4):
        path = naive.Path(case.months)
        for user, multiple in zip(users, struck(merchants, regions, 4 * group + w), strict=True):
            if multiple == math.inf:
                naive.fail(user, path)
            else:
                naive.follow(user, odds, (SEED, 4 * group + w, 3 << SALT_BITS), path, multiple)
        compare(sim, found[w], path)


@pytest.mark.parametrize("case", [CASE, *map(random_case, range(4))], ids=lambda case: f"{case.months} months")
@pytest.mark.parametrize("contagion", [None, CONTAGION, {**CONTAGION, "by": "region", "months": 1, "cap": 2.5}])
def test_month_by_month(case: Case, contagion: dict[str, Any] | None) -> None:
    group, chosen = 5, scenario(frailty=FRAILTY, fraud=FRAUD, contagion=contagion)
    sim, users, merchants, regions = population(case, chosen)
    factor = factor_paths(chosen.factor, SEED, 20, 24, case.months)
    found = sim.lanes_by_month(SEED, group, factor, 3)
    assert contagion is None or np.array_equal(found, sim.lanes(SEED, group, factor, 3))
    chance = np.zeros((len(sim.transition), case.months + 1, 4, 9))
    term = contagion or {"by": "merchant", "strength": 0, "months": 1, "cap": 1}
    cluster = merchants if term["by"] == "merchant" else regions
    own = sim._own(factor)
    for w in range(4):
        condition_rows(sim.transition, sim.z, own[w], np.ones(case.months), sim.pull, sim._adjustment(None, w), chance)
        path, multiples = naive.Path(case.months), struck(merchants, regions, 20 + w)
        spread = (cluster, float(term["strength"]), int(term["months"]), float(term["cap"]))
        twin.follow_all(users, chance, (SEED, 20 + w, 3 << SALT_BITS), path, multiples, spread)
        compare(sim, found[w], path)


def test_the_three_act_in_these_cases() -> None:
    """Each of them changes the flows: a twin that agrees has them all."""
    factor = np.zeros((4, MONTHS))
    pool = Collateral(tied(CASE.tape()))
    parts = [
        {},
        {"frailty": FRAILTY},
        {"fraud": FRAUD},
        {"contagion": CONTAGION},
        {"contagion": {**CONTAGION, "cap": 1}},
    ]
    flows = [PoolSimulation(pool, scenario(**part), MONTHS).lanes_by_month(SEED, 5, factor) for part in parts]
    assert all(not np.array_equal(flows[0], other) for other in flows[1:4])
    assert np.array_equal(flows[0], flows[4])


multiples = st.one_of(st.floats(1e-6, 1e4), st.sampled_from([0.5, 1.0, 2.0, 3.0]))
word_numbers = st.integers(0, ONE - 1)


@settings(max_examples=300)
@given(word_numbers, word_numbers, multiples)
def test_survival_to_the_power(word: int, limit: int, multiple: float) -> None:
    """A word leaves below a threshold 1 - S exactly where it is below 1 - S^G, but for the last bit."""
    left = float(hastened(np.uint64(word), multiple)) < limit
    gone = -math.expm1(multiple * math.log1p(-limit / ONE)) * ONE
    assert left == (word < gone) or abs(word - gone) <= 1e-6 + 1e-9 * gone


@settings(max_examples=100)
@given(word_numbers, st.integers(0, ONE), multiples)
@example(267202464, 267202464, 1.0)
@example(ONE // 2 + 9, ONE // 2 + 9, 1.0 + 2e-16)
def test_who_is_not_exposed_stays(word: int, limit: int, multiple: float) -> None:
    curve = np.full((1, 4), limit, dtype=np.uint64)
    words = (np.uint64(word),) * 4
    row = np.asarray([multiple, 0.0, 1.0, math.inf])
    mask = exposed(words, curve, 0, row)
    assert mask & 8 and (mask & 1 or float(hastened(np.uint64(word), multiple)) >= limit)
    assert bool(mask & 4) == (word <= limit)


def test_certain_and_impossible() -> None:
    word = np.uint64(ONE - 1)
    assert hastened(word, 1e-3) < ONE and hastened(np.uint64(0), 5.0) == 0
    assert hastened(np.uint64(0), 0.0) == ONE
    before, after = np.uint64(1 << 30), np.uint64(ONE)
    assert hastened_entry(before, before, after, 3.0) == before and hastened_entry(before, after, after, 3.0) == after


@pytest.mark.parametrize("multiple", [0.2, 1.7, 30.0])
def test_arrears_and_default_keep_their_shares(multiple: float) -> None:
    before, entry, after = (np.uint64(share * ONE) for share in (0.1, 0.16, 0.3))
    stay = [(1.0 - float(each) / ONE) ** multiple for each in (before, hastened_entry(before, entry, after, multiple))]
    end = 0.7**multiple
    assert (stay[0] - stay[1]) / (stay[0] - end) == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("variance", [0.01, 0.5, 3.0, 200.0])
def test_gamma_has_mean_one_and_its_variance(variance: float) -> None:
    keys = np.arange(200, dtype=np.uint64)
    found = np.concatenate([gammas(variance, keys, 1, group) for group in range(400)])
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - 1.0) < 4.5 * error
    squares = (found - 1.0) ** 2
    assert abs(squares.mean() - variance) < 4.5 * squares.std() / np.sqrt(found.size)
    assert np.array_equal(gammas(0.0, keys, 1, 0), np.ones((200, 4)))


def multiples_of(tape: LoanTape, chosen: Scenario, start: int) -> dict[int, list[float]]:
    """What strikes each loan, all of them alone, on four paths."""
    sim = PoolSimulation(Collateral(tape), chosen, 3, start)
    shock = sim.dependence.shock(SEED, 9)
    rows = zip(sim.book.order["key"], shock.multiple[shock.cluster], strict=True)
    row_of = {int(key): n for n, key in enumerate(tape.loan_key)}
    return {row_of[int(key)]: row.tolist() for key, row in rows}


def test_a_merchant_is_as_frail_in_the_pool_as_in_a_vintage() -> None:
    """Two tapes that share a merchant, in other places, by word and by number: one multiple a path."""
    codes = np.asarray([0, 1, 2], dtype=np.int32)
    words = make_tape("USD", [9] * 3, remaining_term=6, extra={"merchant": codes}, labels={"merchant": ("x", "7", "y")})
    numbers = make_tape("USD", [9] * 4, remaining_term=6, extra={"merchant": np.asarray([5.0, 6.5, 7.0, np.nan])})
    chosen = scenario(frailty=FRAILTY, fraud={"by": "merchant", "probability_pct": 50})
    one, two = multiples_of(words, chosen, 0), multiples_of(numbers, chosen, 2)
    assert one[1] == two[2] != two[1] != two[0] and one[0] != one[1] != one[2]
    assert two[3] == [1.0] * 4


def test_loans_without_a_value_are_left_alone() -> None:
    """Everybody else is a ring; their flows are those of a scenario without dependence."""
    tape = tied(CASE.tape().take(np.arange(32, 60)))
    alone = tape.take(np.flatnonzero(tape.extra["merchant"] == 0))
    rest = tape.take(np.flatnonzero(tape.extra["merchant"] != 0))
    chosen = scenario(frailty=FRAILTY, fraud={"by": "merchant", "probability_pct": 100})
    factor, fields = np.zeros((4, MONTHS)), [F.INTEREST, F.FEE, F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.DEFAULT]
    whole = PoolSimulation(Collateral(tape), chosen, MONTHS).lanes(SEED, 0, factor)[..., fields]
    rings = PoolSimulation(Collateral(rest), chosen, MONTHS).lanes(SEED, 0, factor)[..., fields]
    plain = PoolSimulation(Collateral(alone), scenario(), MONTHS).lanes(SEED, 0, factor)[..., fields]
    assert np.array_equal(whole, plain + rings)
    assert not rings[..., :4].any() and rings[..., 4].any()


@pytest.mark.parametrize("by_month", [False, True])
def test_without_hazard_nobody_leaves(by_month: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A multiple of 0: who is current stays so; the same pool has arrears and defaults otherwise."""
    pool, factor = Collateral(tied(CASE.tape().take(np.asarray(CURRENT)))), np.zeros((4, MONTHS))
    sims = [PoolSimulation(pool, scenario(frailty=FRAILTY), MONTHS) for _ in range(2)]
    shock = sims[0].dependence.shock(SEED, 0)
    monkeypatch.setattr(sims[0].dependence, "shock", lambda seed, group: shock._replace(multiple=0.0 * shock.multiple))
    flows = [(sim.lanes_by_month if by_month else sim.lanes)(SEED, 0, factor) for sim in sims]
    found = [flow[..., (F.DEFAULT, F.DPD_1_30_BALANCE)].sum(axis=(1, 2)) for flow in flows]
    assert not found[0].any() and found[1].all()


@pytest.mark.parametrize("name", ["frailty", "fraud", "contagion"])
def test_a_column_the_tape_lacks(name: str) -> None:
    part = {"frailty": FRAILTY, "fraud": FRAUD, "contagion": CONTAGION}[name]
    with pytest.raises(ScenarioError) as caught:
        PoolSimulation(Collateral(tied(CASE.tape())), scenario(**{name: {**part, "by": "merchants"}}), 6)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.hint) == ("E330", f"{name}.by", 'did you mean "merchant"?')
    with pytest.raises(ScenarioError, match=r'E330.*no loan has a value in the column "grade"'):
        PoolSimulation(Collateral(CASE.tape()), scenario(**{name: {**part, "by": "grade"}}), 6)


@pytest.mark.parametrize("column, count", [("loan_id", 60), ("obligor_key", 36), ("remaining_term", 13), ("region", 3)])
def test_clusters_of_any_column(column: str, count: int) -> None:
    tape = tied(CASE.tape())
    found = clusters(tape, np.arange(60), column, "frailty.by", "t")
    assert len(found.key) == count and found.row.max() == count - 1
    values = tape.codes(column)
    assert all((found.row[values == values[n]] == found.row[n]).all() for n in range(60))


def test_a_pool_without_loans() -> None:
    empty = tied(CASE.tape()).take(np.arange(0))
    chosen = scenario(frailty=FRAILTY, fraud=FRAUD, contagion=CONTAGION)
    assert not PoolSimulation(Collateral(empty), chosen, 6).lanes(SEED, 0, np.zeros((4, 6))).any()

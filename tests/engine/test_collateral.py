"""The projection kernels: against the naive twin, conservation, and the whole units of periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.collateral.contract import opening_bucket
from abssim.collateral.expected import Collateral
from abssim.engine.credit.expected import PERFORMING, Groups, LoanState, default_rates, project_groups
from abssim.engine.credit.recovery import Advances, RecoveryTerms
from abssim.engine.credit.restructuring import RestructuringTerms, project_restructured
from abssim.engine.layout import ContractField
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from tests.engine import naive_collateral as naive
from tests.engine.one_lane import in_whole_units
from tests.engine.test_amortization import loans, tape_of

F = PoolField
PRINCIPAL = [F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.DEFAULT]
BUCKETS = [F.CURRENT_BALANCE, F.DPD_1_30_BALANCE, F.DPD_31_60_BALANCE, F.DPD_61_90_BALANCE]


@st.composite
def matrices(draw: st.DrawFn, months: int, restructures: bool = False) -> np.ndarray:
    """(M, 4, 9) random odds; a month misses at most one more instalment, the restructured missed three."""
    seed = draw(st.integers(0, 2**32 - 1))
    found = np.random.default_rng(seed).random((months, PERFORMING, len(LoanState))) ** 3
    for i in range(PERFORMING):
        found[:, i, i + 2 : PERFORMING] = 0.0
    found[:, : PERFORMING - 1, LoanState.RESTRUCTURED] = 0.0
    if not restructures:
        found[..., LoanState.RESTRUCTURED] = 0.0
    return found / found.sum(axis=2, keepdims=True)


@st.composite
def aftermaths(draw: st.DrawFn) -> naive.Aftermath:
    """One to three channels that collect at most everything, one of them at a cost beyond its cash."""
    lag, count = draw(st.integers(0, 6)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    most = draw(st.floats(0.0, 1.0)) / (count * (lag + 1))
    ways = []
    for _ in range(count):
        shares = random.random(lag + 1) * most
        ways.append(naive.Way(shares.tolist(), (shares * 1.5 * random.random()).tolist(), 0.5 * random.random()))
    price, penalty = draw(st.sampled_from([0.0, 0.04, 1.0])), draw(st.sampled_from([0.0, 0.0005]))
    return naive.Aftermath(ways, lag, price, penalty)


def recovery_of(aftermath: naive.Aftermath, months: int) -> RecoveryTerms:
    cash = np.asarray([[way.shares for way in aftermath.ways]])
    share = cash.sum(axis=1)
    return RecoveryTerms(
        share=share,
        part=np.divide(cash, share, out=np.zeros_like(cash), where=share > 0.0),
        cost=np.asarray([[way.cost for way in aftermath.ways]]),
        commission=np.asarray([[way.commission for way in aftermath.ways]]),
        last=np.asarray([aftermath.last]),
        price=np.asarray([aftermath.price]),
        penalty=np.asarray([aftermath.penalty_per_day * 30.0]),
        advances=np.asarray([int(Advances[aftermath.advances.upper()])]),
        stress=np.ones(months + 1),
    )


def groups_of(many: list[naive.Loan]) -> Groups:
    zeros = np.zeros(len(many), dtype=np.int64)
    bucket = np.asarray([loan.bucket for loan in many], dtype=np.int64)
    term = np.asarray([loan.term for loan in many], dtype=np.int64)
    return Groups(zeros, zeros, bucket, term, np.ones(len(many)), zeros)


def table_of(many: list[naive.Loan]) -> np.ndarray:
    table = np.zeros((len(many), len(ContractField), max(loan.term for loan in many) + 1), dtype=np.int64)
    for g, loan in enumerate(many):
        rows = naive.instalments(loan)
        for s in range(loan.term + 1):
            table[g, ContractField.BALANCE, s] = sum(row[0] for row in rows[s:])
        table[g, ContractField.INTEREST, 1 : loan.term + 1] = [row[1] for row in rows]
        table[g, ContractField.FEE, 1 : loan.term + 1] = [row[2] for row in rows]
    table[:, ContractField.ADJUSTED] = table[:, ContractField.BALANCE]
    return table


def project(
    many: list[naive.Loan], transition: np.ndarray, aftermath: naive.Aftermath, terms: tuple[int, float] | None = None
) -> np.ndarray:
    months = transition.shape[0]
    flows = np.zeros((1, months + 1, len(F)))
    pool = (groups_of(many), table_of(many), transition[None], recovery_of(aftermath, months))
    if terms is None:
        project_groups(*pool, flows)
    else:
        project_restructured(*pool, RestructuringTerms(np.asarray([4 + terms[0]]), np.asarray([terms[1]])), flows)
    return flows[0]


def naive_flows(
    many: list[naive.Loan], move: Any, aftermath: naive.Aftermath, months: int, terms: tuple[int, float] = (0, 1.0)
) -> np.ndarray:
    found = np.zeros((months + 1, len(F)))
    for loan in many:
        for t, row in enumerate(naive.project(loan, move, aftermath, months, terms)):
            for field, amount in row.items():
                found[t, field] += amount
    return found


@settings(max_examples=60)
@given(st.data(), st.lists(loans(), min_size=1, max_size=4), aftermaths())
def test_projection_is_the_naive_one(data: st.DataObject, many: list[naive.Loan], aftermath: naive.Aftermath) -> None:
    months = max(loan.term for loan in many) + 5 + aftermath.last
    transition = data.draw(matrices(months))
    flows = project(many, transition, aftermath)
    wanted = naive_flows(many, lambda t, missed: transition[t - 1, missed], aftermath, months)
    wanted[:, F.ADJUSTED_BALANCE] = wanted[:, F.CLOSING_BALANCE]
    assert flows == pytest.approx(wanted, rel=1e-9, abs=1e-6)


@settings(max_examples=60)
@given(
    *(st.data(), st.lists(loans(), min_size=1, max_size=4), aftermaths()),
    st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.5, 1.0, 2.5])),
)
def test_restructured_pool_is_the_naive_one(
    data: st.DataObject, many: list[naive.Loan], aftermath: naive.Aftermath, terms: tuple[int, float]
) -> None:
    """And what is owed at the cut-off comes back as cash or loss by the end of the grid, later by the shift."""
    months = max(loan.term for loan in many) + 9 + terms[0] + aftermath.last
    transition = data.draw(matrices(months, restructures=True))
    flows = project(many, transition, aftermath, terms)
    wanted = naive_flows(many, lambda t, missed: transition[t - 1, missed], aftermath, months, terms)
    wanted[:, F.ADJUSTED_BALANCE] = wanted[:, F.CLOSING_BALANCE]
    assert flows == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    total = sum(loan.balance for loan in many)
    out = flows[:, [F.RECOVERY, F.LOSS, *PRINCIPAL[:-1]]].sum()
    assert out == pytest.approx(total, rel=1e-12, abs=1e-6)
    assert flows[-1, F.CLOSING_BALANCE] == pytest.approx(0.0, abs=1e-6)
    moved = flows[:-1, F.CLOSING_BALANCE] - flows[1:, PRINCIPAL].sum(axis=1)
    assert moved == pytest.approx(flows[1:, F.CLOSING_BALANCE], rel=1e-12, abs=1e-6)


@settings(max_examples=30)
@given(st.data(), st.lists(loans(), min_size=1, max_size=4), aftermaths())
def test_where_nobody_is_restructured_the_terms_change_no_bit(
    data: st.DataObject, many: list[naive.Loan], aftermath: naive.Aftermath
) -> None:
    transition = data.draw(matrices(max(loan.term for loan in many) + 5 + aftermath.last))
    assert np.array_equal(project(many, transition, aftermath), project(many, transition, aftermath, (2, 3.0)))


@settings(max_examples=40)
@given(st.data(), st.lists(loans(), min_size=1, max_size=4), aftermaths())
def test_nothing_appears_or_disappears(data: st.DataObject, many: list[naive.Loan], aftermath: naive.Aftermath) -> None:
    months = max(loan.term for loan in many) + 5 + aftermath.last
    flows = project(many, data.draw(matrices(months)), aftermath)
    total = sum(loan.balance for loan in many)
    npl = sum(loan.balance for loan in many if loan.bucket >= PERFORMING)
    assert flows[:, PRINCIPAL].sum() == pytest.approx(total - npl, rel=1e-12, abs=1e-6)
    assert flows[:, [F.RECOVERY, F.LOSS]].sum() == pytest.approx(npl + flows[:, F.DEFAULT].sum(), rel=1e-12, abs=1e-6)
    moved = flows[:-1, F.CLOSING_BALANCE] - flows[1:, PRINCIPAL].sum(axis=1)
    assert moved == pytest.approx(flows[1:, F.CLOSING_BALANCE], rel=1e-12, abs=1e-6)
    assert flows[:, BUCKETS].sum(axis=1) == pytest.approx(flows[:, F.CLOSING_BALANCE], rel=1e-12, abs=1e-6)
    assert flows[-1, F.CLOSING_BALANCE] == pytest.approx(0.0, abs=1e-6)
    assert (flows[:, F.COLLECTION_COST] <= flows[:, F.RECOVERY] + 1e-9).all()


@settings(max_examples=30)
@given(
    st.lists(loans(), min_size=1, max_size=4),
    st.integers(0, 12),
    st.floats(0.0, 1.0),
    st.sampled_from(["principal", "principal_and_interest"]),
)
def test_servicer_advances_are_the_naive_ones(many: list[naive.Loan], lag: int, severity: float, kind: str) -> None:
    for loan in many:
        loan.bucket = 0
    way = naive.Way([0.0] * lag + [1.0 - severity], [0.0] * (lag + 1), 0.1)
    aftermath = naive.Aftermath([way], lag, advances=kind)
    months = max(loan.term for loan in many) + 4 + lag
    transition = np.zeros((months, PERFORMING, len(LoanState)))
    transition[:, range(PERFORMING), range(PERFORMING)] = 0.97
    transition[:, :, LoanState.DEFAULT] = 0.02
    transition[:, :, LoanState.PREPAID] = 0.01
    flows = project(many, transition, aftermath)
    wanted = naive_flows(many, lambda t, missed: transition[t - 1, missed], aftermath, months)
    wanted[:, F.ADJUSTED_BALANCE] = wanted[:, F.CLOSING_BALANCE]
    assert flows == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    out = flows[:, [F.RECOVERY, F.LOSS, F.ADVANCED_PRINCIPAL]].sum()
    assert out == pytest.approx(flows[:, F.DEFAULT].sum(), rel=1e-12, abs=1e-6)


@settings(max_examples=40)
@given(
    st.lists(loans(), min_size=1, max_size=4),
    st.sampled_from(["default_first", "simultaneous", "prepay_first"]),
    st.floats(0.0, 0.2),
    st.floats(0.0, 0.1),
    st.lists(st.floats(0.0, 0.1), min_size=1, max_size=20),
)
def test_cumulative_defaults_become_the_naive_rates(
    many: list[naive.Loan], order: str, prepay: float, other: float, shares: list[float]
) -> None:
    for loan in many:
        loan.bucket %= PERFORMING
    total = sum(loan.balance for loan in many)
    target = np.asarray([[share * total for share in shares]])
    hazard = np.tile([prepay, other], (1, len(shares), 1))
    rates = np.zeros_like(target)
    code = ("default_first", "simultaneous", "prepay_first").index(order)
    unmet = np.zeros(1)
    default_rates(groups_of(many), table_of(many), hazard, target, code, rates, unmet)
    assert rates[0] == pytest.approx(naive.default_rates(many, target[0], prepay, other, order), rel=1e-9, abs=1e-12)
    assert unmet[0] == 0.0 or rates[0].max() == 1.0 or rates[0].min() == 0.0


@settings(max_examples=80)
@given(st.data(), st.lists(loans(), min_size=1, max_size=3), aftermaths())
def test_months_are_the_naive_ones_and_every_identity_is_an_equality(
    data: st.DataObject, many: list[naive.Loan], aftermath: naive.Aftermath
) -> None:
    months = max(loan.term for loan in many) + 5 + aftermath.last
    flows = project(many, data.draw(matrices(months)), aftermath)
    npl = sum(loan.balance for loan in many if loan.bucket >= PERFORMING)
    opening = sum(loan.balance for loan in many) - npl
    change = flows[:, F.DEFAULT] - flows[:, F.RECOVERY] - flows[:, F.LOSS]
    flows[:, F.NON_PERFORMING_BALANCE] = npl + np.cumsum(change)
    rows = in_whole_units(flows[1:], opening, npl)
    for t, wanted in enumerate(naive.round_months(flows[1:], opening, npl)):
        assert {name: int(rows[t, F[name]]) for name in wanted} == wanted
    assert (rows >= 0).all()
    assert (rows[:, F.OPENING_BALANCE] == rows[:, PRINCIPAL].sum(axis=1) + rows[:, F.CLOSING_BALANCE]).all()
    assert (rows[:, BUCKETS].sum(axis=1) == rows[:, F.CLOSING_BALANCE]).all()
    assert rows[0, F.OPENING_BALANCE] == opening and rows[-1, F.CLOSING_BALANCE] == 0
    rolled = npl + np.cumsum(rows[:, F.DEFAULT] - rows[:, F.RECOVERY] - rows[:, F.LOSS])
    assert (rolled == rows[:, F.NON_PERFORMING_BALANCE]).all() and rolled[-1] == 0
    assert (rows[:, F.COLLECTION_COST] <= rows[:, F.RECOVERY]).all()
    assert np.abs(np.cumsum(rows[:, F.INTEREST]) - np.cumsum(flows[1:, F.INTEREST])).max() <= 1.0


def test_days_past_due_are_missed_instalments() -> None:
    days = np.asarray([-5, 0, 1, 30, 31, 60, 61, 90, 91, 400], dtype=np.int32)
    assert opening_bucket(days).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@settings(max_examples=20, deadline=None)
@given(st.lists(loans(), min_size=1, max_size=6), st.integers(1, 3))
def test_threads_change_no_bit(many: list[naive.Loan], threads: int) -> None:
    import abssim.collateral.group as group

    rule = {"default": {"roll_rates": "base"}, "prepayment": {"abs_pct": 1.5}, "recovery": {"rate_pct": 20}}
    scenario = Scenario.model_validate({"name": "x", "reason": "test", "assumptions": [rule]})
    tape = tape_of(many)
    one = Collateral(tape, threads=1).project(scenario)
    before = group.CHUNK_LOANS
    group.CHUNK_LOANS = 1
    try:
        assert np.array_equal(one, Collateral(tape, threads=threads).project(scenario))
    finally:
        group.CHUNK_LOANS = before

"""JD Baitiao 2015-1: terms as published, and every fen of 100,000 receivables accounted for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from abssim.collateral.expected import Collateral
from abssim.deal.load import load_deal
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField, Regime
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField
from abssim.measure.note import note_measures
from abssim.measure.pool import pool_measure
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import load_scenario
from tests.engine.one_lane import in_whole_units, vintage

DATES = 12
"""Payment dates in the revolving year."""
CASH = (
    PoolField.INTEREST, PoolField.FEE, PoolField.PENALTY, PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT,
    PoolField.REPURCHASE, PoolField.RECOVERY, PoolField.SALE_PROCEEDS,
)  # fmt: skip
FACE_OUT = (
    PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT, PoolField.REPURCHASE, PoolField.DILUTION, PoolField.DEFAULT,
    PoolField.SOLD_BALANCE,
)  # fmt: skip
FLOWS = tuple(field for field in PoolField if PoolField.OPENING_BALANCE < field < PoolField.DISCOUNT)

Int64 = npt.NDArray[np.int64]


@pytest.fixture(scope="module")
def deal(root: Path) -> CompiledDeal:
    return compile_deal(load_deal(root / "deals/jd-baitiao-2015-1"))


@pytest.fixture(scope="module")
def base(deal: CompiledDeal) -> RunResult:
    return run(deal, load_scenario("baitiao"))


@pytest.fixture(scope="module")
def stress(deal: CompiledDeal) -> RunResult:
    return run(deal, load_scenario("baitiao-stress"))


@pytest.fixture(scope="module", params=["base", "stress"])
def result(request: pytest.FixtureRequest) -> RunResult:
    found: RunResult = request.getfixturevalue(request.param)
    return found


def pool(result: RunResult, field: PoolField) -> Int64:
    return result.pool_flow[:, 0, field]


def regimes(result: RunResult) -> list[int]:
    return [int(regime) for regime in result.clock[:, ClockField.REGIME]]


def test_terms_are_the_published_ones(deal: CompiledDeal) -> None:
    notes = deal.deal.notes
    assert {name: note.balance for name, note in notes.items()} == {"A": 600e6, "B": 104e6, "sub": 96e6}
    assert [notes["A"].coupon_pct, notes["B"].coupon_pct, notes["sub"].coupon_pct] == [5.1, 7.3, None]
    assert deal.deal.dates.revolving_periods == DATES
    (tape,) = deal.assets.tapes
    assert len(tape) == 100_000
    price = deal.assets.prices["receivables"]
    assert int(tape.balance.sum()) * price == pytest.approx(800_000_000_00, abs=100)


def test_cash_is_accounted_for_on_every_date(result: RunResult) -> None:
    """Balances before + collected = paid to notes, fees and sellers + balances after, by the figures of each party."""
    collected = sum(pool(result, field) for field in CASH) - pool(result, PoolField.COLLECTION_COST)
    notes = result.note_flow[:, :, [NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID, NoteField.RESIDUAL_PAID]]
    paid = notes.sum(axis=(1, 2)) + result.fee_flow[:, :, FeeField.PAID].sum(axis=1)
    after = result.account_flow[:, :, AccountField.BALANCE].sum(axis=1)
    before = np.concatenate([[0], after[:-1]])
    assert np.array_equal(before + collected, paid + pool(result, PoolField.PURCHASE_COST) + after)
    assert after[-1] == 0
    assert int(collected.sum()) == int(paid.sum() + pool(result, PoolField.PURCHASE_COST).sum())


def test_face_is_accounted_for_over_the_life(deal: CompiledDeal, result: RunResult) -> None:
    opening = deal.assets.tapes[0].balance.sum()
    gone = sum(int(pool(result, field).sum()) for field in FACE_OUT)
    assert int(opening) + int(pool(result, PoolField.PURCHASE).sum()) == gone
    assert pool(result, PoolField.CLOSING_BALANCE)[-1] == 0
    recovered = int(pool(result, PoolField.RECOVERY).sum()) + int(pool(result, PoolField.LOSS).sum())
    assert int(pool(result, PoolField.DEFAULT).sum()) == recovered


@pytest.mark.parametrize("name", ["baitiao", "baitiao-stress"])
def test_the_pool_is_the_closing_pool_and_its_vintages(deal: CompiledDeal, name: str) -> None:
    """Each purchase as a vintage of its own, every one paying out its face; added to the closing pool they give every
    flow of every date."""
    scenario = load_scenario(name)
    result = run(deal, scenario, calls="never")
    closing, bought = deal.assets.pools["receivables"], deal.assets.replenishment
    assert isinstance(closing, Collateral) and bought is not None
    months = result.dates.month  # each date collects one
    total = in_whole_units(
        closing.project(scenario, len(months)), closing.opening_balance, closing.opening_non_performing
    )
    profile = bought.collateral.vintage_profiles(scenario, [0])[0]
    faces, costs = pool(result, PoolField.PURCHASE), pool(result, PoolField.PURCHASE_COST)
    for t in np.flatnonzero(faces):
        own = vintage(len(months), months[t], profile, int(faces[t]), int(costs[t]))
        assert own[:, FACE_OUT].sum() == faces[t]
        assert own[:, PoolField.DEFAULT].sum() == own[:, [PoolField.RECOVERY, PoolField.LOSS]].sum()
        assert own[:, PoolField.DISCOUNT].sum() <= faces[t] - costs[t]
        total += own
    assert np.array_equal(total[: result.periods, FLOWS], result.pool_flow[:, 0, FLOWS])
    assert not total[result.periods :].any()


def test_interest_is_quarterly_while_the_deal_revolves_and_monthly_after(base: RunResult) -> None:
    dates = [base.dates.closing, *base.dates.unadjusted]
    for index, coupon in ((0, 0.051), (1, 0.073)):
        flow, since = base.note_flow[:, index], dates[0]
        for t in range(base.periods):
            due = t >= DATES or (t + 1) % 3 == 0
            days = (dates[t + 1] - since).days
            wanted = flow[t, NoteField.OPENING_BALANCE] * coupon * days / 365 if due else 0
            assert flow[t, NoteField.INTEREST_PAID] == pytest.approx(wanted, abs=3)
            since = dates[t + 1] if due else since
    assert not base.note_flow[:, :, NoteField.INTEREST_SHORTFALL].any()


def test_a_healthy_programme_revolves_a_year_then_passes_through(base: RunResult) -> None:
    assert regimes(base) == [Regime.REVOLVING] * DATES + [Regime.AMORTIZATION] * (base.periods - DATES)
    assert not base.trigger_flow[:, :, TriggerField.ACTIVE].any()
    assert (pool(base, PoolField.PURCHASE)[:DATES] > 0).all() and not pool(base, PoolField.PURCHASE)[DATES:].any()
    assert not base.note_flow[:DATES, :, NoteField.PRINCIPAL_PAID].any()
    assert base.dates.payment[-1].year - base.dates.closing.year <= 2
    assert all(note.principal_loss == 0 for note in note_measures(base))
    assert (pool_measure(base).excess_spread > 0.0).all()


def test_bad_debt_ends_the_revolving_period_on_the_first_date_above_the_limit(stress: RunResult) -> None:
    issue = sum(terms.initial_balance for terms in stress.notes_terms)
    gone = sum(pool(stress, field) for field in (PoolField.RECOVERY, PoolField.LOSS))
    bad = np.cumsum(pool(stress, PoolField.DEFAULT) - gone)
    fired = int(np.flatnonzero(bad > 0.05 * issue)[0])
    assert 0 < fired < DATES
    assert regimes(stress) == [Regime.REVOLVING] * fired + [Regime.EARLY_AMORTIZATION] * (stress.periods - fired)
    active = stress.trigger_flow[:, [g.name for g in stress.triggers_terms].index("bad_debt"), TriggerField.ACTIVE]
    assert active.tolist() == [0] * fired + [1] * (stress.periods - fired)
    purchases = pool(stress, PoolField.PURCHASE)
    assert (purchases[:fired] > 0).all() and not purchases[fired:].any()


def test_run_off_in_the_stress_pays_in_the_order_of_seniority(stress: RunResult) -> None:
    principal = stress.note_flow[:, :, NoteField.PRINCIPAL_PAID]
    balance = stress.note_flow[:, :, NoteField.BALANCE]
    assert (balance[principal[:, 1] > 0, 0] == 0).all()
    a, b, sub = note_measures(stress)
    assert a.principal_loss == 0
    assert 0 < b.principal_loss < b.initial_balance
    assert sub.principal_loss == sub.initial_balance
    assert not stress.note_flow[:, 0, NoteField.INTEREST_SHORTFALL].any()


def test_the_readme_of_the_deal_says_what_comes_out(base: RunResult, stress: RunResult, root: Path) -> None:
    told = (root / "deals/jd-baitiao-2015-1/README.md").read_text(encoding="utf-8")
    losses = [f"{100 * pool_measure(result).cumulative_net_loss_ratio[-1]:.2f}" for result in (base, stress)]
    lives = [f"{note_measures(result)[0].wal:.2f}" for result in (base, stress)]
    lost = " / ".join(f"{note.principal_loss / 1e8:.1f}" for note in note_measures(stress)).replace("0.0 /", "0 /", 1)
    assert f"| {losses[0]} | {losses[1]} |" in told
    assert f"| {lives[0]} | {lives[1]} |" in told
    assert f"| 0 / 0 / 0 | {lost} |" in told


def test_the_bond_connect_deal_stops_buying_before_it_amortizes_early(root: Path) -> None:
    deal = compile_deal(load_deal(root / "deals/jd-baitiao-abn-2018-1"))
    healthy, bad = (run(deal, load_scenario(name)) for name in ("baitiao", "baitiao-stress"))
    assert all(note.principal_loss == 0 for note in note_measures(healthy))
    assert (pool_measure(healthy).excess_spread > 0.0).all()
    ratio = pool_measure(bad).npl_to_issue_ratio
    stopped, early = int(np.flatnonzero(ratio > 0.05)[0]), int(np.flatnonzero(ratio > 0.06)[0])
    assert (pool(bad, PoolField.PURCHASE) > 0).tolist() == [t < stopped for t in range(bad.periods)]
    assert regimes(bad)[: early + 1] == [Regime.REVOLVING] * early + [Regime.EARLY_AMORTIZATION]
    assert note_measures(bad)[0].principal_loss == 0

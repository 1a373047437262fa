"""Purchases: a vintage pays out its face and its discount to the unit, whenever and whatever is bought."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abssim.engine.deal.block import to_profile
from abssim.engine.discount import accrete
from abssim.engine.month import ALL, FALLS, bookings
from abssim.kind.account import AccountField
from abssim.kind.pool import PoolField
from abssim.result import RunResult
from tests.engine import naive_step
from tests.engine.naive_compare import compare, rows_of
from tests.engine.one_lane import in_whole_units, posted, vintage
from tests.engine.small import LATER, QUIET, REST, outcome, small

P = PoolField
PRINCIPAL = [P.SCHEDULED_PRINCIPAL, P.PREPAYMENT, P.REPURCHASE]
LEAVES = [*PRINCIPAL, P.DILUTION, P.DEFAULT]


def random_profile(seed: int, months: int) -> np.ndarray:
    """Cumulative flows and stocks of a unit of face that ends after `months`."""
    r = np.random.default_rng(seed)
    profile = np.zeros((months + 1, len(P)))
    parts = r.random((months, len(LEAVES))) ** 3
    profile[1:, LEAVES] = np.cumsum(parts / parts.sum(), axis=0)
    profile[:, P.CLOSING_BALANCE] = 1.0 - profile[:, LEAVES].sum(axis=1)
    profile[-1, P.CLOSING_BALANCE] = 0.0
    profile[:, P.ADJUSTED_BALANCE] = profile[:, P.CLOSING_BALANCE] * 0.9
    profile[:, P.DPD_1_30_BALANCE] = profile[:, P.CLOSING_BALANCE] * 0.3
    profile[1:, P.INTEREST] = np.cumsum(r.random(months)) * 0.01
    profile[1:, P.RECOVERY] = profile[:-1, P.DEFAULT] * 0.4
    profile[1:, P.LOSS] = profile[:-1, P.DEFAULT] * 0.6
    profile[-1, P.LOSS] = profile[-1, P.DEFAULT] - profile[-1, P.RECOVERY]
    profile[:, P.NON_PERFORMING_BALANCE] = profile[:, P.DEFAULT] - profile[:, P.RECOVERY] - profile[:, P.LOSS]
    profile[:, P.COLLECTION_COST] = profile[:, P.RECOVERY] * 0.1
    return profile


@given(st.integers(0, 999), st.integers(1, 20), st.integers(0, 25), st.integers(1, 10**13), st.floats(0.0, 0.5))
@example(0, 13, 0, 13, 0.0)  # units left at the end are booked before their time, and are not taken back
@settings(max_examples=40)
def test_a_vintage_pays_its_face_and_discount(seed: int, months: int, t: int, face: int, below: float) -> None:
    profile, discount = random_profile(seed, months), int(face * below)
    flow = vintage(30, t + 1, profile, face, face - discount)
    assert (flow >= 0).all()
    assert not flow[: t + 1].any()
    if t + months < 30:
        assert flow[:, LEAVES].sum() == face
        collected = int(flow[:, PRINCIPAL].sum())
        assert flow[:, P.DISCOUNT].sum() == discount * collected // face
    opening, npl, booked, given_rows = face, 0, naive_step.blank(P), rows_of(profile)
    for u in range(t + 1, 30):
        total = {name: value * float(face) for name, value in given_rows[min(u - t, months)].items()}
        row = naive_step.vintage_row(total, booked, opening, npl)
        opening, npl = row["closing_balance"], row["non_performing_balance"]
        found = rows_of(flow[u : u + 1])[0]
        assert {**found, "discount": 0} == {**row, "opening_balance": 0}


@given(st.integers(0, 9999), st.integers(1, 20), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_what_no_lane_shows_needs_no_entry(seed: int, months: int, falls: bool, discounted: bool) -> None:
    """Simulated vintages of three lanes: by the entries of what they show as by all, and no month after the last."""
    r, face = np.random.default_rng(seed), np.array([10_000_000, 0, 999])
    profile, shown, last = np.zeros((len(P), months + 7, 3)), np.zeros(len(P), dtype=np.int64), 0
    for w in range(3):
        monthly = np.zeros((months + 7, len(P)), dtype=np.int64)
        cumulative = random_profile(seed + w, months) * 5_000.0
        flows = [field for field in P if P.OPENING_BALANCE < field < P.CURRENT_BALANCE]
        cumulative[1:, flows] = np.diff(cumulative[:, flows], axis=0)
        monthly[1 : months + 1] = in_whole_units(cumulative[1:], 5_000)
        monthly[0, [P.CLOSING_BALANCE, P.CURRENT_BALANCE, P.ADJUSTED_BALANCE]] = 5_000
        for field in r.choice([P.INTEREST, P.RECOVERY, P.COLLECTION_COST, P.DPD_1_30_BALANCE], 2):
            monthly[:, field] = 0
        if falls:
            monthly[1 : months + 1, P.INTEREST] -= 60
        if not discounted:
            monthly[:, P.ADJUSTED_BALANCE] = monthly[:, P.CLOSING_BALANCE]
        last = max(last, to_profile(monthly, profile, shown, w))
    how = bookings(shown)
    assert last <= months and (shown[P.INTEREST] >= FALLS) == falls
    assert (shown[P.ADJUSTED_BALANCE] == 0) or discounted
    found = posted(40, 2, profile, last, how, face * 9 // 10, face)
    assert np.array_equal(found, posted(40, 2, profile, months + 6, ALL, face * 9 // 10, face))
    assert not np.delete(found, how.field, axis=1).any()
    assert found[:, LEAVES].sum(axis=(0, 1)).tolist() == (face + found[:, P.CAPITALIZED_INTEREST].sum(axis=0)).tolist()


STEPS = [
    '{name: buy, rule: pay_amount, source: cash, payees: [purchase], amount: "cash.balance", when: "%s"}',
    "{name: kept, rule: carry, source: cash}",
]
SOLD = "{balance: 100, rate_pct: 12, remaining_term: 3, age: 0}"


def bought(when: str, flows: list[str], *parts: str, **options: Any) -> RunResult:
    replenishment = f"revolving: {{replenishment: {{replines: [{SOLD}]}}, purchase_yield_pct: 20}}"
    options = {"dates": ", revolving_periods: 3", "regime": "revolving", "opening": 300} | options
    return outcome([STEPS[0] % when, STEPS[1]], flows, replenishment, *parts, **options)


def test_bought_on_the_last_date_of_the_deal() -> None:
    """What is bought stays: there is no date left to collect it."""
    result = bought("final", ["{scheduled_principal: 300}"], dates=", revolving_periods: 2", legal_final="2025-03-15")
    assert result.periods == 2
    assert result.pool_flow[1, 0, P.PURCHASE_COST] == 30000
    assert result.pool_flow[1, 0, P.CLOSING_BALANCE] == result.pool_flow[1, 0, P.PURCHASE] > 30000


def test_every_unit_bought_comes_back() -> None:
    flows = ["{scheduled_principal: 100, interest: 0.07}", "{scheduled_principal: 100}", "{scheduled_principal: 100}"]
    result = bought("regime.revolving", flows)
    pool = result.pool_flow[:, 0]
    assert pool[:, P.PURCHASE].sum() + 30000 == pool[:, P.SCHEDULED_PRINCIPAL].sum()
    assert pool[:, P.DISCOUNT].sum() == pool[:, P.PURCHASE].sum() - pool[:, P.PURCHASE_COST].sum()
    assert pool[-1, P.CLOSING_BALANCE] == 0


def test_nothing_is_bought_while_a_trigger_stops_it_or_after_a_call() -> None:
    flows = ["{scheduled_principal: 100}"] * 3
    stop = 'triggers: {stop: {when: "period == 2", effect: stop_purchases, curable: true}}'
    stopped = bought("regime.revolving", flows, stop)
    assert (stopped.pool_flow[:3, 0, P.PURCHASE_COST] > 0).tolist() == [True, False, True]
    called = bought("regime.revolving", flows, 'calls: {c: {when: "period == 2"}}')
    assert (called.pool_flow[:, 0, P.PURCHASE_COST] > 0).tolist() == [True, False]
    assert called.pool_flow[1, 0, P.SALE_PROCEEDS] == called.pool_flow[1, 0, P.SOLD_BALANCE]
    assert called.account_flow[-1, 0, AccountField.BALANCE] > 30000


def test_two_purchases_on_one_date() -> None:
    steps = [STEPS[0].replace("cash.balance", "50") % "period == 1", REST.replace("rest", "other")]
    steps.insert(1, STEPS[0].replace("cash.balance", "25").replace("name: buy", "name: more") % "period == 1")
    revolving = f"revolving: {{replenishment: {{replines: [{SOLD}]}}}}"
    options: dict[str, Any] = {"dates": ", revolving_periods: 1", "regime": "revolving", "opening": 300}
    result = outcome(steps, ["{scheduled_principal: 300}"], revolving, **options)
    assert result.pool_flow[0, 0, P.PURCHASE] == 7500
    assert result.pool_flow[1:, 0, P.SCHEDULED_PRINCIPAL].sum() == 7500


def test_interest_added_to_the_balance_was_not_bought_at_a_discount() -> None:
    """10,000 bought at 0.9: 1,000 of discount, whatever is added. Two months add 1,000 each; 6,000 of 12,000 repay half
    of the face, 5,000 x 0.1 = 500 of income, and the other 6,000 the rest."""
    flow = np.zeros((5, len(P)), dtype=np.int64)
    flow[:, P.OPENING_BALANCE] = [10_000, 11_000, 12_000, 6_000, 0]
    flow[:2, P.CAPITALIZED_INTEREST] = 1_000
    flow[2:4, P.SCHEDULED_PRINCIPAL] = 6_000
    accrete(flow, 0.9)
    assert flow[:, P.DISCOUNT].tolist() == [0, 0, 500, 500, 0]


@given(st.integers(0, 999), st.floats(0.5, 1.0), st.integers(1, 10**12))
@settings(max_examples=60)
def test_income_of_a_discount_is_that_of_the_twin(seed: int, price: float, opening: int) -> None:
    """Whatever is added, repaid and lost; without losses the income is the discount, to the unit."""
    r = np.random.default_rng(seed)
    flow = np.zeros((12, len(P)), dtype=np.int64)
    fields, losses = [*PRINCIPAL, P.DILUTION, P.DEFAULT], bool(seed % 2)
    balance = opening
    for row in flow:
        row[P.OPENING_BALANCE] = balance
        row[P.CAPITALIZED_INTEREST] = int(balance * 0.1 * max(0.0, r.random() - 0.5))
        balance += int(row[P.CAPITALIZED_INTEREST])
        for field in fields if losses else PRINCIPAL:
            row[field] = int(balance * 0.2 * r.random())
            balance -= int(row[field])
    flow[-1, P.SCHEDULED_PRINCIPAL] += balance
    accrete(flow, price)
    assert abs(flow[:, P.DISCOUNT] - naive_step.accreted(rows_of(flow), price)).max() <= 1
    assert (flow[:, P.DISCOUNT] >= 0).all()
    if not losses:
        assert abs(int(flow[:, P.DISCOUNT].sum()) - opening * (1.0 - price)) < 1.0 + 1e-15 * opening


def test_a_pool_that_capitalizes_is_bought_at_a_discount() -> None:
    """100,000 at 12 %, three months added, then three instalments, bought to yield 24 %: what comes in as income of the
    discount is what was not paid, and interest and principal add up to the instalments."""
    row = "{balance: 100_000, rate_pct: 12, remaining_term: 6, age: 0, capitalized_term: 3}"
    pools = f"pools: {{p: {{replines: [{row}], purchase_yield_pct: 24}}}}"
    compiled = small([LATER, "{name: kept, rule: carry, source: cash}"], [], pools=pools)
    price = compiled.assets.prices["p"]
    pool = compare(compiled, QUIET).pool_flow[:, 0]
    owed = 103_030.10
    instalment = owed * 0.01 / (1 - 1.01**-3)
    assert pool[:, P.CAPITALIZED_INTEREST].sum() == 303_010
    assert abs(pool[:, P.SCHEDULED_PRINCIPAL].sum() - 100 * owed) < 1
    assert abs(price - sum(instalment / 1.24 ** (k / 12) for k in (4, 5, 6)) / 100_000) < 1e-6
    assert abs(pool[:, P.DISCOUNT].sum() - 10_000_000 * (1 - price)) <= 1

"""Random tapes under random scenarios: what comes in is what goes out, monthly and in whole units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abssim.collateral.contract import PoolSettings
from abssim.collateral.expected import Collateral
from abssim.engine.credit.expected import PERFORMING
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from tests.engine.naive_collateral import Loan
from tests.engine.one_lane import by_date, in_whole_units
from tests.engine.test_amortization import loans, tape_of

F = PoolField
PRINCIPAL = [F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.DEFAULT]
DISPOSED = [F.RECOVERY, F.LOSS, F.ADVANCED_PRINCIPAL]
BUCKETS = [F.CURRENT_BALANCE, F.DPD_1_30_BALANCE, F.DPD_31_60_BALANCE, F.DPD_61_90_BALANCE]

percent = st.floats(0.0, 60.0)
curves = st.one_of(
    percent,
    st.lists(percent, min_size=1, max_size=5),
    st.builds(lambda a, b, n: f"{a:.3f} ramp {b:.3f} over {n}, {a:.2f} for 3", percent, percent, st.integers(1, 9)),
)
prepayments = st.one_of(
    *(st.fixed_dictionaries({name: curves}) for name in ("smm_pct", "cpr_pct", "psa_pct")),
    st.fixed_dictionaries({"abs_pct": st.floats(0.0, 5.0)}),
)
rates = st.one_of(*(st.fixed_dictionaries({name: curves}) for name in ("mdr_pct", "cdr_pct", "sda_pct")))
cumulative = st.fixed_dictionaries(
    {"cumulative_pct": st.floats(0.0, 100.0)}, optional={"timing": st.sampled_from(["base", "front", "back"])}
)
lifetime = st.fixed_dictionaries(
    {"lifetime_pd_pct": st.floats(0.0, 100.0)}, optional={"life_months": st.integers(4, 40)}
)
rolls = st.sampled_from(["prime", "base", "stress", {"from_age": {0: "prime", 5: "stress"}}]).map(
    lambda name: {"roll_rates": name}
)
recoveries = st.fixed_dictionaries(
    {"rate_pct": st.floats(0.0, 100.0)},
    optional={
        "lag_months": st.integers(0, 9),
        "commission_pct": st.floats(0.0, 100.0),
        "cost_pct": st.floats(0.0, 20.0),
    },
)
sales = st.fixed_dictionaries({"month": st.integers(0, 12), "price_pct": st.floats(0.0, 100.0)})
channels = st.fixed_dictionaries(
    {
        "channels": st.fixed_dictionaries(
            {"in_house": st.builds(lambda own: own | {"share_pct": 60}, recoveries)},
            optional={"agency": st.builds(lambda own: own | {"share_pct": 40, "from_month": 4}, recoveries)},
        )
    },
    optional={"sale": sales},
)
sold = st.builds(lambda own, sale: own | {"sale": sale}, recoveries, sales)
rules = st.fixed_dictionaries(
    {},
    optional={
        "where": st.sampled_from(
            [{"remaining_term": {"min": 12}}, {"amortization": ["level_pay", "flat_fee"]}, {"days_past_due": 0}]
        ),
        "by": st.sampled_from(["age", "month"]),
        "prepayment": prepayments,
        "default": st.one_of(rates, cumulative, lifetime, rolls),
        "recovery": st.one_of(
            recoveries, channels, st.builds(lambda own, sale: own | {"sale": sale}, recoveries, sales)
        ),
        "cure_multiple": st.floats(0.0, 9.0),
        "dilution_pct": st.floats(0.0, 5.0),
        "repurchase_pct": st.floats(0.0, 5.0),
        "penalty_pct_per_day": st.floats(0.0, 0.1),
    },
)
advanced = st.fixed_dictionaries(
    {
        "default": rates,
        "recovery": recoveries,
        "advances": st.sampled_from(["principal", "principal_and_interest"]),
        "prepayment": prepayments,
    }
)
scenarios = st.fixed_dictionaries(
    {
        "name": st.just("random"),
        "reason": st.just("random"),
        "competing_risks": st.sampled_from(["default_first", "simultaneous", "prepay_first"]),
        "assumptions": st.one_of(st.lists(rules, max_size=4), st.lists(advanced, min_size=1, max_size=1)),
        "default_multiple": st.floats(0.0, 20.0),
        "stress": st.fixed_dictionaries(
            {}, optional={"default": curves, "recovery": st.floats(0.0, 3.0), "cure": curves}
        ),
    }
).map(Scenario.model_validate)


@settings(max_examples=150)
@given(st.lists(loans(), min_size=1, max_size=6), scenarios, st.booleans(), st.integers(1, 6))
def test_every_unit_is_accounted_for(many: list[Loan], scenario: Scenario, rounded: bool, width: int) -> None:
    pool = Collateral(tape_of(many), PoolSettings(hurdle_rate=0.08, rounded=rounded))
    flows = pool.project(scenario)
    opening, npl = pool.opening_balance, pool.opening_non_performing
    assert opening + npl == sum(loan.balance for loan in many)
    assert np.isfinite(flows).all() and (flows >= -1e-6).all()
    assert flows[:, PRINCIPAL].sum() == pytest.approx(opening, rel=1e-10, abs=1e-3)
    assert flows[:, DISPOSED].sum() == pytest.approx(npl + flows[:, F.DEFAULT].sum(), rel=1e-10, abs=1e-3)
    assert (flows[:, F.ADJUSTED_BALANCE] <= flows[:, F.CLOSING_BALANCE] + 1e-6).all()
    assert flows[-1, [F.CLOSING_BALANCE, F.NON_PERFORMING_BALANCE]] == pytest.approx([0.0, 0.0], abs=1e-3)
    _check_dates(flows, opening, npl, width)


def _check_dates(flows: np.ndarray, opening: int, npl: int, width: int) -> None:
    ends = [*range(width, len(flows), width), len(flows)]
    rows = by_date(in_whole_units(flows, opening, npl), ends)
    assert (rows >= 0).all()
    assert (rows[:, F.OPENING_BALANCE] == rows[:, PRINCIPAL].sum(axis=1) + rows[:, F.CLOSING_BALANCE]).all()
    assert (rows[1:, F.OPENING_BALANCE] == rows[:-1, F.CLOSING_BALANCE]).all()
    assert (rows[:, BUCKETS].sum(axis=1) == rows[:, F.CLOSING_BALANCE]).all()
    rolled = npl + np.cumsum(rows[:, F.DEFAULT] - rows[:, DISPOSED].sum(axis=1))
    assert (rolled == rows[:, F.NON_PERFORMING_BALANCE]).all()
    assert rows[0, F.OPENING_BALANCE] == opening
    assert rows[-1, F.CLOSING_BALANCE] == 0 and rows[-1, F.NON_PERFORMING_BALANCE] == 0
    for field in (F.INTEREST, F.FEE, F.PENALTY, F.DEFAULT, F.PREPAYMENT):
        behind = np.cumsum(flows[:, field])[width - 1 :: width] - np.cumsum(rows[:, field])[: len(flows) // width]
        assert behind.min(initial=0.0) > -1e-3


@settings(max_examples=60)
@given(st.lists(loans(), min_size=2, max_size=6), scenarios)
def test_loans_add_up_and_order_does_not_matter(many: list[Loan], scenario: Scenario) -> None:
    pool = Collateral(tape_of(many))
    months = pool.months(scenario)
    whole = pool.project(scenario, months)
    assert pool.loan_flows(scenario, months, 0, len(many)).sum(axis=0) == pytest.approx(whole, rel=1e-9, abs=1e-4)
    turned = Collateral(tape_of(many[::-1])).project(scenario, months)
    assert np.array_equal(turned, whole)


@settings(max_examples=60)
@given(st.lists(loans(), min_size=1, max_size=4), scenarios, st.integers(1, 12))
def test_vintages_pay_out_exactly_their_face(many: list[Loan], scenario: Scenario, start: int) -> None:
    for loan in many:
        loan.bucket %= PERFORMING
    profiles: Any = Collateral(tape_of(many)).vintage_profiles(scenario, [start])
    assert profiles[0, 0, F.CLOSING_BALANCE] == pytest.approx(1.0)
    assert profiles[0, -1, PRINCIPAL].sum() == pytest.approx(1.0, rel=1e-9)
    assert (np.diff(profiles[0][:, PRINCIPAL], axis=0) >= -1e-12).all()

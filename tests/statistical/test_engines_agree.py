"""Simulated, month by month and expected: the same pool under the same assumptions, every month and field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation, vintage_sample
from abssim.collateral.sampling import Sampling
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import make_tape
from tests.statistical.pools import EXTENDED, FIELDS, LIMIT, bullets, distance, mixed_tape, rolls, simulated

CHANNELS = {
    "in_house": {"share_pct": 60, "rate_pct": 12, "curve_pct": [25, 20, 18, 15, 12, 10], "cost_pct": 1},
    "agency": {"share_pct": 30, "from_month": 4, "rate_pct": 30, "curve_pct": [40, 30, 20, 10], "commission_pct": 35},
}
SALE = {"month": 5, "price_pct": 3.8}
RATES = {
    "name": "rates",
    "reason": "rates by month and age",
    "competing_risks": "simultaneous",
    "assumptions": [
        {
            "default": {"cdr_pct": "12 ramp 30 over 8"},
            "prepayment": {"abs_pct": 1.8},
            "recovery": {"rate_pct": 40, "lag_months": 3},
            "dilution_pct": 0.4,
        },
        {"where": {"grade": "B"}, "default": {"cumulative_pct": 9, "timing": "front"}, "penalty_pct_per_day": 0.1},
        {"where": {"grade": "A"}, "recovery": {"channels": CHANNELS, "sale": SALE}},
    ],
    "stress": {"recovery": "1 for 4, 0.5"},
}
SEASONED = {"from_age": {0: "prime", 6: "stress"}}
KINDS = ["stress", SEASONED, "rates", EXTENDED]


def scenario(name: Any, **factor: Any) -> Scenario:
    if name == "rates":
        return Scenario.model_validate({**RATES, "factor": factor})
    if name is EXTENDED:
        return rolls("base", factor, cure_multiple=1.3, default=EXTENDED)
    return rolls(name, factor, cure_multiple=1.3)


@pytest.mark.parametrize("name", KINDS, ids=["stress", "seasoned", "rates", "extended"])
@pytest.mark.parametrize("correlation", [0, 12])
def test_mean_is_the_expected_engine(name: Any, correlation: int) -> None:
    """Every month and field within 4 standard errors."""
    tape, months = mixed_tape(3000), 32
    chosen = scenario(name, correlation_pct=correlation, persistence=0)
    found = simulated(tape, chosen, months, 600, seed=2)[:, 1:]
    expected = Collateral(tape).project(chosen, months)
    for field in FIELDS:
        rounding = 1e-4 * expected[:, field].max() if field == F.PENALTY else 4.0
        assert distance(found[..., field], expected[:, field], rounding).max() < 4.0, field.name


@pytest.mark.parametrize("order", ["default_first", "simultaneous", "prepay_first"])
def test_lifetime_pd_in_every_order_of_competing_risks(order: str) -> None:
    """Obligors of one loan, with the hazard of its original term; risks so large that the order counts: 4 errors."""
    tape, months = mixed_tape(3000), 26
    tape = replace(tape, obligor_key=tape.loan_key)
    rules = [
        {"default": {"lifetime_pd_pct": 60, "timing": "front"}, "prepayment": {"smm_pct": 15}},
        {"where": {"grade": "B"}, "default": {"lifetime_pd_pct": 40, "life_months": 12}},
        {"recovery": {"rate_pct": 30, "lag_months": 2}, "dilution_pct": 3, "repurchase_pct": 2},
    ]
    written = {"name": "t", "reason": "t", "competing_risks": order, "assumptions": rules}
    chosen = Scenario.model_validate({**written, "factor": {"correlation_pct": 5, "persistence": 0}})
    found = simulated(tape, chosen, months, 400, seed=6)[:, 1:]
    expected = Collateral(tape).project(chosen, months)
    for field in FIELDS:
        assert distance(found[..., field], expected[:, field], 4.0).max() < 4.0, field.name
    others = [each for each in ("default_first", "simultaneous", "prepay_first") if each != order]
    for other in others:
        apart = Collateral(tape).project(chosen.model_copy(update={"competing_risks": other}), months)
        assert distance(found[..., F.DEFAULT], apart[:, F.DEFAULT], 4.0).max() > LIMIT


@pytest.mark.parametrize("name", KINDS, ids=["stress", "seasoned", "rates", "extended"])
def test_event_time_is_month_by_month(name: Any) -> None:
    """On the same factor paths the differences are noise of the loans alone, which is small."""
    tape, months = mixed_tape(1500), 32
    chosen = scenario(name, correlation_pct=8, persistence=0.9)
    events = simulated(tape, chosen, months, 400, seed=3)
    monthly = simulated(tape, chosen, months, 400, seed=3, by_month=True)
    for field in FIELDS:
        apart = (events[..., field] - monthly[..., field]).astype(np.float64)
        assert distance(apart, 0.0, 1e-9).max() < LIMIT, field.name
        squares = events[..., field].astype(np.float64) ** 2 - monthly[..., field].astype(np.float64) ** 2
        assert distance(squares, 0.0, 1e-9).max() < LIMIT, field.name
    total = [flows[:, :, F.DEFAULT].sum(axis=1) for flows in (events, monthly)]
    levels = np.quantile(np.concatenate(total), (0.1, 0.25, 0.5, 0.75, 0.9))
    for level in levels:
        apart = (total[0] <= level).astype(np.float64) - (total[1] <= level)
        assert distance(apart, 0.0) < LIMIT


@pytest.mark.parametrize("correlation, degrees", [(4, None), (12, None), (8, 5)])
def test_recentred_mean_default_is_the_base(correlation: int, degrees: int | None) -> None:
    """Persistence 0.9, terms from 1 to 18 months: the mean number of defaults stays that of the assumptions."""
    rng = np.random.default_rng(1)
    tape = bullets(600, rng.choice([3, 6, 12, 18], 600))
    chosen = rolls("base", {"correlation_pct": correlation, "persistence": 0.9, "degrees": degrees})
    found = simulated(tape, chosen, 26, 4000)[:, :, F.DEFAULT].sum(axis=1)
    expected = Collateral(tape).project(chosen, 26)[:, F.DEFAULT].sum()
    assert distance(found.astype(np.float64), expected, 0.01 * expected) < LIMIT


def test_recentring_is_by_balance() -> None:
    """Level pay over 24 months: shifted by the number of obligors, the mean default would be 9.60 % of the balance."""
    level = int(Amortization.LEVEL_PAY)
    tape = make_tape("USD", np.full(600, 100_000), remaining_term=24, rate=0.12, amortization=level)
    chosen, way = rolls("stress", {"correlation_pct": 20, "persistence": 0.9}), Sampling.of("sobol", 0.0, 1024)
    found = simulated(tape, chosen, 32, 1024, sampling=way)[:, :, F.DEFAULT].sum() / 1024 / 60_000_000
    expected = Collateral(tape).project(chosen, 32)[:, F.DEFAULT].sum() / 60_000_000
    assert expected == pytest.approx(0.093622, abs=1e-6)
    assert found == pytest.approx(expected, abs=0.0012)


def test_sample_stands_for_its_pool() -> None:
    """A vintage's sample is whole obligors; its expected cash flows are those of the pool, weights included."""
    tape = mixed_tape(20_000)
    weights = np.where(tape.obligor_key % np.uint64(3) == 0, 0.5, 1.25)
    pool = Collateral(tape, weights=weights)
    chosen = rolls("stress")
    shares = []
    for seed in range(12):
        sample = vintage_sample(pool, 4000, seed)
        assert abs(len(sample.tape) - 4000) < 400
        flows = sample.project(chosen, 26)
        shares.append(flows[:, (F.INTEREST, F.DEFAULT, F.CLOSING_BALANCE)] / sample.opening_balance)
    expected = pool.project(chosen, 26)[:, (F.INTEREST, F.DEFAULT, F.CLOSING_BALANCE)] / pool.opening_balance
    assert distance(np.asarray(shares), expected, 1e-3 * expected.max()).max() < 2.0 * LIMIT


def test_sample_larger_than_its_pool_draws_loans_of_their_own() -> None:
    sample = vintage_sample(Collateral(bullets(10, 6)), 1000, 3)
    assert len(np.unique(sample.tape.obligor_key)) == len(np.unique(sample.tape.loan_key)) == len(sample.tape) == 1000
    sim = PoolSimulation(sample, rolls("stress"), 12)
    assert sim.opening_balance == 100_000

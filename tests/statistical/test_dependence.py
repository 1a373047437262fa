"""Frailty, ring fraud and contagion against closed forms, and one kernel against the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import gamma, nbinom

from abssim.kind.pool import PoolField as F
from abssim.scenario.assumption import Rule
from abssim.scenario.dependence import Frailty, Fraud
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape
from tests.statistical.pools import FIELDS, LIMIT, bullets, distance, mixed_tape, rolls, simulated


def one_cluster(loans: int, term: int = 6, **columns: Any) -> LoanTape:
    """Equal loans of one merchant: balances count obligors."""
    merchant = np.zeros(loans, dtype=np.int32)
    return bullets(loans, term, extra={"merchant": merchant}, labels={"merchant": ("m",)}, **columns)


def direct(mdr: Any, **parts: Any) -> Scenario:
    """Direct default."""
    written = {"name": "d", "reason": "d", "assumptions": [{"default": {"mdr_pct": mdr}}], **parts}
    return Scenario.model_validate(written)


def defaults(loans: int, chosen: Scenario, months: int, paths: int, by_month: bool = False) -> np.ndarray:
    """(P,) obligors of the cluster that defaulted."""
    found = simulated(one_cluster(loans), chosen, months, paths, seed=6, by_month=by_month)
    return found[:, :, F.DEFAULT].sum(axis=1) // 100


def mixture(loans: int, chance: float, variance: float, count: int) -> float:
    """P(count of n default in a month), binomial given the gamma variable: quadrature by its quantiles."""
    points = (np.arange(200_000) + 0.5) / 200_000
    gone = -np.expm1(gamma(1.0 / variance, scale=variance).ppf(points) * math.log1p(-chance))
    return float((math.comb(loans, count) * gone**count * (1.0 - gone) ** (loans - count)).mean())


@pytest.mark.parametrize("by_month", [False, True])
@pytest.mark.parametrize("variance", [0.5, 2.0])
def test_counts_of_a_frail_cluster(variance: float, by_month: bool) -> None:
    """Negative binomial: 400 obligors at 0.25 %, mean 1, variance 1 + theta; the finite cluster by quadrature."""
    loans, chance = 400, 0.0025
    chosen = direct(100 * chance, frailty={"by": "merchant", "variance": variance})
    found = defaults(loans, chosen, 1, 16_000, by_month)
    law = nbinom(1.0 / variance, 1.0 / (1.0 + variance * loans * chance))
    assert distance(found, 1.0, 0.005) < LIMIT
    assert distance((found - 1.0) ** 2, 1.0 + variance, 0.02 * (1.0 + variance)) < LIMIT
    for count in range(9):
        share = float((found == count).mean())
        for exact in (mixture(loans, chance, variance, count), float(law.pmf(count))):
            assert abs(share - exact) < LIMIT * math.sqrt(exact * (1.0 - exact) / len(found)), count


def test_survival_of_a_frail_cluster_over_months() -> None:
    """Three months at 2 %: mean share alive is the gamma's Laplace transform, (1 + theta x)^(-1 / theta)."""
    chosen = direct(2, frailty={"by": "merchant", "variance": 1.5})
    found = defaults(500, chosen, 3, 8000) / 500.0
    for power in (1, 2):
        hazard = -3.0 * power * math.log(0.98)
        alive = (1.0 + 1.5 * hazard) ** (-1.0 / 1.5)
        assert distance((1.0 - found) ** power, alive, 1e-3 * (power - 1)) < LIMIT, power


def test_davis_lo() -> None:
    """n 50, p 2 %, q 1 %: P(default) = 1 - (1 - p) (1 - p q)^(n - 1) = 0.029558, mean number 1.4779.

    Month 1 defaults by itself, month 2 almost only by infection: `(1 - h)^(strength D / n) = (1 - q)^D`.
    """
    hazard = 1e-7
    strength = 50.0 * math.log1p(-0.01) / math.log1p(-hazard)
    contagion = {"by": "merchant", "strength": strength, "months": 1, "cap": 1e12}
    found = defaults(50, direct(f"2 for 1, {100 * hazard:.6f}", contagion=contagion), 2, 24_000)
    assert distance(found / 50.0, 0.029558, 1e-6) < LIMIT
    assert distance(found, 1.4779, 5e-5) < LIMIT
    for count, chance in ((0, 0.98**50), (1, 50 * 0.02 * 0.98**49 * 0.99**49)):
        error = math.sqrt(chance * (1.0 - chance) / len(found))
        assert abs(float((found == count).mean()) - chance) < LIMIT * error, count


def test_contagion_is_capped_and_forgets() -> None:
    """Month 1 takes a fifth of the cluster; its cap of 3 holds in months 2 and 3, and no month after them."""
    chosen = direct("20 for 1, 0 for 1, 1", contagion={"by": "merchant", "strength": 1e9, "months": 2, "cap": 3})
    flows = simulated(one_cluster(400, 12), chosen, 4, 2000, seed=8)[:, :, F.DEFAULT] // 100
    alive = 400.0 - np.cumsum(flows, axis=1)
    assert not flows[:, 2].any()
    assert distance(flows[:, 3] - (1.0 - 0.99**3) * alive[:, 2], 0.0) < LIMIT
    assert distance(flows[:, 4] - (1.0 - 0.99**3) * alive[:, 3], 0.0) < LIMIT
    short = direct("20 for 1, 0 for 1, 1", contagion={"by": "merchant", "strength": 1e9, "months": 1, "cap": 3})
    flows = simulated(one_cluster(400, 12), short, 3, 2000, seed=8)[:, :, F.DEFAULT] // 100
    assert distance(flows[:, 3] - 0.01 * (400.0 - flows[:, :3].sum(axis=1)), 0.0) < LIMIT


PAYING = {"default": {"roll_rates": {"current": {"prepaid": 1}, "dpd_1_30": {"current": 100}}}}


@pytest.mark.parametrize("by_month", [False, True])
@pytest.mark.parametrize("rule", [PAYING, {"prepayment": {"smm_pct": 5}}], ids=["rolls", "rates"])
def test_a_ring_defaults_together(rule: dict[str, Any], by_month: bool) -> None:
    """With the ring's probability all members default, month 4 if current; nobody of a ring pays anything."""
    fraud = {"by": "merchant", "probability_pct": 7}
    chosen = Scenario.model_validate({"name": "f", "reason": "f", "assumptions": [rule], "fraud": fraud})
    tape = one_cluster(20, 12, days_past_due=np.repeat([0, 15, 75], [10, 6, 4]))
    found = simulated(tape, chosen, 12, 8000, seed=2, by_month=by_month)
    ring = found[:, 1, F.DEFAULT] > 0
    assert distance(ring.astype(np.float64), 0.07) < LIMIT
    expected = np.zeros(13)
    expected[[1, 3, 4]] = 400, 600, 1000
    assert np.array_equal(found[ring, :, F.DEFAULT], np.tile(expected, (ring.sum(), 1)))
    assert not found[ring][:, :, (F.SCHEDULED_PRINCIPAL, F.PREPAYMENT)].any()
    assert not found[~ring, :, F.DEFAULT].any()


RATES = {"default": {"cdr_pct": "12 ramp 30 over 8"}, "prepayment": {"smm_pct": 2}, "recovery": {"rate_pct": 20}}


@pytest.mark.parametrize("rule", [None, RATES], ids=["rolls", "rates"])
def test_event_time_is_month_by_month(rule: dict[str, Any] | None) -> None:
    """Both kernels draw the same clusters, so on the same paths the differences are noise of the loans alone."""
    tape, months = mixed_tape(1500), 20
    ties = {"frailty": Frailty(by="age", variance=2.0), "fraud": Fraud(by="age", probability_pct=5)}
    scenario = rolls("stress", {"correlation_pct": 8, "persistence": 0.9}).model_copy(update=ties)
    if rule is not None:
        scenario = scenario.model_copy(update={"assumptions": (Rule.model_validate(rule),)})
    events = simulated(tape, scenario, months, 400, seed=3).astype(np.float64)
    monthly = simulated(tape, scenario, months, 400, seed=3, by_month=True).astype(np.float64)
    for field in FIELDS:
        assert distance(events[..., field] - monthly[..., field], 0.0, 1e-9).max() < LIMIT, field.name
        assert distance(events[..., field] ** 2 - monthly[..., field] ** 2, 0.0, 1e-9).max() < LIMIT, field.name
    spread = events[:, :, F.DEFAULT].sum(axis=1).std()
    assert spread > 3.0 * (events - monthly)[:, :, F.DEFAULT].sum(axis=1).std()

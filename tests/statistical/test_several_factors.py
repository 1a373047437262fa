"""Several factors: joint defaults within and across segments against the bivariate normal, recentring, recoveries."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from tests.statistical.pools import LIMIT, bullets, distance, rolls, simulated

LOANS = 1000
LOADINGS = ({"economy": 8}, {"economy": 3, "property": -5}, {"economy": -2, "property": 6})
"""By segment A, B, C."""


def joint(p: float, rho: float) -> float:
    """Probability that two obligors of default probability `p` both default: p^2 + the integral over correlations."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    angle = np.arcsin(rho) * 0.5 * (nodes + 1.0)
    values = np.exp(-(NormalDist().inv_cdf(p) ** 2) / (1.0 + np.sin(angle)))
    return float(p * p + np.arcsin(rho) * 0.5 * (weights @ values) / (2.0 * np.pi))


def loading(segment: int) -> np.ndarray:
    shares = np.asarray([LOADINGS[segment].get(name, 0) for name in ("economy", "property")]) / 100.0
    return np.asarray(np.sign(shares) * np.sqrt(np.abs(shares)))


@pytest.fixture(scope="module")
def shares() -> list[np.ndarray]:
    """(P,) share of the loans of each segment that default in a month, on the same factor paths."""
    rules: list[dict[str, Any]] = [{"default": {"mdr_pct": 3.0}}]
    rules += [{"where": {"grade": grade}, "correlation_pct": own} for grade, own in zip("ABC", LOADINGS, strict=True)]
    factors = {"economy": {"persistence": 0}, "property": {"persistence": 0}}
    scenario = Scenario.model_validate({"name": "s", "reason": "s", "assumptions": rules, "factors": factors})
    labels = {"grade": ("A", "B", "C")}
    tapes = [
        bullets(LOANS, 6, grade=grade, labels=labels, obligor_key=np.arange(LOANS, dtype=np.uint64) + 10_000 * grade)
        for grade in range(3)
    ]
    return [simulated(tape, scenario, 1, 8000, seed=4)[:, 1, F.DEFAULT] / (100.0 * LOANS) for tape in tapes]


def test_bivariate_normal() -> None:
    """Default 3 %, rho 8 %."""
    assert joint(0.03, 0.08) == pytest.approx(0.0013253393, abs=1e-10)


@pytest.mark.parametrize("segment", range(3))
def test_joint_default_within_a_segment(segment: int, shares: list[np.ndarray]) -> None:
    rho = float(loading(segment) @ loading(segment))
    assert distance(shares[segment], 0.03) < LIMIT
    assert distance(shares[segment] ** 2, 0.03 / LOANS + (1.0 - 1.0 / LOANS) * joint(0.03, rho)) < LIMIT


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_joint_default_across_segments(one: int, other: int, shares: list[np.ndarray]) -> None:
    rho = float(loading(one) @ loading(other))
    product = shares[one] * shares[other]
    assert distance(product, joint(0.03, rho)) < LIMIT
    assert distance(product, joint(0.03, 0.0)) > LIMIT  # the sample would see that they are not independent


@pytest.mark.parametrize("own", [None, {"economy": 6, "property": -6}])
def test_recentred_mean_default_of_two_persistent_factors(own: dict[str, float] | None) -> None:
    """The base matrix defaults 3.04 % in 12 months; without recentring persistence adds to that."""
    factors = {
        "economy": {"correlation_pct": 6, "persistence": 0.95},
        "property": {"correlation_pct": 6, "persistence": 0.6},
    }
    found = {}
    for recentre in (True, False):
        both = {**factors, "economy": {**factors["economy"], "recentre": recentre}}
        rule = rolls("base", None, dilution_pct=0, repurchase_pct=0, correlation_pct=own).assumptions
        scenario = Scenario.model_validate({"name": "r", "reason": "r", "factors": both})
        scenario = scenario.model_copy(update={"assumptions": rule})
        found[recentre] = simulated(bullets(400, 40), scenario, 12, 4000)[:, :, F.DEFAULT].sum(axis=1) / 40_000.0
    assert distance(found[True], 0.030353996) < LIMIT
    assert distance(found[False], 0.030353996) > 2.0 * LIMIT


def test_one_of_several_factors_is_the_same_as_a_single_one() -> None:
    single = rolls("stress", {"correlation_pct": 8, "persistence": 0.9, "recovery_sensitivity": 0.2})
    named = {"economy": single.factor, "idle": {"persistence": 0.5}}
    several = single.model_copy(
        update={"factor": None, "factors": Scenario(name="n", reason="n", factors=named).factors}
    )
    assert np.array_equal(simulated(bullets(200, 12), single, 20, 8), simulated(bullets(200, 12), several, 20, 8))


def test_sensitivities_of_recoveries_add_up() -> None:
    factors = {"a": {"recovery_sensitivity": 0.3}, "b": {"recovery_sensitivity": 0.1}}
    rule = {"default": {"mdr_pct": 50}, "recovery": {"rate_pct": 40}}
    scenario = Scenario.model_validate({"name": "r", "reason": "r", "assumptions": [rule], "factors": factors})
    sim = PoolSimulation(Collateral(bullets(1000, 2)), scenario, 1)
    flat = sim.lanes(1, 0, np.zeros((4, 2, 1)))[:, 1]
    moved = sim.lanes(1, 0, np.broadcast_to(np.asarray([[-1.0], [-2.0]]), (4, 2, 1)))[:, 1]
    assert np.array_equal(flat[:, F.DEFAULT], moved[:, F.DEFAULT])
    assert moved[:, F.RECOVERY] == pytest.approx(flat[:, F.RECOVERY] * (1.0 - 0.3 - 0.2), rel=1e-3)

"""Pools under policies: simulated, month by month and expected agree; paths act each from its own month on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.engine.layout import Fan
from abssim.kind.pool import PoolField
from abssim.policy.effect import Effects, Record, effect_of
from abssim.policy.policy import Policy
from abssim.scenario.scenario import Scenario, Stress
from abssim.tape.schema import make_tape
from tests.statistical.pools import EXTENDED, FIELDS, LIMIT, distance, mixed_tape, rolls, simulated


def rolling(factor: dict[str, Any] | None = None, **policies: Any) -> Scenario:
    """The stress matrix under policies."""
    found = {name: Policy.model_validate(written) for name, written in policies.items()}
    return rolls("stress", factor).model_copy(update={"policies": found})


def test_a_month_is_the_same_as_a_stress_of_roll_rates() -> None:
    tape, stress = mixed_tape(400), Stress.model_validate({"default": "1 for 4, 2.5 for 4, 1"})
    policy = {"month": 3, "lag_months": 1, "months": 4, "default_multiple": 2.5}
    one = Collateral(tape).project(rolling(worse=policy), 26)
    other = Collateral(tape).project(rolling().model_copy(update={"stress": stress}), 26)
    assert np.allclose(one, other, rtol=1e-12, atol=1e-4)
    assert not np.allclose(one, Collateral(tape).project(rolling(), 26))


@pytest.mark.parametrize("extended", [False, True])
def test_mean_under_policies_is_the_expected_engine(extended: bool) -> None:
    policies = {
        "tighten": {"month": 4, "where": {"grade": "B"}, "default_multiple": 2, "prepay_multiple": 0.5},
        "collect": {"month": 6, "months": 8, "cure_multiple": 1.3, "default_multiple": 0.6},
    }
    tape, months = mixed_tape(3000), 26
    chosen, plain = rolling({"correlation_pct": 0, "persistence": 0}, **policies), rolling()
    if extended:
        rules = rolls("stress", default=EXTENDED).assumptions
        chosen, plain = (each.model_copy(update={"assumptions": rules}) for each in (chosen, plain))
    found = simulated(tape, chosen, months, 400, seed=2)[:, 1:]
    expected = Collateral(tape).project(chosen, months)
    base = Collateral(tape).project(plain, months)
    for field in FIELDS:
        rounding = 1e-4 * expected[:, field].max() if field == PoolField.PENALTY else 4.0
        assert distance(found[..., field], expected[:, field], rounding).max() < LIMIT, field.name
    assert distance(found[..., PoolField.DEFAULT], base[:, PoolField.DEFAULT], 4.0).max() > 3 * LIMIT


def test_month_by_month_under_policies_is_event_time() -> None:
    policies = {"worse": {"month": 4, "where": {"grade": "B"}, "default_multiple": 2, "cure_multiple": 0.5}}
    chosen = rolling({"correlation_pct": 8}, **policies)
    events = simulated(mixed_tape(1500), chosen, 26, 400, seed=3)
    monthly = simulated(mixed_tape(1500), chosen, 26, 400, seed=3, by_month=True)
    for field in (PoolField.DEFAULT, PoolField.PREPAYMENT, PoolField.DPD_31_60_BALANCE):
        apart = (events[..., field] - monthly[..., field]).astype(np.float64)
        assert distance(apart, 0.0, 1e-9).max() < LIMIT, field.name


def test_month_by_month_is_event_time_with_everything_on() -> None:
    """Two factors, a t-copula, frailty, rings and policies: the kernels share what strikes all, so noise is small."""
    policies = {
        "worse": {"month": 4, "where": {"grade": "B"}, "default_multiple": 2, "cure_multiple": 0.5},
        "offer": {"month": 2, "months": 6, "where": {"remaining_term": {"min": 6}}, "prepay_multiple": 3},
    }
    factors = {
        "economy": {"correlation_pct": 8, "persistence": 0.9, "degrees": 5, "recovery_sensitivity": 0.1},
        "property": {"correlation_pct": 4, "persistence": 0.5},
    }
    ties = {"frailty": {"by": "age", "variance": 1.5}, "fraud": {"by": "age", "probability_pct": 3}}
    several = Scenario.model_validate({"name": "t", "reason": "t", "factors": factors, **ties})
    parts = {name: getattr(several, name) for name in ("factors", *ties)}
    chosen, tape = rolling(None, **policies).model_copy(update=parts), mixed_tape(1500)
    events = simulated(tape, chosen, 22, 400, seed=9).astype(np.float64)
    monthly = simulated(tape, chosen, 22, 400, seed=9, by_month=True).astype(np.float64)
    for field in FIELDS:
        assert distance(events[..., field] - monthly[..., field], 0.0, 1e-9).max() < LIMIT, field.name
        assert distance(events[..., field] ** 2 - monthly[..., field] ** 2, 0.0, 1e-9).max() < LIMIT, field.name


def since(chosen: Scenario, *first: int) -> Effects:
    """What the scenario's only policy does on four paths, in effect from these months on."""
    record = Record(np.arange(30), np.zeros((4, len(Fan), 30)), np.asarray([[max(-1, f - 1)] for f in first]), ("x",))
    return (effect_of(chosen.acting[0], record, 20),)


def test_policies_are_known_by_their_own_month_on_each_path() -> None:
    """Four paths of a group under policies of their own are what each is alone."""
    tape = mixed_tape(300)
    chosen = rolling(late={"when": "x", "where": {"grade": "A"}, "default_multiple": 4})
    sim = PoolSimulation(Collateral(tape), chosen, 20)
    factor = np.zeros((4, 20))
    together = sim.lanes(1, 0, factor, 0, since(chosen, -1, 1, 5, 30))
    for w, first in enumerate((-1, 1, 5, 30)):
        assert np.array_equal(together[w], sim.lanes(1, 0, factor, 0, since(chosen, *[first] * 4))[w])
    assert np.array_equal(together[2, :5], sim.lanes(1, 0, factor)[2, :5])
    assert not np.array_equal(together[2, 5:], sim.lanes(1, 0, factor)[2, 5:])
    without = PoolSimulation(Collateral(tape), rolls("stress"), 20).lanes(1, 0, factor)
    assert np.array_equal(together[0], without[0]) and np.array_equal(together[3], without[3])


def test_a_tape_without_loans_has_no_segments() -> None:
    pool = Collateral(make_tape("USD", np.zeros(0, dtype=np.int64), remaining_term=3))
    assert not pool.project(rolling(a={"month": 1, "default_multiple": 2}), 6).any()

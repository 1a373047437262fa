"""Lifetime PD with a timing curve: hazard by age and vintage, no default before 91 days, competing risks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.engine.layout import Amortization
from abssim.errors import ScenarioError
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape
from tests.engine.test_collateral_scenarios import scenario

F = PoolField
DEFAULT = {"default": {"lifetime_pd_pct": 8, "timing": "front", "life_months": 15}}
FRONT = np.repeat([45.0, 30.0, 15.0, 10.0], 3) / 3.0 / 100.0
"""Shares of months 4 to 15 of a life of 15: four quarters of three months."""


def bullets(age: list[int], term: int = 30, **columns: Any) -> LoanTape:
    """Loans that owe 10 000 until the end: balances count loans."""
    kind = int(Amortization.INTEREST_ONLY)
    return make_tape("CNY", [1_000_000] * len(age), age=age, remaining_term=term, amortization=kind, **columns)


def defaults(tape: LoanTape, chosen: Scenario) -> np.ndarray:
    """(L, M) share of each loan that defaults by month."""
    pool = Collateral(tape)
    return pool.loan_flows(chosen, pool.months(chosen), 0, len(tape))[:, :, F.DEFAULT] / 1e6


def test_a_new_loan_defaults_by_the_timing_from_month_four() -> None:
    """Percents by hand: 8 x 45 / 3 = 1.2 % in each of months 4 to 6, then 0.8, 0.4, 0.8 / 3."""
    (found,) = defaults(bullets([0]), scenario(DEFAULT))
    wanted = [0.0] * 3 + [0.012] * 3 + [0.008] * 3 + [0.004] * 3 + [0.08 * 0.1 / 3] * 3
    assert found[:15] == pytest.approx(wanted)
    assert found[15:].sum() == 0.0


def test_a_lifetime_pd_of_nothing_is_no_default() -> None:
    assert not defaults(bullets([0, 5]), scenario({"default": {"lifetime_pd_pct": 0, "life_months": 15}})).any()


@pytest.mark.parametrize("age", [1, 3, 6, 10, 14, 20])
def test_a_seasoned_loan_has_come_through_what_is_past(age: int) -> None:
    """`PD w(a) / (1 - PD W(age))`: Bayes, and nothing before month 4 of its life."""
    (found,) = defaults(bullets([age]), scenario(DEFAULT))
    by_age = np.concatenate([np.zeros(4), 0.08 * FRONT, np.zeros(30)])
    wanted = by_age[age + 1 :] / (1.0 - by_age[: age + 1].sum())
    assert found[: len(wanted)] == pytest.approx(wanted[: len(found)])
    assert found[: max(0, 3 - age)].sum() == 0.0


def test_life_is_the_original_term_of_each_loan_if_it_is_left_out() -> None:
    rule = {"default": {"lifetime_pd_pct": 8, "timing": [100]}}
    found = defaults(bullets([0, 0, 2], original_term=[24, 6, 6]), scenario(rule))
    assert found[0, 3:24] == pytest.approx(np.full(21, 0.08 / 21))
    assert found[1, 3:6] == pytest.approx(np.full(3, 0.08 / 3))
    assert found[2, 1:4] == pytest.approx(np.full(3, 0.08 / 3))
    assert found.sum(axis=1) == pytest.approx([0.08] * 3)


def test_the_dial_multiplies_the_hazard() -> None:
    (found,) = defaults(bullets([0]), scenario(DEFAULT, default_multiple=2))
    hazard = 0.08 * FRONT / (1.0 - 0.08 * (np.cumsum(FRONT) - FRONT))
    survive = np.cumprod(np.concatenate([[1.0], 1.0 - 2.0 * hazard]))
    assert found[3:15] == pytest.approx(survive[:-1] * 2.0 * hazard)


def test_certain_default_leaves_nobody() -> None:
    rule = {"default": {"lifetime_pd_pct": 100, "life_months": 8}}
    (found,) = defaults(bullets([0]), scenario(rule))
    assert found.sum() == pytest.approx(1.0) and found[8:].sum() == 0.0


MONTHS = np.asarray(["2014-12", "2015-01", "2015-06", "2015-07", "NaT"], dtype="datetime64[M]")


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ({"min": date(2015, 1, 15), "max": date(2015, 6, 1)}, [1, 2]),
        ({"max": date(2015, 1, 31)}, [0, 1]),
        ({"min": date(2015, 6, 30)}, [2, 3]),
        (date(2015, 6, 3), [2]),
        (["2014-12", "2015-07", "soon"], [0, 3]),
    ],
)
def test_vintages_have_a_pd_of_their_own(condition: Any, chosen: list[int]) -> None:
    """Rules go by the month of origination."""
    tape = replace(bullets([0] * 5), origination_month=MONTHS)
    rule = {"where": {"origination_month": condition}, "default": {"lifetime_pd_pct": 20, "life_months": 15}}
    total = defaults(tape, scenario(DEFAULT, rule)).sum(axis=1)
    assert total == pytest.approx([0.20 if n in chosen else 0.08 for n in range(5)])


def test_dates_written_as_words_are_dates() -> None:
    words = ("2015-06-03", "2015-06-20", "unknown")
    tape = bullets([0] * 3, extra={"first_use": np.arange(3, dtype=np.int32)}, labels={"first_use": words})
    rule = {"where": {"first_use": {"min": date(2015, 6, 10)}}, "default": {"lifetime_pd_pct": 20, "life_months": 15}}
    assert defaults(tape, scenario(DEFAULT, rule)).sum(axis=1) == pytest.approx([0.08, 0.20, 0.08])


def test_numbers_do_not_limit_dates() -> None:
    tape = replace(bullets([0] * 5), origination_month=MONTHS)
    with pytest.raises(ScenarioError, match=r"E334.*write dates"):
        Collateral(tape).project(scenario({"where": {"origination_month": {"min": 2015}}, **DEFAULT}))


CONSTRAINED = [DEFAULT, {"default": {"lifetime_pd_pct": 8}}, {"default": {"roll_rates": "stress"}}]


@pytest.mark.parametrize("rule", CONSTRAINED, ids=["life", "term", "rolls"])
@pytest.mark.parametrize("bought", [0, 5])
def test_nobody_defaults_before_91_days_in_a_vintage(rule: dict[str, Any], bought: int) -> None:
    """Loans of age 0 to 3 bought in month 0 or 5: none defaults before month 4 of its life, in either engine.

    With roll rates they are current when bought, so none defaults before the fourth month the pool holds them.
    """
    by_age = "lifetime_pd_pct" in rule["default"]
    for age in range(4):
        pool = Collateral(bullets([age] * 400, term=12, original_term=12 + age))
        chosen = scenario(rule, default_multiple=20, factor={"correlation_pct": 20})
        free = 3 - age if by_age else 3
        profile = pool.vintage_profiles(chosen, [bought], 20)[0, :, F.DEFAULT]
        assert profile[free] == 0.0 and profile[free + 1] > 0.0
        paths = PoolSimulation(pool, chosen, 20, start=bought).lanes(5, 0, np.full((4, 30), -3.0))[:, :, F.DEFAULT]
        assert not paths[:, : free + 1].any() and paths[:, free + 1].all()


def test_loans_too_short_to_default_are_counted() -> None:
    tape = bullets([0] * 4, original_term=[3, 12, 12, 12])
    assert Collateral(tape).short_lived(scenario({"default": {"lifetime_pd_pct": 8}})) == 0.25
    assert Collateral(tape).short_lived(scenario(DEFAULT)) == 0.0

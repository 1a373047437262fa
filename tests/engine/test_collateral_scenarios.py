"""Scenario + tape -> flows: golden values, rules on columns, clocks, dials, vintages, loan by loan."""

from __future__ import annotations

from typing import Any

import pytest

from abssim.collateral.expected import Collateral
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape

F = PoolField
PRINCIPAL = [F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.DEFAULT]


def scenario(*rules: dict[str, Any], **fields: Any) -> Scenario:
    return Scenario.model_validate({"name": "test", "reason": "test", "assumptions": list(rules), **fields})


def bullet(balance: int = 100_000_000, term: int = 240, **columns: Any) -> LoanTape:
    kind = int(Amortization.INTEREST_ONLY)
    return make_tape("USD", [balance], rate=0.12, remaining_term=term, amortization=kind, **columns)


@pytest.mark.parametrize(
    ("name", "default", "m1", "m2", "m3"),
    [("prime", 1.20, 1.37, 0.28, 0.19), ("base", 3.04, 2.32, 0.67, 0.47), ("stress", 7.29, 4.08, 1.45, 1.09)],
)
def test_named_roll_rates_give_the_published_aggregates(
    name: str, default: float, m1: float, m2: float, m3: float
) -> None:
    """12-month cumulative default of a constant cohort, and stocks by bucket."""
    flows = Collateral(bullet()).project(scenario({"default": {"roll_rates": name}}))
    assert 100.0 * flows[:12, F.DEFAULT].sum() / 1e8 == pytest.approx(default, abs=0.005)
    stock = 100.0 * flows[11, F.DPD_1_30_BALANCE : F.DPD_61_90_BALANCE + 1] / flows[11, F.CLOSING_BALANCE]
    assert stock == pytest.approx([m1, m2, m3], abs=0.005)


def test_base_matrix_to_full_precision() -> None:
    """12-month cumulative default from current 0.030353996348367; absorbed in default 0.26678947."""
    flows = Collateral(bullet(10**15, 3000)).project(scenario({"default": {"roll_rates": "base"}}))
    assert flows[:12, F.DEFAULT].sum() / 1e15 == pytest.approx(0.030353996348367, abs=1e-15)
    assert flows[:, F.DEFAULT].sum() / 1e15 == pytest.approx(0.26678947, abs=5e-9)


def test_bands_of_seasoning_go_by_the_age_at_the_start_of_the_month() -> None:
    bands = {"from_age": {0: {"current": {"dpd_1_30": 1}}, 3: {"current": {"dpd_1_30": 5}}}}
    flows = Collateral(bullet(age=2)).project(scenario({"default": {"roll_rates": bands}}))
    assert flows[:2, F.DPD_1_30_BALANCE] / 1e8 == pytest.approx([0.01, 0.01 + 0.99 * 0.05])


def test_nobody_defaults_before_the_fourth_month() -> None:
    """One missed due date and 90 days."""
    flows = Collateral(bullet()).project(scenario({"default": {"roll_rates": "stress"}}))
    assert (flows[:3, F.DEFAULT] == 0.0).all() and flows[3, F.DEFAULT] > 0.0


def test_months_after_the_last_due_date_are_there() -> None:
    tape = make_tape("CNY", [1_000_000], remaining_term=3, amortization=int(Amortization.FREE_INSTALMENT))
    flows = Collateral(tape).project(scenario({"default": {"roll_rates": "stress"}}))
    assert flows[3:6, F.DEFAULT].min() > 0.0 and flows[2, F.CLOSING_BALANCE] > 0.0
    assert flows[-1, F.CLOSING_BALANCE] == 0.0
    assert flows[:, PRINCIPAL].sum() == pytest.approx(1_000_000, abs=1e-6)


@pytest.mark.parametrize(
    ("order", "default", "prepay"),
    [("default_first", 0.10, 0.9 * 0.2), ("simultaneous", 0.10, 0.2), ("prepay_first", 0.8 * 0.10, 0.2)],
)
def test_competing_risks(order: str, default: float, prepay: float) -> None:
    rule = {"default": {"mdr_pct": 10}, "prepayment": {"smm_pct": 20}}
    flows = Collateral(bullet()).project(scenario(rule, competing_risks=order))
    assert flows[0, F.DEFAULT] / 1e8 == pytest.approx(default)
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(prepay)
    assert flows[:, PRINCIPAL].sum() == pytest.approx(1e8)


def test_annual_rates_are_made_monthly() -> None:
    """CPR 10 % is SMM 0.874 %."""
    flows = Collateral(bullet()).project(scenario({"prepayment": {"cpr_pct": 10}}))
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(0.00874, abs=5e-6)
    assert flows[:12, F.PREPAYMENT].sum() / 1e8 == pytest.approx(0.10)


def test_speeds_from_origination_start_at_age_plus_one() -> None:
    """SMM = A / (1 - A (n - 1)) with n = age + 1 in the first month."""
    flows = Collateral(bullet(age=11)).project(scenario({"prepayment": {"abs_pct": 1.5}}))
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(0.015 / (1.0 - 0.015 * 11))
    flows = Collateral(bullet(age=11)).project(scenario({"prepayment": {"psa_pct": 150}}))
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(1.0 - (1.0 - 1.5 * 0.002 * 12) ** (1 / 12))
    flows = Collateral(bullet(age=11)).project(scenario({"default": {"sda_pct": 200}}))
    assert flows[0, F.DEFAULT] / 1e8 == pytest.approx(1.0 - (1.0 - 2.0 * 0.0002 * 12) ** (1 / 12))


@pytest.mark.parametrize(("by", "first"), [("month", 0.01), ("age", 0.03)])
def test_clock_of_a_vector(by: str, first: float) -> None:
    flows = Collateral(bullet(age=2)).project(scenario({"by": by, "default": {"mdr_pct": "1, 2, 3, 4"}}))
    assert flows[0, F.DEFAULT] / 1e8 == pytest.approx(first)


def test_recovery_comes_by_the_curve_and_the_loss_with_the_last() -> None:
    rule = {
        "default": {"mdr_pct": "10, 0"},
        "recovery": {"rate_pct": 40, "curve_pct": [75, 25], "commission_pct": 10, "cost_pct": 2},
    }
    flows = Collateral(bullet()).project(scenario(rule))
    ead = 1e7
    assert flows[:4, F.RECOVERY] == pytest.approx([0, 0.3 * ead, 0.1 * ead, 0])
    assert flows[:4, F.LOSS] == pytest.approx([0, 0, 0.6 * ead, 0])
    assert flows[:4, F.COLLECTION_COST] == pytest.approx([0, (0.03 + 0.015) * ead, (0.01 + 0.005) * ead, 0])
    assert flows[:4, F.NON_PERFORMING_BALANCE] == pytest.approx([ead, 0.7 * ead, 0, 0], abs=1e-6)


def test_cost_never_exceeds_what_comes_in() -> None:
    rule = {"default": {"mdr_pct": 1}, "recovery": {"rate_pct": 1, "cost_pct": 50}}
    flows = Collateral(bullet()).project(scenario(rule))
    assert flows[:, F.COLLECTION_COST] == pytest.approx(flows[:, F.RECOVERY])


CHANNELS = {
    "in_house": {"share_pct": 60, "rate_pct": 20, "curve_pct": [50, 50], "cost_pct": 1},
    "agency": {"share_pct": 30, "from_month": 3, "rate_pct": 40, "lag_months": 1, "commission_pct": 35},
    "legal": {"share_pct": 5, "severity_pct": 90, "from_month": 2, "lag_months": 1, "cost_pct": 30},
}


def test_channels_collect_and_cost_what_is_theirs() -> None:
    """Of 10 000 000: in-house 1 200 000 in two months, the agency 1 200 000 in month 3, legal 50 000 in month 2.

    Legal action costs 150 000 and keeps the 50 000 it brings; what the others bring does not pay for it.
    """
    rule = {"default": {"mdr_pct": "10, 0"}, "recovery": {"channels": CHANNELS}}
    flows = Collateral(bullet()).project(scenario(rule))
    assert flows[:5, F.RECOVERY] == pytest.approx([0, 600_000, 650_000, 1_200_000, 0])
    assert flows[:5, F.COLLECTION_COST] == pytest.approx([0, 30_000, 30_000 + 50_000, 420_000, 0])
    assert flows[:5, F.LOSS] == pytest.approx([0, 0, 0, 7_550_000, 0])


def test_bulk_sale_of_what_is_unpaid() -> None:
    """After month 2, 10 000 000 - 1 250 000 is unpaid: sold for 3.8 %; the agency's cash does not come any more."""
    rule = {"default": {"mdr_pct": "10, 0"}, "recovery": {"channels": CHANNELS, "sale": {"month": 2, "price_pct": 3.8}}}
    flows = Collateral(bullet()).project(scenario(rule))
    assert flows[:5, F.RECOVERY] == pytest.approx([0, 600_000, 650_000 + 332_500, 0, 0])
    assert flows[:5, F.COLLECTION_COST] == pytest.approx([0, 30_000, 80_000, 0, 0])
    assert flows[:5, F.LOSS] == pytest.approx([0, 0, 8_417_500, 0, 0])
    assert flows[:5, F.NON_PERFORMING_BALANCE] == pytest.approx([1e7, 9.4e6, 0, 0, 0], abs=1e-6)
    halved = Collateral(bullet()).project(scenario(rule, stress={"recovery": 0.5}))
    assert halved[2, F.RECOVERY] == pytest.approx(325_000 + (10_000_000 - 625_000) * 0.019)
    late = {"rate_pct": 10, "lag_months": 1, "sale": {"month": 6, "price_pct": 5}}
    flows = Collateral(bullet()).project(scenario({**rule, "recovery": late}))
    assert flows[:8, F.RECOVERY] == pytest.approx([0, 1_000_000, 0, 0, 0, 0, 450_000, 0])
    assert flows[6, F.LOSS] == pytest.approx(8_550_000)


def test_penalty_is_charged_on_overdue_instalments_when_they_are_paid() -> None:
    """One instalment of 1 000 000 x 12 % / 12 missed in month 1 by 10 %, paid 30 days late at 0.05 % a day."""
    matrix = {"current": {"dpd_1_30": 10}, "dpd_1_30": {"current": 100}}
    tape = bullet(100_000_000, 3)
    flows = Collateral(tape).project(scenario({"default": {"roll_rates": matrix}, "penalty_pct_per_day": 0.05}))
    assert flows[0, F.PENALTY] == 0.0
    assert flows[1, F.PENALTY] == pytest.approx(0.10 * 1_000_000 * 30 * 0.0005)


def test_dilution_and_repurchase() -> None:
    flows = Collateral(bullet()).project(scenario({"dilution_pct": 1, "repurchase_pct": "0, 2"}))
    assert flows[0, [F.DILUTION, F.REPURCHASE]] == pytest.approx([1e6, 0.0])
    assert flows[1, [F.DILUTION, F.REPURCHASE]] == pytest.approx([0.99e6, 0.02 * 0.99 * 0.99e8])


@pytest.mark.parametrize("timing", ["base", "front", "back", [50, 50]])
def test_cumulative_defaults_come_by_their_timing(timing: Any) -> None:
    """Percent of defaults by quarter of life."""
    rule = {"default": {"cumulative_pct": 6, "timing": timing}, "prepayment": {"cpr_pct": 20}}
    tape = make_tape("USD", [100_000_000] * 3, rate=0.1, remaining_term=[24, 24, 20], age=[0, 12, 4])
    defaults = Collateral(tape).project(scenario(rule))[:, F.DEFAULT] / 3e8
    assert defaults.sum() == pytest.approx(0.06)
    shares = {"base": (25, 35, 25, 15), "front": (45, 30, 15, 10), "back": (10, 20, 30, 40)}
    wanted = shares[timing] if isinstance(timing, str) else timing
    parts = defaults[:24].reshape(len(wanted), -1).sum(axis=1)
    assert parts / 0.06 * 100 == pytest.approx(wanted)


@pytest.mark.parametrize(
    "recovery",
    [
        {"severity_pct": 60, "lag_months": 6},
        {"channels": CHANNELS},
        {"channels": CHANNELS, "sale": {"month": 2, "price_pct": 3.8}},
    ],
    ids=["one", "channels", "sale"],
)
def test_cumulative_losses_are_defaults_less_recoveries(recovery: dict[str, Any]) -> None:
    rule = {"default": {"cumulative_loss_pct": 3}, "recovery": recovery}
    flows = Collateral(bullet(term=36)).project(scenario(rule))
    assert flows[:, F.LOSS].sum() / 1e8 == pytest.approx(0.03)


def test_dials_multiply() -> None:
    rule = {"default": {"mdr_pct": 1}, "prepayment": {"smm_pct": 2}, "recovery": {"rate_pct": 50}}
    pool = Collateral(bullet())
    stress = {"default": "1, 3", "recovery": 0.5, "prepayment": 2}
    flows = pool.project(scenario(rule, default_multiple=2, prepay_multiple=0.25, stress=stress), default_multiple=1.5)
    assert flows[0, F.DEFAULT] / 1e8 == pytest.approx(0.03)
    assert flows[1, F.DEFAULT] / flows[0, F.CLOSING_BALANCE] == pytest.approx(0.09)
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(0.97 * 0.01)
    assert flows[0, F.RECOVERY] == pytest.approx(0.25 * flows[0, F.DEFAULT])


def test_default_dial_on_roll_rates_multiplies_entry_into_arrears() -> None:
    pool = Collateral(bullet())
    rolls = scenario({"default": {"roll_rates": "base"}})
    flows = pool.project(rolls, default_multiple=3.0)
    assert flows[0, F.DPD_1_30_BALANCE] / 1e8 == pytest.approx(0.06)
    assert flows[0, F.CURRENT_BALANCE] / 1e8 == pytest.approx(0.93)
    worst = pool.project(rolls, default_multiple=1e6)
    assert worst[0, F.DPD_1_30_BALANCE] / 1e8 == pytest.approx(0.99)
    assert pool.project(rolls, default_multiple=0.0)[:, F.DEFAULT].sum() == 0.0


def bucket(days: int, chosen: Scenario) -> list[float]:
    """Where an obligor `days` past due is after a month, percent by LoanState up to prepaid."""
    flow = Collateral(bullet(days_past_due=days)).project(chosen)[0]
    stocks = range(F.CURRENT_BALANCE, F.CURRENT_BALANCE + 4)
    return [round(float(flow[field]) / 1e6, 9) for field in (*stocks, F.DEFAULT, F.PREPAYMENT)]


@pytest.mark.parametrize("how", ["rule", "scenario", "stress"])
def test_cure_multiple(how: str) -> None:
    """Base matrix: 31-60 days 18 % to current and 7 % to 1-30, 65 % on; x 2 leaves 50 % to the 10 % and 65 %."""
    rule: dict[str, Any] = {"default": {"roll_rates": "base"}}
    if how == "rule":
        chosen = scenario({**rule, "cure_multiple": 2})
    else:
        chosen = scenario(rule, **({"cure_multiple": 2} if how == "scenario" else {"stress": {"cure": "2, 1"}}))
    left = 50 / 75
    assert bucket(45, chosen) == pytest.approx([36, 14, 10 * left, 65 * left, 0, 0])
    assert bucket(0, chosen) == pytest.approx([97, 2, 0, 0, 0, 1])
    assert bucket(75, chosen) == pytest.approx([14, 4, 6, 6 * 76 / 88, 82 * 76 / 88, 0])
    assert bucket(20, chosen) == pytest.approx([98, 0, 0, 0, 0, 2])
    assert bucket(20, scenario(rule)) == pytest.approx([60, 13, 25, 0, 0, 2])


def test_cure_multiple_below_one_and_of_a_row_that_cures_whole() -> None:
    matrix = {"dpd_1_30": {"current": 100}, "dpd_31_60": {"current": 20, "dpd_61_90": 80}}
    halved = scenario({"default": {"roll_rates": matrix}}, cure_multiple=0.5)
    assert bucket(20, halved) == pytest.approx([50, 50, 0, 0, 0, 0])
    assert bucket(45, halved) == pytest.approx([10, 0, 0, 90, 0, 0])


def test_cure_by_month_makes_vintages_differ() -> None:
    pool = Collateral(bullet())
    rule = {"default": {"roll_rates": "stress"}}
    months = [0, 6]
    same = pool.vintage_profiles(scenario(rule, cure_multiple=1.5), months)
    apart = pool.vintage_profiles(scenario(rule, stress={"cure": "1 for 6, 3"}), months)
    assert len(same) == 1 and apart[1, -1, F.DEFAULT] < apart[0, -1, F.DEFAULT]


def test_prepayment_speed_replaces_the_matrix_from_current() -> None:
    rule = {"default": {"roll_rates": "base"}, "prepayment": {"smm_pct": 5}}
    flows = Collateral(bullet()).project(scenario(rule))
    assert flows[0, F.PREPAYMENT] / 1e8 == pytest.approx(0.05)
    assert flows[0, F.DPD_1_30_BALANCE] / 1e8 == pytest.approx(0.02 * 0.95 / 0.99)


def test_opening_delinquency() -> None:
    """A loan in bucket 2 holds its whole balance and pays three instalments when it cures."""
    tape = make_tape("USD", [1_200_000, 700_000], remaining_term=12, amortization=1, days_past_due=[45, 91])
    matrix = {"dpd_31_60": {"current": 100}}
    pool = Collateral(tape)
    rule = {"default": {"roll_rates": matrix}, "recovery": {"rate_pct": 20, "lag_months": 2}}
    flows = pool.project(scenario(rule))
    assert (pool.opening_balance, pool.opening_non_performing) == (1_200_000, 700_000)
    assert flows[0, F.OPENING_BALANCE] == 1_200_000
    assert flows[0, F.SCHEDULED_PRINCIPAL] == 300_000
    assert flows[:3, F.RECOVERY].tolist() == [0.0, 140_000.0, 0.0]
    assert flows[1, F.LOSS] == 560_000.0 and flows[:, F.DEFAULT].sum() == 0.0
    assert flows[:2, F.NON_PERFORMING_BALANCE].tolist() == [700_000.0, 0.0]

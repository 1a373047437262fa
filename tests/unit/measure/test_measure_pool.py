"""Speeds, ratios and triggers: against figures worked by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.pool import initial_pool_balance, notes_repaid, pool_measure
from abssim.measure.trigger import trigger_measures
from abssim.measure.waterfall import steps_in_force
from tests.unit.measure.handmade import handmade_result


def test_speeds_are_those_realized() -> None:
    measure = pool_measure(handmade_result())
    assert measure.mdr == pytest.approx([0.01, 10 / 700, 0.025, 0.0])
    assert measure.smm[:3] == pytest.approx([40 / 740, 40 / 440, 40 / 190])
    assert np.isnan(measure.smm[3])
    assert measure.cpr[0] == pytest.approx(1 - (1 - 40 / 740) ** 12)
    assert measure.cdr[0] == pytest.approx(1 - 0.99**12)


def test_three_default_ratios_differ_by_denominator() -> None:
    result = handmade_result()
    result.pool_cumulative[:, 0, PoolField.PURCHASE] = 50_000
    measure = pool_measure(result)
    assert measure.cumulative_default_ratio == pytest.approx([1 / 150, 2 / 150, 3 / 150, 3 / 150])
    assert measure.npl_to_issue_ratio == pytest.approx([10 / 950, 16 / 950, 22 / 950, 18 / 950])
    assert measure.npl_to_pool_ratio[:3] == pytest.approx([10 / 700, 16 / 400, 22 / 150])
    assert measure.cumulative_net_loss_ratio == pytest.approx([0.01, 0.016, 0.022, 0.018])


def test_restructured_balance_is_told_apart() -> None:
    result = handmade_result()
    result.pool_flow[:3, 0, PoolField.RESTRUCTURED_BALANCE] = (0, 4_000, 3_000)
    assert pool_measure(result).restructured_ratio[:3] == pytest.approx([0.0, 0.1, 0.2])


def test_excess_spread_is_annual() -> None:
    measure = pool_measure(handmade_result())
    assert measure.excess_spread[0] == pytest.approx((1_000 - 83 - 278 - 63 - 1_000) / 100_000 * 12)


def test_payment_rates_differ_by_what_was_collected() -> None:
    """(10 + 250 + 40) / 1000; of principal alone, bought back included: (250 + 40 + 5) / 1000."""
    result = handmade_result()
    result.pool_flow[0, 0, PoolField.REPURCHASE] = 500
    measure = pool_measure(result)
    assert (measure.payment_rate[0], measure.principal_payment_rate[0]) == pytest.approx((0.30, 0.295))


def test_a_period_of_two_months_gives_monthly_rates() -> None:
    result = handmade_result()
    result.clock[:, ClockField.MONTHS] = 2
    assert pool_measure(result).mdr[0] == pytest.approx(1 - 0.99**0.5)


def test_the_original_pool_of_a_mid_life_start_is_the_stated_one() -> None:
    result = dataclasses.replace(handmade_result(), tape_summary={"initial_balance": 250_000})
    assert initial_pool_balance(result) == 250_000
    assert pool_measure(result).factor[0] == pytest.approx(0.28)


def test_losses_run_on_after_the_notes_are_repaid() -> None:
    result = handmade_result()
    assert notes_repaid(result) is None
    result.note_flow[:, 1, NoteField.BALANCE] = (15_000, 0, 0, 0)
    assert notes_repaid(result) == 2


def test_the_tightest_date_is_none_of_nothing_against_nothing() -> None:
    """A share of a pool that is gone is no limit."""
    result = handmade_result()
    result.trigger_values[3, 1] = 0.0
    thin_pool = trigger_measures(result)[1]
    assert thin_pool.tightest == 2
    result.trigger_values[:, 1] = 0.0
    assert trigger_measures(result)[1].tightest is None


def test_trigger_cushions_point_to_the_breach() -> None:
    bad_debt, thin_pool = trigger_measures(handmade_result())
    assert bad_debt.cushion == pytest.approx([0.0095, 0.0032, -0.0032, 0.0011])
    assert (bad_debt.tightest, bad_debt.first_active) == (2, handmade_result().dates.payment[2])
    assert [bad_debt.status(t) for t in range(4)] == ["ok", "ok", "active", "active"]
    assert thin_pool.cushion == pytest.approx([60_000, 30_000, 5_000, -10_000])
    assert thin_pool.status(3) == "breached"


def test_a_condition_without_comparison_has_no_cushion() -> None:
    result = handmade_result()
    terms = dataclasses.replace(result.triggers_terms[0], comparison="")
    flagged = trigger_measures(dataclasses.replace(result, triggers_terms=(terms, result.triggers_terms[1])))[0]
    assert flagged.tightest is None
    assert np.isnan(flagged.cushion).all()


def test_a_regime_without_a_waterfall_uses_the_next_less_severe_one() -> None:
    result = handmade_result()
    assert steps_in_force(result, 0) == [0, 1]
    result.clock[:, ClockField.REGIME] = 2
    assert steps_in_force(result, 0) == [0, 1]
    result.clock[:, ClockField.REGIME] = 3
    assert steps_in_force(result, 0) == [2]

"""Timing, histograms and frames: of paths worked by hand."""

from __future__ import annotations

import dataclasses
import math
from datetime import date

import numpy as np
import pytest

import abssim
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.measure.comparison import compare
from abssim.measure.distribution import (
    QUANTILES,
    net_loss_ratios,
    note_distributions,
    note_yields,
    pool_distribution,
    trigger_distributions,
)
from abssim.measure.histogram import net_loss_histogram, note_loss_histogram
from abssim.measure.note import note_measures
from abssim.measure.trigger import trigger_measures
from tests.unit.measure.handmade import DATES, handmade_result
from tests.unit.measure.handmade_paths import DEFAULTED, PATHS, RECOVERED, handmade_simulation


def test_timing_of_defaults_is_not_that_of_losses() -> None:
    pool = pool_distribution(handmade_simulation())
    assert pool.default_timing == pytest.approx(DEFAULTED)
    assert pool.timing == pytest.approx((50 * DEFAULTED - 10 * RECOVERED) / 40)
    assert pool.first_default == 1


def test_the_share_of_paths_by_date_is_weighted() -> None:
    """Paths 180 to 199 fire on the third date; with weights of 3 for them and 7/9 for the others it is 30 %."""
    weight = np.where(np.arange(PATHS) >= 180, 3.0, 140 / 180)
    fired = trigger_distributions(handmade_simulation(weight=weight))[0]
    assert fired.by_date == pytest.approx([0.0, 0.0, 0.3, 0.3])
    assert fired.ever.value == pytest.approx(0.3)


def test_what_fires_on_the_first_date_counts_from_it_on() -> None:
    """Paths 0 to 49 of 200 on the first date, 50 to 79 on the last."""
    first = np.select([np.arange(PATHS) < 50, np.arange(PATHS) < 80], [0, 3], -1)
    fired = trigger_distributions(handmade_simulation(trigger=np.stack([first, first], axis=1)))[0]
    assert fired.by_date == pytest.approx([0.25, 0.25, 0.25, 0.4])
    assert fired.ever.value == pytest.approx(0.4)


def test_yields_of_paths_are_bond_equivalent() -> None:
    """105 after a year for 100: 2 x (1.05^(1/2) - 1); for 100 and accrued interest of 1, 2 x ((105/101)^(1/2) - 1)."""
    cash = np.zeros((PATHS, 2, 4), np.int64)
    cash[:, 0, 3] = 84_000
    sim = handmade_simulation(cash=cash, years=np.array([0.25, 0.5, 0.75, 1.0]))
    assert note_yields(sim, 0) == pytest.approx(np.full(PATHS, 2 * (1.05**0.5 - 1)))
    dated = dataclasses.replace(
        sim.notes_terms[0],
        accrual_periods=((date(2023, 11, 8), date(2024, 2, 15)),) * 4,  # 72 days of 30-day months to closing, at 5 %
        year_fractions=np.full(4, 97 / 360),
    )
    early = dataclasses.replace(sim, notes_terms=(dated, sim.notes_terms[1]))
    assert note_yields(early, 0) == pytest.approx(np.full(PATHS, 2 * ((105 / 101) ** 0.5 - 1)))


def test_a_path_without_cash_has_no_yield() -> None:
    sim = handmade_simulation()
    sim.cash[7, 0] = 0
    assert np.flatnonzero(np.isnan(note_yields(sim, 0))).tolist() == [7]


def test_a_note_without_a_balance_has_no_yield_at_par() -> None:
    sim = handmade_simulation()
    bare = dataclasses.replace(sim.notes_terms[0], initial_balance=0)
    assert np.isnan(note_yields(dataclasses.replace(sim, notes_terms=(bare, sim.notes_terms[1])), 0)).all()


def test_without_defaults_there_is_no_timing() -> None:
    quiet = handmade_simulation(
        pool=np.zeros((PATHS, len(PoolSummary)), np.int64), fan=np.zeros((PATHS, len(Fan), 4), np.float32)
    )
    pool = pool_distribution(quiet)
    assert pool.first_default is None
    assert np.isnan(pool.default_timing).all()
    assert np.isnan(pool.timing).all()
    assert net_loss_histogram(quiet).shares.sum() == pytest.approx(1.0)


def test_fans_have_five_quantiles() -> None:
    pool = pool_distribution(handmade_simulation())
    assert QUANTILES == (0.05, 0.25, 0.5, 0.75, 0.95)
    last = pool.fans[Fan.DEFAULT_RATIO][:, -1]
    assert last == pytest.approx([50 * q * (PATHS - 1) / 100_000 for q in QUANTILES], rel=1e-6)


def test_histogram_of_the_pool_counts_every_path() -> None:
    sim = handmade_simulation()
    found = net_loss_histogram(sim)
    assert found.shares.sum() == pytest.approx(1.0)
    assert (found.edges[0], found.edges[-1]) == (0.0, pytest.approx(40 * 199 / 100_000))
    inside = (net_loss_ratios(sim) >= found.edges[2]) & (net_loss_ratios(sim) < found.edges[3])
    assert found.shares[2] == pytest.approx(inside.mean())


def test_histogram_of_a_note_counts_the_paths_with_a_loss() -> None:
    sim = handmade_simulation()
    found = note_loss_histogram(sim, 1)
    assert found.shares.sum() == pytest.approx(note_distributions(sim)[1].loss_probability.value) == pytest.approx(0.25)
    assert (found.edges[0], found.edges[-1]) == (pytest.approx(100 / 15_000), pytest.approx(5_000 / 15_000))


def test_histogram_of_a_note_that_is_always_lost() -> None:
    """One bin around the loss, not ten up to half as much again."""
    sim = handmade_simulation()
    sim.note[:, 1, NoteSummary.PRINCIPAL_LOSS] = 15_000
    found = note_loss_histogram(sim, 1)
    assert found.edges == pytest.approx([0.995, 1.005]) and found.shares == pytest.approx([1.0])


def test_weights_leave_what_all_paths_share_alone() -> None:
    """A life of a year and a half on all paths is that, whatever they weigh, and as long under another scenario."""
    weight = np.linspace(0.0, 2.0, PATHS) ** 2
    life = np.where(np.arange(PATHS)[:, None] % 3 == 0, math.nan, np.full((PATHS, 2), 1.5))
    base, other = handmade_simulation(life=life), handmade_simulation(life=life + 0.5, weight=weight)
    assert note_distributions(other)[0].life.mean.value == pytest.approx(2.0)
    gap = compare([base, other]).notes[0].life.differences[1]
    assert (gap.value, gap.error) == (pytest.approx(0.5), pytest.approx(0.0, abs=1e-12))


def test_the_difference_of_lives_is_that_of_their_averages() -> None:
    weight = np.linspace(0.0, 2.0, PATHS)
    sims = [handmade_simulation(), handmade_simulation(life=handmade_simulation().life ** 2, weight=weight)]
    found = compare(sims).notes[1].life
    assert found.differences[1].value == pytest.approx(found.values[1].value - found.values[0].value)
    assert found.values[1].value == pytest.approx(np.average(sims[1].life[:, 1], weights=weight))
    gap = weight / weight.mean() * (sims[1].life[:, 1] - found.values[1].value)
    gap -= sims[0].life[:, 1] - found.values[0].value
    assert found.differences[1].error == pytest.approx(gap.std(ddof=1) / math.sqrt(PATHS))


@pytest.mark.parametrize("heavier", [False, True])
def test_the_difference_of_losses_is_that_of_their_means(heavier: bool) -> None:
    """Losses of B half as large on all paths under the other scenario, whatever the paths weigh there."""
    weight = np.linspace(0.5, 1.5, PATHS) if heavier else np.ones(PATHS)
    base, other = handmade_simulation(), handmade_simulation(weight=weight)
    other.note[:, 1, NoteSummary.PRINCIPAL_LOSS] //= 2
    found = compare([base, other]).notes[1].expected_loss
    assert found.values[1].value != found.values[0].value
    assert found.differences[1].value == pytest.approx(found.values[1].value - found.values[0].value)


def test_frame_of_the_notes_of_a_simulation() -> None:
    sim = handmade_simulation()
    frame, (a, b) = abssim.note_frame(sim), note_distributions(sim)
    assert list(frame.index) == ["A", "B"]
    assert frame.loc["B", "opening_balance"] == 150.0
    assert frame.loc["B", "expected_loss"] == b.expected_loss.value
    assert frame.loc["B", "expected_loss_error"] == b.expected_loss.error
    assert frame.loc["B", "value_at_risk_95"] == b.value_at_risk[0].value
    assert frame.loc["B", "wal_50"] == b.life.quantiles[2].value
    assert frame.loc["B", "yield_rate"] == b.yield_rate.mean.value
    assert math.isnan(frame.loc["A", "expected_loss"])
    assert frame.loc["A", "expected_loss_at_most"] == a.expected_loss.at_most
    assert frame.loc["A", "loss_probability_at_most"] == pytest.approx(1 - 0.05 ** (1 / PATHS))


def test_frame_of_the_notes_of_a_run() -> None:
    run = handmade_result()
    frame, measures = abssim.note_frame(run), note_measures(run)
    assert frame["wal"].tolist() == [measure.wal for measure in measures]
    assert frame.loc["B", "principal_loss"] == measures[1].principal_loss / 100
    assert frame.loc["A", "principal_first"] == date(2024, 2, 15)


def test_frames_by_date() -> None:
    run, sim = handmade_result(), handmade_simulation()
    fired = abssim.trigger_frame(sim)
    assert list(fired.index) == list(DATES.payment)
    assert fired["bad_debt"].tolist() == [0.0, 0.0, 0.1, 0.1]
    active = abssim.trigger_frame(run)["bad_debt"].tolist()
    assert active == trigger_measures(run)[0].active.tolist() == [False, False, True, True]
    assert abssim.pool_frame(run)["cumulative_net_loss_ratio"].tolist() == pytest.approx([0.01, 0.016, 0.022, 0.018])
    assert abssim.pool_frame(sim)["pool_factor_95"].tolist() == pytest.approx([0.7, 0.4, 0.15, 0.0])
    assert abssim.pool_frame(sim)["default_timing"].tolist() == pytest.approx(DEFAULTED.tolist())

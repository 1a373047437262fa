from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.engine.layout import Amortization
from abssim.errors import TapeError
from abssim.tape import synthesize
from abssim.tape.recipe import BAITIAO, RECIPES

RECIPE = st.sampled_from(sorted(RECIPES))


MERCHANTS = [merchant for merchant, _ in BAITIAO.merchant_shares]


@given(RECIPE, st.integers(1, 300), st.integers(0, 2**63), st.integers(5_000, 10**9))
def test_the_total_is_exact(recipe: str, loans: int, seed: int, mean: int) -> None:
    target = loans * mean + seed % 97
    tape = synthesize(recipe, loans=loans, seed=seed, balance=target)
    assert tape.total_balance == target and len(tape) == loans
    assert (tape.balance > 0).all() and (tape.balance <= tape.original_balance).all()
    assert (tape.remaining_term >= 1).all() and (tape.remaining_term + tape.age == tape.original_term).all()


@given(RECIPE, st.integers(1, 200), st.integers(0, 2**63))
def test_a_seed_draws_the_same_tape(recipe: str, loans: int, seed: int) -> None:
    one, other = synthesize(recipe, loans=loans, seed=seed), synthesize(recipe, loans=loans, seed=seed)
    for name in one.names:
        assert one.column(name).tolist() == other.column(name).tolist(), name


def test_another_seed_draws_another() -> None:
    assert (
        synthesize("auto", loans=50, seed=1).balance.tolist() != synthesize("auto", loans=50, seed=2).balance.tolist()
    )


def test_a_changed_figure_moves_no_other_draw() -> None:
    base = synthesize(BAITIAO, loans=2_000, seed=5)
    free = synthesize(replace(BAITIAO, free_ratio=0.6), loans=2_000, seed=5)
    assert free.balance.tolist() == base.balance.tolist() and free.grade.tolist() == base.grade.tolist()
    changed = free.amortization != base.amortization
    assert changed.any() and (free.amortization[changed] == Amortization.FREE_INSTALMENT).all()


def test_baitiao_has_its_asset_traits() -> None:
    tape = synthesize("baitiao", loans=100_000, seed=1)
    assert tape.currency == "CNY"
    assert tape.original_balance.mean() / 100 == pytest.approx(800, rel=0.03)
    for term, share in ((1, 0.25), (3, 0.20), (6, 0.15), (12, 0.30), (24, 0.10)):
        assert (tape.original_term == term).mean() == pytest.approx(share, abs=0.006)
    deferred = tape.original_term == 1
    assert (deferred == (tape.amortization == Amortization.SINGLE_PAYMENT)).all()
    free = (tape.amortization == Amortization.FREE_INSTALMENT)[~deferred]
    assert free.mean() == pytest.approx(0.45, abs=0.006)
    flat = tape.amortization == Amortization.FLAT_FEE
    assert set(tape.fee_rate[flat]) == {0.005} and set(tape.fee_rate[~flat]) == {0.0} and set(tape.rate) == {0.0}
    part = tape.original_balance // tape.original_term
    assert (tape.balance == tape.original_balance - tape.age * part).all()
    assert len(tape) / tape.obligors == pytest.approx(2.5, rel=0.03)
    assert set(tape.column("grade")) == {"1", "2", "3", "4"}
    assert 0.005 < (tape.days_past_due > 0).mean() < 0.02


def test_what_belongs_to_the_obligor_is_the_same_on_all_orders() -> None:
    tape = synthesize("baitiao", loans=20_000, seed=3)
    _, first, place = np.unique(tape.obligor_key, return_index=True, return_inverse=True)
    for name in ("grade", "region", "days_past_due", "score"):
        assert (tape.codes(name)[first][place] == tape.codes(name)).all(), name


def test_merchants_follow_a_power_law() -> None:
    """Counts within the noise of 100,000 draws, and the slope of log size over log rank is the exponent."""
    tape = synthesize("baitiao", loans=100_000, seed=1)
    assert tape.labels["merchant"] == tuple(MERCHANTS) and MERCHANTS[0] == "M0001" and len(MERCHANTS) == 500
    found = np.bincount(tape.codes("merchant"), minlength=500)
    expected = 1.0 / np.arange(1, 501)
    expected *= len(tape) / expected.sum()
    z = (found - expected) / np.sqrt(expected)
    assert np.abs(z).max() < 4.5 and 400 < (z**2).sum() < 600
    slope, _ = np.polyfit(np.log(np.arange(1, 501)), np.log(found), 1, w=np.sqrt(expected))
    assert slope == pytest.approx(-1.0, abs=0.02)
    assert found[0] / len(tape) == pytest.approx(0.147, abs=0.005)


def test_merchants_are_drawn_apart_from_all_else() -> None:
    """Other figures stay what they are without merchants, which do not go by obligor, grade or segment."""
    base = synthesize("baitiao", loans=20_000, seed=4)
    without = synthesize(replace(BAITIAO, merchants=0), loans=20_000, seed=4)
    assert set(base.names) - set(without.names) == {"merchant"}
    for name in without.names:
        assert base.codes(name).tolist() == without.codes(name).tolist(), name
    large = base.codes("merchant") < 10
    for name in ("grade", "segment", "days_past_due"):
        shares = [np.bincount(base.codes(name)[mask]) / mask.sum() for mask in (large, ~large)]
        assert np.abs(shares[0] - shares[1]).max() < 0.03, name
    assert "merchant" not in synthesize("auto", loans=50, seed=4).names


def test_level_pay_recipes_sit_on_their_annuity() -> None:
    tape = synthesize("auto", loans=5_000, seed=1)
    assert (tape.amortization == Amortization.LEVEL_PAY).all() and set(tape.original_term) == {24, 36, 48, 60, 72, 84}
    r, n, a = tape.rate / 12, tape.original_term, tape.age
    expected = tape.original_balance * ((1 + r) ** n - (1 + r) ** a) / ((1 + r) ** n - 1)
    assert np.abs(tape.balance - expected).max() <= 0.51
    assert set(synthesize("consumer", loans=500, seed=1).original_term) == {36, 60}


@pytest.mark.parametrize(
    "settings",
    [{"loans": 0}, {"loans": 10**9}, {"seed": -1}, {"balance": 50}, {"balance": 10**16}, {"recipe": "bitiao"}],
)
def test_what_cannot_be_drawn(settings: dict[str, object]) -> None:
    asked: dict[str, object] = {"recipe": "baitiao", "loans": 10, "seed": 1, **settings}
    with pytest.raises(TapeError) as caught:
        synthesize(asked.pop("recipe"), **asked)  # type: ignore[arg-type]
    assert caught.value.code == "E229"

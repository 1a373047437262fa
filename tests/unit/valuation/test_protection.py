"""Protected notional and premium by hand, in cents, and what must hold on random flows."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.errors import ValuationError
from abssim.valuation import Tranche, premium_due, protected_notional
from abssim.valuation.protection import ProtectedDate

MILLION = 100_000_000
"""In cents."""
POOL = Tranche(100 * MILLION, 2 * MILLION, 8 * MILLION)
DEFAULTS = [50_000_000, 80_000_000, 120_000_000, 90_000_000, 60_000_000, 30_000_000]
PRINCIPAL = [20 * MILLION, 25 * MILLION, 25 * MILLION, 18 * MILLION, 5 * MILLION, 270_000_000]
DAYS = [31, 28, 31, 30, 31, 30]


def millions(dates: list[ProtectedDate], field: str) -> list[float]:
    return [getattr(date, field) / MILLION for date in dates]


def test_sequential_with_premium() -> None:
    dates = protected_notional(POOL, DEFAULTS, PRINCIPAL)
    assert millions(dates, "claim") == [0.0, 0.0, 0.5, 0.9, 0.6, 0.3]
    assert millions(dates, "paid_to_date") == [0.0, 0.0, 0.5, 1.4, 2.0, 2.3]
    assert millions(dates, "amortized_to_date") == [0.0, 0.0, 0.0, 0.0, 1.0, 3.7]
    assert millions(dates, "notional") == [6.0, 6.0, 5.5, 4.6, 3.0, 0.0]
    opening = [6 * MILLION, *(date.notional for date in dates[:-1])]
    closing = [date.notional for date in dates]
    premium = [premium_due(0.04, d / 360, a, b) for d, a, b in zip(DAYS, opening, closing, strict=True)]
    assert premium == [2066667, 1866667, 2066667, 1833333, 1584444, 1000000]
    assert sum(premium) == 10417778


def test_pro_rata() -> None:
    dates = protected_notional(POOL, DEFAULTS, PRINCIPAL, "pro_rata")
    whole = [round(date.claim / 100) for date in dates]
    assert whole == pytest.approx([0, 45_912, 1_200_000, 184_509, 0, 0], abs=1)
    left = [round(date.notional / 100) for date in dates]
    assert left == pytest.approx([4_800_000, 3_244_654, 534_107, 0, 0, 0], abs=1)
    assert all(date.notional + date.paid_to_date + date.amortized_to_date == 6 * MILLION for date in dates)


def test_pro_rata_in_whole_units() -> None:
    """What is left is rounded down."""
    units = Tranche(100_000_000, 2_000_000, 8_000_000)
    dates = protected_notional(units, [d // 100 for d in DEFAULTS], [p // 100 for p in PRINCIPAL], "pro_rata")
    assert [date.claim for date in dates] == [0, 45_912, 1_200_000, 184_509, 0, 0]
    assert [date.notional for date in dates] == [4_800_000, 3_244_654, 534_107, 0, 0, 0]


def test_a_trigger_switches_to_sequential() -> None:
    """Pro rata for two dates, then the senior part alone is repaid until it is gone."""
    rules = ["pro_rata", "pro_rata", "sequential", "sequential", "sequential", "sequential"]
    dates = protected_notional(POOL, DEFAULTS, PRINCIPAL, rules)
    assert [date.amortized for date in dates[2:4]] == [0, 0]
    assert dates[2].claim == 120_000_000 - dates[1].cushion
    assert all(date.notional + date.paid_to_date + date.amortized_to_date == 6 * MILLION for date in dates)


def test_recoveries_are_given_back() -> None:
    """Loss 5 of 100 over a cushion of 2: 3 claimed. Of 1 recovered 1 is given back, of 6 more 2, the rest cushions."""
    tranche = Tranche(100, 2, 8)
    dates = protected_notional(tranche, [5, -1, -6], [0, 1, 6])
    assert [date.claim for date in dates] == [3, -1, -2]
    assert [(date.notional, date.cushion) for date in dates] == [(3, 0), (4, 0), (6, 4)]
    above = protected_notional(tranche, [10, -1, -2], [0, 1, 2])
    assert [date.claim for date in above] == [6, 0, -1]  # what lay above the tranche is made whole first


def test_nothing_amortizes_while_the_pool_is_replenished() -> None:
    """Twice the pool is repaid and bought again; then the senior part of 92, less nothing, goes first."""
    rules = ["replenishing", "replenishing", "sequential", "sequential"]
    dates = protected_notional(Tranche(100, 2, 8), [1, 3, 0, 1], [100, 100, 92, 2], rules)
    assert [(date.claim, date.amortized, date.notional) for date in dates] == [
        (0, 0, 6),
        (2, 0, 4),
        (0, 0, 4),
        (1, 2, 1),
    ]


def test_excess_spread_is_used_or_lost() -> None:
    """2 a date at most, before the cushion; what the first date leaves is not there on the second."""
    dates = protected_notional(Tranche(100, 2, 8), [1, 7, 1], [0, 0, 0], absorbed=[2, 2, 2])
    assert [date.claim for date in dates] == [0, 3, 0]


@pytest.mark.parametrize("seed", range(200))
@pytest.mark.parametrize("rule", ["sequential", "pro_rata"])
def test_random_flows(rule: str, seed: int) -> None:
    """Nothing is claimed without a loss, amortization never falls, no part is below zero, the notional adds up; for
    sequential notional claims to date are the loss between the edges, and beyond the senior part the notional is the
    pool above what is left of the cushion."""
    random = np.random.default_rng(seed)
    attachment, detachment = np.sort(random.integers(0, 60, 2)) * 1_000_000
    tranche = Tranche(100_000_000, int(attachment), int(detachment) + 1)
    pool, losses, principal = tranche.pool, [], []
    for _ in range(12):
        losses.append(int(random.integers(0, 1 + pool // 4)) * int(random.random() < 0.8))
        principal.append(int(random.integers(0, 1 + (pool - losses[-1]) // 2)))
        pool -= losses[-1] + principal[-1]
    dates = protected_notional(tranche, losses, principal, rule)
    size, left = tranche.detachment - tranche.attachment, tranche.pool
    for k, date in enumerate(dates):
        left -= losses[k] + principal[k]
        lost = sum(losses[: k + 1])
        assert date.claim == 0 or 0 < date.claim <= losses[k]
        assert date.amortized >= 0 and date.notional >= 0 and date.cushion >= 0
        assert date.notional + date.paid_to_date + date.amortized_to_date == size
        if rule == "sequential":
            assert date.paid_to_date == min(max(lost - tranche.attachment, 0), size)
            if sum(principal[: k + 1]) >= tranche.pool - tranche.detachment and lost <= tranche.detachment:
                assert date.notional == max(left - max(tranche.attachment - lost, 0), 0)


@pytest.mark.parametrize("seed", range(200))
def test_random_flows_with_recoveries(seed: int) -> None:
    """Net losses, recoveries counted as principal: claims and notional by the formula on totals to date."""
    random = np.random.default_rng(seed)
    attachment, detachment = sorted(map(int, random.integers(0, 60_000, 2)))
    tranche, size = Tranche(100_000, attachment, detachment), detachment - attachment
    pool, losses, principal = tranche.pool, [], []
    for _ in range(15):
        recovery = int(random.integers(0, 1 + max(sum(losses), 0) // 2)) * int(random.random() < 0.4)
        default, repaid = (int(random.integers(0, 1 + pool // 5)) for _ in range(2))
        pool -= default + repaid
        losses.append(default - recovery)
        principal.append(repaid + recovery)
    for k, date in enumerate(protected_notional(tranche, losses, principal)):
        paid = min(max(sum(losses[: k + 1]) - attachment, 0), size)
        amortized = min(max(sum(principal[: k + 1]) - (tranche.pool - detachment), 0), size - paid)
        assert (date.paid_to_date, date.amortized_to_date) == (paid, amortized)
        assert date.notional == size - paid - amortized


def test_premium_bases() -> None:
    """5 m falls to 4 m in 31 days at 4 %, Act/360."""
    terms = (0.04, 31 / 360, 5 * MILLION, 4 * MILLION, MILLION)
    assert premium_due(*terms) == 1722222
    assert premium_due(*terms, basis="average") == 1550000
    assert premium_due(*terms, basis="accrual_on_losses") == 1550000
    assert premium_due(*terms, basis="accrual_on_losses", accrued_share=1.0) == 1722222


def test_what_is_refused() -> None:
    with pytest.raises(ValuationError, match=r"attachment.*E600.*from 0 to 2, not 5"):
        Tranche(100, 5, 2)
    with pytest.raises(ValuationError, match=r"principal\[1\].*takes 5 more than is left"):
        protected_notional(Tranche(100, 0, 10), [10, 0], [50, 45])
    with pytest.raises(ValuationError) as told:
        protected_notional(Tranche(100, 0, 10), [10], [50, 45], "prorata")
    assert [problem.code for problem in told.value.problems] == ["E605", "E602"]
    with pytest.raises(ValuationError, match=r'no basis "opened"'):
        premium_due(0.04, 1.0, 1, 1, basis="opened")

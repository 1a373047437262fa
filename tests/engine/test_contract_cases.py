"""Contracts whose figures are known: closed forms, and loans worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.annuity import annuity, outstanding
from abssim.collateral.contract import PoolSettings, contracts_of, require_paid
from abssim.collateral.particular import Calendar
from abssim.engine.contract.amortization import contract_schedule
from abssim.engine.layout import ContractField
from abssim.errors import TapeError
from abssim.money import ROUNDINGS, round_by
from abssim.tape.repline import replines_reading
from tests.engine.floating import floating_deal


class Figures:
    """Figures by month, currency units; month 1 is the first."""

    def __init__(self, settings: PoolSettings | None = None, scenario: Any = None, **row: Any) -> None:
        reading = replines_reading([row], "USD")
        settings = settings or PoolSettings()
        contracts = contracts_of(reading.tape, settings, scenario)
        schedule = np.zeros((len(ContractField), max(1, row["remaining_term"]) + 1), dtype=np.int64)
        contract_schedule(contracts, 0, schedule)
        require_paid(reading.tape, contracts)
        scale = 100.0 * contracts.unit
        self.said = reading.notes
        self.interest = schedule[ContractField.INTEREST] / scale
        self.fee = schedule[ContractField.FEE] / scale
        self.principal = -np.diff(schedule[ContractField.BALANCE], prepend=schedule[ContractField.BALANCE, 0]) / scale

    @property
    def cash(self) -> Any:
        return self.interest + self.principal


EXACT = PoolSettings(rounded=False)
LARGE = {"balance": 10_000_000, "rate_pct": 6, "remaining_term": 120, "interest_only_term": 24}


def test_a_month_of_interest_only_then_level() -> None:
    row = {"balance": 1_200_000, "rate_pct": 12, "remaining_term": 13, "age": 0, "interest_only_term": 1}
    exact = Figures(EXACT, **row)
    assert exact.principal[1] == 0.0 and exact.principal[2] == pytest.approx(94_618.5464, abs=1e-4)
    paid = Figures(**row)
    assert paid.principal[1:3].tolist() == [0.0, 94_618.55] and paid.interest[1] == 12_000.0


def test_a_balloon_on_level_pay() -> None:
    row = {"balance": 20_000, "rate_pct": 6, "remaining_term": 48, "balloon": 8_000}
    for settings, last in ((PoolSettings(), 8_280.46), (EXACT, 8_280.42)):
        found = Figures(settings, **row)
        assert found.cash[1:48] == pytest.approx(321.82, abs=5e-3)
        assert (found.interest[1], round(found.principal[1], 2)) == (100.0, 221.82)
        assert found.principal[48] == pytest.approx(last, abs=5e-3)


@pytest.mark.parametrize("kind", ["level_pay", "balloon", "interest_only"])
@pytest.mark.parametrize(
    "columns",
    [
        {"balloon": 8_777_235.69, "payment": 59_955.05},
        {"amortization_term": 360},
        {"amortization_term": 360, "payment": 59_955.05},
        {"amortization_term": 360, "balloon": 8_777_235.69},
    ],
)
def test_interest_only_payment_balloon_and_amortization_term_act_together(kind: str, columns: dict[str, Any]) -> None:
    found = Figures(**LARGE, amortization=kind, **columns)
    assert found.cash[1:25].tolist() == [50_000.0] * 24 and not found.principal[1:25].any()
    assert found.cash[25:120] == pytest.approx(59_955.05, abs=1e-6)
    assert found.principal[120] == 8_793_224.62
    assert found.said == ()


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"balloon": 5_000_000, "payment": 59_955.05}, "balloon payment"),
        ({"balloon": 5_000_000, "amortization_term": 360}, "balloon amortization_term"),
        ({"payment": 80_000.0, "amortization_term": 360}, "payment amortization_term"),
        ({"amortization_term": 60}, "amortization_term remaining_term"),
        ({"interest_only_term": 120, "balloon": 1.0}, "balloon interest_only_term"),
        ({"interest_only_term": 120, "payment": 59_955.05}, "payment interest_only_term"),
        ({"rate_schedule": "13:7", "rate_index": "sofr"}, "rate_schedule rate_index"),
        ({"rate_index": "sofr", "rate_cap": 0.03, "rate_floor": 0.05}, "rate_cap rate_floor"),
    ],
)
def test_contradictions_name_both_columns(columns: dict[str, Any], named: str) -> None:
    with pytest.raises(TapeError) as caught:
        replines_reading([{**LARGE, **columns}], "USD")
    (problem,) = caught.value.problems
    assert problem.code == "E265"
    assert all(name in f"{problem.path} {problem.message}" for name in named.split())


def test_equal_principal_takes_interest_only_months_a_balloon_and_a_longer_term() -> None:
    found = Figures(
        balance=12_000,
        rate_pct=12,
        remaining_term=7,
        interest_only_term=1,
        balloon=6_000,
        amortization="equal_principal",
    )
    assert found.principal[1:].tolist() == [0.0, *[1_000.0] * 5, 7_000.0]
    found = Figures(balance=12_000, rate_pct=12, remaining_term=6, amortization_term=12, amortization="equal_principal")
    assert found.principal[1:].tolist() == [*[1_000.0] * 5, 7_000.0]


def test_an_instalment_below_the_interest() -> None:
    row = {"balance": 10_000, "rate_pct": 14.5, "remaining_term": 36, "payment": 57.64}
    for plainly in ({}, {"negative_amortization": "no"}):
        with pytest.raises(TapeError, match=r"E266.*negative_amortization"):
            replines_reading([{**row, **plainly}], "USD")
    found = Figures(**row, negative_amortization="yes")
    assert found.cash[1:36] == pytest.approx(57.64, abs=1e-9)
    left = outstanding(10_000.0, 0.145 / 12.0, 57.64, 35)
    assert found.principal[36] == pytest.approx(left, abs=0.2)
    assert any("leaves" in word and "about 12,733 of" in word for word in found.said)


def test_a_payment_that_leaves_a_bullet_or_ends_early_is_told() -> None:
    row = {"balance": 10_000, "rate_pct": 12, "remaining_term": 36}
    assert Figures(**row, payment=332.14).said == ()
    found = Figures(**row, payment=200)
    assert found.said == ("payment of 1 loan leaves about 5,834 of principal to the last instalment",)
    assert found.principal[36] == 5_833.98
    assert Figures(**row, payment=500).said == ("payment of 1 loan repays before the remaining_term ends",)


def test_annuity_near_a_rate_of_zero() -> None:
    found = Figures(balance=120_000, rate_pct=1e-10, remaining_term=360)
    assert set(found.cash[1:360].tolist()) == {333.33} and found.cash[360] == pytest.approx(334.53, abs=1e-9)
    for rate in (0.0, 1e-320, 1e-18, 1e-12, -1e-12):
        assert annuity(120_000.0, rate, 360.0, 0.0) == pytest.approx(120_000 / 360.0, rel=1e-9)
    several = annuity(np.full(2, 1_000.0), np.asarray([0.006, 0.0]), np.full(2, 12.0), 0.0)
    assert several == pytest.approx([86.618973428, 1_000.0 / 12.0], abs=5e-10)


def test_rates_above_a_hundred_percent() -> None:
    found = Figures(balance=500, rate_pct=130, remaining_term=6)
    assert found.cash[1:6] == pytest.approx(117.62, abs=1e-9) and found.interest[1] == 54.17
    with pytest.raises(TapeError, match=r"E219.*rate_pct"):
        replines_reading([{"balance": 500, "rate": 1.3, "remaining_term": 6}], "USD")
    with pytest.raises(TapeError, match="E219"):
        replines_reading([{"balance": 500, "rate_pct": 525, "remaining_term": 6}], "USD")


def test_a_negative_rate_lowers_the_instalment() -> None:
    found = Figures(balance=12_000, rate_pct=-1.2, remaining_term=12)
    assert found.interest[1] == -12.0
    assert found.cash[1:12] == pytest.approx(12_000 * -0.001 / (1 - 0.999**-12), abs=5e-3)


def test_instalments_once_a_year() -> None:
    """A new loan of three years: 1000 x 0.06 / (1 - 1.06^-3) = 374.11 each year."""
    found = Figures(balance=1_000, rate_pct=6, remaining_term=36, pays_every=12)
    assert found.cash[[12, 24]] == pytest.approx(374.11, abs=1e-9) and found.cash[36] == pytest.approx(
        374.11, abs=0.011
    )
    assert not np.delete(found.cash, [0, 12, 24, 36]).any()
    seasoned = Figures(balance=1_000, rate_pct=6, remaining_term=29, age=7, pays_every=12)
    assert seasoned.interest[5] == 60.0, "the year's interest, seven months of which passed before the cut-off"
    young = Figures(balance=1_000, rate_pct=6, remaining_term=29, age=2, pays_every=12)
    assert young.interest[5] == 35.0, "seven months since it began"


@pytest.mark.parametrize(
    ("basis", "january", "february"), [("30/360", 100, 100), ("act/360", 103.33, 93.33), ("act/365", 101.92, 92.05)]
)
def test_day_counts(basis: str, january: float, february: float) -> None:
    deal, _ = floating_deal("2025-01-01")
    row = {"balance": 10_000, "rate_pct": 12, "remaining_term": 12, "amortization": "interest_only"}
    found = Figures(PoolSettings(calendar=Calendar(deal)), **row, day_count=basis)
    assert found.interest[1:3].tolist() == [january, february]
    end_of_month, _ = floating_deal("2024-12-31")
    found = Figures(PoolSettings(calendar=Calendar(end_of_month)), **row, day_count=basis)
    assert found.interest[1:3].tolist() == [january, february]


def test_odd_first_period() -> None:
    """45 days at 6 % on 10 000 are 75.00 of the ordinary instalment of 304.22."""
    found = Figures(balance=10_000, rate_pct=6, remaining_term=36, first_period_days=45)
    assert (found.interest[1], found.cash[1]) == (75.0, 304.22)
    single = Figures(balance=1_000, rate_pct=36, remaining_term=2, amortization="single_payment", first_period_days=45)
    assert single.interest[1:].tolist() == [0.0, 45.0]
    deal, _ = floating_deal()
    settings = PoolSettings(calendar=Calendar(deal))
    row = {"balance": 36_000, "rate_pct": 10, "remaining_term": 3, "amortization": "interest_only"}
    found = Figures(settings, **row, first_period_days=17, day_count="act/360")
    assert found.interest[1:].tolist() == [170.0, 280.0, 310.0]


def test_a_rate_schedule_computes_the_instalment_anew_or_keeps_it() -> None:
    row = {"balance": 10_000, "rate_pct": 6, "remaining_term": 24, "rate_schedule": "13:12;19:3"}
    found = Figures(**row)
    first = annuity(10_000.0, 0.005, 24, 0.0)
    left = outstanding(10_000.0, 0.005, round(first, 2), 12)
    second = annuity(left, 0.01, 12, 0.0)
    third = annuity(outstanding(left, 0.01, round(second, 2), 6), 0.0025, 6, 0.0)
    assert found.cash[[1, 13, 19]] == pytest.approx([first, second, third], abs=6e-3)
    assert Figures(**row, at_reset="recompute_payment").cash.tolist() == found.cash.tolist()
    kept = Figures(**row, at_reset="keep_payment")
    assert kept.cash[1:24] == pytest.approx(round(first, 2), abs=1e-9)


def test_floating_rates_reset_within_cap_and_floor() -> None:
    deal, scenario = floating_deal(forward_pct={"2025-01-01": 4, "2025-04-01": 6, "2025-07-01": -3})
    settings = PoolSettings(calendar=Calendar(deal))
    row = {"balance": 120_000, "remaining_term": 12, "amortization": "interest_only", "rate_index": "sofr"}
    found = Figures(settings, scenario, **row, rate_margin_pct=2, rate_cap_pct=7, rate_floor_pct=1)
    assert found.interest[[1, 3, 4, 6, 7]].tolist() == [600.0, 600.0, 700.0, 700.0, 100.0]
    later = Figures(settings, scenario, **row, rate_pct=5, rate_margin_pct=2, months_to_reset=2, reset_every=6)
    assert later.interest[[1, 2, 3, 8, 9]].tolist() == [500.0, 500.0, 600.0, 600.0, -100.0]


def test_capitalized_interest_and_the_level_instalment_after_it() -> None:
    """Quarterly: two quarters at 4 % and 8 % a year are added, then four instalments at 8 %."""
    row = {"balance": 10_000, "rate_pct": 4, "remaining_term": 18, "pays_every": 3, "rate_schedule": "4:8"}
    found = Figures(**row, capitalized_term=6)
    assert found.cash[1:9].tolist() == [0.0] * 8
    grown = 10_000 * 1.01 * 1.02
    assert found.cash[9] == pytest.approx(annuity(grown, 0.02, 4, 0.0), abs=6e-3)


def test_a_kept_instalment_below_the_interest_is_refused_or_added() -> None:
    row = {
        "balance": 10_000,
        "rate_pct": 6,
        "remaining_term": 120,
        "rate_schedule": "13:24",
        "at_reset": "keep_payment",
    }
    with pytest.raises(TapeError, match="E270"):
        Figures(**row)
    found = Figures(**row, negative_amortization="yes")
    assert found.cash[1:120] == pytest.approx(111.02, abs=1e-9) and found.principal[13] < 0


@pytest.mark.parametrize(
    ("amount", "found"),
    [
        (2.5, (3, 3, 2, 2)),
        (3.5, (4, 4, 3, 4)),
        (2.4, (2, 3, 2, 2)),
        (2.6, (3, 3, 2, 3)),
        (-2.5, (-3, -3, -2, -2)),
        (7.0, (7,) * 4),
    ],
)
def test_rounding_rules(amount: float, found: tuple[int, ...]) -> None:
    assert tuple(round_by(amount, rule) for rule in range(len(ROUNDINGS))) == found


def test_an_instalment_is_rounded_by_the_contract() -> None:
    """100 000 at 7 % over 36 months: 3087.7097 a month."""
    row = {"balance": 100_000, "rate_pct": 7, "remaining_term": 36}
    found = [Figures(**row, payment_rounding=rule).cash[1] for rule in ("contract", "up", "down", "half_even")]
    assert found == [3_087.71, 3_087.71, 3_087.70, 3_087.71]
    parts = {"balance": 100, "remaining_term": 3, "amortization": "free_instalment"}
    assert [Figures(**parts, payment_rounding=rule).principal[1] for rule in ("contract", "up")] == [33.33, 33.34]


def test_a_monthly_fee_beside_interest() -> None:
    found = Figures(balance=10_000, original_balance=20_000, rate_pct=6, remaining_term=36, fee_rate_pct=0.1)
    assert found.fee[1:].tolist() == [20.0] * 36 and found.cash[1] == 304.22

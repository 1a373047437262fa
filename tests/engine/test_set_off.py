"""Interest added to balances, and interest owed to obligors: the same cash from fractions of loans and loan by loan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings
from abssim.collateral.expected import Collateral
from abssim.collateral.particular import Calendar
from abssim.collateral.population import PoolSimulation
from abssim.engine.credit.off_schedule import finish_lane
from abssim.engine.credit.recovery import RecoveryTerms
from abssim.errors import TapeError
from abssim.kind.pool import PoolField
from abssim.projection.many import replay
from abssim.projection.settings import Settings
from abssim.tape.repline import replines_tape
from tests.engine.floating import floating_deal
from tests.engine.naive_compare import compare
from tests.engine.one_lane import in_whole_units
from tests.engine.small import LATER, REST, small
from tests.engine.test_collateral_scenarios import scenario

P = PoolField
SHOWN = [P.INTEREST, P.SCHEDULED_PRINCIPAL, P.DILUTION, P.CAPITALIZED_INTEREST, P.CLOSING_BALANCE]
BELOW = {"balance": 10_000, "rate_pct": 14.5, "remaining_term": 6, "payment": 57.64, "negative_amortization": "yes"}
PLAIN = {"balance": 600, "rate_pct": 6, "remaining_term": 6}
NEGATIVE = {"balance": 12_000, "rate_pct": -1.2, "remaining_term": 12}
BULLET = {"balance": 12_000, "rate_pct": -1.2, "remaining_term": 3, "amortization": "interest_only"}
QUIET = scenario({"default": {"mdr_pct": 0}})


@pytest.mark.parametrize("rows", [[BELOW], [BELOW, PLAIN], [NEGATIVE], [BULLET], [BULLET, PLAIN, BELOW]])
def test_both_engines_agree_and_no_cash_is_made(rows: list[dict[str, Any]]) -> None:
    pool = Collateral(replines_tape(rows, "USD"))
    months = pool.months(QUIET)
    expected = pool.project(QUIET, months)
    flow = in_whole_units(expected, pool.opening_balance)
    lanes = PoolSimulation(pool, QUIET, months).lanes(1, 0, np.zeros((4, months)))
    for lane in lanes:
        assert np.array_equal(lane[1:][:, SHOWN], flow[:, SHOWN])
    assert flow.min() >= 0
    owed = expected[:, [P.INTEREST, P.SCHEDULED_PRINCIPAL]].sum()
    assert flow[:, [P.INTEREST, P.SCHEDULED_PRINCIPAL]].sum() == round(owed)


def test_an_instalment_below_the_interest_is_all_the_cash() -> None:
    pool = Collateral(replines_tape([BELOW], "USD"))
    flow = in_whole_units(pool.project(QUIET, 3), pool.opening_balance)
    assert flow[:, P.INTEREST].tolist() == [57_64] * 3 and not flow[:, P.SCHEDULED_PRINCIPAL].any()


def test_a_date_nets_nothing_over_its_months() -> None:
    """Quarterly: what months 4 and 5 add stays apart from what month 6 repays, expected and on a path."""
    row = ", ".join(f"{name}: {value}" for name, value in BELOW.items())
    pools = f"pools: {{p: {{replines: [{{{row}}}]}}}}"
    deal = small([LATER, REST], [], dates=", months_per_period: 3", pools=pools)
    owed, added, interest = 10_000_00, [0, 0], [0, 0]
    for month in range(5):
        due = round(owed * 0.145 / 12)
        interest[month // 3] += 57_64
        added[month // 3] += due - 57_64
        owed += due - 57_64
    interest[1] += round(owed * 0.145 / 12)
    for result in (compare(deal, QUIET), replay(deal, QUIET, 0, Settings(1))):
        pool = result.pool_flow[:, 0]
        assert pool[:2, P.CAPITALIZED_INTEREST].tolist() == added
        assert pool[:2, P.INTEREST].tolist() == interest
        assert pool[:2, P.SCHEDULED_PRINCIPAL].tolist() == [0, owed]


def test_what_is_sold_brings_no_more_than_itself() -> None:
    """60 % of the rest at three times the recoveries of the month is the rest, and no loss is below zero."""
    ways = np.zeros((1, 1, 1))
    recovery = RecoveryTerms(
        share=np.zeros((1, 1)), part=ways, cost=ways, commission=np.zeros((1, 1)), last=np.zeros(1, dtype=np.int64),
        price=np.full(1, 0.6), penalty=np.zeros(1), advances=np.zeros(1, dtype=np.int64), stress=np.full(3, 3.0),
    )  # fmt: skip
    base, work = np.zeros((len(P), 3), dtype=np.int64), np.zeros((len(P) + 5, 6), dtype=np.int64)
    base[P.CLOSING_BALANCE, 0] = base[P.CURRENT_BALANCE, 0] = 1_000
    work[len(P) + 4, 1] = base[P.DEFAULT, 1] = 1_000
    flow = np.zeros((3, len(P)), dtype=np.int64)
    finish_lane(base, work, recovery, np.ones(3), flow)
    assert (flow[1, P.RECOVERY], flow[1, P.LOSS]) == (1_000, 0)


def test_floating_loans_follow_the_scenario_in_both_engines() -> None:
    """One pool, several scenarios: tables are kept by the rates they were made with."""
    deal, low = floating_deal(forward_pct=2)
    row = {"balance": 120_000, "remaining_term": 12, "rate_index": "sofr", "rate_margin_pct": 2, "reset_every": 3}
    pool = Collateral(replines_tape([row, PLAIN], "USD"), PoolSettings(calendar=Calendar(deal)))
    for scenario_of_rates, first in ((low, 400_00 + 300), (floating_deal(forward_pct=6)[1], 800_00 + 300)):
        months = pool.months(scenario_of_rates)
        expected = pool.project(scenario_of_rates, months)
        assert expected[0, P.INTEREST] == first
        for lane in PoolSimulation(pool, scenario_of_rates, months).lanes(1, 0, np.zeros((4, months))):
            assert lane[1:, P.INTEREST].tolist() == expected[:, P.INTEREST].tolist()
            assert lane[1:, P.CLOSING_BALANCE].tolist() == expected[:, P.CLOSING_BALANCE].tolist()
        assert pool.loan_flows(scenario_of_rates, months, 0, 2)[..., P.INTEREST].sum() == expected[:, P.INTEREST].sum()
    assert pool.project(low, 3)[0, P.INTEREST] == 400_00 + 300


def test_schedules_without_a_deal_neither_float_nor_count_days() -> None:
    for column in ({"rate_index": "sofr"}, {"day_count": "act/360"}):
        tape = replines_tape([{"balance": 100, "rate_pct": 5, "remaining_term": 3, **column}], "USD")
        with pytest.raises(TapeError, match="E271"):
            Collateral(tape).project(QUIET)

"""The interpreter: operators, windows, marks and earlier values, through definitions of a small deal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abssim.result import RunResult
from tests.engine.small import LATER, REST, outcome

FLOWS = ["{interest: 10, default: 100}", "{interest: 20}", "{interest: 40, default: 50}", "{interest: 80}"]
VALUES = {
    "1 + 2 * 3 - 4 / 8": [6.5] * 4,
    "-2 - -3": [1] * 4,
    "abs(2 - 5) + min(3, 1, 2) * max(4, 5, 3)": [8] * 4,
    "if(not (1 < 2) or 1 >= 1 and 2 != 3, 7, 8)": [7] * 4,
    "if(period == 2 or period > 3, 1, 0)": [0, 1, 0, 1],
    "pool.default / pool.scheduled_principal": [math.inf, 0, math.inf, 0],
    "-1 * (pool.default / pool.scheduled_principal)": [-math.inf, 0, -math.inf, 0],
    "pool.scheduled_principal / pool.prepayment": [0] * 4,
    "pool.interest / 100": [10, 20, 40, 80],
    "average(pool.interest, 2)": [1000, 1500, 3000, 6000],
    "total(pool.interest, 3)": [1000, 3000, 7000, 14000],
    "highest(pool.default, 2)": [10000, 10000, 5000, 5000],
    "lowest(pool.default, 3)": [10000, 0, 0, 0],
    "average(average(pool.interest, 2), 2)": [1000, 1250, 2250, 4500],
    "previous.pool.interest": [0, 1000, 2000, 4000],
    "opening.pool.balance": [150000, 140000, 140000, 135000],
    "at.closing.pool.balance": [150000] * 4,
    "at.alarm.pool.interest": [1000, 2000, 4000, 4000],
    "pool.cumulative_default": [10000, 10000, 15000, 15000],
    "period * 100 + months * 10 + month": [111, 212, 313, 414],
    "earlier.pool.interest": [0, 0, 1000, 2000],
    "round(2.5, 1) + round(-2.5, 1) * 10 + round(0.125, 0.01) * 100": [3 - 30 + 13] * 4,
    "floor(0.3, 0.1) + floor(2.999, 1) + floor(-0.1, 1)": [0.3 + 2 - 1] * 4,
    "ceil(1.0001, 0.001) + ceil(3 * 0.1, 0.1) + ceil(-0.1, 1)": [1.001 + 0.3 + 0] * 4,
    "round(pool.interest / 3, 0.01)": [333, 667, 1333, 2667],
    "floor(pool.interest / 3, 1) + ceil(pool.interest, 100)": [300 + 10000, 600 + 10000, 1300 + 10000, 2600 + 10000],
    "round(pool.default / pool.scheduled_principal, 0.5)": [math.inf, 0, math.inf, 0],
    "table(period, 2: 5, 3: 7, 4: 9)": [5, 5, 7, 9],
    "table(pool.interest, -1: 0.25, 20: 1, 80: -2)": [0.25, 1, 1, -2],
    "pool.interest + table(period, 1: 3, 3: 0.5)": [1300, 2300, 4050, 8050],
    "daily_average(pool.balance)": [145000, 140000, 137500, 135000],
    "period_days * 1000 + collection_days": [31031, 28028, 31031, 30030],
    "days_before_payment + year_days * 100": [36514] * 4,
    "year_fraction.act_360 * 360": [31, 28, 31, 30],
    "year_fraction.30_360 * 12": [1] * 4,
    "year_fraction.act_act_icma * 12": [1] * 4,
    "schedule.steps": [0.5, 0.5, 2, 2],
}


@pytest.fixture(scope="module")
def result() -> RunResult:
    definitions = ", ".join(f'd{i}: "{text}"' for i, text in enumerate(VALUES))
    return outcome(
        [REST],
        FLOWS,
        f"definitions: {{{definitions}}}",
        "schedules: {steps: {1: 0.5, 3: 2}}",
        'triggers: {alarm: {when: "period == 3"}}',
    )


@pytest.mark.parametrize("text", VALUES)
def test_value(text: str, result: RunResult) -> None:
    assert result.definitions[:, list(VALUES).index(text)].tolist() == pytest.approx(VALUES[text], abs=0.0)


def test_average_of_a_note_by_days() -> None:
    """A pays 280 on 15 February: 1,000 on the 14 days before it and 720 on the 14 days from it make 860 on average."""
    steps = ["{name: pay, rule: pay_down_to, source: cash, payees: [A, B], target: 0}", REST]
    flows = ["{scheduled_principal: 280}", "{scheduled_principal: 31}", "{scheduled_principal: 5}"]
    average = 'definitions: {daily: "daily_average(notes.balance - note.B.balance)"}'
    found = outcome(steps, flows, average).definitions[:, 0].tolist()
    assert found == pytest.approx([100000, 86000, (14 * 72000 + 17 * 68900) / 31], rel=1e-12)


def test_days_of_an_adjusted_note() -> None:
    """15 February and 15 March 2025 are Saturdays: cash moves on Mondays, and the adjusted note accrues to them."""
    names = ("note.A.year_fraction * 360", "note.B.year_fraction * 360", "period_days", "days_before_payment")
    definitions = ", ".join(f'd{i}: "{name}"' for i, name in enumerate(names))
    notes = "notes: {A: {balance: 1000, day_count: act/360, accrual: adjusted}, B: {balance: 500}}"
    result = outcome(
        [LATER, REST],
        ["{interest: 1}"] * 3,
        f"definitions: {{{definitions}}}",
        notes=notes,
        dates=", calendar: weekends",
    )
    days = [[33, 30, 33, 14], [28, 30, 28, 16], [29, 30, 29, 16]]
    assert result.definitions.tolist() == [pytest.approx(each) for each in days]


def test_definitions_read_their_own_past() -> None:
    """`previous` is nothing before the first date, however often the date's definitions are evaluated."""
    fee = '{name: fee, rule: pay_due, source: cash, payees: [counted], when: "period > 99"}'
    result = outcome(
        [fee, REST],
        FLOWS,
        'definitions: {dates: "previous.dates + 1", peak: "max(previous.peak, pool.default)", last: "previous.dates"}',
        'fees: {counted: {amount: "dates * pool.interest"}}',  # accruals read definitions: they are frozen twice
    )
    assert result.definitions.T.tolist() == [[1, 2, 3, 4], [10000, 10000, 10000, 10000], [0, 1, 2, 3]]


def test_windows_look_back_on_what_is_known() -> None:
    """A window takes the history of its own definition, and of others nothing."""
    result = outcome(
        [REST],
        FLOWS,
        'definitions: {long: "pool.interest", short: "pool.interest", none: "pool.interest", a: "long.3m", '
        'b: "short.3m", c: "none.3m", d: "average(pool.interest, 3)", e: "previous.none"}',
        "history: {long: [30, 20], short: [50]}",
        dates=", first_payment: 2025-01-15, started_periods: 2",
        cut_off="2025-02-01",
        closing="2024-12-15",
    )
    named = dict(zip(result.names["definition"], result.definitions.T.tolist(), strict=True))
    assert named["a"] == pytest.approx([(3000 + 2000 + 1000) / 3, (2000 + 1000 + 2000) / 3, 7000 / 3, 14000 / 3])
    assert named["b"] == pytest.approx([(5000 + 1000) / 2, (5000 + 1000 + 2000) / 3, 7000 / 3, 14000 / 3])
    assert named["c"] == named["d"] == pytest.approx([1000, 1500, 7000 / 3, 14000 / 3])
    assert named["e"] == [0, 1000, 2000, 4000]


def test_a_mark_of_this_date_reads_the_present() -> None:
    """A step on the very date a trigger fires sees the date as it is, not an empty state."""
    result = outcome(
        ['{name: pay, rule: pay_amount, source: cash, payees: [A], amount: "at.alarm.pool.interest"}', LATER, REST],
        FLOWS,
        'triggers: {alarm: {when: "period == 2"}, late: {when: "at.alarm.pool.interest == 20", test: end}}',
    )
    assert result.step_flow[:, 0, 1].tolist() == [1000, 2000, 2000, 2000]
    assert np.array_equal(result.trigger_flow[:, 1, 0], [0, 1, 1, 1])


def test_end_of_revolving_is_closing_where_nothing_revolved() -> None:
    result = outcome(
        [REST],
        [*FLOWS[:2], "{interest: 5, scheduled_principal: 100}"],
        'definitions: {mark: "at.end_of_revolving.pool.balance"}',
        'triggers: {alarm: {when: "period >= 1", effect: amortization}}',
        dates=", revolving_periods: 2",
        regime="revolving",
    )
    assert result.definitions[:, 0].tolist() == [150000] * 3  # the trigger of date 1 is judged before it is frozen

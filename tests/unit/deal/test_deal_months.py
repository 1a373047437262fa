"""Months that fees count, and dates that just agree."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from abssim.dates import months_after, timeline
from abssim.deal.load import parse_deal
from abssim.deal.months import charged_months, extra_months, months_formula
from abssim.errors import DealError
from abssim.program.accrual import note_fractions

CASES = Path(__file__).resolve().parents[2] / "cases"
TWO = (CASES / "two-cut-offs" / "deal.yaml").read_text(encoding="utf-8")
MOVED = (CASES / "step-up-as-moved" / "deal.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("base", "months"),
    [
        ("opening.pool.balance", ["pool.months"]),
        ("at.closing.pool.first.balance", ["pool.first.months"]),
        ("previous.pool.second.balance", ["pool.second.months"]),
        ("pool.first.interest + pool.first.fee", ["pool.first.months"]),
        ("start", ["pool.first.months"]),
        ("late", ["pool.months"]),
        ("notes.balance", ["months"]),
        ("pool.balance + pool.first.balance", ["pool.first.months", "pool.months"]),
        ("pool.first.balance - late", ["pool.first.months", "pool.months"]),
    ],
)
def test_a_yearly_fee_counts_the_months_of_the_pool_it_is_charged_on(base: str, months: list[str]) -> None:
    text = (
        "definitions: {start: opening.pool.first.balance, later: 2 * start, late: 'pool.balance + 0 * previous.late'}\n"
    )
    deal = parse_deal(TWO.replace("waterfalls:\n", text + "waterfalls:\n"))
    fee = deal.fees["servicing"].model_copy(update={"of": base})
    assert sorted(charged_months(deal, fee)) == months


def test_pools_of_one_cut_off_share_their_months() -> None:
    deal = parse_deal(TWO.replace("second: {", "second: {cut_off: 2025-01-01, "))
    fee = deal.fees["servicing"].model_copy(update={"of": "pool.first.balance + pool.second.balance"})
    assert charged_months(deal, fee) == ["pool.first.months"]
    assert months_formula(deal, "") == months_formula(deal, "first") == "months + if(period == 1, 1, 0)"
    same = parse_deal(TWO.replace("cut_off: 2025-01-01, ", ""))
    assert months_formula(same, "") == "months"
    assert charged_months(same, fee) == ["months"]


def test_what_is_said_may_reach_to_the_last_date() -> None:
    """A step-up where the last accrual period begins (15 December 2029 is a Saturday), and a history of all dates
    that have passed."""
    assert parse_deal(MOVED.replace("{2025-03-18: 7.2}", "{2029-12-17: 7.2}")).notes["D"].step_up
    with pytest.raises(DealError, match="E177"):
        parse_deal(MOVED.replace("{2025-03-18: 7.2}", "{2029-12-18: 7.2}"))
    text = MOVED.replace("cut_off: 2025-01-01", "cut_off: 2025-03-01, first_payment: 2025-02-17, started_periods: 2")
    text = text.replace("holders:", "definitions: {x: pool.factor}\nhistory: {x: [1, 1]}\nholders:")
    assert parse_deal(text).history == {"x": (1.0, 1.0)}


@pytest.mark.parametrize(
    ("deal", "pool", "extra"),
    [
        ("2025-02-28", "2025-01-31", 1),
        ("2025-02-28", "2025-02-01", 1),
        ("2025-03-01", "2025-01-31", 1),
        ("2025-02-28", "2025-03-01", 0),
        ("2025-02-28", "2024-12-31", 2),
        ("2025-02-28", "2025-02-28", 0),
    ],
)
def test_cut_offs_at_month_ends_count_calendar_months(deal: str, pool: str, extra: int) -> None:
    """The close of 28 February is the start of 1 March: one month after the close of 31 January."""
    text = TWO.replace("cut_off: 2025-02-01", f"cut_off: {deal}").replace("cut_off: 2025-01-01", f"cut_off: {pool}")
    found = parse_deal(text.replace("closing: 2025-02-20", "closing: 2025-03-20"))
    assert extra_months(found) == {"first": extra, "second": 0}


def test_months_after_a_month_end_are_calendar_months() -> None:
    """31 days of May, 30 of June, 31 of July."""
    days = [months_after(date(2025, 4, 30), month) for month in range(4)]
    assert [(end - start).days for start, end in pairwise(days)] == [31, 30, 31]
    assert months_after(date(2025, 4, 29), 1) == date(2025, 5, 29)


def test_a_note_may_accrue_from_an_interest_period_before_closing_or_from_the_cut_off() -> None:
    """A quarterly note closed on 15 January may be sold with the interest from 15 October, not with that of a day
    more; a month's may not."""
    quarterly = (CASES / "quarterly-interest" / "deal.yaml").read_text(encoding="utf-8")
    for text, earliest in ((quarterly, date(2024, 10, 15)), (MOVED, date(2024, 12, 15))):
        for day in (earliest, earliest - timedelta(days=1)):
            dated = re.sub(r"(A: \{balance: [\d_]+)", rf"\1, dated_date: {day}", text, count=1)
            if day == earliest:
                assert next(iter(parse_deal(dated).notes.values())).dated_date == day
            else:
                with pytest.raises(DealError, match=f"{earliest} is the earliest"):
                    parse_deal(dated)


def test_the_first_interest_runs_to_the_day_that_the_hint_names() -> None:
    """900,000 at 5 %, 30/360, from Wednesday 28 January 2026; 15 February is a Sunday, the 16th a holiday.

    17 days to the 15th are 2,125.00, 19 days to Tuesday the 17th 2,375.00; from 28 December 47 days are 5,875.00.
    """
    text = (CASES / "invalid" / "E176-none.yaml").read_text(encoding="utf-8")
    text = text.replace("17, legal", "17, calendar: US, legal")
    expected = {"": 2125.0, ", accrual: adjusted": 2375.0, ", dated_date: 2025-12-28": 5875.0}
    for term, interest in expected.items():
        deal = parse_deal(text.replace("coupon_pct: 5.0", f"coupon_pct: 5.0{term}"))
        share = note_fractions(deal, deal.notes["A"], timeline(deal.dates))[0]
        assert 900_000 * 0.05 * share == pytest.approx(interest, abs=1e-9)

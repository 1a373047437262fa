"""All that is wrong with the dates of a deal is told at once; what may only be a consequence is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import parse_deal
from abssim.errors import DealError

CASES = Path(__file__).resolve().parents[2] / "cases" / "invalid"
TEXT = (CASES / "E176.yaml").read_text(encoding="utf-8")
DATED = TEXT.replace("coupon_pct: 5.0", "coupon_pct: 5.0, dated_date: 2009-01-28").replace(
    "waterfalls:",
    """calls:
  c: {when: "pool.factor < 0.5", from: 2017-06-01, dates: [2009-01-15, 2017-05-01, 2017-08-20, 2017-09-10]}
waterfalls:""",
)
CALLS = ["E144", "E145", "E146"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("first_payment: 2017-04-15", "first_payment: 2017-04-15", ["E176", "E179", *CALLS]),
        ("first_payment: 2017-04-15", "first_payment: 2017-04-17", ["E179", *CALLS]),
        ("first_payment: 2017-04-15", "first_payment: 2017-03-15", ["E140", "E179"]),
        ("first_payment: 2017-04-15", "first_payment: 2027-04-15", ["E140", "E179", "E144"]),
        ("first_payment: 2017-04-15", "first_payment: 2017-04-30", ["E140", "E179", "E144"]),
        ("closing: 2017-03-29", "closing: 2017-02-27", ["E140", "E179"]),
        ("payment_day: 15", "payment_day: 15, started_periods: 400", ["E140", "E179", "E144"]),
    ],
)
def test_every_date_that_is_wrong_by_itself(old: str, new: str, codes: list[str]) -> None:
    """A first payment on a Saturday is told beside a note dated in 2009 and a call's days: one that had passed, one
    before the call begins, two that come to the payment of September 2017. Where closing, the first payment date or
    the legal final is in doubt, what is measured by it is not."""
    assert DATED.count(old) == 1
    with pytest.raises(DealError) as caught:
        parse_deal(DATED.replace(old, new))
    assert sorted(problem.code for problem in caught.value.problems) == sorted(codes), str(caught.value)


def test_two_days_of_a_call_that_come_to_one_payment_date() -> None:
    with pytest.raises(DealError, match="2017-09-10 comes to the payment date of 2017-08-20, 2017-09-15"):
        parse_deal(DATED)


LOCKED = (CASES / "E183.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("days", "closing", "calendar", "fits"),
    [
        (27, "2026-01-28", "none", True),
        (28, "2026-01-28", "none", False),
        (19, "2026-01-28", "US", True),
        (20, "2026-01-28", "US", False),
        (19, "2026-02-12", "US", True),
    ],
)
def test_a_lock_out_is_shorter_than_a_period(days: int, closing: str, calendar: str, fits: bool) -> None:
    """From 15 February to 15 March 2026 are 28 days: the first, and 19 business days after the holiday of the 16th. A
    first period of three days may be shorter."""
    text = LOCKED.replace("lockout_days: 28", f"lockout_days: {days}").replace("2026-01-28", closing)
    text = text.replace("calendar: none", f"calendar: {calendar}")
    if fits:
        assert parse_deal(text).notes["A"].floating is not None
    else:
        with pytest.raises(DealError, match="E183"):
            parse_deal(text)

"""The liabilities."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from abssim.day import Distinct
from abssim.deal.base import Amount, Condition, DayCount, Flag, Part, Percent, Positive, Rate, RegimeName, Sum
from abssim.deal.dates import Date


class Floating(Part):
    """Index plus spread."""

    index: str
    """Name under `indexes`."""
    spread_pct: Percent = 0
    """Added to the index, percent a year."""
    cap_pct: Rate | None = None
    """Highest rate of the note."""
    floor_pct: Rate | None = None
    """Lowest rate of the note; whatever it is, interest is never below zero. Cap and floor are of the rate of a whole
    accrual period."""
    setting: Literal["in_advance", "average", "compounded"] = "in_advance"
    """The rate is set when the period begins (or at the resets in it, which count by their days), or in arrears as the
    average of its days, or as they compound, business day by business day."""
    reset_months: Positive | None = None
    """Months between resets of a rate set in advance; default: each accrual period has its own. 12: once a year; 1
    where interest is paid by the quarter: the period bears the average of its three rates by days."""
    first_reset: Date | None = None
    """A day of a reset, from which the others are counted; default: the payment date before the first, as scheduled."""
    lookback_days: Annotated[int, Strict(), Field(ge=0, le=60)] = 0
    """Business days by which a fixing comes before the day from which it holds."""
    observation_shift: Flag = False
    """In arrears: a fixing counts for the days after its own, not for those after the day it holds for."""
    lockout_days: Annotated[int, Strict(), Field(ge=0, le=60)] = 0
    """In arrears: the last so many business days of a period take the fixing of the day before them. Fewer than a
    period has; in a first one that is shorter all days take the fixing of its first."""


class Note(Part):
    """A note, certificate or subordinated share."""

    balance: Amount = 0
    """Initial balance, currency units."""
    opening_balance: Amount | None = None
    """Balance at a start in mid-life; default: the initial balance."""
    opening_shortfall: Amount = 0
    """Unpaid interest at a start in mid-life."""
    coupon_pct: Rate | None = None
    """Fixed rate, percent a year."""
    floating: Floating | None = None
    """Floating rate instead."""
    step_up: Annotated[dict[Date, Percent], Distinct] = Field(default={})
    """From each date on: the coupon of a fixed note, the spread of a floating one, percent a year. Applies to accrual
    periods that begin on or after the date; a payment date may be named as scheduled or as moved."""
    day_count: DayCount = "30/360"
    """Fraction of the year an accrual period counts for. `30/360`: bond basis (ISDA 2006 4.16(f)); `30u/360`: US, the
    end of February is a 30th; `30e/360`: every 31st is a 30th; `30e/360-isda`: and so is the end of February, but the
    legal final; `12x30`: twelve months of 30 days, a whole month counts as one also from month-end to month-end;
    `act/360`; `act/365` (fixed); `act/365l`: 366 in a leap year (ICMA 251); `act/act`: ISDA; `act/act-icma`: a share
    of the regular period."""
    accrual: Literal["unadjusted", "adjusted"] = "unadjusted"
    """Interest accrues between scheduled days of the month, or between the days cash moves."""
    dated_date: Date | None = None
    """Interest accrues from this day, at the earliest an interest period before closing, or the cut-off; default: the
    deal's closing."""
    payment_delay_days: Annotated[int, Strict(), Field(ge=0, le=365)] = 0
    """Days from the end of an accrual period to its payment date: 24 where the interest of a calendar month is paid on
    the 25th of the next."""
    pays: dict[RegimeName, Positive] = Field(default={})
    """While a regime is in force, interest falls due on every n-th date of the deal's life, `{revolving: 3}`; default:
    on every date."""
    legal_final: Date | None = None
    """Date by which the note must be repaid; default: the deal's."""
    notional: Sum | None = None
    """What an interest-only note accrues on: `notes.balance`."""
    capitalizes: Condition | None = None
    """While this holds, interest is added to the balance instead of paid (Z note)."""
    schedule: dict[Annotated[int, Strict(), Field(ge=0)], Amount] = Field(default={})
    """Scheduled balance by payment date, readable as `note.NAME.scheduled_balance`; the last value holds on."""
    interest_on_interest: Flag = False
    """Unpaid interest bears interest at the note's rate."""
    round_per_100: Annotated[Amount, Field(gt=0)] | None = None
    """Payments per 100 of face are rounded down to this, the rest carried: 0.01."""


class Index(Part):
    """A reference rate: what it was, and what it will be if the scenario does not say."""

    fixings_pct: Annotated[dict[Date, Percent], Distinct] = Field(default={})
    """Fixings by the day they took effect: the last one on or before the day a rate is set holds."""
    forward_pct: Percent | None = None
    """Rate after the last fixing; default: the last fixing. A scenario's `rates` come before it."""

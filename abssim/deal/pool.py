"""The assets: where a pool's loans come from, and what is bought in a revolving period."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Strict

from abssim.deal.base import Amount, Count, Figure, Owed, Part, Percent, Rate, Signed
from abssim.deal.dates import Date
from abssim.reading import Reading, Scalar


def _yes_no(value: Any) -> Any:
    """YAML reads a bare `yes` as true."""
    return ("yes" if value else "no") if isinstance(value, bool) else value


AmortizationName = Literal[
    "level_pay",
    "equal_principal",
    "interest_only",
    "single_payment",
    "flat_fee",
    "free_instalment",
    "minimum_payment",
    "balloon",
    "custom",
]
"""Members of `engine.layout.Amortization`."""
LoanDayCount = Literal["30/360", "act/360", "act/365"]
PaymentRounding = Literal["contract", "half_up", "up", "down", "half_even"]
YesNo = Annotated[Literal["no", "yes"], BeforeValidator(_yes_no, json_schema_input_type=bool | Literal["no", "yes"])]


def _rows(value: Any) -> Any:
    """A file has been read before (`abssim.deal.report`), where the deal's folder is known."""
    if isinstance(value, dict):
        raise ValueError("a file is read where a deal is loaded from a document")
    return value


def _file(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


class TapeSource(Reading):
    """A loan tape in a file, and how the file is to be understood."""

    file: str | None = None
    """CSV, workbook or Parquet, relative to the deal's folder. Left out: the user's own copy, given with `--tape`."""


class Repline(Part):
    """A loan whose balance is an aggregate: the columns of a tape, amounts in currency units."""

    balance: Owed
    """Principal at the cut-off."""
    remaining_term: Count
    """Months of contract left."""
    age: Count | None = None
    """Months since origination."""
    original_term: Count | None = None
    """Months at origination."""
    original_balance: Owed | None = None
    """Principal at origination: what flat fees are charged on."""
    rate_pct: Percent | None = None
    """Percent a year; the rate until the first reset where it floats."""
    rate: Percent | None = None
    """The same as a decimal."""
    fee_rate_pct: Percent | None = None
    """Fee, percent a month of the original balance: in place of interest (flat fee) or beside it."""
    fee_rate: Percent | None = None
    """The same as a decimal."""
    amortization: AmortizationName | None = None
    """How the contract is repaid; default: level pay."""
    payment: Owed | None = None
    """Contract instalment; default: computed. Below the interest it is refused without `negative_amortization`."""
    balloon: Owed | None = None
    """Principal due with the last instalment on top of it; with `payment` it must be what the instalments leave."""
    interest_only_term: Count | None = None
    """Months without principal from the cut-off; level instalments or equal parts follow."""
    amortization_term: Count | None = None
    """Months over which the instalments would repay the balance, from the end of `interest_only_term`, where that is
    longer than the remaining term: the rest falls due with the last instalment."""
    pays_every: Count | None = None
    """Months between instalments, counted back from the last; default: 1."""
    capitalized_term: Count | None = None
    """Months from the cut-off in which nothing is paid and interest is added to the balance at each due date."""
    negative_amortization: YesNo | None = None
    """`yes`: interest above the instalment is added to the balance. Default: no; such a payment is refused."""
    day_count: LoanDayCount | None = None
    """Of the contract's interest; months are counted from the deal's cut-off. Default: 30/360."""
    first_period_days: Annotated[int, Strict(), Field(ge=1, le=3660)] | None = None
    """Days of interest in the first instalment, where that is an odd period (of 30-day months with 30/360). Default: a
    regular period; 0 is neither."""
    payment_rounding: PaymentRounding | None = None
    """How the computed instalment (or equal part of principal) is rounded; default: half up, flat parts down."""
    rate_schedule: str | None = None
    """Rates by month from the cut-off, percent: `13:5.5;25:6.25` holds `rate` for twelve months."""
    rate_index: str | None = None
    """A floating rate: name under the deal's `indexes`; a scenario's `rates` hold for it as for notes."""
    rate_margin_pct: Percent | None = None
    """Added to the index, percent a year."""
    rate_margin: Percent | None = None
    """The same as a decimal."""
    rate_cap_pct: Percent | None = None
    """Highest rate after a reset, percent a year."""
    rate_cap: Percent | None = None
    """The same as a decimal."""
    rate_floor_pct: Percent | None = None
    """Lowest rate after a reset, percent a year."""
    rate_floor: Percent | None = None
    """The same as a decimal."""
    reset_every: Count | None = None
    """Months between resets of a floating rate; default: 1."""
    months_to_reset: Count | None = None
    """Months from the cut-off until the first reset, in which `rate` holds; default: 0."""
    at_reset: Literal["recompute_payment", "keep_payment"] | None = None
    """What a new rate does to a level instalment; default: it is computed anew, so that the term holds."""
    minimum_payment_rate_pct: Percent | None = None
    """Share of the balance due each month, percent (minimum payment)."""
    minimum_payment_rate: Percent | None = None
    """The same as a decimal."""
    schedule: str | None = None
    """Principal by month for a custom contract: `100;100;50.25`."""
    days_past_due: Count | None = None
    """Days since the oldest missed instalment was due."""
    score: Figure | None = None
    """Credit score."""
    segment: str | None = None
    """Product or channel, for assumptions."""
    grade: str | None = None
    """Risk grade, for assumptions."""
    region: str | None = None
    """Region, for assumptions and concentration."""
    loan_id: str | None = None
    """Name of the repline; default: its number."""
    obligor_id: str | None = None
    """Obligor; default: one of its own."""
    origination_month: str | None = None
    """`2025-03`."""


class Synthetic(Part):
    """A tape made of random numbers, always the same for the same seed."""

    recipe: Literal["baitiao", "auto", "consumer"]
    """Asset traits to draw from."""
    loans: Annotated[int, Strict(), Field(ge=1, le=20_000_000)]
    """Number of loans."""
    balance: Amount
    """Total balance, met exactly."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 1
    """Seed of the random numbers."""
    most_age: Count | None = None
    """Age of the oldest loan, months; 0: all are new. Default: the recipe's."""


class CollectionPeriod(Part):
    """A servicer's figures of one collection period, currency units."""

    month: Annotated[str, Strict(), Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = None
    """Last month of the collection period, `2025-08`: must be the one that the deal's dates give the report."""
    payment_date: Date | None = None
    """When it was paid on: must be the payment date that the deal's dates give the report."""
    interest: Amount = 0
    """Interest received."""
    fee: Amount = 0
    """Instalment fees received."""
    penalty: Amount = 0
    """Penalty interest received."""
    scheduled_principal: Amount = 0
    """Scheduled principal received (or all principal, where the servicer reports one figure)."""
    prepayment: Amount = 0
    """Principal received before it was due."""
    repurchase: Amount = 0
    """Principal of assets bought back by the originator."""
    new_receivables: Amount = 0
    """Receivables that came in without cash of the deal: new charges on cards, accounts added by the seller."""
    dilution: Signed = 0
    """Balance reduced without cash; negative where a servicer's adjustments raise it."""
    default: Amount = 0
    """Balance of assets defaulted in the period."""
    recovery: Amount = 0
    """Cash from defaulted assets."""
    loss: Amount = 0
    """Defaulted balance given up."""
    collection_cost: Amount = 0
    """Cost withheld from recoveries."""
    dpd_1_30_balance: Amount = 0
    """Balance 1-30 days past due at the end."""
    dpd_31_60_balance: Amount = 0
    """Balance 31-60 days past due at the end."""
    dpd_61_90_balance: Amount = 0
    """Balance 61-90 days past due at the end."""
    adjusted_balance: Amount | None = None
    """Discounted balance at the end, less a yield supplement: in every report, or in none. Default: the closing
    balance."""
    closing_balance: Amount | None = None
    """Performing balance at the end, checked against the flows; default: what they leave."""


class Reports(Part):
    """A servicer's figures in a CSV file beside the deal: a row a collection period, with a header."""

    file: str
    """Relative to the deal's folder."""
    columns: dict[str, str] | None = None
    """Header in the file of each field, `{interest: "Interest collected"}`; only these columns are read then. Default:
    every header is the name of a field."""


class ToDate(Part):
    """Running sums since the deal began, for a start in mid-life (cumulative ratios go on from them)."""

    default: Amount = 0
    """Balance defaulted so far; at least what is non-performing at the start."""
    recovery: Amount = 0
    """Recovered so far."""
    loss: Amount = 0
    """Given up so far."""
    scheduled_principal: Amount = 0
    """Scheduled principal so far."""
    prepayment: Amount = 0
    """Prepayments so far."""
    purchase: Amount = 0
    """Face amount bought, and new receivables, so far."""
    interest: Amount = 0
    """Interest received so far."""


class Source(Part):
    """Where loans come from: exactly one of the four."""

    tape: Annotated[TapeSource | None, BeforeValidator(_file, json_schema_input_type=str | TapeSource | None)] = None
    """A file of loans; a bare name is its `file`."""
    replines: tuple[Repline, ...] | None = None
    """Aggregates, typed into the deal."""
    synthetic: Synthetic | None = None
    """A seeded random tape."""


class Pool(Source):
    """A pool of assets."""

    cut_off: Date | None = None
    """The balances are as of the start of this day, where it is not the deal's cut-off. By the first payment date the
    pool has collected the months that have ended since, and a yearly fee on it counts them. Months of a scenario's
    curves, stresses and factors, and ages, are the pool's own; policies go by the deal's."""
    collections: Annotated[
        tuple[CollectionPeriod, ...] | None,
        BeforeValidator(_rows, json_schema_input_type=tuple[CollectionPeriod, ...] | Reports | None),
    ] = None
    """A servicer's figures by period instead of loans: a list, or `{file: reports.csv}`."""
    opening_balance: Amount | None = None
    """Performing balance before the first of the `collections`."""
    opening_adjusted_balance: Amount | None = None
    """Discounted balance before the first of the `collections`, where they give `adjusted_balance`."""
    non_performing_balance: Amount = 0
    """Defaulted balance outstanding before the first of the `collections`: recoveries and losses come out of it."""
    initial_balance: Amount | None = None
    """Balance when the deal began, for the pool factor and ratios; default: the balance at the cut-off."""
    to_date: ToDate = ToDate()
    """Running sums at a start in mid-life."""
    hurdle_rate_pct: Percent | None = None
    """Yield supplement: contracts that pay less are discounted at this rate to the adjusted balance."""
    purchase_yield_pct: Rate | None = None
    """The pool was bought at a discount to this yield, compounded yearly: payments of month m over (1 + y)^(m/12), at
    most the balance; default: at par."""
    rounding: Literal["minor_unit", "none"] = "minor_unit"
    """Contract schedules in whole minor units, or unrounded as analysts' tables are."""


class Eligibility(Part):
    """A test each purchased loan must pass."""

    column: str
    """Column of the tape."""
    min: Figure | None = None
    """Smallest value allowed."""
    max: Figure | None = None
    """Largest value allowed."""
    values: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    """Values allowed."""


class Concentration(Part):
    """A limit on the share of one value of a column in each purchase."""

    by: str
    """Column of the tape."""
    max_pct: Annotated[float, Strict(), Field(gt=0, le=100)]
    """Largest share of the purchased balance."""


class Revolving(Part):
    """What is bought in the revolving period."""

    pool: str | None = None
    """Pool that is replenished; default: the first."""
    replenishment: Source
    """Loans to buy from; scaled to the amount spent."""
    eligibility: tuple[Eligibility, ...] = ()
    """All must hold."""
    concentration: tuple[Concentration, ...] = ()
    """Limits by column."""
    purchase_yield_pct: Rate | None = None
    """Bought at a discount to this yield (as a pool's `purchase_yield_pct`); default: at par."""
    last_term_before_legal_final: Count | None = None
    """Months before the legal final by which every purchased loan must have ended."""

"""Names under which files of known origin carry a tape's columns: data, not code.

`schedule_al`: SEC Regulation AB Schedule AL, item 3 (auto loans), element names of Form ABS-EE exhibit 102.
`lending_club`: LendingClub's published loan statistics, read as of each loan's origination.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["as_is", "percent", "percent_or_decimal"]


@dataclass(frozen=True, slots=True)
class Alias:
    """A file's column and the unit of its numbers; `words` translates its codes.

    Filers write rates both ways: `percent_or_decimal` is percent when the median of the positive rates is above 0.5.
    """

    column: str
    unit: Unit = "as_is"
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnIdentity:
    """An equality the file's own figures should satisfy: sum of signed columns = total, within `cents` minor units."""

    name: str
    parts: tuple[tuple[int, str], ...]
    total: str
    cents: int = 1


@dataclass(frozen=True, slots=True)
class Format:
    """A known kind of file: `signature` are columns that give it away; the first of several aliases present is read."""

    name: str
    signature: frozenset[str]
    columns: Mapping[str, tuple[Alias, ...]]
    repeated_ids: bool
    """Ids are known to repeat: then the row number becomes the id."""
    note: str
    identities: tuple[ColumnIdentity, ...] = ()
    currency: str = "USD"
    """Of the amounts, where nothing else is said."""


def _named(**columns: str) -> dict[str, tuple[Alias, ...]]:
    return {name: (Alias(column),) for name, column in columns.items()}


SCHEDULE_AL = Format(
    name="Schedule AL",
    signature=frozenset({"assetNumber", "reportingPeriodActualEndBalanceAmount"}),
    columns={
        **_named(
            loan_id="assetNumber",
            balance="reportingPeriodActualEndBalanceAmount",
            original_balance="originalLoanAmount",
            original_term="originalLoanTerm",
            remaining_term="remainingTermToMaturityNumber",
            days_past_due="currentDelinquencyStatus",
            score="obligorCreditScore",
            region="obligorGeographicLocation",
            origination_month="originationDate",
            make="vehicleManufacturerName",
            model="vehicleModelName",
            model_year="vehicleModelYear",
            vehicle_value="vehicleValueAmount",
            payment_to_income="paymentToIncomePercentage",
            opening_balance="reportingPeriodBeginningLoanBalanceAmount",
            scheduled_interest="scheduledInterestAmount",
            scheduled_principal="scheduledPrincipalAmount",
            scheduled_payment="reportingPeriodScheduledPaymentAmount",
            interest_collected="actualInterestCollectedAmount",
            principal_collected="actualPrincipalCollectedAmount",
            other_collected="actualOtherCollectedAmount",
            total_collected="totalActualAmountPaid",
            principal_adjustment="otherPrincipalAdjustmentAmount",
        ),
        "rate": (
            Alias("reportingPeriodInterestRatePercentage", "percent_or_decimal"),
            Alias("originalInterestRatePercentage", "percent_or_decimal"),
        ),
        "segment": (Alias("vehicleNewUsedCode", words={"1": "new", "2": "used"}),),
    },
    repeated_ids=True,
    note="the scheduled payment of the reporting period is kept beside the tape; instalments are computed from "
    "balance, rate and remaining term",
    identities=(
        ColumnIdentity(
            "balance roll: opening - principal collected - adjustment = closing",
            ((1, "opening_balance"), (-1, "principal_collected"), (-1, "principal_adjustment")),
            "balance",
        ),
        ColumnIdentity(
            "scheduled interest + scheduled principal = scheduled payment",
            ((1, "scheduled_interest"), (1, "scheduled_principal")),
            "scheduled_payment",
            cents=2,
        ),
        ColumnIdentity(
            "interest + principal + other collected = total collected",
            ((1, "interest_collected"), (1, "principal_collected"), (1, "other_collected")),
            "total_collected",
        ),
    ),
)

LENDING_CLUB = Format(
    name="LendingClub",
    signature=frozenset({"funded_amnt", "int_rate", "installment", "term"}),
    columns={
        **_named(
            balance="funded_amnt",
            original_balance="funded_amnt",
            original_term="term",
            remaining_term="term",
            payment="installment",
            grade="grade",
            segment="purpose",
            region="addr_state",
            origination_month="issue_d",
            sub_grade="sub_grade",
            home_ownership="home_ownership",
            annual_income="annual_inc",
            debt_to_income="dti",
            loan_status="loan_status",
            total_paid="total_pymnt",
            principal_paid="total_rec_prncp",
            interest_paid="total_rec_int",
            late_fees_paid="total_rec_late_fee",
            recoveries="recoveries",
        ),
        "loan_id": (Alias("loan_no"), Alias("id")),
        "rate": (Alias("int_rate", "percent_or_decimal"),),
        "score": (Alias("fico_range_low"),),
    },
    repeated_ids=False,
    note="read as of each loan's origination: balance is funded_amnt, remaining_term the whole term",
    identities=(
        ColumnIdentity(
            "principal + interest + late fees + recoveries = total paid",
            ((1, "principal_paid"), (1, "interest_paid"), (1, "late_fees_paid"), (1, "recoveries")),
            "total_paid",
            cents=2,
        ),
    ),
)

FORMATS = (SCHEDULE_AL, LENDING_CLUB)


def recognise(names: frozenset[str]) -> Format | None:
    """The known format whose signature columns the file has."""
    return next((known for known in FORMATS if known.signature <= names), None)

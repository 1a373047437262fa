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
    no_data: tuple[str, ...] = ()
    """Texts that mean "not known", as patterns."""
    cut_off: str = ""
    """Column of the date that the file is as of."""


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
        "payment_to_income": (Alias("paymentToIncomePercentage", "percent_or_decimal"),),
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

_REPAID = {"FRXX": "level_pay", "DEXX": "level_pay", "FIXE": "equal_principal", "BLLT": "interest_only"}
"""The German type has one instalment of interest first, which has passed."""
_STATUS = {
    **dict.fromkeys(("PERF", "RNAR"), "current"),
    **dict.fromkeys(("ARRE", "RARR"), "late"),
    **dict.fromkeys(("DFLT", "DTCR", "DADB", "NDFT"), "default"),
    **dict.fromkeys(("REBR", "REDF", "RERE", "RESS", "REOT"), "repurchased"),
    "RDMD": "redeemed",
}
"""NDFT is no default by Art 178 of Regulation (EU) 575/2013, but one by another definition."""
_EVERY = {"MNTH": "1", "QUTR": "3", "SEMI": "6", "YEAR": "12"}


def _esma(title: str, letters: str, codes: Mapping[str, int], further: Mapping[str, Alias]) -> Format:
    """A loan-level template of Regulation (EU) 2020/1224: `codes` are the numbers of its fields."""
    own = {name: (Alias(f"{letters}{number}"),) for name, number in codes.items() if name != "cut_off"}
    for name in ("rate", "rate_margin", "rate_cap", "rate_floor"):
        own[name] = (Alias(f"{letters}{codes[name]}", "percent"),)
    own["amortization"] = (Alias(f"{letters}{codes['amortization']}", words=_REPAID),)
    own["status"] = (Alias(f"{letters}{codes['status']}", words=_STATUS),)
    own["pays_every"] = (Alias(f"{letters}{codes['pays_every']}", words=_EVERY),)
    return Format(
        name=f"ESMA {title}",
        signature=frozenset(f"{letters}{number}" for number in (2, codes["balance"])),
        columns={**own, **{name: (alias,) for name, alias in further.items()}},
        repeated_ids=False,
        note="ND1 to ND5 are read as not known",
        currency="",
        no_data=("ND[1-5]", "ND4-*"),
        cut_off=f"{letters}{codes['cut_off']}",
    )


ESMA_CONSUMER = _esma(
    "Annex VI",
    "CMRL",
    {
        **{"loan_id": 2, "obligor_id": 4, "cut_off": 6, "region": 10, "origination_month": 21, "maturity_date": 22},
        **{"original_term": 23, "segment": 25, "currency": 26, "original_balance": 27, "balance": 28},
        **{"amortization": 32, "pays_every": 35, "payment": 36, "rate": 37, "rate_index": 38, "rate_margin": 40},
        **{"reset_every": 41, "rate_cap": 42, "rate_floor": 43, "days_past_due": 54, "status": 55},
    },
    {},
)
ESMA_AUTO = _esma(
    "Annex V",
    "AUTL",
    {
        **{"loan_id": 2, "obligor_id": 4, "cut_off": 6, "region": 10, "origination_month": 24, "maturity_date": 25},
        **{"original_term": 26, "currency": 28, "original_balance": 29, "balance": 30, "amortization": 32},
        **{"pays_every": 35, "payment": 37, "balloon": 38, "rate": 40, "rate_index": 41, "rate_margin": 43},
        **{"reset_every": 44, "rate_cap": 45, "rate_floor": 46, "days_past_due": 69, "status": 70},
    },
    {
        "segment": Alias("AUTL56", words={"NEWX": "new", "USED": "used", "DEMO": "demonstration", "OTHR": "other"}),
        "make": Alias("AUTL53"),
        "model": Alias("AUTL54"),
        "vehicle_value": Alias("AUTL60"),
    },
)

FORMATS = (SCHEDULE_AL, LENDING_CLUB, ESMA_CONSUMER, ESMA_AUTO)


def recognise(names: frozenset[str]) -> Format | None:
    """The known format whose signature columns the file has."""
    return next((known for known in FORMATS if known.signature <= names), None)

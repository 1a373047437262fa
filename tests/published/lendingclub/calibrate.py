"""Monthly default and prepayment rates of resolved instalment loans, by age: what the deal's base scenario says.

A loan defaults in the month after its last payment, with what it never repaid; it prepays in the month of its last
payment, if that is before the last instalment. Both are divided by the contractual balance of the loans still there.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

GRADES = tuple("ABCDEFG")
DEFAULT_STEPS = {36: (0, 3, 12, 24, 36), 60: (0, 3, 12, 36, 60)}
PREPAYMENT_STEPS = {36: (0, 6, 12, 18, 24, 30, 36), 60: (0, 12, 24, 36, 48, 60)}
"""Ages, in months, between which a rate is constant."""
NEVER = 10_000

Float64 = npt.NDArray[np.float64]


def read_loans(file: Path) -> pd.DataFrame:
    """Loans that met the credit policy, with year of issue, months from issue to last payment and outcome."""
    loans = pd.read_csv(file, low_memory=False)
    issued, last = pd.to_datetime(loans["issue_d"]), pd.to_datetime(loans["last_pymnt_d"])
    loans["paid_months"] = (
        ((last.dt.year - issued.dt.year) * 12 + last.dt.month - issued.dt.month).fillna(0).astype(int)
    )
    loans["defaulted"] = loans["loan_status"].str.contains("Charged")
    loans["year"] = issued.dt.year
    return loans[~loans["loan_status"].str.contains("policy")]


def rates(loans: pd.DataFrame, term: int) -> tuple[list[float], list[float]]:
    """Default and prepayment rates, percent a month, of the loans of one term (and grade) by step of age."""
    balance = contract_balances(loans, term)
    unpaid = (loans["funded_amnt"] - loans["total_rec_prncp"]).to_numpy(np.float64)
    paid, defaulted = loans["paid_months"].to_numpy(), loans["defaulted"].to_numpy()
    default_month = np.where(defaulted, np.minimum(paid + 1, term), NEVER)
    prepaid_month = np.where(~defaulted & (paid < term), np.maximum(paid, 1), NEVER)
    flows = np.zeros((4, term + 1))
    for month in range(1, term + 1):
        there = (default_month >= month) & (prepaid_month >= month)
        defaults, prepays = default_month == month, prepaid_month == month
        flows[:, month] = (
            unpaid[defaults].sum(),
            balance[there, month - 1].sum(),
            balance[prepays, month].sum(),
            balance[there & ~defaults, month].sum(),
        )
    return _by_step(flows[0], flows[1], DEFAULT_STEPS[term]), _by_step(flows[2], flows[3], PREPAYMENT_STEPS[term])


def contract_balances(loans: pd.DataFrame, term: int) -> Float64:
    """(L, term + 1) balance of level-pay contracts by month."""
    growth = (1.0 + loans["int_rate"].to_numpy(np.float64) / 12.0)[:, None]
    funded = loans["funded_amnt"].to_numpy(np.float64)[:, None]
    return np.asarray(funded * (growth**term - growth ** np.arange(term + 1)) / (growth**term - 1.0))


def curve(values: list[float], steps: tuple[int, ...]) -> str:
    """The rates as a scenario spells them: `0.8 for 6, 1.4 for 6, 4.2`."""
    months = np.diff(steps)
    parts = [f"{value:g} for {count}" for value, count in zip(values[:-1], months[:-1], strict=True)]
    return ", ".join([*parts, f"{values[-1]:g}"])


def rules(loans: pd.DataFrame) -> list[dict[str, object]]:
    """Rules of a scenario, one for each term and grade."""
    found: list[dict[str, object]] = []
    for term in DEFAULT_STEPS:
        for grade in GRADES:
            default, prepayment = rates(loans[(loans["term"] == term) & (loans["grade"] == grade)], term)
            found.append(
                {
                    "where": {"original_term": term, "grade": grade},
                    "by": "age",
                    "default": {"mdr_pct": curve(default, DEFAULT_STEPS[term])},
                    "prepayment": {"smm_pct": curve(prepayment, PREPAYMENT_STEPS[term])},
                }
            )
    return found


def _by_step(part: Float64, whole: Float64, steps: tuple[int, ...]) -> list[float]:
    pairs = itertools.pairwise(steps)
    return [round(100 * float(part[a + 1 : b + 1].sum() / max(1e-9, whole[a + 1 : b + 1].sum())), 3) for a, b in pairs]

"""Pools and scenarios of the statistical tests, and how far a sample may lie from what it estimates."""

from __future__ import annotations

from typing import Any

import numpy as np

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.collateral.sampling import FactorDraws, Sampling
from abssim.engine.layout import Amortization
from abssim.kind.pool import PoolField as F
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape

PLAIN = Sampling()
LIMIT = 4.5
"""Standard errors; over a few thousand figures one in a hundred runs would come near. Seeds are fixed."""

FIELDS = (
    F.INTEREST, F.FEE, F.PENALTY, F.SCHEDULED_PRINCIPAL, F.PREPAYMENT, F.REPURCHASE, F.DILUTION, F.DEFAULT, F.RECOVERY,
    F.LOSS, F.COLLECTION_COST, F.LOST_INTEREST, F.CURRENT_BALANCE, F.DPD_1_30_BALANCE, F.DPD_31_60_BALANCE,
    F.DPD_61_90_BALANCE, F.CLOSING_BALANCE, F.NON_PERFORMING_BALANCE, F.ADJUSTED_BALANCE, F.RESTRUCTURED_BALANCE,
)  # fmt: skip
EXTENDED = {
    "roll_rates": {
        "current": {"dpd_1_30": 9, "default": 1, "prepaid": 2},
        "dpd_1_30": {"current": 40, "dpd_31_60": 40, "prepaid": 2},
        "dpd_31_60": {"current": 18, "dpd_1_30": 7, "dpd_61_90": 65},
        "dpd_61_90": {"current": 7, "dpd_1_30": 5, "restructured": 50, "default": 30},
    },
    "restructuring": {"extension_months": 2, "redefault_multiple": 2},
}
"""Rates so high that in a small pool many are restructured."""


def bullets(loans: int, term: int, **columns: Any) -> LoanTape:
    """Equal loans that pay everything in `term` months: balances count obligors."""
    kind = int(Amortization.SINGLE_PAYMENT)
    return make_tape("USD", np.full(loans, 100), remaining_term=term, amortization=kind, **columns)


def mixed_tape(loans: int) -> LoanTape:
    """Several kinds, seasoned loans, zero rates, openings in arrears and default, obligors of many orders.

    What decides on default (bucket, age, grade) is the obligor's, so the expected engine, which knows loans, agrees.
    """
    rng = np.random.default_rng(5)
    kinds = [Amortization.LEVEL_PAY, Amortization.FLAT_FEE, Amortization.FREE_INSTALMENT, Amortization.EQUAL_PRINCIPAL]
    kind = np.asarray([int(k) for k in kinds])[rng.integers(0, 4, loans)]
    obligor = np.where(np.arange(loans) < loans // 2, np.arange(loans) // 5, np.arange(loans))
    days = np.asarray([0, 0, 0, 0, 0, 15, 45, 75, 120, 0])[obligor % 10]
    term = rng.choice([1, 3, 6, 12, 18], loans)
    balance = rng.integers(50_00, 900_00, loans)
    return make_tape(
        "USD", balance, remaining_term=term, age=(7 * obligor) % 9, amortization=kind, days_past_due=days,
        rate=np.where(kind == int(Amortization.FREE_INSTALMENT), 0.0, rng.choice([0.0, 0.12, 0.24], loans)),
        fee_rate=np.where(kind == int(Amortization.FLAT_FEE), 0.006, 0.0), obligor_key=obligor.astype(np.uint64),
        grade=(obligor // 3) % 2, labels={"grade": ("A", "B")},
    )  # fmt: skip


def rolls(name: Any, factor: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Roll rates with recoveries, penalty, returns and cancellations."""
    rule = {
        "default": {"roll_rates": name},
        "recovery": {"rate_pct": 25, "curve_pct": [40, 30, 20, 10], "commission_pct": 20, "cost_pct": 1},
        "penalty_pct_per_day": 0.05,
        "dilution_pct": 0.3,
        "repurchase_pct": 0.2,
        **changes,
    }
    written = {"name": "t", "reason": "t", "assumptions": [rule], "factor": factor}
    return Scenario.model_validate(written)


def simulated(
    tape: LoanTape,
    scenario: Scenario,
    months: int,
    paths: int,
    seed: int = 1,
    by_month: bool = False,
    sampling: Sampling = PLAIN,
) -> np.ndarray:
    """(P, M + 1, PoolField) figures of every path."""
    sim = PoolSimulation(Collateral(tape), scenario, months)
    draw = sim.lanes_by_month if by_month else sim.lanes
    factors = FactorDraws(scenario.systematic, seed, months, sampling)
    return np.concatenate([draw(seed, g, factors.block(4 * g, 4 * g + 4)) for g in range(paths // 4)])


def distance(sample: np.ndarray, expected: np.ndarray | float, rounding: float = 0.0) -> np.ndarray:
    """How many standard errors the mean over the first axis is away, beyond what rounding may explain."""
    error = sample.std(axis=0, ddof=1) / np.sqrt(len(sample))
    gap = np.maximum(0.0, np.abs(sample.mean(axis=0) - expected) - rounding)
    return np.divide(gap, error, out=np.where(gap > 0.0, np.inf, 0.0), where=error > 0.0)

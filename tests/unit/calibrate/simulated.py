"""Performance drawn from known parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from abssim.scenario.scenario import Scenario

Float64 = npt.NDArray[np.float64]

NO_DEAL = Scenario(name="deal", reason="a deal without assumptions")
"""What `base: deal` stands for in these tests."""

BASE = np.asarray([
    [0.97, 0.02, 0.0, 0.0, 0.0, 0.01],
    [0.60, 0.13, 0.25, 0.0, 0.0, 0.02],
    [0.18, 0.07, 0.10, 0.65, 0.0, 0.0],
    [0.07, 0.02, 0.03, 0.06, 0.82, 0.0],
])  # fmt: skip
"""The base matrix; from current, 1-30, 31-60, 61-90 to these, default, prepaid."""
STATES = ("current", "dpd_1_30", "dpd_31_60", "dpd_61_90", "default", "prepaid")
_BEST_FIRST = (5, 0, 1, 2, 3, 4)


def factor_path(months: int, phi: float, random: np.random.Generator) -> Float64:
    """(T,) AR(1), standard normal."""
    found = random.standard_normal(months)
    for t in range(1, months):
        found[t] = phi * found[t - 1] + np.sqrt(1.0 - phi**2) * found[t]
    return found


def conditioned(matrix: Float64, factor: float, rho: float) -> Float64:
    """Rows given the factor: CreditMetrics thresholds, best state first."""
    ordered = np.cumsum(matrix[:, _BEST_FIRST], axis=1)
    with np.errstate(divide="ignore"):
        moved = ndtr((ndtri(np.minimum(ordered, 1.0)) + np.sqrt(rho) * factor) / np.sqrt(1.0 - rho))
    moved[:, -1] = 1.0
    found = np.zeros_like(matrix)
    found[:, _BEST_FIRST] = np.diff(moved, axis=1, prepend=0.0)
    return found


def roll_tape(loans: int, months: int, rho: float, phi: float, seed: int) -> tuple[Float64, Float64]:
    """(L, T + 1) states of loans that are all current at first, replaced when they end; and the factor (T,)."""
    random = np.random.default_rng(seed)
    factor = factor_path(months, phi, random)
    state = np.zeros((loans, months + 1), dtype=np.int64)
    for t in range(months):
        rows = np.cumsum(conditioned(BASE, factor[t], rho), axis=1)
        before = np.where(state[:, t] >= 4, 0, state[:, t])
        state[:, t + 1] = (random.random(loans)[:, None] > rows[before][:, :-1]).sum(axis=1)
    return state, factor


def write_tape(state: Float64, path: Path, first: str = "2015-01") -> Path:
    """Loan x month CSV; a loan that ended goes on as another one in the month of its end."""
    start = np.datetime64(first, "M")
    with path.open("w", encoding="utf-8") as file:
        file.write("loan_id,month,status,balance\n")
        for loan, row in enumerate(state.tolist()):
            order = 0
            for t, each in enumerate(row):
                file.write(f"{loan}-{order},{start + t},{STATES[each]},1000\n")
                if each >= 4:
                    order += 1
                    file.write(f"{loan}-{order},{start + t},current,1000\n")
    return path

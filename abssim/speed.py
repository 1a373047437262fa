"""Prepayment and default speeds: SMM <-> CPR, MDR <-> CDR, ABS <-> SMM, PSA, SDA.

Pure conversions on floats and arrays; all rates are decimals. `month` is the loan's month since origination that the
rate applies to: 1 for its first payment, age + 1 for the first payment after the cut-off.
Sources: Bond Market Association, Uniform Practices, Standard Formulas (February 1999), SF-4 to SF-12.
"""

from __future__ import annotations

from typing import Any, overload

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@overload
def monthly(annual: float) -> float: ...
@overload
def monthly(annual: npt.NDArray[Any]) -> Float64: ...
def monthly(annual: Any) -> Any:
    """SMM of a CPR, or MDR of a CDR: `1 - (1 - a)^(1/12)`."""
    return 1.0 - (1.0 - annual) ** (1.0 / 12.0)


@overload
def annual(monthly_rate: float) -> float: ...
@overload
def annual(monthly_rate: npt.NDArray[Any]) -> Float64: ...
def annual(monthly_rate: Any) -> Any:
    """CPR of an SMM, or CDR of an MDR: `1 - (1 - m)^12`."""
    return 1.0 - (1.0 - monthly_rate) ** 12.0


def smm_of_abs(speed: Any, month: Any) -> Float64:
    """SMM of an absolute prepayment speed, the share of *original* loans that prepays: `A / (1 - A (n - 1))`.

    1 once the speed has used up all loans.
    """
    used = np.asarray(speed) * (np.asarray(month) - 1.0)
    left = np.maximum(1.0 - used, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        smm = np.where(left > 0.0, speed / left, 1.0)
    return np.asarray(np.where(np.asarray(speed) > 0.0, np.minimum(smm, 1.0), 0.0))


def cpr_of_psa(speed: Any, month: Any) -> Float64:
    """CPR of a PSA speed (1.0 is 100 % PSA): 0.2 % a month up to 6 % in month 30, then level."""
    return np.asarray(np.minimum(1.0, speed * 0.06 * np.minimum(np.asarray(month), 30.0) / 30.0))


def cdr_of_sda(speed: Any, month: Any) -> Float64:
    """CDR of an SDA speed (1.0 is 100 % SDA): 0.02 % a month up to 0.60 % in month 30, level to month 60, down
    to 0.03 % in month 120, then level."""
    n = np.asarray(month, dtype=np.float64)
    up = 0.006 * np.minimum(n, 30.0) / 30.0
    down = 0.006 - (0.006 - 0.0003) * np.clip(n - 60.0, 0.0, 60.0) / 60.0
    return np.asarray(np.minimum(1.0, speed * np.where(n <= 60.0, up, down)))

"""What came back of defaulted balances, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.calibrate.data import DEFAULT, Outcomes, Performance
from abssim.calibrate.serial import common_variance, persistence_of

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RecoveryFound:
    """Share of the balance in default that was recovered."""

    rate: float
    error: float
    """Of the ratio of sums, between loans; and between the months in which they defaulted, if those are enough."""
    loans: int
    curve: tuple[float, ...] | None
    """Percent of the recovery by month after default (month 1 first); None if the file does not date it."""


def recovery_of_outcomes(loans: Outcomes, months_differ: bool) -> RecoveryFound | None:
    """Recoveries over principal never repaid, of the loans known to be in default; `months_differ` if there are months
    enough to tell how far."""
    if loans.unpaid is None or loans.recovery is None:
        return None
    lost = (loans.state == DEFAULT) & (loans.unpaid > 0.0)
    month = (loans.vintage + loans.age)[lost] if months_differ else None
    return _ratio(loans.unpaid[lost], np.nan_to_num(loans.recovery[lost]), None, month)


def recovery_of_performance(data: Performance, months_differ: bool) -> RecoveryFound | None:
    """Cash by month after default over the balance before it, of the loans seen to default; errors as for outcomes."""
    if data.recovery is None or data.balance is None:
        return None
    start = np.flatnonzero(
        (data.loan[1:] == data.loan[:-1]) & (data.state[1:] == DEFAULT) & (data.state[:-1] != DEFAULT)
    )
    if len(start) == 0:
        return None
    exposure = np.nan_to_num(data.balance[start])
    number = np.full(int(data.loan.max()) + 1, -1)
    number[data.loan[start]] = np.arange(len(start))
    which = number[data.loan]
    cash = np.where(which >= 0, np.nan_to_num(data.recovery), 0.0)
    lag = data.month - data.month[start + 1][which]
    paid = (cash > 0.0) & (lag >= 0)
    total = np.bincount(which[paid], cash[paid], minlength=len(start)).astype(np.float64)
    by_month = np.bincount(np.maximum(lag[paid], 1) - 1, cash[paid]).astype(np.float64)
    return _ratio(exposure, total, _percent(by_month), data.month[start + 1] if months_differ else None)


def _percent(amounts: Float64) -> tuple[float, ...] | None:
    """Percents of the whole, to two places, adding up to 100."""
    if amounts.sum() <= 0.0:
        return None
    parts = np.round(100.0 * amounts / amounts.sum(), 2)
    parts[np.argmax(parts)] += 100.0 - parts.sum()
    return tuple(round(float(part), 2) for part in parts)


def _ratio(
    exposure: Float64, cash: Float64, curve: tuple[float, ...] | None, month: Int64 | None
) -> RecoveryFound | None:
    """Of defaulted balances (N,) and what came back, in `month` of default if months tell how far they differ."""
    whole = float(exposure.sum())
    if whole <= 0.0:
        return None
    rate = min(1.0, float(cash.sum()) / whole)
    count = len(exposure)
    square = count / max(1, count - 1) * (cash - rate * exposure) ** 2 / whole**2
    variance = float(square.sum())
    if month is not None:
        place = month - month.min()
        due, back, noise = (np.bincount(place, each).astype(np.float64) for each in (exposure, cash, square))
        phi = persistence_of((back - rate * due) / whole, noise)
        variance += common_variance(back[:, None], due[:, None], variance, phi)
    return RecoveryFound(rate, float(np.sqrt(variance)), count, curve)

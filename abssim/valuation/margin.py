"""What a seller of protection posts under a collateral agreement, date by date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.valuation.fault import refuse, within

Amounts = npt.NDArray[Any]


@dataclass(frozen=True)
class CollateralAgreement:
    """One-sided: the seller posts for what the protection is worth to the buyer."""

    threshold: float
    """Exposure that goes without collateral."""
    minimum_transfer: float
    """Calls and returns below it are not made."""
    every: int = 1
    """Dates from one call to the next; the first date has one."""
    gap: int = 0
    """Dates between the last delivery of a failing seller and the closing of the contract."""

    def __post_init__(self) -> None:
        refuse(
            within("threshold", self.threshold, 0.0),
            within("minimum_transfer", self.minimum_transfer, 0.0),
            within("every", self.every, 1),
            within("gap", self.gap, 0),
        )


class Collateral(NamedTuple):
    """(..., T) each, in the unit of the marks."""

    required: Amounts
    """Mark above the threshold."""
    held: Amounts
    uncovered: Amounts
    """Mark on a date above what was held `gap` dates before: lost with the seller, but for its recovery."""


def collateral(mark: Amounts, agreement: CollateralAgreement) -> Collateral:
    """Collateral for marks (..., T) by path and date, positive where the buyer has a claim; nothing is held before.

    >>> import numpy as np
    >>> mark = np.array([0.0, 0.6, 1.2, 0.9, 0.3, 0.05])
    >>> collateral(mark, CollateralAgreement(threshold=0.25, minimum_transfer=0.1)).held.tolist()
    [0.0, 0.35, 0.95, 0.65, 0.0499..., 0.0499...]
    """
    required = np.maximum(mark - np.asarray(agreement.threshold, dtype=mark.dtype), 0)
    held = np.zeros_like(required)
    before = np.zeros_like(required[..., 0])
    for k in range(mark.shape[-1]):
        if k % agreement.every == 0:
            moves = abs(required[..., k] - before) >= agreement.minimum_transfer
            before = np.where(moves, required[..., k], before)
        held[..., k] = before
    delivered = np.zeros_like(held)
    delivered[..., agreement.gap :] = held[..., : held.shape[-1] - agreement.gap]
    return Collateral(required, held, np.maximum(mark - delivered, 0))

"""The weighted average: of a pool's columns by balance, of dates by what is repaid on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def weighted_average(values: npt.NDArray[np.generic], weights: npt.NDArray[np.int64]) -> float:
    """Average of `values` (K,) by `weights` (K,) over those whose value is known; NaN if they weigh nothing."""
    numbers = values.astype(np.float64)
    known = ~np.isnan(numbers)
    total = float(weights[known].sum())
    return float((numbers[known] * weights[known]).sum()) / total if total else float("nan")

"""Triggers through time: threshold, actual, cushion, status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.kind.trigger import TriggerField
from abssim.result import RunResult, TriggerTerms

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TriggerMeasure:
    """One trigger. Arrays are (T,); values are ratios, numbers or minor units as `terms.is_amount` says."""

    terms: TriggerTerms
    actual: Float64
    threshold: Float64
    cushion: Float64
    """Distance to the breach: positive while the condition does not hold; NaN for a condition that compares nothing."""
    breached: Bool
    active: Bool
    first_active: date | None
    tightest: int | None
    """Row of the smallest cushion, None where there is none. A date on which nothing is held against nothing, such as
    the arrears of a pool that is repaid against a share of it, is none."""

    @property
    def is_ratio(self) -> bool:
        """True where values read best in percent: not money, and no threshold above 150 %."""
        return not self.terms.is_amount and bool(np.nanmax(np.abs(self.threshold), initial=0.0) <= 1.5)

    def status(self, t: int) -> str:
        """In a word: `active` beats `breached` beats `ok`."""
        return "active" if self.active[t] else "breached" if self.breached[t] else "ok"


def trigger_measures(result: RunResult) -> tuple[TriggerMeasure, ...]:
    """Every trigger of the run."""
    return tuple(_measure(result, g, terms) for g, terms in enumerate(result.triggers_terms))


def _measure(result: RunResult, g: int, terms: TriggerTerms) -> TriggerMeasure:
    actual, threshold = result.trigger_values[:, g, 0], result.trigger_values[:, g, 1]
    flow = result.trigger_flow[:, g]
    active = flow[:, TriggerField.ACTIVE] > 0
    cushion = _cushion(terms.comparison, actual, threshold)
    known = np.where((actual == 0.0) & (threshold == 0.0), np.nan, cushion)
    return TriggerMeasure(
        terms=terms,
        actual=actual,
        threshold=threshold,
        cushion=cushion,
        breached=flow[:, TriggerField.BREACHED] > 0,
        active=active,
        first_active=result.dates.payment[int(np.argmax(active))] if active.any() else None,
        tightest=int(np.nanargmin(known)) if np.isfinite(known).any() else None,
    )


def _cushion(comparison: str, actual: Float64, threshold: Float64) -> Float64:
    if comparison in (">", ">="):
        return threshold - actual
    if comparison in ("<", "<="):
        return actual - threshold
    return np.full(len(actual), np.nan)

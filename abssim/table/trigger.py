"""Triggers: threshold, actual, cushion, status."""

from __future__ import annotations

import math

import numpy as np
from rich.console import RenderableType

from abssim.amount import NOTHING, Scale
from abssim.measure.trigger import TriggerMeasure, trigger_measures
from abssim.result import RunResult
from abssim.table.grid import grid, listing, stack
from abssim.table.number import day, fit, number, percent


def trigger_tables(result: RunResult, everything: bool = False) -> RenderableType:
    """Each trigger at its tightest date; with `everything`, also date by date."""
    measures = trigger_measures(result)
    if not measures:
        return stack(["No triggers.", *_policies(result)])
    columns = ["Trigger", "Tightest", "Threshold", "Actual", "Cushion", "Status at end", "Active since"]
    rows = [_summary(result, measure) for measure in measures]
    caption = "Figures of the date with the smallest cushion; a negative cushion is a breach."
    summary = grid("Triggers", columns, rows, words=2, caption=caption)
    words = listing([(m.terms.name, m.terms.condition, _effect(m)) for m in measures])
    return stack([summary, words, *_policies(result), *(_history(result, m) for m in measures if everything)])


def _policies(result: RunResult) -> list[RenderableType]:
    """From when on each policy acted."""
    words = [(name, f"in effect from month {m}" if m >= 0 else "not in effect") for name, m in result.policies.items()]
    return [listing([(f"Policy {name}", text) for name, text in words])] if words else []


def _summary(result: RunResult, measure: TriggerMeasure) -> list[str]:
    t, last = measure.tightest, result.periods - 1
    values = [NOTHING] * 4 if t is None else [day(result.dates.payment[t]), *_values(result, measure, t)]
    return [measure.terms.name, *values, measure.status(last), day(measure.first_active)]


def _effect(measure: TriggerMeasure) -> str:
    return f"→ {measure.terms.effect}"


def _history(result: RunResult, measure: TriggerMeasure) -> RenderableType:
    rows = [
        [
            str(result.dates.number[t]),
            day(result.dates.payment[t]),
            measure.status(t),
            *_values(result, measure, t),
        ]
        for t in range(result.periods)
    ]
    columns = ["#", "Date", "Status", "Threshold", "Actual", "Cushion"]
    return grid(f"Trigger {measure.terms.name}", columns, rows, words=3)


def _values(result: RunResult, measure: TriggerMeasure, t: int) -> list[str]:
    figures = (measure.threshold[t], measure.actual[t], measure.cushion[t])
    return [trigger_value(measure, float(value), result.currency) for value in figures]


def trigger_value(measure: TriggerMeasure, value: float, currency: str) -> str:
    """Money, a percentage (thresholds up to 150 %) or a plain number."""
    if not math.isfinite(value):
        return NOTHING
    if measure.terms.is_amount:
        return _scale(measure, currency).text(value)
    if measure.is_ratio:
        return f"{percent(value)} %"
    return number(value)


def _scale(measure: TriggerMeasure, currency: str) -> Scale:
    figures = np.concatenate([measure.threshold, measure.actual])
    return fit(int(np.nanmax(np.abs(figures), initial=0.0)), currency, 11)

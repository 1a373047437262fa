"""Which steps of the priority of payments are in force on a date."""

from __future__ import annotations

from abssim.kind.clock import ClockField, Regime
from abssim.result import RunResult


def steps_in_force(result: RunResult, t: int) -> list[int]:
    """Steps of the waterfall of payment date `t`: its regime's, or that of the next less severe one that has any."""
    written = {step.regime for step in result.steps_terms}
    regime = int(result.clock[t, ClockField.REGIME])
    names = [Regime(r).name.lower() for r in range(regime, -1, -1)]
    name = next((candidate for candidate in names if candidate in written), "")
    return [s for s, step in enumerate(result.steps_terms) if step.regime == name]

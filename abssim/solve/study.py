"""One scenario's runs and the answers searched over them: what tables and reports are made of."""

from __future__ import annotations

from dataclasses import dataclass

from abssim.result import RunResult
from abssim.solve.breakeven import BreakEven


@dataclass(frozen=True)
class Study:
    """A deal under one scenario."""

    run: RunResult
    """Calls exercised when their conditions hold."""
    to_maturity: RunResult
    """Calls never exercised."""
    break_evens: tuple[BreakEven, ...] = ()
    """To maturity, calls never exercised."""

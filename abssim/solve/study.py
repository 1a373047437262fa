"""One scenario's runs and the answers searched over them: what tables and reports are made of."""

from __future__ import annotations

from dataclasses import dataclass

from abssim.measure.call import End
from abssim.result import RunResult
from abssim.solve.breakeven import BreakEven


@dataclass(frozen=True)
class Study:
    """A deal under one scenario."""

    run: RunResult
    """What is shown date by date: calls exercised when their conditions hold, unless `end` says never."""
    to_maturity: RunResult
    """Calls never exercised."""
    break_evens: tuple[BreakEven, ...] | None = None
    """To maturity, calls never exercised; empty where no default multiple matters, None where nothing was searched."""
    end: End = "call"
    """Whether calls are exercised in `run`."""

    def break_even(self, note: str) -> BreakEven | None:
        """What a note withstands, if that was searched and found."""
        return next((answer for answer in self.break_evens or () if answer.note == note), None)

    def to_call(self, life: float) -> float:
        """A life of `run` if it is one to call, else not a number."""
        return life if self.end == "call" else float("nan")

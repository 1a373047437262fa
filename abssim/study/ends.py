"""A deal under a scenario with its calls exercised, and held to maturity."""

from __future__ import annotations

from typing import NamedTuple

from abssim.kind.clock import ClockField
from abssim.program.compile import CompiledDeal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario


class Ends(NamedTuple):
    """Two runs of one scenario."""

    to_call: RunResult
    """Called as soon as the deal allows."""
    to_maturity: RunResult
    """Never called; the same run where no call is exercised."""


def both_ends(compiled: CompiledDeal, scenario: Scenario) -> Ends:
    """The scenario's runs with calls exercised and never; the same one if none is."""
    result = run(compiled, scenario)
    return Ends(result, run(compiled, scenario, calls="never") if is_called(result) else result)


def is_called(result: RunResult) -> bool:
    """Some call was exercised."""
    return bool(result.clock[:, ClockField.CALLED].any())

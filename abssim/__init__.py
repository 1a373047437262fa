"""Cash-flow simulation of consumer asset-backed securities, loan by loan.

    from abssim import compile_deal, load_deal, load_scenario, run

    deal = compile_deal(load_deal("deals/jd-baitiao-2015-1"))
    result = run(deal, load_scenario("scenarios/base.yaml"))

The names below are the public ones; nothing else is promised. They are imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abssim.errors import AbssimError
    from abssim.measure.distribution import note_distributions, pool_distribution, trigger_distributions
    from abssim.measure.frame import note_frame, pool_frame, trigger_frame
    from abssim.measure.note import note_measures
    from abssim.measure.pool import pool_measure
    from abssim.measure.price import quotes_at
    from abssim.measure.termsheet import term_sheet
    from abssim.measure.trigger import trigger_measures
    from abssim.projection.settings import Execution, Settings
    from abssim.result import RunResult, Simulation
    from abssim.scenario.load import load_scenario
    from abssim.study.breakeven import break_even
    from abssim.study.compiled import compile_deal
    from abssim.study.deals import load_deal
    from abssim.study.decrement import decrement
    from abssim.study.project import replay, run, simulate, simulate_grid
    from abssim.tape.read import read_tape

__all__ = [
    "AbssimError",
    "Execution",
    "RunResult",
    "Settings",
    "Simulation",
    "break_even",
    "compile_deal",
    "decrement",
    "load_deal",
    "load_scenario",
    "note_distributions",
    "note_frame",
    "note_measures",
    "pool_distribution",
    "pool_frame",
    "pool_measure",
    "quotes_at",
    "read_tape",
    "replay",
    "run",
    "simulate",
    "simulate_grid",
    "term_sheet",
    "trigger_distributions",
    "trigger_frame",
    "trigger_measures",
]

_HOMES = {
    "AbssimError": "abssim.errors",
    "Execution": "abssim.projection.settings",
    "RunResult": "abssim.result",
    "Settings": "abssim.projection.settings",
    "Simulation": "abssim.result",
    "break_even": "abssim.study.breakeven",
    "compile_deal": "abssim.study.compiled",
    "decrement": "abssim.study.decrement",
    "load_deal": "abssim.study.deals",
    "load_scenario": "abssim.scenario.load",
    "note_distributions": "abssim.measure.distribution",
    "note_frame": "abssim.measure.frame",
    "note_measures": "abssim.measure.note",
    "pool_distribution": "abssim.measure.distribution",
    "pool_frame": "abssim.measure.frame",
    "pool_measure": "abssim.measure.pool",
    "quotes_at": "abssim.measure.price",
    "read_tape": "abssim.tape.read",
    "replay": "abssim.study.project",
    "run": "abssim.study.project",
    "simulate": "abssim.study.project",
    "simulate_grid": "abssim.study.project",
    "term_sheet": "abssim.measure.termsheet",
    "trigger_distributions": "abssim.measure.distribution",
    "trigger_frame": "abssim.measure.frame",
    "trigger_measures": "abssim.measure.trigger",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("abssim")
        except PackageNotFoundError:
            return "not installed"
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'abssim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

"""Cash-flow simulation of consumer asset-backed securities, loan by loan.

Deals and scenarios go by name, by path, or as documents; results have frames, tables for notebooks, charts.

>>> import abssim
>>> base = abssim.run("template")
>>> stress = abssim.run("template", "stress")
>>> bool(stress.notes.loc["B", "wal"] > base.notes.loc["B", "wal"])
True
>>> tail = abssim.simulate("template", "factor", paths=20, seed=7)
>>> list(tail.notes.index)
['A', 'B', 'sub']

The names below are the public ones, and those of `abssim.valuation` (what protection is worth, beside any deal);
nothing else is promised. They are imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from abssim.public import HOMES, public

if TYPE_CHECKING:
    from abssim.deal.deal import Deal
    from abssim.deal.setting import set_deal
    from abssim.disclosure.disclose import disclose
    from abssim.engine.layout import NoteSummary, PoolSummary
    from abssim.errors import AbssimError, Notice
    from abssim.kind.account import AccountField
    from abssim.kind.fee import FeeField
    from abssim.kind.ledger import LedgerField
    from abssim.kind.move import Move
    from abssim.kind.note import NoteField
    from abssim.kind.pool import PoolField
    from abssim.kind.step import StepField
    from abssim.kind.trigger import TriggerField
    from abssim.measure.comparison import compare
    from abssim.measure.distribution import note_distributions, pool_distribution, trigger_distributions
    from abssim.measure.frame import note_frame, pool_frame, trigger_frame
    from abssim.measure.note import note_measures
    from abssim.measure.pool import pool_measure
    from abssim.measure.price import quotes_at
    from abssim.measure.termsheet import term_sheet
    from abssim.measure.trigger import trigger_measures
    from abssim.policy.hooks import Moves, PolicyHooks, Seen
    from abssim.program.compile import CompiledDeal
    from abssim.projection.settings import Execution, Settings
    from abssim.report.output import write_runs
    from abssim.report.plot import plot
    from abssim.report.simulation import write_paths
    from abssim.result import RunResult, Simulation
    from abssim.scenario.load import load_scenario, scenario_names
    from abssim.scenario.scenario import Scenario
    from abssim.scenario.setting import set_scenario
    from abssim.study.breakeven import break_even
    from abssim.study.compiled import compile_deal
    from abssim.study.corner import withstand
    from abssim.study.deals import deal_names, load_deal
    from abssim.study.decrement import decrement
    from abssim.study.price import price
    from abssim.study.project import replay, run, simulate, simulate_grid
    from abssim.study.scenarios import base_scenario
    from abssim.study.solve import solve
    from abssim.study.study import Study, study_deal
    from abssim.study.sweep import Sweep, sweep
    from abssim.study.template import new
    from abssim.table.html import as_html
    from abssim.tape.check import check_tape
    from abssim.tape.read import read_tape
    from abssim.tape.schema import LoanTape
    from abssim.tape.stratify import stratify
    from abssim.tape.synthesize import synthesize
    from abssim.tape.write import write_tape

__all__ = [
    "AbssimError",
    "AccountField",
    "CompiledDeal",
    "Deal",
    "Execution",
    "FeeField",
    "LedgerField",
    "LoanTape",
    "Move",
    "Moves",
    "NoteField",
    "NoteSummary",
    "Notice",
    "PolicyHooks",
    "PoolField",
    "PoolSummary",
    "RunResult",
    "Scenario",
    "Seen",
    "Settings",
    "Simulation",
    "StepField",
    "Study",
    "Sweep",
    "TriggerField",
    "as_html",
    "base_scenario",
    "break_even",
    "check_tape",
    "compare",
    "compile_deal",
    "deal_names",
    "decrement",
    "disclose",
    "load_deal",
    "load_scenario",
    "new",
    "note_distributions",
    "note_frame",
    "note_measures",
    "plot",
    "pool_distribution",
    "pool_frame",
    "pool_measure",
    "price",
    "quotes_at",
    "read_tape",
    "replay",
    "run",
    "scenario_names",
    "set_deal",
    "set_scenario",
    "simulate",
    "simulate_grid",
    "solve",
    "stratify",
    "study_deal",
    "sweep",
    "synthesize",
    "term_sheet",
    "trigger_distributions",
    "trigger_frame",
    "trigger_measures",
    "withstand",
    "write_paths",
    "write_runs",
    "write_tape",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("abssim")
        except PackageNotFoundError:
            return "not installed"
    if name in HOMES:
        return public(name)
    if name == "valuation":
        return import_module("abssim.valuation")
    raise AttributeError(f"module 'abssim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "valuation"])

"""The public names and where each of them lives; nothing is imported before it is used.

Results and documents have views that belong to rooms above them (frames, tables as HTML, charts): they call the public
function by its name, as a user would.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isfunction
from typing import Any

from abssim.argument import checked

HOMES = {
    "AbssimError": "abssim.errors",
    "CompiledDeal": "abssim.program.compile",
    "Deal": "abssim.deal.deal",
    "Execution": "abssim.projection.settings",
    "LoanTape": "abssim.tape.schema",
    "Move": "abssim.kind.move",
    "Moves": "abssim.policy.hooks",
    "Notice": "abssim.errors",
    "PolicyHooks": "abssim.policy.hooks",
    "RunResult": "abssim.result",
    "Scenario": "abssim.scenario.scenario",
    "Seen": "abssim.policy.hooks",
    "Settings": "abssim.projection.settings",
    "Simulation": "abssim.result",
    "Study": "abssim.study.study",
    "AccountField": "abssim.kind.account",
    "FeeField": "abssim.kind.fee",
    "LedgerField": "abssim.kind.ledger",
    "NoteField": "abssim.kind.note",
    "NoteSummary": "abssim.engine.layout",
    "PoolField": "abssim.kind.pool",
    "PoolSummary": "abssim.engine.layout",
    "StepField": "abssim.kind.step",
    "TriggerField": "abssim.kind.trigger",
    "Sweep": "abssim.study.sweep",
    "as_html": "abssim.table.html",
    "base_scenario": "abssim.study.scenarios",
    "break_even": "abssim.study.breakeven",
    "check_tape": "abssim.tape.check",
    "compare": "abssim.measure.comparison",
    "compile_deal": "abssim.study.compiled",
    "deal_names": "abssim.study.deals",
    "decrement": "abssim.study.decrement",
    "disclose": "abssim.disclosure.disclose",
    "load_deal": "abssim.study.deals",
    "load_scenario": "abssim.scenario.load",
    "new": "abssim.study.template",
    "note_distributions": "abssim.measure.distribution",
    "note_frame": "abssim.measure.frame",
    "note_measures": "abssim.measure.note",
    "plot": "abssim.report.plot",
    "pool_distribution": "abssim.measure.distribution",
    "pool_frame": "abssim.measure.frame",
    "pool_measure": "abssim.measure.pool",
    "price": "abssim.study.price",
    "quotes_at": "abssim.measure.price",
    "read_tape": "abssim.tape.read",
    "replay": "abssim.study.project",
    "run": "abssim.study.project",
    "scenario_names": "abssim.scenario.load",
    "set_deal": "abssim.deal.setting",
    "set_scenario": "abssim.scenario.setting",
    "simulate": "abssim.study.project",
    "simulate_grid": "abssim.study.project",
    "solve": "abssim.study.solve",
    "stratify": "abssim.tape.stratify",
    "study_deal": "abssim.study.study",
    "sweep": "abssim.study.sweep",
    "synthesize": "abssim.tape.synthesize",
    "term_sheet": "abssim.measure.termsheet",
    "trigger_distributions": "abssim.measure.distribution",
    "trigger_frame": "abssim.measure.frame",
    "trigger_measures": "abssim.measure.trigger",
    "withstand": "abssim.study.corner",
    "write_paths": "abssim.report.simulation",
    "write_runs": "abssim.report.output",
    "write_tape": "abssim.tape.write",
}


@cache
def public(name: str) -> Any:
    """What a public name stands for; functions look at the kinds of what they are given."""
    found = getattr(import_module(HOMES[name]), name)
    return checked(found) if isfunction(found) else found


class Shown:
    """Shown in a notebook as the terminal shows it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(public("as_html")(self))

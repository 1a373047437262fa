"""The terminal's tables as HTML, for notebooks: as wide as a terminal of 100 characters, every word escaped."""

from __future__ import annotations

import io
from functools import singledispatch
from typing import Any

from rich.console import Console, RenderableType

from abssim.calibrate.calibration import Calibration
from abssim.deal.deal import Deal
from abssim.measure.comparison import Comparison
from abssim.measure.decrement import Decrement
from abssim.measure.yieldtable import YieldTable
from abssim.program.compile import CompiledDeal
from abssim.result import Origin, RunResult, Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.study import Study, study_of
from abssim.table.calibration import calibration_tables
from abssim.table.comparison import tables_of
from abssim.table.decrement import decrement_tables
from abssim.table.distribution import simulation_tables
from abssim.table.document import compiled_tables, deal_tables, scenario_tables
from abssim.table.grid import WIDTH, listing, stack
from abssim.table.price import yield_tables
from abssim.table.run import run_tables
from abssim.table.tape import tape_tables
from abssim.tape.read import TapeReading
from abssim.tape.schema import LoanTape

_FORMAT = '<pre style="line-height: 1.25; white-space: pre; overflow-x: auto">{code}</pre>'


def as_html(shown: Any) -> str:
    """The tables of a result, a study, a deal, a scenario, a tape; TypeError for what has none."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH, highlight=False, force_jupyter=False)
    console.print(tables(shown), crop=False)
    return console.export_html(inline_styles=True, code_format=_FORMAT)


@singledispatch
def tables(shown: object) -> RenderableType:
    """The tables that the terminal shows of it."""
    raise TypeError(f"no table shows a {type(shown).__name__}")


@tables.register
def _run(shown: RunResult) -> RenderableType:
    return stack([run_tables([study_of(shown)]), *_notices(shown)])


@tables.register
def _simulation(shown: Simulation) -> RenderableType:
    return stack([simulation_tables(shown), *_notices(shown)])


@tables.register
def _study(shown: Study) -> RenderableType:
    return stack([run_tables([shown]), *_notices(shown.run)])


def _notices(shown: Origin) -> list[RenderableType]:
    return [listing([("Notice", notice) for notice in shown.notices])] if shown.notices else []


@tables.register
def _calibration(shown: Calibration) -> RenderableType:
    return calibration_tables(shown, False)


tables.register(Comparison, tables_of)
tables.register(Decrement, decrement_tables)
tables.register(YieldTable, yield_tables)
tables.register(Deal, deal_tables)
tables.register(CompiledDeal, compiled_tables)
tables.register(Scenario, scenario_tables)
tables.register(LoanTape, lambda tape: tape_tables(TapeReading.of(tape)))
tables.register(TapeReading, tape_tables)

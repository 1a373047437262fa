"""A run on the terminal: everything of one scenario, or several side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from abssim.study.study import Study
from abssim.table.account import account_tables
from abssim.table.check import check_table
from abssim.table.deal import deal_header
from abssim.table.grid import stack
from abssim.table.note import note_tables
from abssim.table.pool import pool_tables
from abssim.table.scenario import scenario_tables
from abssim.table.series import series_tables
from abssim.table.termsheet import term_sheet_tables
from abssim.table.trigger import trigger_tables


def run_tables(studies: Sequence[Study], everything: bool = False) -> RenderableType:
    """The tables of one scenario, or of several side by side."""
    if len(studies) > 1:
        return stack([deal_header([study.run for study in studies]), scenario_tables(studies)])
    run = studies[0].run
    parts = [
        deal_header([run]),
        term_sheet_tables(studies[0]),
        note_tables(run, everything),
        pool_tables(run, everything),
        *([series_tables(run, everything)] if run.series_terms else []),
        trigger_tables(run, everything),
        account_tables(run, everything),
        check_table(run, everything),
    ]
    return stack(parts)

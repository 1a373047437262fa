"""Several scenarios side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import RenderableType

from abssim.amount import exact
from abssim.measure.pool import notes_repaid, pool_measure
from abssim.measure.termsheet import TermSheetRow, term_sheet
from abssim.measure.trigger import trigger_measures
from abssim.result import RunResult
from abssim.study.study import Study
from abssim.table.footnote import late_words, residual_words, start_words
from abssim.table.grid import grid, stack
from abssim.table.number import day, number, percent
from abssim.table.termsheet import multiple_text

PER_TABLE = 4
"""Scenarios that fit beside one another in a width of 100."""


def scenario_tables(studies: Sequence[Study]) -> RenderableType:
    """Pool, notes and triggers: one row per figure, one column per scenario."""
    return stack(_table(studies[i : i + PER_TABLE]) for i in range(0, len(studies), PER_TABLE))


def _table(studies: Sequence[Study]) -> RenderableType:
    sheets = [term_sheet(study.run, study.to_maturity) for study in studies]
    rows = _pool_rows(studies)
    for i, name in enumerate(studies[0].run.names["note"]):
        rows += _note_rows(studies, name, [sheet[i] for sheet in sheets])
    rows += _trigger_rows(studies)
    columns = ["", *(study.run.scenario_name for study in studies)]
    run = studies[0].run
    caption = (
        f"WAL in years, 30/360 from {start_words(run)}. Yield bond-equivalent at 100. Defaults ×: lowest multiple of "
        f"the default curve, to maturity without calls.{residual_words(run.notes_terms)}"
        f"{''.join(f' {study.run.scenario_name}:{words}' for study in studies if (words := late_words(study.run)))}"
    )
    return grid("Scenarios side by side", columns, rows, caption=caption)


def _pool_rows(studies: Sequence[Study]) -> list[list[str]]:
    measures = [pool_measure(study.run) for study in studies]
    return [
        ["Pool"],
        ["  CNL, % of initial pool", *(percent(float(m.cumulative_net_loss_ratio[-1])) for m in measures)],
        ["  CNL when all notes are repaid, %", *(_loss_when_repaid(study.run) for study in studies)],
        ["  Cum. default, % of purchased", *(percent(float(m.cumulative_default_ratio[-1])) for m in measures)],
        ["  Payment dates", *(str(study.run.periods) for study in studies)],
    ]


def _loss_when_repaid(run: RunResult) -> str:
    repaid = notes_repaid(run)
    return percent(None if repaid is None else float(pool_measure(run).cumulative_net_loss_ratio[repaid]))


def _note_rows(studies: Sequence[Study], name: str, sheet: Sequence[TermSheetRow]) -> list[list[str]]:
    money = exact(studies[0].run.currency)
    answers = [study.break_even(name) for study in studies]

    def line(label: str, value: Callable[[TermSheetRow], str]) -> list[str]:
        return [f"  {label}", *(value(row) for row in sheet)]

    return [
        [f"Note {name}"],
        ["  WAL to call", *(number(s.to_call(row.measure.wal)) for s, row in zip(studies, sheet, strict=True))],
        line("WAL to maturity", lambda row: number(row.wal_to_maturity)),
        line("Expected final", lambda row: day(row.measure.expected_final)),
        line("Yield, %", lambda row: percent(row.yield_at_par)),
        line(f"Interest shortfall, {money.unit}", lambda row: money.text(row.measure.interest_shortfall)),
        line(f"Principal loss, {money.unit}", lambda row: money.text(row.measure.principal_loss)),
        line("Principal loss, % of balance", _loss_share),
        ["  Principal loss at defaults ×", *(multiple_text(a.principal if a else None) for a in answers)],
        ["  Interest short at defaults ×", *(multiple_text(a.interest if a else None) for a in answers)],
    ]


def _loss_share(row: TermSheetRow) -> str:
    balance = row.measure.opening_balance
    return percent(row.measure.principal_loss / balance if balance else None)


def _trigger_rows(studies: Sequence[Study]) -> list[list[str]]:
    by_study = [trigger_measures(study.run) for study in studies]
    if not by_study[0]:
        return []
    names = [measure.terms.name for measure in by_study[0]]
    rows = [[f"  {name}", *(day(measures[i].first_active) for measures in by_study)] for i, name in enumerate(names)]
    return [["Triggers: active since"], *rows]
